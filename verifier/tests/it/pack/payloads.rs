//! The payload as strict JSON, and the claims' presence and types (step 7).

use serde_json::{Value, json};

use super::scene::Pack;
use crate::support::World;

/// An approval with any payload, signed all the same.
fn raw(world: &World, payload: &str) -> String {
    let header = format!(
        r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"}}"#,
        world.issue.kid()
    );
    world.issue.sign_raw(&header, payload)
}

fn honest(world: &World) -> Value {
    serde_json::to_value(world.approval()).unwrap()
}

/// The honest payload with this text instead of its first brace, or of its last one.
fn opened(world: &World, with: &str) -> String {
    raw(world, &honest(world).to_string().replacen('{', with, 1))
}

fn closed(world: &World, with: &str) -> String {
    let text = honest(world).to_string();
    raw(world, &format!("{}{with}", &text[..text.len() - 1]))
}

/// The honest payload with an X in a string that stands for these bytes.
fn bytes(world: &World, bytes: &[u8]) -> String {
    let header = format!(
        r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"}}"#,
        world.issue.kid()
    );
    let text = honest(world).to_string();
    let payload = [
        &text.as_bytes()[..text.len() - 1],
        br#","x":""#,
        bytes,
        br#""}"#,
    ]
    .concat();
    let part = verifier::base64url::encode;
    let input = format!("{}.{}", part(header.as_bytes()), part(&payload));
    world.issue.sign_input(&input)
}

