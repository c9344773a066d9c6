#!/bin/sh
# Builds the suites and wraps them as components.
#
#   build.sh          builds and writes built/
#   build.sh DIR      builds and writes DIR instead; with CORE_ONLY=1 the modules before they are wrapped
#                     (the test that compares does this)
set -eu
cd "$(dirname "$0")"
suites=$PWD
root=$(cd ../.. && pwd)
out=${1:-built}
mkdir -p "$out"
out=$(cd "$out" && pwd)

built=$("$root/.ci/build-wasm" "$suites" suites "${SUITES_TARGET_DIR:-$root/target/suites}" guest)
for suite in smart-app; do
    core=$built/$(echo "$suite" | tr - _).wasm
    if [ -n "${CORE_ONLY:-}" ]; then
        cp "$core" "$out/$suite.core.wasm"
        continue
    fi
    component=$out/$suite.component.wasm
    (cd "$root" && cargo run --quiet --locked -p conformance --example wrap-suite -- "$core" "$component")
    (cd "$out" && sha256sum "$suite.component.wasm" > "$suite.component.wasm.sha256")
    rustc --version > "$out/$suite.component.wasm.rustc"
done
