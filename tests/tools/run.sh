#!/bin/sh
# The main job on the built-in set. $1: the build folder.
set -eu

if [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; then
  exec "$1/app/kindred" --play
fi
stamp=$(date +%Y%m%d-%H%M%S)
echo "No display: training on the terminal. With one, the window opens."
exec "$1/app/kindred-cli" train --dataset shapes --out "runs/$stamp" --report "runs/$stamp-report"
