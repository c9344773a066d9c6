//! The claims' own rules (step 7): ids, addresses, scopes, keys and content.

use serde_json::json;
use verifier::Digest;
use verifier::claims::{Approval, Content, ContentLevel};
use verifier::jwk::JwkSet;

use super::scene::Pack;
use crate::keys::EcKey;
use crate::support::DAY;

type Change = fn(&mut Approval);

fn keys(members: &serde_json::Value) -> JwkSet {
    serde_json::from_value(json!({ "keys": [members] })).unwrap()
}

fn confidential(approval: &mut Approval, members: &serde_json::Value) {
    approval.token_endpoint_auth_method = "private_key_jwt".to_owned();
    approval.jwks = Some(keys(members));
}

pub(super) fn fill(pack: &mut Pack) {
    let table: [(&str, &str, Change); 41] = [
        ("jti-word", "jti is a UUID.", |a| a.jti = "1".to_owned()),
        ("jti-version-1", "jti is a UUID of version 4.", |a| {
            a.jti = "9b2f0c8e-3c1d-1f5a-8b7e-0123456789ab".to_owned();
        }),
        ("jti-capitals", "jti is in lower case.", |a| {
            a.jti = a.jti.to_uppercase();
        }),
        ("sub-http", "The app's id must be an https address.", |a| {
            a.sub = "http://app.example.no".to_owned();
        }),
        (
            "one-review",
            "One review is too few, whoever signed it.",
            |a| a.reviews.truncate(1),
        ),
        ("no-review", "No review at all.", |a| a.reviews.clear()),
        ("five-reviews", "More than four reviews.", |a| {
            a.reviews = vec![a.reviews[0].clone(); 5];
        }),
        ("max-stale-negative", "max_stale below zero.", |a| {
            a.max_stale = -1;
        }),
        ("max-stale-longer", "max_stale over seven days.", |a| {
            a.max_stale = 7 * DAY + 1;
        }),
        (
            "software-id-one-label",
            "software_id is a reverse domain name.",
            |a| a.software_id = "blodtrykk".to_owned(),
        ),
        (
            "software-id-capital",
            "software_id is in lower case.",
            |a| a.software_id = "no.example.Blodtrykk".to_owned(),
        ),
        (
            "software-id-homograph",
            "A Cyrillic letter that looks like a Latin one.",
            |a| a.software_id = "no.example.bl\u{43e}dtrykk".to_owned(),
        ),
        (
            "version-two-parts",
            "software_version is Semantic Versioning.",
            |a| a.software_version = "1.2".to_owned(),
        ),
        (
            "version-leading-zero",
            "A number in a version has no leading zero.",
            |a| a.software_version = "1.02.0".to_owned(),
        ),
        ("version-v", "A version does not begin with v.", |a| {
            a.software_version = "v1.2.0".to_owned();
        }),
        ("name-blank", "The app has no name.", |a| {
            a.client_name = " ".to_owned();
        }),
        (
            "organization-check-digit",
            "The organisation number's check digit is wrong.",
            |a| a.organization_id = "NO:ORGNR:974760674".to_owned(),
        ),
        (
            "organization-bare",
            "The organisation number without its scheme.",
            |a| a.organization_id = "974760673".to_owned(),
        ),
        (
            "eleven-redirects",
            "More than ten redirect addresses.",
            |a| a.redirect_uris = vec![a.redirect_uris[0].clone(); 11],
        ),
        (
            "redirect-fragment",
            "A redirect address with a fragment.",
            |a| a.redirect_uris[0].push_str("#x"),
        ),
        (
            "redirect-wildcard",
            "A redirect address with a wildcard.",
            |a| a.redirect_uris[0] = "https://*.example.no/cb".to_owned(),
        ),
        (
            "redirect-other-origin",
            "A redirect address outside the app's origins.",
            |a| a.redirect_uris[0] = "https://evil.example/cb".to_owned(),
        ),
        (
            "redirect-user",
            "A user name before the host hides the real one.",
            |a| a.redirect_uris[0] = "https://app.example.no@evil.example/cb".to_owned(),
        ),
        (
            "redirect-backslash",
            "A backslash, which browsers read as a slash.",
            |a| a.redirect_uris[0] = "https://app.example.no\\@evil.example/cb".to_owned(),
        ),
        ("redirect-http", "A redirect address without TLS.", |a| {
            a.redirect_uris[0] = "http://app.example.no/cb".to_owned();
        }),
        ("redirect-localhost", "localhost in production.", |a| {
            a.origins.push("http://localhost:8080".to_owned());
            a.redirect_uris[0] = "http://localhost:8080/cb".to_owned();
        }),
        (
            "redirect-script",
            "A script in the place of an address.",
            |a| a.redirect_uris[0] = "javascript:alert(1)".to_owned(),
        ),
        (
            "launch-other-port",
            "Another port is another origin.",
            |a| a.launch_uri = Some("https://app.example.no:8443/launch".to_owned()),
        ),
        ("launch-http", "A launch address without TLS.", |a| {
            a.launch_uri = Some("http://app.example.no/launch".to_owned());
        }),
        (
            "launch-capital-host",
            "A host in capitals: addresses are not normalised.",
            |a| a.launch_uri = Some("https://APP.example.no/launch".to_owned()),
        ),
        ("origin-path", "An origin with a path.", |a| {
            a.origins.push("https://app.example.no/".to_owned());
        }),
        ("logo-script", "A script in the place of a logo.", |a| {
            a.logo_uri = Some("javascript:alert(1)".to_owned());
        }),
        (
            "scope-order",
            "The letters of a scope have one order.",
            |a| a.scope = "patient/Observation.sr".to_owned(),
        ),
        ("scope-two-spaces", "Two spaces between scopes.", |a| {
            a.scope = a.scope.replacen(' ', "  ", 1);
        }),
        ("scope-no-type", "A resource scope without a type.", |a| {
            a.scope += " patient/.rs";
        }),
        ("scope-query", "A scope's query without a value.", |a| {
            a.scope += " patient/Observation.rs?category";
        }),
        (
            "bundle-missing",
            "Content of level bundle without the bundle's digest.",
            |a| a.content.bundle = None,
        ),
        (
            "origin-with-bundle",
            "Content of level origin with digests, which nobody would compare.",
            |a| a.content.level = ContentLevel::Origin,
        ),
        ("log-origin-empty", "The log has no name.", |a| {
            a.log.origin.clear();
        }),
        (
            "criteria-unknown",
            "Criteria that the anchors do not accept.",
            |a| a.criteria.uri.push('2'),
        ),
        (
            "status-fragment",
            "A status list's address with a fragment.",
            |a| a.status.status_list.uri.push_str("#0"),
        ),
    ];
    for (name, why, change) in table {
        pack.claims(&format!("words/{name}"), why, "E_CLAIM", change);
    }
    let table: [(&str, &str, Change); 9] = [
        (
            "version-prerelease",
            "A version with a candidate's name and a build's.",
            |a| a.software_version = "1.2.0-rc.1+build.7".to_owned(),
        ),
        ("no-launch", "An app that only starts on its own.", |a| {
            a.launch_uri = None;
        }),
        ("port", "An app on a port of its own.", |a| {
            a.origins.push("https://app.example.no:8443".to_owned());
            a.launch_uri = Some("https://app.example.no:8443/launch?x=1".to_owned());
        }),
        ("ten-redirects", "Ten redirect addresses.", |a| {
            a.redirect_uris = (0..10)
                .map(|at| format!("https://app.example.no/cb{at}"))
                .collect();
        }),
        ("scope-v1", "Scopes in the spelling of SMART 1.", |a| {
            a.scope = "launch patient/*.read user/Observation.write system/Patient.*".to_owned();
        }),
        ("scope-query-value", "A scope that a query narrows.", |a| {
            a.scope = "patient/Observation.rs?category=laboratory&status=final,amended".to_owned();
        }),
        ("content-manifest", "A hosted app with a manifest.", |a| {
            a.content = Content::manifest(Digest::of(b"manifest"));
        }),
        (
            "content-origin",
            "A hosted app that is bound to its origin alone.",
            |a| a.content = Content::origin(),
        ),
        ("max-stale-seven-days", "The longest max_stale.", |a| {
            a.max_stale = 7 * DAY;
        }),
    ];
    // The reviewers signed the release as it was: software_version is theirs too.
    for (name, why, change) in table {
        let expected = if name.starts_with("version") {
            "E_REVIEW_MISMATCH"
        } else {
            "accepted"
        };
        pack.claims(&format!("words/{name}"), why, expected, change);
    }
    for (name, expected, why) in [
        (
            "weak",
            "E_CLAIM",
            "The anchors ask for content that is bound more firmly.",
        ),
        (
            "firm",
            "accepted",
            "Content that is bound more firmly than the anchors ask for.",
        ),
    ] {
        pack.scene(&format!("words/level-{name}"), why, expected, |scene| {
            scene.world.config.anchors.min_content_level = ContentLevel::Manifest;
            let mut approval = scene.world.approval();
            if name == "weak" {
                approval.content = Content::origin();
            }
            scene.approved(&approval);
        });
    }
    client_keys(pack);
}

