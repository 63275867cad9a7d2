#!/bin/sh
# Installs the Debian packages among the arguments that are missing; elsewhere names them.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
  # Not Debian: what counts is whether the build finds the libraries.
  missing=
  for tool in meson ninja pkg-config; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  for library in gtk4 cairo gdk-pixbuf-2.0 glib-2.0 openblas libpng zlib json-c; do
    pkg-config --exists "$library" 2>/dev/null || missing="$missing $library"
  done
  [ -z "$missing" ] && exit 0
  echo "Kindred needs these, which this system does not have:$missing" >&2
  echo "On Debian 12 they come with: $*" >&2
  exit 1
fi

missing=
for package in "$@"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
  sudo=
elif command -v sudo >/dev/null 2>&1; then
  sudo=sudo
else
  echo "Kindred needs these packages; please have them installed:$missing" >&2
  exit 1
fi
echo "Installing:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
