//! The token's header: exactly alg, kid and typ, and no other algorithm (steps 3 and 4).

use ring::hmac;
use verifier::base64url;

use super::form::{headed, part, payload};
use super::scene::Pack;
use crate::keys::EcKey;
use crate::support::World;

/// A header of the right form.
fn header(alg: &str, kid: &str, typ: &str) -> String {
    format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"{typ}"}}"#)
}

pub(super) fn algorithms(pack: &mut Pack) {
    let header = |alg: &str| header(alg, "KID", "trust-mark+jwt");
    pack.token(
        "form/alg-none",
        "alg none, with the bytes of a signature behind it.",
        "E_ALG",
        |w| headed(w, &header("none")),
    );
    pack.token(
        "form/alg-none-unsigned",
        "alg none as RFC 7515 has it, with an empty signature.",
        "E_FORMAT",
        |w| part(&headed(w, &header("none")), 2, |_| String::new()),
    );
    for alg in [
        "RS256", "PS256", "ES384", "ES256K", "EdDSA", "Ed25519", "es256", "ES256 ", "",
    ] {
        let name = alg.to_lowercase().replace(' ', "-space");
        let name = if alg == "es256" {
            "lower-case".to_owned()
        } else {
            name
        };
        let name = if name.is_empty() {
            "empty".to_owned()
        } else {
            name
        };
        pack.token(&format!("form/alg-{name}"), "The key decides the algorithm, not the header: a good ES256 signature under another name is refused.", "E_ALG", |w| headed(w, &header(alg)));
    }
    // The public key as the shared secret, in the spelling that an attacker knows as well.
    let forged = |w: &World, alg: &str, with: hmac::Algorithm| {
        let secret = serde_json::to_vec(&w.issue.public.to_jwk()).unwrap();
        let token = headed(w, &header(alg));
        let (input, _) = token.rsplit_once('.').unwrap();
        let tag = hmac::sign(&hmac::Key::new(with, &secret), input.as_bytes());
        format!("{input}.{}", base64url::encode(tag.as_ref()))
    };
    pack.token(
        "form/alg-hs256",
        "The published key used as the secret of an HMAC; its 32 bytes are no ES256 signature.",
        "E_FORMAT",
        |w| forged(w, "HS256", hmac::HMAC_SHA256),
    );
    pack.token(
        "form/alg-hs512",
        "The published key used as the secret of an HMAC of the right length.",
        "E_ALG",
        |w| forged(w, "HS512", hmac::HMAC_SHA512),
    );
    headers(pack);
}

