//! Keys in a token of `SoftHSM`, which each test makes in a folder of its own: nothing of the machine
//! is touched. The module reads its configuration once for each process, so each test runs in one.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected shall stop there and say where"
)]

mod softhsm;
mod told;

use cryptoki::context::Pkcs11;
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use pkcs11::{Curve, Token, TokenError, TokenSettings};
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey, VerificationAlgorithm};
use secrecy::SecretString;

use softhsm::{LABEL, PIN, module};

fn settings(label: &str, pin: &str) -> TokenSettings {
    TokenSettings {
        module: module(),
        label: label.to_owned(),
        pin: SecretString::from(pin),
    }
}

#[test]
fn keys_are_made_in_the_token_and_sign_there() {
    softhsm::inside("keys_sign");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn keys_sign() {
    let token = Token::open(settings(LABEL, PIN)).unwrap();
    let algorithms: [(Curve, &'static dyn VerificationAlgorithm, usize); 2] = [
        (Curve::P256, &ECDSA_P256_SHA256_FIXED, 65),
        (Curve::Ed25519, &ED25519, 32),
    ];
    for (curve, algorithm, length) in algorithms {
        let public = token.make(curve, "approval").unwrap();
        let other = token.make(curve, "approval").unwrap();
        assert_eq!(public.len(), length);
        assert_ne!(public, other);
        let verifies = |public: &[u8], signature: &[u8]| {
            let key = UnparsedPublicKey::new(algorithm, public);
            key.verify(b"approved", signature).is_ok()
        };
        let signature = token.sign(curve, &public, b"approved").unwrap();
        assert!(verifies(&public, &signature), "{curve:?}");
        assert!(!verifies(&other, &signature), "{curve:?}");
        assert!(token.has(&public).unwrap() && !token.has(b"nobody's").unwrap());
        assert!(!token.lets_out(&public).unwrap(), "{curve:?}");
    }
    let missing = token.sign(Curve::P256, b"nobody's", b"approved");
    assert_eq!(missing.unwrap_err().code(), "token-key-missing");
}

#[test]
fn keys_are_there_for_the_next_process() {
    let softhsm = softhsm::Folder::new();
    let public = softhsm.run("makes_a_key");
    softhsm.run_with("finds_the_key", &public);
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn makes_a_key() {
    let token = Token::open(settings(LABEL, PIN)).unwrap();
    told::tell(&token.make(Curve::P256, "status").unwrap());
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn finds_the_key() {
    let token = Token::open(settings(LABEL, PIN)).unwrap();
    let public = told::told();
    // From several threads at once, too.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let signature = token.sign(Curve::P256, &public, b"list").unwrap();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
                    .verify(b"list", &signature)
                    .unwrap();
            });
        }
    });
}

#[test]
fn what_is_wrong_is_said_with_a_code() {
    softhsm::inside("refusals");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn refusals() {
    let code = |outcome: Result<Token, TokenError>| outcome.unwrap_err().code();
    let nowhere = TokenSettings {
        module: "/no/such/module.so".into(),
        ..settings(LABEL, PIN)
    };
    assert_eq!(code(Token::open(nowhere)), "token-module");
    assert_eq!(
        code(Token::open(settings("another", PIN))),
        "token-label-missing"
    );
    let wrong = Token::open(settings(LABEL, "000000")).unwrap_err();
    assert_eq!(wrong.code(), "token-pin");
    assert!(!format!("{wrong:?}{wrong}").contains("000000"));
}

/// A hardware token locks itself after a few wrong PINs, and a registry asks it often.
#[test]
fn a_pin_that_was_refused_is_not_tried_again() {
    softhsm::inside("tries_once");
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn tries_once() {
    let token = Token::open(settings(LABEL, PIN)).unwrap();
    let public = token.make(Curve::P256, "approval").unwrap();
    let module = Pkcs11::new(module()).unwrap();
    let slots = module.get_slots_with_initialized_token().unwrap();
    // Somebody changes the PIN, and everybody is logged out.
    let set = |old: &str, new: &str| {
        let session = module.open_rw_session(slots[0]).unwrap();
        let [old, new] = [old, new].map(|pin| AuthPin::from(pin.to_owned()));
        drop(session.login(UserType::User, Some(&old)));
        session.set_pin(&old, &new).unwrap();
        session.logout().unwrap();
    };
    set(PIN, "654321");
    let refused = token.sign(Curve::P256, &public, b"list").unwrap_err();
    assert_eq!(refused.code(), "token-pin");
    // It would be right again, but nobody may know that by trying.
    set("654321", PIN);
    let refused = token.sign(Curve::P256, &public, b"list").unwrap_err();
    assert_eq!(refused.code(), "token-pin");
    let again = Token::open(settings(LABEL, PIN)).unwrap();
    assert!(again.has(&public).unwrap());
}
