//! Keys of a registry that runs are replaced and withdrawn, and vendors denied, by the commands alone,
//! while witnesses elsewhere look on. A stranger who audits finds everything in the log.

use std::fs;

use serde_json::{Value, json};

use super::log::fresh_audit;
use crate::support::product::Product;
use crate::support::witnesses::witnessed;

/// Runs a command that must succeed; gives what it says.
pub(super) fn command(product: &Product, arguments: &[&str]) -> String {
    let output = product.command(arguments);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// The key of this use that is in force.
pub(super) fn kid(product: &Product, key_use: &str) -> String {
    let listed = product.command(&["keys", "list", "--json"]).stdout;
    let keys: Vec<Value> = serde_json::from_slice(&listed).unwrap();
    let mut keys = keys.iter();
    let key = keys.find(|key| key["use"] == key_use && key["state"] == "active");
    key.unwrap()["kid"].as_str().unwrap().to_owned()
}

/// The newest document of a role, as it is served.
async fn served(product: &Product, role: &str) -> Value {
    let stranger = product.stranger();
    let get = async |name: &str| {
        stranger
            .get(&format!("/trust/{name}"))
            .await
            .expect(200)
            .json()
    };
    let timestamp = get("timestamp.json").await;
    let snapshot = &timestamp["signed"]["meta"]["snapshot.json"]["version"];
    if role == "timestamp" {
        return timestamp;
    }
    let snapshot = get(&format!("{snapshot}.snapshot.json")).await;
    let targets = &snapshot["signed"]["meta"]["targets.json"]["version"];
    match role {
        "targets" => get(&format!("{targets}.targets.json")).await,
        _ => snapshot,
    }
}

/// The target files that are in force.
async fn targets(product: &Product) -> Vec<String> {
    let targets = served(product, "targets").await;
    let mut files = Vec::new();
    for (name, file) in targets["signed"]["targets"].as_object().unwrap() {
        let hash = file["hashes"]["sha256"].as_str().unwrap();
        let path = format!("/trust/targets/{hash}.{name}");
        files.push(product.stranger().get(&path).await.expect(200).body);
    }
    files
}

/// Whether one of them says this.
async fn targets_say(product: &Product, text: &str) -> bool {
    targets(product)
        .await
        .iter()
        .any(|file| file.contains(text))
}

#[tokio::test]
async fn keys_are_replaced_and_withdrawn_while_the_registry_runs() {
    let (product, _witnesses) = witnessed().await;

    // Planned: announced, then put in force. What the old one signed stays good.
    let old = kid(&product, "status");
    command(&product, &["keys", "announce", "--kid", &old]);
    let said = command(&product, &["keys", "rotate", "--kid", &old]);
    assert!(
        said.starts_with(&format!("{old} is replaced by ")),
        "{said}"
    );
    let new = kid(&product, "status");
    assert!(said.contains(&new), "{said}");
    for role in ["snapshot", "timestamp", "targets", "root"] {
        let before = served(&product, role).await["signatures"].clone();
        let said = command(&product, &["keys", "rotate", "--role", role]);
        assert!(said.contains(role), "{said}");
        if role != "root" {
            assert_ne!(served(&product, role).await["signatures"], before, "{role}");
        }
    }

    // Stolen: withdrawn from here on, or with all that it signed.
    for (key_use, cutoff) in [
        ("approval", "--cutoff-nothing"),
        ("status-event", "--cutoff-now"),
        ("status", "--cutoff-now"),
    ] {
        let stolen = kid(&product, key_use);
        let said = command(&product, &["keys", "revoke", "--kid", &stolen, cutoff]);
        assert!(said.contains("is withdrawn"), "{said}");
        assert_ne!(kid(&product, key_use), stolen);
    }
    let said = command(&product, &["keys", "resign"]);
    assert!(said.contains("0 approvals"), "{said}");
    // The list that is served now is signed by the key in force now.
    let list = product.stranger().get("/status/0").await.expect(200).body;
    let header = verifier::base64url::decode(list.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["kid"], json!(kid(&product, "status")));

    let (status, report) = fresh_audit(&product, "");
    assert_eq!((status, &report["findings"]), (Some(0), &json!([])));
}

#[tokio::test]
async fn a_vendor_is_denied_and_a_policy_written_by_commands() {
    let (product, _witnesses) = witnessed().await;
    let vendor = "NO:ORGNR:310700002";
    command(&product, &["keys", "deny", vendor]);
    assert!(targets_say(&product, vendor).await);
    command(&product, &["keys", "deny", vendor, "--lift"]);
    assert!(!targets_say(&product, vendor).await);
    let oldest = ["keys", "oldest", "no.eksempel.app"];
    command(&product, &[&oldest[..], &["2.1.0"]].concat());
    assert!(targets_say(&product, "2.1.0").await);
    command(&product, &[&oldest[..], &["--lift"]].concat());
    assert!(!targets_say(&product, "2.1.0").await);

    // A policy of one's own, and back to the one of the settings.
    let said = command(&product, &["keys", "witnesses"]);
    assert!(said.contains("the log policy is published"), "{said}");
    let files = targets(&product).await;
    let policy = files.iter().find(|file| file.contains("\nquorum "));
    let written = policy
        .unwrap()
        .replace("\nquorum ", "\n# To vitner er nok.\nquorum ");
    let file = product.folder().join("policy.txt");
    fs::write(&file, &written).unwrap();
    command(
        &product,
        &["keys", "witnesses", "--policy", file.to_str().unwrap()],
    );
    assert!(targets_say(&product, "To vitner er nok").await);
    command(&product, &["keys", "witnesses"]);
    assert!(!targets_say(&product, "To vitner er nok").await);

    let (status, report) = fresh_audit(&product, "");
    assert_eq!((status, &report["findings"]), (Some(0), &json!([])));
}