fn headers(pack: &mut Pack) {
    for (name, extra, why) in [
        (
            "crit",
            r#","crit":["exp"],"exp":1"#,
            "crit, which some libraries pass over unread.",
        ),
        (
            "crit-b64",
            r#","crit":["b64"],"b64":false"#,
            "An unencoded payload (RFC 7797) gives the same bytes another meaning.",
        ),
        (
            "crit-empty",
            r#","crit":[]"#,
            "An empty crit is no better than a full one.",
        ),
        (
            "b64",
            r#","b64":true"#,
            "Even the default of b64 is a member too many.",
        ),
        (
            "jku",
            r#","jku":"https://evil.example/keys""#,
            "A key address in the header is the signer's word for itself.",
        ),
        (
            "x5u",
            r#","x5u":"https://evil.example/cert""#,
            "A certificate address in the header is the signer's word for itself.",
        ),
        (
            "x5c",
            r#","x5c":["MIIB"]"#,
            "A certificate in the header is the signer's word for itself.",
        ),
        (
            "x5t",
            r#","x5t":"AAAA""#,
            "A certificate's thumbprint is a second name for the key.",
        ),
        (
            "zip",
            r#","zip":"DEF""#,
            "Compression is for encrypted tokens, and a way to make small bytes large.",
        ),
        (
            "cty",
            r#","cty":"JWT""#,
            "A content type is a member too many.",
        ),
        (
            "own",
            r#","environment":"prod""#,
            "A member that nobody has defined.",
        ),
        (
            "duplicate-alg",
            r#","alg":"none""#,
            "alg twice: libraries disagree on which one counts.",
        ),
        (
            "duplicate-kid",
            r#","kid":"x""#,
            "kid twice: libraries disagree on which one counts.",
        ),
        (
            "duplicate-escaped",
            r#","\u0061lg":"none""#,
            "alg twice, the second time escaped.",
        ),
    ] {
        pack.token(&format!("form/header-{name}"), why, "E_HEADER", |w| {
            headed(
                w,
                &format!(r#"{{"alg":"ES256","kid":"KID","typ":"trust-mark+jwt"{extra}}}"#),
            )
        });
    }
    pack.token(
        "form/header-jwk",
        "A key of the attacker's own in the header, and a good signature by it.",
        "E_HEADER",
        |w| {
            let key = EcKey::seeded("attacker");
            let jwk = serde_json::to_string(&key.public.to_jwk()).unwrap();
            let header = format!(
                r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt","jwk":{jwk}}}"#,
                w.issue.kid()
            );
            key.sign_raw(&header, &payload(w))
        },
    );
    for (name, header, why) in [
        (
            "no-alg",
            r#"{"kid":"KID","typ":"trust-mark+jwt"}"#,
            "alg is missing.",
        ),
        (
            "no-kid",
            r#"{"alg":"ES256","typ":"trust-mark+jwt"}"#,
            "kid is missing; trying every key would mix their uses.",
        ),
        (
            "no-typ",
            r#"{"alg":"ES256","kid":"KID"}"#,
            "typ is missing; then any token is every type.",
        ),
        (
            "kid-number",
            r#"{"alg":"ES256","kid":1,"typ":"trust-mark+jwt"}"#,
            "kid is a number.",
        ),
        (
            "kid-null",
            r#"{"alg":"ES256","kid":null,"typ":"trust-mark+jwt"}"#,
            "kid is null.",
        ),
        (
            "typ-list",
            r#"{"alg":"ES256","kid":"KID","typ":["trust-mark+jwt"]}"#,
            "typ is a list.",
        ),
        (
            "array",
            r#"["ES256","KID","trust-mark+jwt"]"#,
            "The header is a list.",
        ),
        ("not-json", "alg=ES256", "The header is not JSON."),
        (
            "after",
            r#"{"alg":"ES256","kid":"KID","typ":"trust-mark+jwt"}{}"#,
            "Something follows the header's object.",
        ),
        (
            "byte-order-mark",
            "\u{feff}{\"alg\":\"ES256\",\"kid\":\"KID\",\"typ\":\"trust-mark+jwt\"}",
            "A byte order mark before the header.",
        ),
    ] {
        pack.token(&format!("form/header-{name}"), why, "E_HEADER", |w| {
            headed(w, header)
        });
    }
    pack.token(
        "form/header-order",
        "The header's members may stand in any order, with white space between them.",
        "accepted",
        |w| {
            headed(
                w,
                "{ \"typ\": \"trust-mark+jwt\",\n \"kid\": \"KID\", \"alg\": \"ES256\" }",
            )
        },
    );
    for kid in ["__proto__", "constructor"] {
        pack.token(
            &format!("form/kid-{kid}"),
            "A key id that every JavaScript object knows.",
            "E_KID",
            |w| headed(w, &header("ES256", kid, "trust-mark+jwt")),
        );
    }
    for (name, typ) in [
        ("jwt", "JWT"),
        ("long", "application/trust-mark+jwt"),
        ("upper-case", "Trust-Mark+JWT"),
        ("empty", ""),
        ("space", "trust-mark+jwt "),
    ] {
        pack.token(
            &format!("form/typ-{name}"),
            "typ is compared byte for byte.",
            "E_TYP",
            |w| headed(w, &header("ES256", "KID", typ)),
        );
    }
}
