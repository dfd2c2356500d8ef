#!/bin/sh
# Resolves requirements.lock from pyproject.toml: every platform, every hash, no address of any
# registry. Versions already locked stay unless UPGRADE=1. See docs/decisions/lock-file.md.
set -eu

[ -z "${UPGRADE:-}" ] || upgrade=--upgrade
.tools/bin/uv pip compile pyproject.toml --quiet ${upgrade:-} \
    --universal --python-version 3.11 --generate-hashes --all-extras --group dev \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    --output-file requirements.lock

if grep -nE '://|--(index|extra-index|find-links)' requirements.lock; then
    echo "requirements.lock names an address: give the dependency by name and version" >&2
    exit 1
fi
