//! Witnesses that fall away and come back, and a log whose keys are stolen.

use serde_json::Value;

use super::keys::{command, kid};
use super::log::fresh_audit;
use crate::support::product::Product;
use crate::support::witnesses::witnessed;

/// How many entries the published checkpoint covers.
async fn size(product: &Product) -> u64 {
    let note = product.stranger().get("/log/checkpoint").await.expect(200);
    note.body.lines().nth(1).unwrap().parse().unwrap()
}

/// What is published is told in the log, and takes effect, whether or not it is witnessed.
fn announce(product: &Product, key_use: &str) {
    let said = command(
        product,
        &["keys", "announce", "--kid", &kid(product, key_use)],
    );
    assert!(said.contains("is listed"), "{said}");
}

#[tokio::test]
async fn publication_goes_on_while_enough_witnesses_answer_and_waits_when_they_do_not() {
    let (product, mut witnesses) = witnessed().await;
    let whole = size(&product).await;
    witnesses[0].kill();
    announce(&product, "approval");
    let by_two = size(&product).await;
    assert!(by_two > whole);

    witnesses[1].kill();
    announce(&product, "status");
    assert_eq!(size(&product).await, by_two, "one witness is not enough");
    let refused = product.command(&["log", "publish"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("witness"), "{said}");
    // What counts already goes on to be served.
    product.stranger().get("/status/0").await.expect(200);

    // One that comes back remembers what it saw.
    witnesses[0].start(&product).await;
    command(&product, &["log", "publish"]);
    assert!(size(&product).await > by_two);
    let (status, report) = fresh_audit(&product, "");
    assert_eq!(
        (status, &report["findings"]),
        (Some(0), &Value::Array(Vec::new()))
    );
}

#[tokio::test]
async fn a_log_whose_keys_are_stolen_is_followed_by_another() {
    let (mut product, mut witnesses) = witnessed().await;
    let keys = command(&product, &["log", "keys"]);
    let (origin, _) = keys.split_once('+').unwrap();
    product.interrupt();
    let name = origin.rsplit_once('/').unwrap().1;
    command(
        &product,
        &["log", "start", "--successor-of", name, "--keys-stolen"],
    );
    for witness in &mut witnesses {
        witness.kill();
        witness.start(&product).await;
    }
    command(&product, &["log", "publish"]);
    product.launch().await;
    announce(&product, "approval");
    let note = product
        .stranger()
        .get("/log/checkpoint")
        .await
        .expect(200)
        .body;
    assert!(note.starts_with(&format!("{origin}b\n")), "{note}");
    for log in [String::new(), format!("/{name}"), format!("/{name}b")] {
        let (status, report) = fresh_audit(&product, &log);
        assert_eq!(status, Some(0), "{log} {report}");
    }
}