fn client_keys(pack: &mut Pack) {
    pack.claims(
        "words/name-no-break-space",
        "A name of a no-break space is blank.",
        "E_CLAIM",
        |a| a.client_name = "\u{a0}".to_owned(),
    );
    pack.claims(
        "words/name-ideographic-space",
        "A name of an ideographic space is blank.",
        "E_CLAIM",
        |a| a.client_name = "\u{3000}".to_owned(),
    );
    pack.claims(
        "words/keys-constructor",
        "A key of a type that every JavaScript object knows.",
        "E_CLAIM",
        |a| confidential(a, &json!({ "kty": "constructor" })),
    );
    let public = || serde_json::to_value(EcKey::seeded("client").public.to_jwk()).unwrap();
    pack.claims(
        "words/keys",
        "A confidential client's key.",
        "accepted",
        |a| confidential(a, &public()),
    );
    pack.claims("words/keys-rsa", "A confidential client's RSA key.", "accepted", |a| confidential(a, &json!({ "kty": "RSA", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAt" })));
    pack.claims(
        "words/keys-missing",
        "A confidential client needs its key in the approval.",
        "E_CLAIM",
        |a| a.token_endpoint_auth_method = "private_key_jwt".to_owned(),
    );
    pack.claims(
        "words/keys-none",
        "A confidential client with an empty set of keys.",
        "E_CLAIM",
        |a| {
            a.token_endpoint_auth_method = "private_key_jwt".to_owned();
            a.jwks = Some(JwkSet { keys: Vec::new() });
        },
    );
    pack.claims(
        "words/keys-public-client",
        "A public client has no key.",
        "E_CLAIM",
        |a| a.jwks = Some(keys(&public())),
    );
    pack.claims(
        "words/keys-private",
        "A private key in the approval.",
        "E_CLAIM",
        |a| {
            let mut jwk = public();
            jwk["d"] = "AAAA".into();
            confidential(a, &jwk);
        },
    );
    pack.claims(
        "words/keys-symmetric",
        "A shared secret in the approval.",
        "E_CLAIM",
        |a| confidential(a, &json!({ "kty": "oct", "k": "AAAA" })),
    );
    pack.claims(
        "words/keys-half",
        "A key without its second coordinate.",
        "E_CLAIM",
        |a| {
            let mut jwk = public();
            jwk.as_object_mut().unwrap().shift_remove("y");
            confidential(a, &jwk);
        },
    );
}