pub(super) fn fill(pack: &mut Pack) {
    for (name, wrong, why) in [
        ("not-utf-8", &[0xff][..], "A byte that UTF-8 does not have."),
        (
            "overlong",
            &[0xc0, 0xaf],
            "A slash in two bytes, which UTF-8 forbids.",
        ),
        (
            "utf-8-surrogate",
            &[0xed, 0xa0, 0x80],
            "Half a surrogate pair in three bytes, which UTF-8 forbids.",
        ),
        (
            "utf-8-cut",
            &[0xc3],
            "A letter's first byte without its second.",
        ),
    ] {
        pack.token(&format!("payloads/{name}"), why, "E_JSON", |w| {
            bytes(w, wrong)
        });
    }
    pack.token(
        "payloads/very-deep",
        "Thousands of levels, which would exhaust a careless parser.",
        "E_JSON",
        |w| raw(w, &format!("{}{}", r#"{"x":"#, "[".repeat(9_000))),
    );
    pack.token(
        "payloads/very-large-number",
        "A number of 400 digits.",
        "E_JSON",
        |w| closed(w, &format!(",\"x\":1{}}}", "0".repeat(400))),
    );
    for name in ["constructor", "__proto__", "toString", "hasOwnProperty"] {
        pack.token(
            &format!("payloads/open-content-{name}"),
            "A member too many whose name every JavaScript object knows.",
            "E_CLAIM",
            |w| {
                let mut claims = honest(w);
                claims["content"][name] = 1.into();
                raw(w, &claims.to_string())
            },
        );
    }
    pack.token(
        "payloads/null-for-none",
        "null where a claim may be left out is the same as leaving it out.",
        "accepted",
        |w| {
            let mut claims = honest(w);
            claims["supersedes"] = Value::Null;
            claims["jwks"] = Value::Null;
            raw(w, &claims.to_string())
        },
    );
    for (name, with, why) in [
        (
            "duplicate",
            r#","scope":"patient/*.cruds"}"#,
            "A claim twice: the issuer's own check may have seen the other one.",
        ),
        (
            "duplicate-nested",
            r#","x":{"a":1,"a":2}}"#,
            "A name twice in an object that nobody reads.",
        ),
        (
            "escaped-name",
            r#","\u0078":1}"#,
            "An escape in a member's name is a second spelling of it.",
        ),
        ("fraction", r#","x":1.5}"#, "A number that is not whole."),
        (
            "fraction-zero",
            r#","x":1.0}"#,
            "A whole number written as a fraction is read differently by different libraries.",
        ),
        ("exponent", r#","x":1e3}"#, "A number with an exponent."),
        (
            "large",
            r#","x":9007199254740992}"#,
            "2⁵³ is the first number that not every library reads exactly.",
        ),
        ("minus-zero", r#","x":-0}"#, "Minus zero."),
        (
            "leading-zero",
            r#","x":01}"#,
            "A number with a leading zero.",
        ),
        ("no-comma", r#" "x":1}"#, "A comma is missing."),
        ("no-colon", r#","x" 1}"#, "A colon is missing."),
        ("no-value", r#","x":}"#, "A value is missing."),
        ("no-name", ",:1}", "A name is missing."),
        ("double-comma", r#",,"x":1}"#, "Two commas."),
        (
            "array-comma",
            r#","x":[1,]}"#,
            "A comma before an array's end.",
        ),
        (
            "array-empty-place",
            r#","x":[,1]}"#,
            "A comma after an array's beginning.",
        ),
        (
            "brackets-crossed",
            r#","x":[1}]"#,
            "An array that ends as an object.",
        ),
        ("trailing-comma", ",}", "A comma before the end."),
        ("comment", "/**/}", "A comment."),
        ("nan", r#","x":NaN}"#, "NaN is no JSON."),
        ("single-quotes", ",'x':1}", "Single quotes are no JSON."),
        (
            "lone-surrogate",
            r#","x":"\ud800"}"#,
            "Half a surrogate pair is no text.",
        ),
        (
            "lone-low-surrogate",
            r#","x":"\udc00\ud800"}"#,
            "The halves of a surrogate pair in the wrong order.",
        ),
        (
            "bad-escape",
            r#","x":"\x41"}"#,
            "An escape that JSON does not have.",
        ),
        (
            "control",
            ",\"x\":\"\u{1}\"}",
            "A control character in a string.",
        ),
        ("second-object", "}{}", "Something follows the object."),
        ("unclosed", "", "The object does not end."),
    ] {
        pack.token(&format!("payloads/{name}"), why, "E_JSON", |w| {
            closed(w, with)
        });
    }
    pack.token("payloads/deep", "Nine levels.", "E_JSON", |w| {
        closed(w, &format!(",\"x\":{}1{}}}", "[".repeat(8), "]".repeat(8)))
    });
    pack.token(
        "payloads/eight-levels",
        "Eight levels are read.",
        "accepted",
        |w| closed(w, &format!(",\"x\":{}1{}}}", "[".repeat(7), "]".repeat(7))),
    );
    pack.token(
        "payloads/largest-number",
        "2⁵³ − 1 and its negative are read.",
        "accepted",
        |w| closed(w, r#","x":[9007199254740991,-9007199254740991]}"#),
    );
    pack.token(
        "payloads/more-claims",
        "OpenID Federation allows further claims.",
        "accepted",
        |w| {
            closed(
                w,
                r#","https://example.no/x":{"a":[null,true,"æ\n\ud83d\ude00"]}}"#,
            )
        },
    );
    pack.token(
        "payloads/white-space",
        "White space around names and values changes nothing.",
        "accepted",
        |w| raw(w, &serde_json::to_string_pretty(&honest(w)).unwrap()),
    );
    pack.token(
        "payloads/byte-order-mark",
        "A byte order mark before the object.",
        "E_JSON",
        |w| opened(w, "\u{feff}{"),
    );
    pack.token("payloads/array", "The payload is a list.", "E_JSON", |w| {
        raw(w, &json!([honest(w)]).to_string())
    });
    pack.token(
        "payloads/string",
        "The payload is a string.",
        "E_JSON",
        |w| raw(w, "\"approved\""),
    );
    pack.token("payloads/null", "The payload is null.", "E_JSON", |w| {
        raw(w, "null")
    });
    pack.token(
        "payloads/empty-object",
        "The payload has no claims.",
        "E_CLAIM",
        |w| raw(w, "{}"),
    );
    for claim in [
        "iss",
        "sub",
        "trust_mark_type",
        "iat",
        "exp",
        "jti",
        "software_id",
        "software_version",
        "organization_id",
        "redirect_uris",
        "origins",
        "scope",
        "grant_types",
        "content",
        "release_digest",
        "reviews",
        "criteria",
        "status",
        "max_stale",
        "log",
    ] {
        pack.token(
            &format!("payloads/without-{claim}"),
            &format!("{claim} is missing."),
            "E_CLAIM",
            |w| {
                let mut claims = honest(w);
                claims.as_object_mut().unwrap().shift_remove(claim).unwrap();
                raw(w, &claims.to_string())
            },
        );
    }
    for (name, claim, value, why) in [
        ("exp-string", "exp", json!("1815920000"), "exp as a string."),
        ("iat-null", "iat", Value::Null, "iat is null."),
        ("iss-number", "iss", json!(1), "iss is a number."),
        (
            "reviews-string",
            "reviews",
            json!("a.b.c"),
            "reviews is not a list.",
        ),
        (
            "reviews-objects",
            "reviews",
            json!([{}, {}]),
            "reviews are not strings.",
        ),
        ("scope-list", "scope", json!(["openid"]), "scope as a list."),
        (
            "redirect-string",
            "redirect_uris",
            json!("https://app.example.no/cb"),
            "redirect_uris as one string.",
        ),
        (
            "dpop-string",
            "dpop_bound_access_tokens",
            json!("false"),
            "A switch as a string.",
        ),
        (
            "level-unknown",
            "content",
            json!({ "level": "promise" }),
            "A content level that does not exist.",
        ),
        (
            "digest-hex",
            "release_digest",
            json!("sha256-00"),
            "A digest of the wrong length.",
        ),
        (
            "digest-sha512",
            "release_digest",
            json!("sha512-AAAA"),
            "A digest by another algorithm.",
        ),
        (
            "digest-url-alphabet",
            "release_digest",
            json!("sha256-__________________________________________8="),
            "A digest in base64url.",
        ),
        (
            "max-stale-string",
            "max_stale",
            json!("86400"),
            "max_stale as a string.",
        ),
    ] {
        pack.token(&format!("payloads/{name}"), why, "E_CLAIM", |w| {
            let mut claims = honest(w);
            claims[claim] = value;
            raw(w, &claims.to_string())
        });
    }
    for object in [
        "content",
        "log",
        "log/after",
        "status",
        "status/status_list",
        "criteria",
    ] {
        let name = object.replace('/', "-");
        pack.token(
            &format!("payloads/open-{name}"),
            &format!("{object} is a closed object: a member too many is refused."),
            "E_CLAIM",
            |w| {
                let mut claims = honest(w);
                let inner = claims.pointer_mut(&format!("/{object}")).unwrap();
                inner["x"] = 1.into();
                raw(w, &claims.to_string())
            },
        );
    }
    pack.token(
        "payloads/idx-negative",
        "A negative place in the status list.",
        "E_CLAIM",
        |w| {
            let mut claims = honest(w);
            claims["status"]["status_list"]["idx"] = json!(-1);
            raw(w, &claims.to_string())
        },
    );
    pack.token(
        "payloads/sig-before-json",
        "What is signed by nobody is not read: the signature comes first.",
        "E_SIG",
        |w| {
            let token = raw(w, "{");
            let (input, _) = token.rsplit_once('.').unwrap();
            w.vendor.sign_input(input)
        },
    );
}
