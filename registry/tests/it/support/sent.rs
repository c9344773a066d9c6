//! What the tests send: entries, manifests, archives, and requests with them.

use std::io::{Cursor, Write};

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

pub(crate) fn json_request(method: Method, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub(crate) fn multipart(path: &str, manifest: &Value, bundle: Option<&[u8]>) -> Request<Body> {
    let mut parts = vec![("manifest", manifest.to_string().into_bytes())];
    if let Some(bundle) = bundle {
        parts.push(("bundle", bundle.to_vec()));
    }
    multipart_of(path, &parts)
}

pub(crate) fn multipart_of(path: &str, parts: &[(&str, Vec<u8>)]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--limit--\r\n");
    Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit")
        .body(Body::from(body))
        .unwrap()
}

pub(crate) fn entry(software_id: &str, name: &str) -> Value {
    json!({
        "software_id": software_id,
        "name": {"nb": name},
        "purpose": {"nb": "Viser målinger for helsepersonell."},
        "kind": "clinician-app",
        "needs": ["K04"],
        "languages": ["nb"],
        "contacts": {
            "security": "s@eksempel.example",
            "privacy": "p@eksempel.example",
            "clinical": "k@eksempel.example"
        },
        "links": {
            "home": "https://eksempel.example/",
            "terms": "https://eksempel.example/vilkar",
            "privacy": "https://eksempel.example/personvern"
        },
        "data_location": "none"
    })
}

pub(crate) fn manifest(version: &str) -> Value {
    json!({
        "software_version": version,
        "launch_uri": "/launch.html",
        "redirect_uris": ["/index.html"],
        "scope": "launch patient/Patient.r patient/Observation.rs",
        "hosts": ["api.eksempel.example"],
        "changes": {"nb": "Noe nytt."}
    })
}

pub(crate) fn hosted(version: &str) -> Value {
    let mut manifest = manifest(version);
    manifest["launch_uri"] = json!("https://app.eksempel.example/launch");
    manifest["redirect_uris"] = json!(["https://app.eksempel.example/"]);
    manifest
}

/// An archive of these files.
pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An ordinary bundle, whose page says `text`.
pub(crate) fn bundle_with(text: &str) -> Vec<u8> {
    let page = format!("<!doctype html><title>{text}</title><script src=\"app.js\"></script>");
    zipped(&[
        ("launch.html", page.as_bytes()),
        ("index.html", page.as_bytes()),
        ("app.js", b"let started = true;\n"),
        ("ikoner/bl\u{e5}.svg", b"<svg/>"),
    ])
}
