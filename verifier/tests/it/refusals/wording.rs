//! Refusals for what an approval claims.

use verifier::Code;
use verifier::claims::{Approval, Content, ContentLevel};

use super::{claims, code};
use crate::support::{DAY, NOW, World};

pub(super) fn all() -> Vec<(Code, Option<Code>)> {
    let changes: Vec<fn(&mut Approval)> = vec![
        |a| a.jti = "1".to_owned(),
        |a| a.sub = "http://app.example.no".to_owned(),
        |a| a.exp = a.iat,
        |a| a.reviews.truncate(1),
        |a| a.reviews = vec![a.reviews[0].clone(); 5],
        |a| a.max_stale = -1,
        |a| a.max_stale = 8 * DAY,
        |a| a.software_id = "Blodtrykk".to_owned(),
        |a| a.software_version = "1.2".to_owned(),
        |a| a.client_name = " ".to_owned(),
        |a| a.organization_id = "NO:ORGNR:974760674".to_owned(),
        |a| a.redirect_uris = vec![a.redirect_uris[0].clone(); 11],
        |a| a.redirect_uris[0].push_str("#x"),
        |a| a.redirect_uris[0] = "https://*.example.no/cb".to_owned(),
        |a| a.redirect_uris[0] = "https://evil.example/cb".to_owned(),
        |a| a.launch_uri = Some("https://app.example.no:8443/launch".to_owned()),
        |a| a.launch_uri = Some("http://app.example.no/launch".to_owned()),
        |a| a.origins.push("https://app.example.no/".to_owned()),
        |a| a.scope = "patient/Observation.sr".to_owned(),
        |a| a.scope.push(' '),
        |a| a.token_endpoint_auth_method = "private_key_jwt".to_owned(),
        |a| a.content.bundle = None,
        |a| a.content.level = ContentLevel::Origin,
        |a| a.log.origin.clear(),
        |a| a.criteria.uri = "criteria".to_owned(),
        |a| a.logo_uri = Some("javascript:alert(1)".to_owned()),
        |a| a.status.status_list.uri = "https://registry.example.no/#0".to_owned(),
    ];
    let mut found: Vec<_> = changes
        .into_iter()
        .map(|change| (Code::Claim, claims(change)))
        .collect();
    let mut world = World::new();
    world.config.anchors.min_content_level = ContentLevel::Manifest;
    let weak = world.ingest_changed(|approval| approval.content = Content::origin());
    found.push((Code::Claim, code(weak.map(drop))));
    found
}

#[test]
fn a_member_too_many_in_a_closed_object_is_refused() {
    let world = World::new();
    let header = format!(
        r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"}}"#,
        world.issue.kid()
    );
    let good = serde_json::to_value(world.approval()).unwrap();
    for object in [
        "/content",
        "/log",
        "/log/after",
        "/status",
        "/status/status_list",
        "/criteria",
    ] {
        let mut changed = good.clone();
        let inner = changed
            .pointer_mut(object)
            .unwrap()
            .as_object_mut()
            .unwrap();
        inner.insert("x".to_owned(), 1.into());
        let token = world.issue.sign_raw(&header, &changed.to_string());
        let found = world.verifier().ingest(&token, "", NOW).unwrap_err();
        assert_eq!(found.code, Code::Claim, "{object}");
    }
    for (name, value) in good.as_object().unwrap() {
        // A claim of another type, or none at all where it is required.
        let mut changed = good.clone();
        changed[name] = if value.is_string() {
            1.into()
        } else {
            "1".into()
        };
        let token = world.issue.sign_raw(&header, &changed.to_string());
        let found = world.verifier().ingest(&token, "", NOW).unwrap_err();
        assert_eq!(found.code, Code::Claim, "{name}");
    }
    // Additional claims at the top are allowed by OpenID Federation.
    let mut wider = good;
    wider["https://example.no/extra"] = 1.into();
    let token = world.issue.sign_raw(&header, &wider.to_string());
    assert_eq!(
        world.verifier().ingest(&token, "", NOW).unwrap_err().code,
        Code::ProofFormat
    );
}
