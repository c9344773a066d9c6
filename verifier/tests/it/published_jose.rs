//! Our reading of JWS and JWK against the whole sets that Wycheproof publishes, when they lie beside
//! the project. Single signatures are compared in `src/crypto/tests.rs`, committed selections in `jose`.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::{Map, Value};
use verifier::Code;
use verifier::jwk::{EcJwk, JwkSet, KeyError};
use verifier::jws::{Compact, MAX_LEN, Token, TokenType};

use crate::vectors;

/// Every case of a published set, with its group.
fn cases(set: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let groups = set["testGroups"].as_array().unwrap().iter();
    groups.flat_map(|group| {
        let cases = group["tests"].as_array().unwrap().iter();
        cases.map(move |case| (group, case))
    })
}

fn id(case: &Value) -> u64 {
    case["tcId"].as_u64().unwrap()
}

fn published(case: &Value) -> bool {
    match case["result"].as_str() {
        Some("valid") => true,
        Some("invalid") => false,
        other => panic!("{}: {other:?} is to be decided on", case["tcId"]),
    }
}

/// The four members that are the key itself.
fn bare(key: &Value) -> EcJwk {
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    EcJwk {
        kty: text("kty"),
        crv: text("crv"),
        x: text("x"),
        y: text("y"),
    }
}

/// Whether a token is one of three parts that this key has signed.
fn signed_by(token: &str, key: &Value) -> bool {
    let key = bare(key).to_key();
    let compact = Compact::split(token, MAX_LEN);
    key.is_ok_and(|key| compact.is_ok_and(|compact| compact.verifies(&key)))
}

#[test]
fn es256_tokens_are_decided_as_published() {
    let Some(folder) = vectors::published("jose") else {
        return;
    };
    let set: Value = vectors::read(&folder.join("json_web_signature_test.json"));
    // Published as refused, and signed by the key: the JWK says that it is for something else. What ours
    // are for stands beside them in the trust configuration, and a JWK that says more is refused whole.
    let exceptions = [(354, "use is enc"), (356, "key_ops is encrypt")];
    // Published as accepted, and refused as tokens: without a `typ` they are none of ours.
    let untyped = BTreeSet::from([18, 378]);
    let on_p256 = |group: &Value| group["public"]["crv"] == "P-256";
    let (mut judged, mut excepted, mut valid) = (0, 0, BTreeSet::new());
    for (group, case) in cases(&set).filter(|(group, _)| on_p256(group)) {
        let (id, key) = (id(case), &group["public"]);
        let token = case["jws"].as_str().unwrap();
        let codes = TokenType::ALL.map(|typ| Token::parse(token, typ).unwrap_err().code);
        let signed = signed_by(token, key);
        if exceptions.iter().any(|(of, _)| *of == id) {
            assert!(signed && !published(case), "{id} is no exception");
            assert!(EcJwk::deserialize(key).is_err(), "{id}");
            excepted += 1;
        } else {
            assert_eq!(signed, published(case), "{id} {}", case["comment"]);
        }
        if published(case) {
            assert_eq!(codes, [Code::Header; 11], "{id}");
            valid.insert(id);
        }
        judged += 1;
    }
    assert_eq!((judged, excepted), (41, exceptions.len()));
    assert_eq!(valid, untyped);
}

#[test]
fn p256_keys_are_decided_as_published() {
    let Some(folder) = vectors::published("jose") else {
        return;
    };
    let set: Value = vectors::read(&folder.join("json_web_key_test.json"));
    // Refused as published for what the key says beside the four members that are read.
    let by_members = [
        (
            1,
            "a set that mixes symmetric keys in, and this one signed nothing",
        ),
        (19, "alg is ES521"),
        (20, "alg is ES224"),
        (21, "use is enc"),
    ];
    // Refused for the four members themselves; a point beside the curve has verified nothing.
    let by_itself = [
        (22, Ok(())),
        (23, Err(KeyError::Jwk)),
        (24, Err(KeyError::Jwk)),
    ];
    let mut judged = BTreeSet::new();
    for (group, case) in cases(&set) {
        let keys = &group.get("public").unwrap_or_else(|| &group["private"])["keys"];
        for key in keys.as_array().unwrap() {
            if key.get("crv").is_none() {
                continue;
            }
            let (id, token) = (id(case), case["jws"].as_str().unwrap());
            assert!(!published(case), "{id}");
            assert!(EcJwk::deserialize(key).is_err(), "{id}");
            let found = bare(key).to_key();
            if let Some((_, expected)) = by_itself.iter().find(|(of, _)| *of == id) {
                assert_eq!(found.map(drop), *expected, "{id}");
                assert!(!signed_by(token, key), "{id}");
            } else {
                assert!(by_members.iter().any(|(of, _)| *of == id), "{id}");
                assert_eq!(found.map(|key| key.to_jwk()), Ok(bare(key)), "{id}");
                assert_eq!(signed_by(token, key), id != 1, "{id}");
            }
            judged.insert(id);
        }
    }
    assert_eq!(judged, BTreeSet::from([1, 19, 20, 21, 22, 23, 24]));
}

#[test]
fn a_published_set_with_anything_secret_in_it_is_refused() {
    let Some(folder) = vectors::published("jose") else {
        return;
    };
    let set: Value = vectors::read(&folder.join("json_web_key_test.json"));
    let mut judged = 0;
    for (group, case) in cases(&set) {
        let keys = group["private"]["keys"].as_array().unwrap();
        let keys: Vec<Map<String, Value>> = keys
            .iter()
            .map(|key| key.as_object().unwrap().clone())
            .collect();
        assert_eq!(
            JwkSet { keys }.thumbprints(),
            Err(KeyError::Private),
            "{}",
            id(case)
        );
        judged += 1;
    }
    assert_eq!(judged, 26);
}
