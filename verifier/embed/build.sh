#!/bin/sh
# Builds the WebAssembly module of the npm package. The same source and compiler give the same bytes
# wherever the tree lies.
#
#   build.sh          builds and writes npm/
#   build.sh DIR      builds and writes DIR instead (the test that compares does this)
set -eu
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
out=${1:-$here/npm}
mkdir -p "$out"
out=$(cd "$out" && pwd)
target=${EMBED_TARGET_DIR:-$root/target/embed}

if ! rustc --print target-libdir --target wasm32-unknown-unknown | xargs test -d; then
    echo "build.sh: the target wasm32-unknown-unknown is missing; run: rustup target add wasm32-unknown-unknown" >&2
    exit 3
fi

# Paths of this machine stand in panic messages unless they are mapped away.
flags="--remap-path-prefix=$root=/markedsplass"
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    flags="$flags --remap-path-prefix=$registry=/registry"
done

env -u RUSTFLAGS -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER -u RUSTC \
    CARGO_ENCODED_RUSTFLAGS="$(printf '%s' "$flags" | tr ' ' '\037')" CARGO_TARGET_DIR="$target" \
    cargo build --quiet --locked -p markedsplass-verifier --lib --profile module --target wasm32-unknown-unknown
cp "$target/wasm32-unknown-unknown/module/markedsplass_verifier.wasm" "$out/verifier.wasm"
(cd "$out" && sha256sum verifier.wasm > verifier.wasm.sha256)
rustc --version > "$out/verifier.wasm.rustc"
