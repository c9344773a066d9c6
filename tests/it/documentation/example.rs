//! The vendors' guide: what it shows is taken.

use std::io::Write as _;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use foundation::access::Role;
use foundation::telemetry::Metrics;
use markedsplass::compose::Role as Part;
use registry::{Organisation, Person, Registry};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::page;
use crate::openapi::product;

/// The token of a vendor.
async fn vendor(registry: &Registry) -> String {
    let organisation = Organisation {
        orgnr: "310712337".parse().unwrap(),
        name: "Prøve".to_owned(),
        roles: [Role::Vendor].into(),
    };
    let person = Person {
        subject: "person".to_owned(),
        name: "Prøve".to_owned(),
        orgnr: organisation.orgnr.clone(),
        roles: [Role::Vendor].into(),
        review_roles: [].into(),
    };
    registry.save_organisation(&organisation).await.unwrap();
    registry.save_person(&person).await.unwrap();
    let actor = registry
        .sign_in(&person.subject, &person.name, person.orgnr.as_str())
        .await
        .unwrap();
    let made = registry.create_token(&actor, "test", 1).await.unwrap();
    made.secret.expose().to_owned()
}

async fn send(
    router: &Router,
    token: &str,
    path: &str,
    media: &str,
    body: Vec<u8>,
) -> (StatusCode, String) {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, media)
        .body(Body::from(body))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// An archive with the files that the example speaks of.
fn bundle() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["index.html", "launch.html"] {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive
            .write_all(b"<!doctype html><title>x</title>")
            .unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn the_example_in_the_vendors_guide_is_taken() {
    let guide = page("guide/vendors.md");
    let blocks: Vec<&str> = guide
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [entry, manifest] = blocks[..] else {
        panic!("the guide shows app.json and version.json");
    };
    let folder = tempfile::tempdir().unwrap();
    let product = product(&folder).await;
    let token = vendor(&product.registry).await;
    let surfaces = product.surfaces(&Part::ALL, &Metrics::detached());
    let router = &surfaces[0].router;
    let (status, body) = send(
        router,
        &token,
        "/api/v1/apps",
        "application/json",
        entry.into(),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED, "{body}");

    let mut form = Vec::new();
    let part = |name: &str, file: &str| {
        format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
    };
    form.extend(part("manifest", "; filename=\"version.json\"").into_bytes());
    form.extend(manifest.as_bytes());
    form.extend(b"\r\n");
    form.extend(part("bundle", "; filename=\"bundle.zip\"").into_bytes());
    form.extend(bundle());
    form.extend(b"\r\n--limit--\r\n");
    let entry: Value = serde_json::from_str(entry).unwrap();
    assert_ne!(entry["software_id"], json!(null));
    let path = format!(
        "/api/v1/apps/{}/versions",
        entry["software_id"].as_str().unwrap()
    );
    let media = "multipart/form-data; boundary=limit";
    let (status, body) = send(router, &token, &path, media, form).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}
