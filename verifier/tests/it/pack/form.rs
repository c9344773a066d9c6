//! The token itself: three canonical parts, and a header of exactly alg, kid and typ (steps 1, 3
//! and 4), the key and the signature (5 and 6).

use verifier::Assurance;
use verifier::base64url;
use verifier::jwk::KeyUse;
use verifier::trust::TrustedKey;

use super::headers;
use super::scene::{Pack, SEEN};
use crate::keys::EcKey;
use crate::support::{NOW, World};

fn honest(world: &World) -> String {
    world.issue.sign(&world.approval())
}

pub(super) fn payload(world: &World) -> String {
    serde_json::to_string(&world.approval()).unwrap()
}

/// An approval under this header, in which KID stands for the right key's id.
pub(super) fn headed(world: &World, header: &str) -> String {
    let header = header.replace("KID", &world.issue.kid());
    world.issue.sign_raw(&header, &payload(world))
}

/// The token with one of its parts changed.
pub(super) fn part(token: &str, at: usize, change: impl Fn(&str) -> String) -> String {
    let parts = token.split('.').enumerate();
    let parts: Vec<String> = parts
        .map(|(position, part)| {
            if position == at {
                change(part)
            } else {
                part.to_owned()
            }
        })
        .collect();
    parts.join(".")
}

/// The last character's next one in the alphabet: the same bytes for whoever ignores spare bits.
fn with_spare_bit(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (head, last) = text.split_at(text.len() - 1);
    let at = ALPHABET
        .iter()
        .position(|c| *c == last.as_bytes()[0])
        .unwrap();
    format!("{head}{}", char::from(ALPHABET[at ^ 1]))
}

/// An honest approval of which this part has spare bits.
fn spare(world: &World, at: usize) -> String {
    for name in 0..3 {
        let mut approval = world.approval();
        approval.client_name += &"!".repeat(name);
        let header = format!(
            r#"{{"alg":"ES256","kid":"{}","typ":"trust-mark+jwt"{}}}"#,
            world.issue.kid(),
            " ".repeat(name)
        );
        let token = world
            .issue
            .sign_raw(&header, &serde_json::to_string(&approval).unwrap());
        if !token.split('.').nth(at).unwrap().len().is_multiple_of(4) {
            return part(&token, at, with_spare_bit);
        }
    }
    unreachable!("three lengths in a row are not all multiples of three")
}

/// The token with n − s in the place of s.
fn negated(token: &str) -> String {
    part(token, 2, |signature| {
        let bytes = base64url::decode(signature).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(&bytes).unwrap();
        let (r, s) = signature.split_scalars();
        let other = p256::ecdsa::Signature::from_scalars(*r, -*s).unwrap();
        base64url::encode(&other.to_bytes())
    })
}

/// An approval of this length, or the next shorter one that base64url has, made by a longer name.
fn of_length(world: &World, length: usize) -> String {
    let mut approval = world.approval();
    let short = world.issue.sign(&approval).len();
    let missing = length.saturating_sub(short) * 3 / 4;
    for more in (0..=missing + 2).rev() {
        approval.client_name = format!("Blodtrykk{}", "k".repeat(more));
        let token = world.issue.sign(&approval);
        if token.len() <= length {
            return token;
        }
    }
    unreachable!("the honest one is shorter")
}

