//! The log from outside: audited by a stranger, ended and begun anew, and a database that was put
//! back from an old backup.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::product::Product;

fn said(output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(text).unwrap()
}

/// An audit by somebody who comes for the first time.
pub(super) fn fresh_audit(product: &Product, log: &str) -> (Option<i32>, Value) {
    drop(fs::remove_file(product.folder().join("seen.json")));
    audit(product, log)
}

/// An audit over HTTP that remembers what it saw; gives exit status and report.
fn audit(product: &Product, log: &str) -> (Option<i32>, Value) {
    let address = format!("{}{log}", product.portal);
    let output = product.command(&["log", "audit", &address, "--state", "seen.json", "--json"]);
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|_| panic!("{}", said(&output)));
    (output.status.code(), report)
}

fn command(product: &Product, arguments: &[&str]) -> String {
    let output = product.command(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// The year's log, whichever year it is.
fn name(product: &Product) -> String {
    let keys = command(product, &["log", "keys"]);
    let (origin, _) = keys.split_once('+').unwrap();
    origin.rsplit_once('/').unwrap().1.to_owned()
}

#[tokio::test]
async fn a_stranger_audits_the_log_and_its_successor() {
    let mut product = Product::start().await;
    let (status, report) = audit(&product, "");
    assert_eq!(status, Some(0), "{report}");
    assert!(report["size"].as_u64().unwrap() > 0);
    let name = name(&product);
    assert!(report["origin"].as_str().unwrap().ends_with(&name));

    product.interrupt();
    let frozen = command(&product, &["log", "freeze"]);
    assert!(frozen.contains("frozen"), "{frozen}");
    let refused = product.command(&["log", "freeze"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    command(&product, &["log", "start", "--successor-of", &name]);
    product.launch().await;

    // The end of the old log is the beginning of the new one; both are audited, the old one stands.
    let (status, report) = audit(&product, &format!("/{name}b"));
    assert_eq!(status, Some(0), "{report}");
    let (status, report) = audit(&product, &format!("/{name}"));
    assert_eq!(status, Some(0), "{report}");
    let (status, report) = audit(&product, "");
    assert_eq!(status, Some(0), "{report}");
    assert!(
        report["origin"]
            .as_str()
            .unwrap()
            .ends_with(&format!("{name}b"))
    );

    // Who comes for the first time needs both, whichever is asked for.
    for log in [format!("/{name}b"), format!("/{name}"), String::new()] {
        let (status, report) = fresh_audit(&product, &log);
        assert_eq!(status, Some(0), "{log} {report}");
        assert_eq!(report["findings"], json!([]), "{log}");
    }

    // Somebody changes a published tile: the auditor who comes for the first time sees it.
    let tiles = format!("data/log/{name}b/tile/0/000.p");
    for tile in fs::read_dir(product.folder().join(tiles)).unwrap() {
        let path = tile.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        bytes[3] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let (status, report) = fresh_audit(&product, "");
    assert_eq!(status, Some(1), "{report}");
    assert_eq!(report["findings"][0]["code"], "A_TILE", "{report}");
    let folder = format!("data/log/{name}");
    let output = product.command(&["log", "audit", &folder, "--org", "310700002"]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "a folder says nothing of trust"
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[tokio::test]
async fn a_restored_old_backup_is_not_served_until_the_log_is_read_in_again() {
    let mut product = Product::start().await;
    let name = name(&product);
    product.interrupt();
    let data = product.folder().join("data");
    let backup = product.folder().join("backup");
    copy(&data, &backup);

    // Life goes on: a new reviewer is registered, and a key announced, which is logged and witnessed.
    product.launch().await;
    let reviewer = [
        "user",
        "person",
        "--subject",
        "ny",
        "--name",
        "Ny",
        "--orgnr",
        "310700002",
        "--role",
        "reviewer",
        "--reviews",
        "security",
    ];
    let stranger = product.stranger();
    let timestamp = stranger.get("/trust/timestamp.json").await.expect(200).body;
    command(&product, &reviewer);
    // The command does not know the witnesses that the service runs with, and publishes nothing.
    let still = stranger.get("/trust/timestamp.json").await.expect(200).body;
    assert_eq!(still, timestamp);
    product.interrupt();
    announces_a_key(&product);
    product.launch().await;
    let newest = stranger.get("/log/checkpoint").await.expect(200).body;
    product.interrupt();

    // The old database comes back, the files and the witnesses' memories do not.
    for file in fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() && path.file_name().is_some_and(|name| name != "secret") {
            fs::remove_file(path).unwrap();
        }
    }
    copy(&backup, &data);
    product.spawn();
    let (status, text) = product.readiness().await;
    assert_eq!(status, 503, "{text}");
    assert!(text.starts_with("log-behind: "), "{text}");
    stranger.get("/trust/timestamp.json").await.expect(503);
    stranger.get("/status/0").await.expect(503);
    stranger.get("/").await.expect(200);
    let still = stranger.get("/log/checkpoint").await.expect(200).body;
    assert_eq!(still, newest);

    // The new document is named in the log, and gone: that stands in the way by its name.
    let files = format!("data/log/{name}");
    let restored = command(&product, &["log", "restore", "--from", &files]);
    assert!(restored.contains("restored"), "{restored}");
    assert!(restored.contains(".targets.json"), "{restored}");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let (status, text) = product.readiness().await;
    assert_eq!(status, 503, "{text}");
    assert!(text.starts_with("log-restored: "), "{text}");
    stranger.get("/status/0").await.expect(503);
    let accepted = command(
        &product,
        &["log", "restore", "--from", &files, "--accept-losses"],
    );
    assert!(accepted.contains("accepted"), "{accepted}");
    for _ in 0..100 {
        if product.readiness().await.0 == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    product.wait_until_ready().await;
    stranger.get("/trust/timestamp.json").await.expect(200);
    let (status, report) = fresh_audit(&product, "");
    assert_eq!(status, Some(0), "{report}");
}

/// Lists the key that will follow the one of status lists.
fn announces_a_key(product: &Product) {
    let listed = product.command(&["keys", "list", "--json"]).stdout;
    let keys: Value = serde_json::from_slice(&listed).unwrap();
    let mut keys = keys.as_array().unwrap().iter();
    let key = keys.find(|key| key["use"] == "status").unwrap();
    let kid = key["kid"].as_str().unwrap();
    let said = command(product, &["keys", "announce", "--kid", kid]);
    assert!(said.contains("is listed"), "{said}");
}

#[tokio::test]
async fn a_process_whose_database_is_gone_stands_and_says_so() {
    let mut product = Product::start().await;
    let stranger = product.stranger();
    let newest = stranger.get("/log/checkpoint").await.expect(200).body;
    product.interrupt();
    // Only the files are left, and the secret.
    for file in fs::read_dir(product.folder().join("data")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() && path.file_name().is_some_and(|name| name != "secret") {
            fs::remove_file(path).unwrap();
        }
    }
    product.spawn();
    let (status, text) = product.readiness().await;
    assert_eq!(status, 503, "{text}");
    assert!(text.starts_with("log-behind: "), "{text}");
    stranger.get("/status/0").await.expect(503);
    let still = stranger.get("/log/checkpoint").await.expect(200).body;
    assert_eq!(still, newest);
}
