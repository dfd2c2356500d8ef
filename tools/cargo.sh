#!/bin/sh
# Runs cargo for checks and tests: tools/cargo.sh test|clippy [ARGUMENTS].
#
# The crate is an extension of Python: its Python symbols come from the interpreter that loads it,
# and a machine need not have the interpreter as a library to link with. Rust's own tests call none
# of them (pyo3 stays in one room), so the linker leaves them open.
set -eu

PYO3_PYTHON=$PWD/.venv/bin/python
PYO3_BUILD_EXTENSION_MODULE=1
case $(uname) in
    Darwin) RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-undefined -C link-arg=dynamic_lookup" ;;
    *) RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,--unresolved-symbols=ignore-all" ;;
esac
export PYO3_PYTHON PYO3_BUILD_EXTENSION_MODULE RUSTFLAGS

command=$1
shift
case $command in
    test) exec cargo test --locked --quiet "$@" ;;
    clippy) exec cargo clippy --locked --quiet --all-targets -- -D warnings ;;
    *) echo "unknown command $command" >&2; exit 2 ;;
esac
