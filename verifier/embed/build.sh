#!/bin/sh
# Builds the WebAssembly module of the npm package.
#
#   build.sh          builds and writes npm/
#   build.sh DIR      builds and writes DIR instead (the test that compares does this)
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
out=${1:-npm}
mkdir -p "$out"
out=$(cd "$out" && pwd)

built=$("$root/.ci/build-wasm" "$root" markedsplass "${EMBED_TARGET_DIR:-$root/target/embed}" module -p markedsplass-verifier)
cp "$built/markedsplass_verifier.wasm" "$out/verifier.wasm"
(cd "$out" && sha256sum verifier.wasm > verifier.wasm.sha256)
rustc --version > "$out/verifier.wasm.rustc"