pub(super) fn fill(pack: &mut Pack) {
    pack.token(
        "form/honest",
        "An honest approval with its ticket, a fresh status list and a valid status.",
        "accepted",
        |w| honest(w),
    );
    pack.token("form/empty", "There is no token.", "E_FORMAT", |_| {
        String::new()
    });
    pack.token("form/one-part", "One part is no JWS.", "E_FORMAT", |w| {
        honest(w).replace('.', "")
    });
    pack.token(
        "form/two-parts",
        "Without its signature an unsecured JWS remains.",
        "E_FORMAT",
        |w| honest(w).rsplit_once('.').unwrap().0.to_owned(),
    );
    pack.token(
        "form/empty-signature",
        "The signature part is empty.",
        "E_FORMAT",
        |w| part(&honest(w), 2, |_| String::new()),
    );
    pack.token(
        "form/empty-header",
        "The header part is empty.",
        "E_FORMAT",
        |w| part(&honest(w), 0, |_| String::new()),
    );
    pack.token(
        "form/empty-payload",
        "A detached payload is not taken.",
        "E_FORMAT",
        |w| part(&honest(w), 1, |_| String::new()),
    );
    pack.token(
        "form/four-parts",
        "A fourth part follows the signature.",
        "E_FORMAT",
        |w| honest(w) + ".e30",
    );
    pack.token(
        "form/five-parts",
        "Five parts are an encrypted token's.",
        "E_FORMAT",
        |w| format!("{}.e30.e30", honest(w)),
    );
    pack.token(
        "form/json-serialization",
        "The JSON serialization of JWS is not taken.",
        "E_FORMAT",
        |w| {
            let token = honest(w);
            let mut parts = token.split('.');
            let mut next = || parts.next().unwrap().to_owned();
            serde_json::json!({ "protected": next(), "payload": next(), "signature": next() })
                .to_string()
        },
    );
    for (at, name) in [(0, "header"), (1, "payload"), (2, "signature")] {
        pack.token(&format!("form/padding-{name}"), "Padding is no part of base64url in JOSE; a library that strips it sees the same token under other bytes.", "E_FORMAT", |w| part(&honest(w), at, |p| format!("{p}=")));
        pack.token(
            &format!("form/space-{name}"),
            "White space inside base64url, which some libraries pass over.",
            "E_FORMAT",
            |w| part(&honest(w), at, |p| format!("{} {}", &p[..8], &p[8..])),
        );
        pack.token(
            &format!("form/newline-{name}"),
            "A line break inside base64url, which some libraries pass over.",
            "E_FORMAT",
            |w| part(&honest(w), at, |p| format!("{}\n{}", &p[..8], &p[8..])),
        );
        pack.token(
            &format!("form/alphabet-{name}"),
            "A character of standard base64, which lenient decoders take too.",
            "E_FORMAT",
            |w| part(&honest(w), at, |p| format!("{}+{}", &p[..8], &p[9..])),
        );
        pack.token(
            &format!("form/spare-bits-{name}"),
            "The last character has bits that no byte uses: a second spelling of the same bytes.",
            "E_FORMAT",
            |w| spare(w, at),
        );
    }
    pack.token(
        "form/trailing-newline",
        "A line break after the token, as a file has it: whoever reads files trims them first.",
        "E_FORMAT",
        |w| honest(w) + "\n",
    );
    pack.token(
        "form/leading-space",
        "White space before the token.",
        "E_FORMAT",
        |w| format!(" {}", honest(w)),
    );
    pack.token(
        "form/not-ascii",
        "A letter outside ASCII.",
        "E_FORMAT",
        |w| part(&honest(w), 1, |p| format!("{}æ{}", &p[..8], &p[9..])),
    );
    pack.token(
        "form/signature-short",
        "A signature of 63 bytes.",
        "E_FORMAT",
        |w| {
            part(&honest(w), 2, |p| {
                base64url::encode(&base64url::decode(p).unwrap()[..63])
            })
        },
    );
    pack.token(
        "form/signature-long",
        "A signature of 65 bytes.",
        "E_FORMAT",
        |w| {
            part(&honest(w), 2, |p| {
                base64url::encode(&[base64url::decode(p).unwrap(), vec![0]].concat())
            })
        },
    );
    pack.token(
        "form/signature-der",
        "The signature in DER, as certificates have it, is not JWS's.",
        "E_FORMAT",
        |w| {
            let token = honest(w);
            let (input, _) = token.rsplit_once('.').unwrap();
            format!(
                "{input}.{}",
                base64url::encode(&w.issue.sign_der(input.as_bytes()))
            )
        },
    );
    pack.token(
        "form/truncated",
        "The last character is missing.",
        "E_FORMAT",
        |w| {
            let mut token = honest(w);
            token.pop();
            token
        },
    );
    pack.token(
        "form/largest",
        "The longest approval that is read has 16 384 bytes.",
        "accepted",
        |w| of_length(w, 16_384),
    );
    pack.token(
        "form/too-large",
        "An approval of more than 16 384 bytes is not looked at.",
        "E_FORMAT",
        |w| {
            let mut approval = w.approval();
            approval.client_name = "k".repeat(9_600);
            let token = w.issue.sign(&approval);
            assert!(token.len() > 16_384, "{}", token.len());
            token
        },
    );
    headers::algorithms(pack);
    signatures(pack);
}

