//! The module that is committed: its source gives it.

#![cfg(test)]

use std::fs;
use std::process::Command;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// The digest beside the module, by which whoever fetches it checks it, is the module's.
#[test]
fn the_committed_digest_is_the_modules() {
    let read = |name: &str| fs::read(format!("{HERE}/npm/{name}")).unwrap();
    let digest = verifier::Digest::of(&read("verifier.wasm"));
    let bytes = digest.as_bytes().iter();
    let hex = bytes.fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let told = String::from_utf8(read("verifier.wasm.sha256")).unwrap();
    assert_eq!(told, format!("{hex}  verifier.wasm\n"));
}

/// The source gives the committed bytes, where this machine can build it with the same compiler.
#[test]
fn the_source_gives_the_committed_module() {
    let built_by = fs::read_to_string(format!("{HERE}/npm/verifier.wasm.rustc")).unwrap();
    let here = Command::new("rustc").arg("--version").output().unwrap();
    let here = String::from_utf8_lossy(&here.stdout).into_owned();
    if built_by.trim() != here.trim() {
        println!(
            "NOT COMPARED: built by {}, this is {}",
            built_by.trim(),
            here.trim()
        );
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let build = Command::new(format!("{HERE}/build.sh"))
        .arg(out.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&build.stderr);
    if build.status.code() == Some(3) {
        println!("NOT COMPARED: {}", said.trim());
        return;
    }
    assert!(build.status.success(), "{said}");
    let [committed, rebuilt] = [format!("{HERE}/npm"), out.path().display().to_string()]
        .map(|folder| fs::read(format!("{folder}/verifier.wasm")).unwrap());
    assert!(
        committed == rebuilt,
        "run verifier/embed/build.sh and commit npm/"
    );
}
