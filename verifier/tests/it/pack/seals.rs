//! The reviews' own signatures and form (step 11, which is steps 1 to 7 for a review).

use verifier::claims::{Decision, ReviewRole};
use verifier::jwk::KeyUse;
use verifier::trust::TrustedKey;

use super::reviews::{review, signed, with};
use super::scene::Pack;
use crate::keys::EcKey;

pub(super) fn fill(pack: &mut Pack) {
    pack.token(
        "reviews/truncated",
        "A review lacks its last character.",
        "E_REVIEW_SIG",
        |w| {
            let [mut first, second] = signed(w);
            first.pop();
            with(w, vec![first, second])
        },
    );
    pack.token(
        "reviews/empty",
        "A review is an empty string.",
        "E_REVIEW_SIG",
        |w| {
            let [first, _] = signed(w);
            with(w, vec![first, String::new()])
        },
    );
    pack.token(
        "reviews/swapped-signature",
        "A review carries the other one's signature.",
        "E_REVIEW_SIG",
        |w| {
            let [first, second] = signed(w);
            let (input, _) = second.rsplit_once('.').unwrap();
            let (_, signature) = first.rsplit_once('.').unwrap();
            let second = format!("{input}.{signature}");
            with(w, vec![first, second])
        },
    );
    pack.token(
        "reviews/unknown-key",
        "A reviewer whom the trust configuration does not know.",
        "E_REVIEW_SIG",
        |w| {
            let [first, _] = signed(w);
            let second = EcKey::seeded("attacker").sign(&review(w, ReviewRole::Clinical));
            with(w, vec![first, second])
        },
    );
    pack.token(
        "reviews/by-registry",
        "The registry has written the second review itself.",
        "E_KEY_USE",
        |w| {
            let [first, _] = signed(w);
            let second = w.issue.sign(&review(w, ReviewRole::Clinical));
            with(w, vec![first, second])
        },
    );
    pack.token(
        "reviews/own-use-twice",
        "A key that is listed for reviews of another kind of use is refused.",
        "E_KEY_USE",
        |w| {
            let key = EcKey::seeded("third reviewer");
            w.config
                .keys
                .push(TrustedKey::service(&key.public, KeyUse::StatusEvent));
            let [first, _] = signed(w);
            let second = key.sign(&review(w, ReviewRole::Clinical));
            with(w, vec![first, second])
        },
    );
    for (name, header, why) in [
        (
            "alg-none",
            r#"{"alg":"none","kid":"KID","typ":"app-review+jwt"}"#,
            "A review with alg none.",
        ),
        (
            "crit",
            r#"{"alg":"ES256","kid":"KID","typ":"app-review+jwt","crit":["x"],"x":1}"#,
            "A review with crit.",
        ),
        (
            "typ-approval",
            r#"{"alg":"ES256","kid":"KID","typ":"trust-mark+jwt"}"#,
            "A review under the type of an approval.",
        ),
        (
            "typ-missing",
            r#"{"alg":"ES256","kid":"KID"}"#,
            "A review without a type.",
        ),
    ] {
        pack.token(&format!("reviews/{name}"), why, "E_REVIEW_SIG", |w| {
            let [_, second] = signed(w);
            let claims = serde_json::to_string(&review(w, ReviewRole::Security)).unwrap();
            let first = w
                .security
                .sign_raw(&header.replace("KID", &w.security.kid()), &claims);
            with(w, vec![first, second])
        });
    }
    for (name, expected, payload, why) in [
        (
            "duplicate-claim",
            "E_JSON",
            r#","decision":"approve"}"#,
            "A review says twice what was decided.",
        ),
        (
            "role-unknown",
            "E_CLAIM",
            "}",
            "A review in a role that does not exist.",
        ),
    ] {
        pack.token(&format!("reviews/{name}"), why, expected, |w| {
            let [_, second] = signed(w);
            let mut claims = review(w, ReviewRole::Security);
            if expected == "E_JSON" {
                claims.decision = Decision::Reject;
            }
            let mut claims = serde_json::to_value(&claims).unwrap();
            if expected == "E_CLAIM" {
                claims["role"] = "chief".into();
            }
            let claims = claims.to_string();
            let claims = format!("{}{payload}", &claims[..claims.len() - 1]);
            let header = format!(
                r#"{{"alg":"ES256","kid":"{}","typ":"app-review+jwt"}}"#,
                w.security.kid()
            );
            let first = w.security.sign_raw(&header, &claims);
            with(w, vec![first, second])
        });
    }
}
