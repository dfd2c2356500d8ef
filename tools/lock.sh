#!/bin/sh
# Resolves requirements.lock from pyproject.toml: every platform, every hash, no address of any
# registry; and requirements-node.lock, the part of it that a node needs. Versions already locked
# stay unless UPGRADE=1. See docs/decisions/lock-file.md.
set -eu

compile() {
    .tools/bin/uv pip compile pyproject.toml --quiet "$@" \
        --universal --python-version 3.11 --generate-hashes --all-extras \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links
}

[ -z "${UPGRADE:-}" ] || upgrade=--upgrade
compile ${upgrade:-} --group dev --output-file requirements.lock
compile --constraint requirements.lock --output-file requirements-node.lock

if grep -nE '://|--(index|extra-index|find-links)' requirements.lock requirements-node.lock; then
    echo "a lock names an address: give the dependency by name and version" >&2
    exit 1
fi
