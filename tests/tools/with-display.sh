#!/bin/sh
# Runs a program on a display and a session bus of its own. Looked for when the test runs, not when the build is set up:
# who only wants to run Kindred needs neither.
for tool in xvfb-run dbus-run-session; do
  command -v "$tool" >/dev/null 2>&1 || { echo "Bail out! $tool is not installed"; exit 1; }
done
exec xvfb-run -a -s '-screen 0 1600x1000x24' dbus-run-session -- "$@"
