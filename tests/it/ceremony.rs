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

type KeyFiles = (String, String);

/// A registry of whose root three people have the keys, and of whose targets two.
struct Held {
    folder: tempfile::TempDir,
    roots: Vec<KeyFiles>,
    targets: Vec<KeyFiles>,
}

impl Held {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let roots = (0..3).map(|n| made(folder.path(), "root", n)).collect();
        let targets = (0..2).map(|n| made(folder.path(), "targets", n)).collect();
        Self {
            folder,
            roots,
            targets,
        }
    }

    fn command(&self, arguments: &[&str]) -> Output {
        command(&self.folder.path().join("data"), arguments)
    }

    /// Prepares the first ceremony; gives its file and what was said.
    fn first(&self) -> (String, String) {
        let mut options = vec!["--root-threshold", "2"];
        for (_, public) in &self.roots {
            options.extend(["--root-key", public]);
        }
        for (_, public) in &self.targets {
            options.extend(["--targets-key", public]);
        }
        self.prepare("first", &options)
    }

    fn prepare(&self, name: &str, options: &[&str]) -> (String, String) {
        let file = self.folder.path().join(name).to_str().unwrap().to_owned();
        let said = done(&self.command(&[&["prepare", &file], options].concat()));
        (file, said)
    }

    /// As many keys of root as must sign.
    fn enough_roots(&self) -> &[KeyFiles] {
        &self.roots[..2]
    }

    /// A copy of the prepared file from each of these, signed.
    fn signed(&self, prepared: &str, by: &[KeyFiles]) -> Vec<String> {
        let sign = |(number, (key, _)): (usize, &KeyFiles)| {
            let copy = format!("{prepared}.{number}");
            std::fs::copy(prepared, &copy).unwrap();
            done(&self.command(&["sign", &copy, "--key", key]));
            copy
        };
        by.iter().enumerate().map(sign).collect()
    }

    fn publish(&self, copies: &[String]) -> Output {
        let copies = copies.iter().map(String::as_str);
        self.command(&[&["publish"][..], &copies.collect::<Vec<_>>()].concat())
    }

    /// From the preparation to the publication.
    fn hold(&self, name: &str, options: &[&str], by: &[KeyFiles]) {
        let (prepared, _) = self.prepare(name, options);
        done(&self.publish(&self.signed(&prepared, by)));
    }

    fn keys(&self) -> Vec<serde_json::Value> {
        serde_json::from_str(&done(&self.command(&["list", "--json"]))).unwrap()
    }

    /// The key of this use that is in force.
    fn kid(&self, key_use: &str) -> String {
        let all = self.keys();
        let mut all = all.iter();
        let found = all.find(|key| key["use"] == key_use && key["state"] == "active");
        found.unwrap()["kid"].as_str().unwrap().to_owned()
    }

    /// What became of a key.
    fn state(&self, kid: &str) -> String {
        let all = self.keys();
        let found = all.iter().find(|key| key["kid"] == kid);
        found.unwrap()["state"].as_str().unwrap().to_owned()
    }

    fn root(&self) -> serde_json::Value {
        serde_json::from_str(&done(&self.command(&["root"]))).unwrap()
    }
}

#[test]
fn the_first_ceremony_is_held_with_the_commands() {
    let held = Held::new();
    refused(&held.command(&["root"]), "no trust repository");

    let (prepared, said) = held.first();
    assert!(said.contains("root: 2 of 3"), "{said}");
    let shown = done(&held.command(&["sign", &prepared, "--key", "x", "--show"]));
    assert_eq!(shown, said);
    for told in ["expires ", "signed bytes sha256 "] {
        assert_eq!(shown.matches(told).count(), 2, "{shown}");
    }

    let signers = [held.enough_roots(), &held.targets].concat();
    let copies = held.signed(&prepared, &signers);
    let too_few = [&copies[..1], &copies[2..]].concat();
    refused(&held.publish(&too_few), "signed by 1 keys");
    done(&held.publish(&copies));
    refused(&held.publish(&copies), "ceremony-late");
    assert_eq!(
        done(&held.command(&["root"])),
        done(&held.command(&["root", "1"]))
    );
    assert_eq!(held.root()["signed"]["roles"]["root"]["threshold"], 2);

    // The registry's own keys are there, and none of the holders'.
    let listed = done(&held.command(&["list"]));
    assert!(listed.contains("approval"), "{listed}");
    assert!(!listed.contains("trust-root") && !listed.contains("trust-targets"));
    let revoke = ["revoke", "--kid", &held.kid("approval"), "--cutoff-now"];
    refused(&held.command(&revoke), "markedsplass keys prepare");
    let stranded = done(&held.command(&["resign", "--dry-run"]));
    assert_eq!(stranded, "0 approvals without effect\n");
}

#[test]
fn keys_are_replaced_withdrawn_and_vendors_denied_by_ceremonies() {
    let held = Held::new();
    let (first, _) = held.first();
    let signers = [held.enough_roots(), &held.targets].concat();
    done(&held.publish(&held.signed(&first, &signers)));
    let targets = &held.targets;

    let old = held.kid("approval");
    done(&held.command(&["announce", "--kid", &old]));
    held.hold("replaced", &["--rotate", &old], targets);
    let new = held.kid("approval");
    assert_ne!(new, old);
    assert_eq!(held.state(&old), "replaced");

    // Nothing happens before enough holders have signed.
    let revoke = ["--revoke", &new, "--cutoff-nothing"];
    let (stolen, _) = held.prepare("stolen", &revoke);
    let copies = held.signed(&stolen, targets);
    refused(&held.publish(&copies[..1]), "signed by 1 keys");
    assert_eq!(held.kid("approval"), new);
    done(&held.publish(&copies));
    assert_ne!(held.kid("approval"), new);
    assert_eq!(held.state(&new), "withdrawn");

    let before = held.root()["signed"]["roles"]["timestamp"].clone();
    let role = ["--rotate-role", "timestamp"];
    held.hold("timestamp", &role, held.enough_roots());
    assert_ne!(held.root()["signed"]["roles"]["timestamp"], before);

    let deny = ["--deny", "NO:ORGNR:310700002"];
    held.hold("denied", &deny, targets);
    let oldest = ["--oldest", "no.eksempel.app=2.0.0"];
    held.hold("oldest", &oldest, targets);
    refused(
        &held.command(&["deny", "NO:ORGNR:310700002", "--lift"]),
        "markedsplass keys prepare",
    );
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
