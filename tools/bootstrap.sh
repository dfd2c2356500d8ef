#!/bin/sh
# Makes .tools (uv, pinned by hash) and an empty .venv. Takes nothing from the caller's own
# virtual environment, and no pip cache: an old or busy one cannot spoil the result.
set -eu

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
        if usable "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    echo "Tongbao needs Python 3.11 or later; set PYTHON=/path/to/python3" >&2
    return 1
}

python=$(find_python)
wanted=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' tools/uv.lock.txt)

if [ "$(.tools/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$wanted" ]; then
    rm -rf .tools
    if ! "$python" -m venv .tools; then
        rm -rf .tools
        echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
    .tools/bin/pip install --quiet --no-cache-dir --disable-pip-version-check \
        --require-hashes -r tools/uv.lock.txt
fi

if ! usable .venv/bin/python; then
    .tools/bin/uv venv --quiet --clear --python "$python" .venv
fi
