#!/bin/sh
# Writes the locks from pyproject.toml (needs uv). Give --upgrade to move to newer versions.
set -eu
cd "$(dirname "$0")"
lock() {
    out=$1
    shift
    uv pip compile ../pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --custom-compile-command requirements/compile.sh --quiet --output-file "$out" "$@"
}
lock dev.lock --extra build --extra train --extra package --extra cluster --extra dev "$@"
# the smaller ones have the same versions, so that one environment serves all
lock train.lock --extra build --extra train --constraints dev.lock
lock cluster.lock --extra build --extra cluster --constraints dev.lock
lock run.lock --extra build --constraints dev.lock
lock package.lock --extra build --extra package --constraints dev.lock