fn signatures(pack: &mut Pack) {
    pack.token(
        "form/kid-unknown",
        "A key that is not in the trust configuration, named by its own id.",
        "E_KID",
        |w| EcKey::seeded("attacker").sign(&w.approval()),
    );
    pack.token("form/kid-empty", "An empty key id.", "E_KID", |w| {
        headed(w, r#"{"alg":"ES256","kid":"","typ":"trust-mark+jwt"}"#)
    });
    pack.token(
        "form/sig-other-key",
        "The right key's id, and another key's signature.",
        "E_SIG",
        |w| {
            let input = verifier::claims::signing_input(&w.approval(), &w.issue.kid()).unwrap();
            EcKey::seeded("attacker").sign_input(&input)
        },
    );
    pack.token(
        "form/sig-other-payload",
        "A good signature, moved to another approval.",
        "E_SIG",
        |w| {
            let mut approval = w.approval();
            approval.scope += " patient/*.cruds";
            let other = w.issue.sign(&approval);
            let payload = other.split('.').nth(1).unwrap();
            part(&honest(w), 1, |_| payload.to_owned())
        },
    );
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&order[at * 2..at * 2 + 2], 16).unwrap())
        .collect();
    for (name, r, s, why) in [
        (
            "zero",
            vec![0; 32],
            vec![0; 32],
            "r and s are zero, which a careless library takes for every message (CVE-2022-21449).",
        ),
        (
            "order",
            order.clone(),
            order,
            "r and s are the order of the curve, which is zero again.",
        ),
        ("r-zero", vec![0; 32], vec![1; 32], "r is zero."),
        ("s-zero", vec![1; 32], vec![0; 32], "s is zero."),
    ] {
        pack.token(&format!("form/sig-{name}"), why, "E_SIG", |w| {
            part(&honest(w), 2, |_| {
                base64url::encode(&[&r[..], &s[..]].concat())
            })
        });
    }
    pack.token("form/sig-swapped", "s before r.", "E_SIG", |w| {
        part(&honest(w), 2, |p| {
            let bytes = base64url::decode(p).unwrap();
            base64url::encode(&[&bytes[32..], &bytes[..32]].concat())
        })
    });
    pack.scene("form/sig-negated-s", "With n − s for s an ES256 signature is as good as before: both are accepted where no log is asked.", "accepted", |scene| {
        let token = negated(&honest(&scene.world));
        scene.policy.min_assurance = Assurance::JoseOnly;
        scene.epj().ingest(&token, None, NOW);
    });
    pack.scene(
        "form/sig-negated-s-logged",
        "With n − s for s the bytes are others than those that were logged.",
        "E_INCLUSION",
        |scene| {
            let token = honest(&scene.world);
            let ticket = scene.world.log_at(&token, SEEN);
            scene.epj().ingest(&negated(&token), Some(&ticket), NOW);
        },
    );
    pack.world(
        "form/key-of-two-keys",
        "Two issuing keys are trusted at once, as during a rotation.",
        "accepted",
        |w| {
            w.config.keys.push(TrustedKey::service(
                &EcKey::seeded("issue 2").public,
                KeyUse::Approval,
            ));
        },
    );
}
