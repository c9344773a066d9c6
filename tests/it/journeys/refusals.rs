//! Bad input: each refusal has its own code and says what to do, and nothing is half done.

use std::io::Write;

use serde_json::json;

use crate::support::product::Product;
use crate::support::walk::App;

#[tokio::test]
async fn hostile_and_broken_uploads_are_refused_each_by_its_name() {
    let product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    vendor
        .post("/api/v1/apps", app.entry.clone())
        .await
        .expect(201);
    let manifest = serde_json::to_vec(&app.manifest).unwrap();

    let mut codes = Vec::new();
    let truncated = app.bundle[..app.bundle.len() / 2].to_vec();
    for bundle in [
        b"this is no archive".to_vec(),
        truncated,
        archive(&[("../evil.html", b"x")]),
        archive(&[("index.html", b"x"), ("INDEX.html", b"y")]),
        bomb(),
        archive(&[("other.html", b"no launch page")]),
    ] {
        let answer = vendor.upload(app.id(), &manifest, bundle).await;
        assert!((400..500).contains(&answer.status), "{}", answer.body);
        let problem = answer.json();
        let remedy = problem["remedy"].as_str().unwrap_or_default();
        assert!(!remedy.is_empty(), "{problem:#}");
        codes.push(answer.code());
    }
    let mut different = codes.clone();
    different.sort();
    different.dedup();
    assert!(
        different.len() >= 4,
        "codes that tell them apart: {codes:?}"
    );
    vendor.get(&app.path()).await.expect(404);
}

#[tokio::test]
async fn a_manifest_that_lies_is_told_every_lie_at_once() {
    let product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    vendor
        .post("/api/v1/apps", app.entry.clone())
        .await
        .expect(201);
    let mut manifest = app.manifest.clone();
    manifest["redirect_uris"] = json!(["https://other.example/cb"]);
    manifest["scope"] = json!("patient/*.* nonsense/");
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let answer = vendor
        .upload(app.id(), &manifest, app.bundle.clone())
        .await
        .expect(422);
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    assert!(errors.len() >= 2, "{errors:#?}");
    for error in errors {
        assert!(error["pointer"].as_str().is_some(), "{error:#}");
        assert!(!error["remedy"].as_str().unwrap().is_empty(), "{error:#}");
    }
}

#[tokio::test]
async fn the_same_version_with_other_bytes_is_refused_and_the_same_bytes_are_not() {
    let product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    app.uploaded_by(&vendor).await;
    let manifest = serde_json::to_vec(&app.manifest).unwrap();
    vendor
        .upload(app.id(), &manifest, app.bundle.clone())
        .await
        .expect(200);
    let other = App::built("blood-pressure-faulty").bundle;
    let answer = vendor.upload(app.id(), &manifest, other).await.expect(409);
    assert_eq!(answer.code(), "version-reused");
}

#[tokio::test]
async fn strangers_and_wrong_roles_get_nothing() {
    let product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    app.uploaded_by(&vendor).await;

    let stranger = product.stranger();
    stranger
        .post("/api/v1/apps", app.entry.clone())
        .await
        .expect(401);
    stranger.get(&app.path()).await.expect(404);
    let other = product.person("leverandor-vidde");
    other.get(&app.path()).await.expect(404);
    other
        .post(&format!("{}/checks", app.path()), json!({}))
        .await
        .expect(404);
    let buyer = product.person("kommune");
    buyer
        .post("/api/v1/apps", app.entry.clone())
        .await
        .expect(403);
    let reviewer = product.person("sikkerhet-berg");
    let early = app.reviewed_by(&reviewer, "security", "approve").await;
    assert!(matches!(early.status, 404 | 409), "{}", early.body);
    vendor
        .get("/api/v1/checks/check_nonsense")
        .await
        .expect(404);
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// 100 MiB of nothing, packed a thousand times smaller.
fn bomb() -> Vec<u8> {
    let nothing = vec![0; 100 * 1024 * 1024];
    archive(&[("launch.html", &nothing)])
}
