//! Each lie of a manifest is found, and an honest one passes.

use serde_json::{Value, json};

use super::*;
use crate::domain::integrity::FileEntry;

fn honest() -> Value {
    json!({
        "software_version": "1.0.0",
        "launch_uri": "/launch.html",
        "redirect_uris": ["/index.html", "/"],
        "scope": "launch openid fhirUser patient/Observation.rs",
        "hosts": ["api.eksempel.no", "api.eksempel.no:8443"],
        "changes": {"nb": "Første utgave."}
    })
}

fn hosted() -> Value {
    let mut manifest = honest();
    manifest["launch_uri"] = json!("https://app.eksempel.no/launch");
    manifest["redirect_uris"] = json!(["https://app.eksempel.no/"]);
    manifest
}

fn codes(manifest: Value) -> Vec<(String, String)> {
    let manifest: VersionManifest = serde_json::from_value(manifest).unwrap();
    let bundled = manifest.is_bundled();
    check(&manifest, bundled, &RegistryConfig::default())
        .into_iter()
        .map(|finding| (finding.code, finding.pointer))
        .collect()
}

fn one(change: impl FnOnce(&mut Value), mut manifest: Value) -> (String, String) {
    change(&mut manifest);
    let found = codes(manifest);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn honest_manifests_pass() {
    assert_eq!(codes(honest()), []);
    assert_eq!(codes(hosted()), []);
    let mut local = hosted();
    local["launch_uri"] = json!("http://localhost:3000/launch");
    local["redirect_uris"] = json!(["http://localhost:3000/"]);
    assert_eq!(codes(local), []);
}

#[test]
fn each_lie_has_its_code_and_place() {
    type Case = (Value, fn(&mut Value), &'static str, &'static str);
    let cases: [Case; 17] = [
        (
            honest(),
            |m| m["redirect_uris"][1] = json!("https://evil.no/"),
            "redirect-other-origin",
            "/redirect_uris/1",
        ),
        (
            hosted(),
            |m| m["redirect_uris"][0] = json!("https://evil.no/"),
            "redirect-other-origin",
            "/redirect_uris/0",
        ),
        (
            hosted(),
            |m| m["redirect_uris"][0] = json!("https://app.eksempel.no:8443/"),
            "redirect-other-origin",
            "/redirect_uris/0",
        ),
        (
            honest(),
            |m| m["redirect_uris"][1] = json!("/index.html"),
            "redirect-duplicate",
            "/redirect_uris/1",
        ),
        (
            honest(),
            |m| m["redirect_uris"][1] = json!("//evil.no/"),
            "path-shape",
            "/redirect_uris/1",
        ),
        (
            honest(),
            |m| m["scope"] = json!("launch patient/Observation.sr"),
            "scope-unreadable",
            "/scope",
        ),
        (
            honest(),
            |m| m["scope"] = json!("launch patient/*.rs"),
            "scope-wildcard",
            "/scope",
        ),
        (
            honest(),
            |m| m["scope"] = json!("launch  openid"),
            "scope-unreadable",
            "/scope",
        ),
        (
            honest(),
            |m| m["hosts"][0] = json!("*.eksempel.no"),
            "host-wildcard",
            "/hosts/0",
        ),
        (
            honest(),
            |m| m["hosts"][0] = json!("https://eksempel.no"),
            "host-shape",
            "/hosts/0",
        ),
        (
            honest(),
            |m| m["hosts"][0] = json!("10.0.0.1"),
            "host-shape",
            "/hosts/0",
        ),
        (
            honest(),
            |m| m["hosts"][1] = json!("api.eksempel.no"),
            "host-duplicate",
            "/hosts/1",
        ),
        (
            hosted(),
            |m| m["redirect_uris"][0] = json!("http://app.eksempel.no/"),
            "address-scheme",
            "/redirect_uris/0",
        ),
        (
            hosted(),
            |m| m["redirect_uris"][0] = json!("https://app.eksempel.no/#x"),
            "address-shape",
            "/redirect_uris/0",
        ),
        (
            honest(),
            |m| m["scope"] = json!("launch offline_access patient/Patient.r"),
            "grant-refresh-missing",
            "/grant_types",
        ),
        (
            hosted(),
            |m| m["token_endpoint_auth_method"] = json!("private_key_jwt"),
            "jwks-mismatch",
            "/jwks",
        ),
        (
            hosted(),
            |m| m["grant_types"] = json!(["client_credentials"]),
            "grant-needs-key",
            "/grant_types",
        ),
    ];
    for (manifest, change, code, pointer) in cases {
        assert_eq!(one(change, manifest), (code.to_owned(), pointer.to_owned()));
    }
}

#[test]
fn the_archive_must_come_exactly_when_it_is_needed() {
    let config = RegistryConfig::default();
    let bundled: VersionManifest = serde_json::from_value(honest()).unwrap();
    let elsewhere: VersionManifest = serde_json::from_value(hosted()).unwrap();
    assert_eq!(check(&bundled, false, &config)[0].code, "bundle-missing");
    assert_eq!(
        check(&elsewhere, true, &config)[0].code,
        "bundle-unexpected"
    );
}

#[test]
fn launch_and_redirect_paths_are_looked_up_in_the_archive() {
    let manifest: VersionManifest = serde_json::from_value(honest()).unwrap();
    let mut integrity = Integrity::default();
    let codes = |integrity: &Integrity| {
        check_paths(&manifest, integrity)
            .into_iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        codes(&integrity),
        [
            "launch-missing-in-bundle",
            "redirect-missing-in-bundle",
            "redirect-missing-in-bundle"
        ]
    );
    for path in ["/launch.html", "/index.html"] {
        let entry = FileEntry {
            sha256: foundation::Digest::of(b""),
            size: 0,
            media_type: String::new(),
        };
        integrity.files.insert(path.to_owned(), entry);
    }
    assert_eq!(codes(&integrity), Vec::<String>::new());
}
