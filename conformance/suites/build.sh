#!/bin/sh
# Builds the suites and wraps them as components. The same source and compiler give the same bytes
# wherever the tree lies.
#
#   build.sh          builds and writes built/
#   build.sh DIR      builds and writes DIR instead (the test that compares does this)
set -eu
cd "$(dirname "$0")"
suites=$PWD
root=$(cd ../.. && pwd)
out=${1:-$suites/built}
mkdir -p "$out"
out=$(cd "$out" && pwd)
target=${SUITES_TARGET_DIR:-$root/target/suites}

if ! rustc --print target-libdir --target wasm32-unknown-unknown | xargs test -d; then
    echo "build.sh: the target wasm32-unknown-unknown is missing; run: rustup target add wasm32-unknown-unknown" >&2
    exit 3
fi

# Paths of this machine stand in panic messages unless they are mapped away.
flags="--remap-path-prefix=$suites=/suites"
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    flags="$flags --remap-path-prefix=$registry=/registry"
done

env -u RUSTFLAGS -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER -u RUSTC \
    CARGO_ENCODED_RUSTFLAGS="$(printf '%s' "$flags" | tr ' ' '\037')" CARGO_TARGET_DIR="$target" \
    cargo build --quiet --locked --lib --profile guest --target wasm32-unknown-unknown

for suite in smart-app; do
    core=$target/wasm32-unknown-unknown/guest/$(echo "$suite" | tr - _).wasm
    if [ -n "${CORE_ONLY:-}" ]; then
        cp "$core" "$out/$suite.core.wasm"
        continue
    fi
    component=$out/$suite.component.wasm
    (cd "$root" && cargo run --quiet --locked -p conformance --example wrap-suite -- "$core" "$component")
    (cd "$out" && sha256sum "$suite.component.wasm" > "$suite.component.wasm.sha256")
    rustc --version > "$out/$suite.component.wasm.rustc"
done
