//! The module that is committed: its source gives it.

#![cfg(test)]

use std::fs;
use std::process::Command;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

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
