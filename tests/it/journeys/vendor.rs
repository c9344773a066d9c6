//! A vendor uploads an app and gets a conformance check that names each error and its remedy.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::product::Product;
use crate::support::walk::{App, failures};

#[tokio::test]
async fn a_real_app_passes_and_curl_alone_walks_it_to_an_approval() {
    let product = Product::start().await;
    let app = App::built("blood-pressure");
    let (approval, ticket) = app.approved_in(&product).await;
    assert_eq!(approval.matches('.').count(), 2, "a compact JWS");
    assert!(ticket.starts_with("c2sp.org/tlog-proof@v1\n"), "{ticket}");

    let listed = product
        .stranger()
        .get("/api/v1/catalogue?q=trykk")
        .await
        .expect(200);
    assert!(listed.body.contains(app.id()), "{}", listed.body);
}

#[tokio::test]
async fn the_faulty_twin_fails_on_its_six_faults_and_on_nothing_else() {
    let product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure-faulty");
    app.uploaded_by(&vendor).await;
    let check = app.checked_by(&vendor).await;
    assert_eq!(check["state"], "failed", "{check:#}");

    let planted = include_str!("../../apps/blood-pressure-faulty/faults.json");
    let planted: Value = serde_json::from_str(planted).unwrap();
    let planted: BTreeSet<_> = planted.as_object().unwrap().keys().cloned().collect();
    let found: BTreeSet<_> = check["report"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|result| result["outcome"] == "failed")
        .map(|result| result["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, planted, "{:#}", failures(&check));
    for result in check["report"]["results"].as_array().unwrap() {
        if result["outcome"] == "failed" {
            for language in ["nb", "en"] {
                let remedy = result["remedy"][language].as_str().unwrap_or_default();
                assert!(remedy.len() > 20, "{result:#}");
            }
            assert!(
                !result["places"].as_array().unwrap().is_empty(),
                "{result:#}"
            );
        }
    }

    let refused = app.submitted_by(&vendor).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.code(), "check-failed");
}

#[tokio::test]
async fn evidence_replays_to_the_same_report_byte_for_byte() {
    let product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure-faulty");
    app.uploaded_by(&vendor).await;
    let check = app.checked_by(&vendor).await;

    let evidence = check["links"]["evidence"].as_str().unwrap();
    let evidence = vendor.get(evidence).await.expect(200).body;
    let file = product.folder().join("evidence.jsonl");
    fs::write(&file, &evidence).unwrap();
    let replay = || product.command(&["replay", file.to_str().unwrap()]);
    let first = replay();
    assert_eq!(first.status.code(), Some(1), "findings make it exit 1");
    assert_eq!(first.stdout, replay().stdout);
    let report: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(report, check["report"]);

    fs::write(&file, evidence.replacen("\"seq\":1,", "\"seq\":7,", 1)).unwrap();
    assert_eq!(
        replay().status.code(),
        Some(2),
        "changed evidence is refused or differs"
    );
}
