//! JWS and JWK against the published vectors.

use serde::Deserialize;
use verifier::jwk::{EcJwk, EcPublicKey, JwkSet, KeyError, thumbprint};
use verifier::jws::{Compact, Header, MAX_LEN, Token, TokenType};
use verifier::{Code, VerifyError, base64url, mldsa};

use crate::support::EcKey;
use crate::vectors;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Committed {
    key: EcJwk,
    jws: Vec<JwsCase>,
    p1363: Vec<EcdsaCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JwsCase {
    tc_id: u32,
    comment: String,
    jws: String,
    valid: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EcdsaCase {
    tc_id: u32,
    comment: String,
    key: String,
    msg: String,
    sig: String,
    valid: bool,
}

fn signed_by(token: &str, key: &EcPublicKey) -> bool {
    Compact::split(token, MAX_LEN).is_ok_and(|compact| compact.verifies(key))
}

#[test]
fn the_example_of_rfc_7515_a3_verifies() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let jwk = EcJwk {
        kty: "EC".to_owned(),
        crv: "P-256".to_owned(),
        x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".to_owned(),
        y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".to_owned(),
    };
    let key = jwk.to_key().unwrap();
    assert!(signed_by(token, &key));
    assert!(!signed_by(&token.replace("eyJpc3", "eyJpc2"), &key));
    // Its header lacks kid and typ, so it is none of our tokens.
    let error = Token::parse(token, TokenType::Approval).unwrap_err();
    assert_eq!(error.code, Code::Header);
}

#[test]
fn the_thumbprint_of_rfc_7638_comes_out() {
    let key = serde_json::json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
    });
    let key = key.as_object().unwrap();
    assert_eq!(
        thumbprint(key).as_deref(),
        Ok("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    );
    // RFC 8037 A.3.
    let okp = serde_json::json!({"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let okp = okp.as_object().unwrap();
    assert_eq!(
        thumbprint(okp).as_deref(),
        Ok("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    );
}

#[test]
fn the_eddsa_example_of_rfc_8037_a4_is_none_of_our_tokens() {
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(
        Token::parse(token, TokenType::Approval).unwrap_err().code,
        Code::Header
    );
    let key = EcKey::new();
    let alg = key.sign_raw(r#"{"alg":"EdDSA","kid":"a","typ":"trust-mark+jwt"}"#, "{}");
    assert_eq!(
        Token::parse(&alg, TokenType::Approval).unwrap_err().code,
        Code::Alg
    );
}

#[test]
fn a_key_has_one_thumbprint_however_it_is_read() {
    let key = EcKey::new().public;
    let members = serde_json::to_value(key.to_jwk()).unwrap();
    assert_eq!(
        thumbprint(members.as_object().unwrap()),
        Ok(key.thumbprint())
    );
    assert_eq!(key.to_jwk().to_key().unwrap(), key);
    let mut private = members.as_object().unwrap().clone();
    private.insert("d".to_owned(), "AA".into());
    let set = JwkSet {
        keys: vec![private],
    };
    assert_eq!(set.thumbprints(), Err(KeyError::Private));
    let symmetric = serde_json::json!({"kty": "oct", "k": "AA"});
    assert!(thumbprint(symmetric.as_object().unwrap()).is_err());
    assert_eq!(
        EcPublicKey::from_uncompressed(&[4; 64]),
        Err(KeyError::Point)
    );
    assert_eq!(
        EcPublicKey::from_uncompressed(&[2; 65]),
        Err(KeyError::Point)
    );
}

#[test]
fn es256_signatures_are_decided_as_published() {
    let set: Committed = vectors::committed("es256.json");
    let key = set.key.to_key().unwrap();
    assert!(set.jws.len() > 30 && set.p1363.len() > 30);
    for case in &set.jws {
        // Two published refusals rest on the header alone; ours rests on it for every token.
        let by_header = [
            "rejectsModifiedHeader",
            "rejectsAttackerProvidedEmbeddedJwk",
        ];
        let expected = case.valid;
        if !by_header.contains(&case.comment.as_str()) {
            assert_eq!(
                signed_by(&case.jws, &key),
                expected,
                "{} {}",
                case.tc_id,
                case.comment
            );
        }
        assert!(
            Token::parse(&case.jws, TokenType::Approval).is_err(),
            "{}",
            case.tc_id
        );
    }
    for case in &set.p1363 {
        let key = EcPublicKey::from_uncompressed(&vectors::hex(&case.key)).unwrap();
        let found = key.verifies(&vectors::hex(&case.msg), &vectors::hex(&case.sig));
        assert_eq!(found, case.valid, "{} {}", case.tc_id, case.comment);
    }
}

#[test]
fn the_whole_published_ecdsa_set_is_decided_as_published() {
    let Some(folder) = vectors::published("jose") else {
        return;
    };
    let set: serde_json::Value =
        vectors::read(&folder.join("ecdsa_secp256r1_sha256_p1363_test.json"));
    let mut count = 0;
    for group in set["testGroups"].as_array().unwrap() {
        let point = vectors::hex(group["publicKey"]["uncompressed"].as_str().unwrap());
        let key = EcPublicKey::from_uncompressed(&point).unwrap();
        for case in group["tests"].as_array().unwrap() {
            let bytes = |name: &str| vectors::hex(case[name].as_str().unwrap());
            let valid = case["result"] == "valid";
            assert_eq!(
                key.verifies(&bytes("msg"), &bytes("sig")),
                valid,
                "{}",
                case["tcId"]
            );
            count += 1;
        }
    }
    assert_eq!(count, 262);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MlDsaCase {
    tc_id: u32,
    comment: String,
    key: String,
    msg: String,
    sig: String,
    valid: bool,
}

#[test]
fn ml_dsa_44_signatures_are_decided_as_published() {
    let cases: Vec<MlDsaCase> = vectors::committed("mldsa44.json");
    assert!(cases.iter().any(|case| case.valid) && cases.iter().any(|case| !case.valid));
    for case in cases {
        let [key, msg, sig] = [&case.key, &case.msg, &case.sig].map(|text| vectors::hex(text));
        let found = mldsa::verifies(&key, &msg, &sig);
        assert_eq!(found, case.valid, "{} {}", case.tc_id, case.comment);
    }
}

#[test]
fn the_whole_published_ml_dsa_44_set_is_decided_as_published() {
    let Some(folder) = vectors::published("jose") else {
        return;
    };
    let set: serde_json::Value = vectors::read(&folder.join("mldsa_44_verify_test.json"));
    let (mut count, mut hollow) = (0, 0);
    for group in set["testGroups"].as_array().unwrap() {
        let key = vectors::hex(group["publicKey"].as_str().unwrap());
        hollow += u32::from(key.len() == mldsa::PUBLIC_KEY_LEN && mldsa::is_hollow(&key));
        for case in group["tests"].as_array().unwrap() {
            let bytes = |name: &str| vectors::hex(case[name].as_str().unwrap_or_default());
            // A signature over a context is none over the message alone.
            let valid = case["result"] == "valid" && bytes("ctx").is_empty();
            let found = mldsa::verifies(&key, &bytes("msg"), &bytes("sig"));
            assert_eq!(found, valid, "{}", case["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, 180);
    assert!(hollow > 0, "the keys of zeroes that nobody should take in");
}

#[test]
fn no_published_jws_is_one_of_our_tokens() {
    let Some(folder) = vectors::published("jose") else {
        return;
    };
    for (file, expected) in [
        ("json_web_signature_test.json", 401),
        ("json_web_key_test.json", 26),
    ] {
        let set: serde_json::Value = vectors::read(&folder.join(file));
        let groups = set["testGroups"].as_array().unwrap();
        let cases: Vec<_> = groups
            .iter()
            .flat_map(|g| g["tests"].as_array().unwrap())
            .collect();
        assert_eq!(cases.len(), expected);
        for case in cases {
            let token = case["jws"].as_str().unwrap_or_default();
            for typ in TokenType::ALL {
                assert!(Token::parse(token, typ).is_err(), "{file} {}", case["tcId"]);
            }
        }
    }
}

fn parse(token: &str) -> Result<(), VerifyError> {
    Token::parse(token, TokenType::Approval).map(drop)
}

#[test]
fn only_the_exact_header_is_read() {
    let key = EcKey::new();
    let good = [
        r#"{"alg":"ES256","kid":"k","typ":"trust-mark+jwt"}"#,
        r#"{"typ":"trust-mark+jwt","kid":"k","alg":"ES256"}"#,
    ];
    for header in good {
        assert_eq!(parse(&key.sign_raw(header, "{}")), Ok(()), "{header}");
    }
    let extra = [
        "crit", "b64", "jku", "jwk", "x5u", "x5c", "x5t", "zip", "cty", "iss",
    ];
    for name in extra {
        for value in ["[]", "false", "\"x\"", "{}", "[\"b64\"]"] {
            let header =
                format!(r#"{{"alg":"ES256","kid":"k","typ":"trust-mark+jwt","{name}":{value}}}"#);
            let error = parse(&key.sign_raw(&header, "{}")).unwrap_err();
            assert_eq!(error.code, Code::Header, "{header}");
        }
    }
    let bad = [
        (r#"{"alg":"ES256","kid":"k"}"#, Code::Header),
        (r#"{"alg":"ES256","typ":"trust-mark+jwt"}"#, Code::Header),
        (
            r#"{"alg":"ES256","alg":"ES256","kid":"k","typ":"trust-mark+jwt"}"#,
            Code::Header,
        ),
        (
            r#"{"alg":"ES256","kid":1,"typ":"trust-mark+jwt"}"#,
            Code::Header,
        ),
        (r#"["ES256"]"#, Code::Header),
        (
            r#"{"alg":"ES256","kid":"k","typ":"Trust-Mark+jwt"}"#,
            Code::Typ,
        ),
        (
            r#"{"alg":"ES256","kid":"k","typ":"application/trust-mark+jwt"}"#,
            Code::Typ,
        ),
        (
            r#"{"alg":"none","kid":"k","typ":"trust-mark+jwt"}"#,
            Code::Alg,
        ),
        (
            r#"{"alg":"HS256","kid":"k","typ":"trust-mark+jwt"}"#,
            Code::Alg,
        ),
        (
            r#"{"alg":"es256","kid":"k","typ":"trust-mark+jwt"}"#,
            Code::Alg,
        ),
    ];
    for (header, code) in bad {
        assert_eq!(
            parse(&key.sign_raw(header, "{}")).unwrap_err().code,
            code,
            "{header}"
        );
    }
}

#[test]
fn only_the_canonical_spelling_is_read() {
    let key = EcKey::new();
    let header = serde_json::to_string(&Header::new(TokenType::Approval, "k")).unwrap();
    let token = key.sign_raw(&header, r#"{"a":1}"#);
    assert_eq!(parse(&token), Ok(()));
    let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    let spare = |text: &str| {
        // The last character of a part whose length leaves spare bits, one step on.
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (rest, last) = text.split_at(text.len() - 1);
        let at = alphabet.find(last).unwrap();
        let next = alphabet.chars().nth(at + 1).unwrap();
        format!("{rest}{next}")
    };
    let bad = [
        format!("{head}.{body}.{signature}="),
        format!("{head}.{body}.{signature}\n"),
        format!(" {token}"),
        format!("{head}.{body} .{signature}"),
        format!("{head}.{}.{signature}", body.get(1..).unwrap()),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{token}.{signature}"),
        format!("{head}.{body}.{}", signature.get(..84).unwrap()),
        format!("{head}.{body}.{}", spare(signature)),
        format!("{head}.{}.{signature}", spare(body)),
        token.replace('.', "\u{2024}"),
        "a".repeat(MAX_LEN + 1),
        String::new(),
    ];
    for token in bad {
        assert_eq!(parse(&token).unwrap_err().code, Code::Format, "{token}");
    }
    assert_eq!(base64url::decode(&spare(body)), None);
}
