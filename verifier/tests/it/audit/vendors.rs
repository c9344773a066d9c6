//! What is signed in a vendor's name, and told to the organisation that watches for it.

use verifier::audit::{AuditCode, AuditState};
use verifier::claims::{KeyRotation, Release};
use verifier::jwk::EcJwk;

use super::published::{Published, codes};
use crate::support::{EcKey, NOW, REGISTRY, VENDOR, World};

const OTHER: &str = "NO:ORGNR:889640782";

fn rotation(key: EcJwk, replaces: Option<String>) -> KeyRotation {
    KeyRotation {
        iss: format!("{REGISTRY}/leverandorer/974760673"),
        aud: REGISTRY.to_owned(),
        iat: NOW - 3600,
        exp: NOW - 3300,
        jti: "0d6f1f9e-5c1b-4f0a-9d51-6f0c6a0e7d33".to_owned(),
        key,
        replaces,
    }
}

/// A log that ends with this entry.
fn logged(entry: String) -> Published {
    let mut published = Published::new();
    published.entries.push(entry.into_bytes());
    published.publish();
    published
}

/// What an organisation is told of entry 301.
fn told(published: &Published, organization: &str) -> Vec<String> {
    let report = published.audit(AuditState::default(), Some(organization));
    let last = report.findings.iter().filter(|one| one.entry == Some(301));
    last.map(ToString::to_string).collect()
}

#[test]
fn an_organisation_is_told_of_releases_in_its_name() {
    let key = EcKey::new();
    let (kid, release) = (key.kid(), World::release());
    let published = logged(key.sign(&release));
    assert_eq!(
        told(&published, VENDOR),
        [format!(
            "A_ORGANIZATION entry 301: a release of no.example.blodtrykk 1.2.0 for {VENDOR}, signed by key {kid}"
        )]
    );
    assert_eq!(told(&published, OTHER).len(), 0);
    assert_eq!(published.codes(), []);
    // Whose it says to be, and whose entity id it was sent in under.
    let release = Release {
        iss: format!("{REGISTRY}/leverandorer/889640782"),
        ..release
    };
    let published = logged(key.sign(&release));
    assert_eq!(told(&published, VENDOR).len(), 1);
    assert_eq!(told(&published, OTHER).len(), 1);
    assert_eq!(told(&published, "NO:ORGNR:983544622").len(), 0);
    // Once told, not again.
    let report = published.audit(AuditState::default(), Some(VENDOR));
    assert_eq!(codes(&report), [AuditCode::Organization; 2]);
    let again = published.audit(report.state, Some(VENDOR));
    assert_eq!(again.findings, []);
}

#[test]
fn an_organisation_is_told_of_requests_for_keys_in_its_name() {
    let (old, new) = (EcKey::new(), EcKey::new());
    let (kid, next) = (old.kid(), new.kid());
    let iss = format!("{REGISTRY}/leverandorer/974760673");
    let first = rotation(new.public.to_jwk(), None);
    let published = logged(new.sign(&first));
    assert_eq!(
        told(&published, VENDOR),
        [format!(
            "A_ORGANIZATION entry 301: a request for key {next} of {iss} after none, signed by itself"
        )]
    );
    assert_eq!(told(&published, OTHER).len(), 0);
    assert_eq!(published.codes(), []);
    let following = rotation(new.public.to_jwk(), Some(kid.clone()));
    let published = logged(old.sign(&following));
    assert_eq!(
        told(&published, VENDOR),
        [format!(
            "A_ORGANIZATION entry 301: a request for key {next} of {iss} after {kid}, signed by {kid}"
        )]
    );
    // A number that only begins like the organisation's is another one.
    let mut similar = following;
    similar.iss.push('0');
    assert_eq!(told(&logged(old.sign(&similar)), VENDOR).len(), 0);
}

#[test]
fn what_cannot_be_told_to_anybody_is_found() {
    let key = EcKey::new();
    let header = r#"{"alg":"ES256","kid":"k","typ":"app-release+jwt"}"#;
    let published = logged(key.sign_raw(header, r#"{"iss":"https://vendor.example.no"}"#));
    assert_eq!(published.codes(), [AuditCode::EntryClaims]);
    let mut nowhere = key.public.to_jwk();
    nowhere.crv = "P-384".to_owned();
    let published = logged(key.sign(&rotation(nowhere, None)));
    assert_eq!(published.codes(), [AuditCode::EntryClaims]);
}
