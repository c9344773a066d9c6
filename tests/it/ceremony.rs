//! The first ceremony, as people hold it: by the commands alone.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PASSPHRASE: &str = "riktig hest batteri stift";

/// A command of a registry whose root and targets keys are off line.
fn command(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_markedsplass"))
        .args(["--set", &format!("storage.data={}", data.display())])
        .args(["--set", "registry.keys.uses.trust-root=offline"])
        .args(["--set", "registry.keys.uses.trust-targets=offline"])
        .arg("keys")
        .args(arguments)
        .env("MARKEDSPLASS_KEY_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap()
}

fn done(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn refused(output: &Output, code: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains(code), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// Makes a key for a role; gives its file and that of its public part.
fn made(folder: &Path, role: &str, number: usize) -> (String, String) {
    let own = folder.join(format!("{role}-{number}"));
    let own = own.to_str().unwrap();
    done(&command(folder, &["make", "--role", role, "--out", own]));
    let files: Vec<PathBuf> = std::fs::read_dir(own)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let file = |extension: &str| {
        let mut files = files.iter();
        let found = files.find(|file| file.extension().is_some_and(|known| known == extension));
        found.unwrap().to_str().unwrap().to_owned()
    };
    let key = file("key");
    let mode = Path::new(&key).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    (key, file("pem"))
}

#[test]
fn the_first_ceremony_is_held_with_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let roots: Vec<_> = (0..3).map(|n| made(folder.path(), "root", n)).collect();
    let targets: Vec<_> = (0..2).map(|n| made(folder.path(), "targets", n)).collect();
    let prepared = folder.path().join("first.json");
    let prepared = prepared.to_str().unwrap();
    refused(&command(&data, &["root"]), "no trust repository");

    let mut arguments = vec!["prepare", prepared, "--root-threshold", "2"];
    for (_, public) in &roots {
        arguments.extend(["--root-key", public]);
    }
    for (_, public) in &targets {
        arguments.extend(["--targets-key", public]);
    }
    let said = done(&command(&data, &arguments));
    assert!(said.contains("root: 2 of 3"), "{said}");
    let shown = done(&command(&data, &["sign", prepared, "--key", "x", "--show"]));
    assert_eq!(shown, said);
    for told in ["expires ", "signed bytes sha256 "] {
        assert_eq!(shown.matches(told).count(), 2, "{shown}");
    }

    let mut copies = Vec::new();
    for (key, _) in roots.iter().take(2).chain(&targets) {
        let copy = format!("{prepared}.{}", copies.len());
        std::fs::copy(prepared, &copy).unwrap();
        done(&command(&data, &["sign", &copy, "--key", key]));
        copies.push(copy);
    }
    let too_few = ["publish", &copies[0], &copies[2], &copies[3]];
    refused(&command(&data, &too_few), "signed by 1 keys");
    let mut publish = vec!["publish"];
    publish.extend(copies.iter().map(String::as_str));
    done(&command(&data, &publish));
    refused(&command(&data, &publish), "ceremony-late");
    let root = done(&command(&data, &["root"]));
    assert_eq!(root, done(&command(&data, &["root", "1"])));
    let root: serde_json::Value = serde_json::from_str(&root).unwrap();
    assert_eq!(root["signed"]["roles"]["root"]["threshold"], 2);

    // The registry's own keys are there, and none of the holders'.
    let listed = done(&command(&data, &["list"]));
    assert!(listed.contains("approval"), "{listed}");
    assert!(!listed.contains("trust-root") && !listed.contains("trust-targets"));
    let all = done(&command(&data, &["list", "--json"]));
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let approval = all
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["use"] == "approval");
    let kid = approval.unwrap()["kid"].as_str().unwrap();
    let revoke = ["revoke", "--kid", kid, "--cutoff-now"];
    refused(&command(&data, &revoke), "markedsplass keys prepare");
    let stranded = done(&command(&data, &["resign", "--dry-run"]));
    assert_eq!(stranded, "0 approvals without effect\n");
}

#[test]
fn what_a_holder_does_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().to_str().unwrap();
    let short = [
        "make",
        "--role",
        "root",
        "--out",
        own,
        "--passphrase",
        "kort",
    ];
    refused(&command(folder.path(), &short), "key-passphrase");
    let (key, _) = made(folder.path(), "root", 1);
    let prepared = folder.path().join("first.json");
    std::fs::write(&prepared, "{}").unwrap();
    let sign = ["sign", prepared.to_str().unwrap(), "--key", &key];
    refused(&command(folder.path(), &sign), "ceremony-format");
}
