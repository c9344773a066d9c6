//! An EPJ verifies an app's approval before launch, offline, and refuses anything not approved,
//! changed, suspended or revoked.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::page::{self, Files};
use crate::support::api::Answer;
use crate::support::product::Product;
use crate::support::walk::{App, ISSUING, trust_folder};

/// Tries a launch on the EPJ's page API: its address, or the code of the refusal.
async fn launch(product: &Product, app: &App) -> Result<String, String> {
    let stranger = product.stranger();
    let epj = format!("{}/demo/epj", product.sandbox);
    let patients = stranger
        .get(&format!("{epj}/patients"))
        .await
        .expect(200)
        .json();
    let patient = first_id(&patients);
    let request = json!({
        "software_id": app.id(),
        "version": app.version(),
        "patient": patient,
    });
    let answer = stranger.post(&format!("{epj}/launches"), request).await;
    if answer.status < 300 {
        Ok(answer.json()["url"].as_str().unwrap().to_owned())
    } else {
        Err(answer.code())
    }
}

fn first_id(list: &Value) -> String {
    let all = list
        .as_array()
        .or_else(|| list["patients"].as_array())
        .unwrap();
    all[0]["id"].as_str().unwrap().to_owned()
}

async fn refresh(product: &Product) {
    let path = format!("{}/demo/epj/status-lists", product.sandbox);
    let answer = product.stranger().post(&path, json!({})).await;
    assert!(answer.status < 400, "{}", answer.body);
}

async fn decide(product: &Product, app: &App, reviewers: &[&str], action: &str, state: &str) {
    let path = format!("{}/status", app.path());
    for reviewer in reviewers {
        let request = json!({"action": action, "reason": "Prøvd i en test."});
        let answer = product.person(reviewer).post(&path, request).await;
        assert!(matches!(answer.status, 200 | 202), "{}", answer.body);
    }
    let is = |answer: &Answer| answer.json()["state"] == state;
    product
        .person("sikkerhet-berg")
        .until(&app.path(), ISSUING, is)
        .await;
}

#[tokio::test]
async fn an_epj_launches_what_is_approved_and_refuses_the_rest_each_with_its_code() {
    let product = Product::start().await;
    let app = App::built("blood-pressure");

    let vendor = product.person("leverandor-fjord");
    app.uploaded_by(&vendor).await;
    let never = launch(&product, &app).await;
    assert_eq!(never, Err("E_NOT_APPROVED".to_owned()));

    let check = app.checked_by(&vendor).await;
    assert_eq!(check["state"], "passed");
    app.submitted_by(&vendor).await.expect(200);
    for (reviewer, role) in [("sikkerhet-berg", "security"), ("klinikk-eng", "clinical")] {
        app.reviewed_by(&product.person(reviewer), role, "approve")
            .await
            .expect(201);
    }
    app.approval(&product.stranger()).await;
    refresh(&product).await;
    let url = launch(&product, &app).await.unwrap();
    assert!(
        url.contains(".apps.localhost:") && url.contains("launch="),
        "{url}"
    );

    decide(&product, &app, &["sikkerhet-berg"], "suspend", "suspended").await;
    refresh(&product).await;
    assert_eq!(launch(&product, &app).await, Err("E_SUSPENDED".to_owned()));

    let both = ["sikkerhet-berg", "klinikk-eng"];
    decide(&product, &app, &both, "reinstate", "approved").await;
    refresh(&product).await;
    assert!(launch(&product, &app).await.is_ok());

    decide(&product, &app, &["klinikk-eng"], "revoke", "revoked").await;
    refresh(&product).await;
    assert_eq!(launch(&product, &app).await, Err("E_REVOKED".to_owned()));
}

#[tokio::test]
async fn an_approval_verifies_offline_and_no_changed_byte_does() {
    let mut product = Product::start().await;
    let app = App::built("blood-pressure");
    let (approval, ticket) = app.approved_in(&product).await;
    let trust = trust_folder(&product, "trust").await;
    let file = product.folder().join("approval.jws");
    fs::write(&file, &approval).unwrap();
    fs::write(product.folder().join("approval.jws.tlog-proof"), &ticket).unwrap();

    // Nothing is asked of the registry from here on.
    product.kill();
    let (code, said) = verify(&product, &file, &trust);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(app.id()), "{said}");

    // The same files in a browser, by the page that comes with the package.
    let ticket_file = product.folder().join("approval.jws.tlog-proof");
    let files = |approval| Files {
        trust: &trust,
        approval,
        ticket: &ticket_file,
    };
    let said = page::says(&[files(&file), files(&ticket_file)]).await;
    assert!(
        said[0].contains("Accepted in") && said[0].contains(app.id()),
        "{said:?}"
    );
    assert!(said[1].contains("Refused: E_"), "{said:?}");

    let mut changed = approval.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    fs::write(&file, changed).unwrap();
    let (code, said) = verify(&product, &file, &trust);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("E_"), "{said}");

    fs::write(&file, &approval).unwrap();
    let other = ticket
        .replacen("index 0", "index 1", 1)
        .replace("\n\u{2014} ", "\n\u{2014} x");
    fs::write(product.folder().join("approval.jws.tlog-proof"), other).unwrap();
    let (code, said) = verify(&product, &file, &trust);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("E_"), "{said}");
}

fn verify(product: &Product, file: &Path, trust: &Path) -> (Option<i32>, String) {
    let output = product.command(&[
        "verify",
        file.to_str().unwrap(),
        "--trust",
        trust.to_str().unwrap(),
        "--environment",
        "test",
    ]);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}
