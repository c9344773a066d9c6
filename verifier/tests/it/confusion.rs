//! Token confusion: every token type, signed by every key, given to every check.

use serde_json::json;
use verifier::claims::{ReviewRole, StatusCause, StatusEvent, StatusListReference};
use verifier::jwk::KeyUse;
use verifier::jws::{Header, TokenType, signing_input};
use verifier::status::StatusValue;
use verifier::trust::files;
use verifier::{Code, Digest, Verifier, VerifyError};

use crate::support::{EcKey, LIST, NOW, REGISTRY, World};

/// A good payload of each type.
pub(crate) fn payload(world: &World, typ: TokenType) -> Vec<u8> {
    let release = World::release();
    let token = world.sign_release(&release);
    let json = match typ {
        TokenType::Release => serde_json::to_vec(&release),
        TokenType::Review => {
            serde_json::to_vec(&World::review(&release, &token, ReviewRole::Security))
        }
        TokenType::Approval => serde_json::to_vec(&world.approval()),
        TokenType::StatusList => serde_json::to_vec(&world.status_claims(NOW - 5)),
        TokenType::Delegation => serde_json::to_vec(&world.config.delegation),
        TokenType::StatusEvent => serde_json::to_vec(&StatusEvent {
            iss: REGISTRY.to_owned(),
            iat: NOW,
            jti: "9b2f0c8e-3c1d-4f5a-8b7e-0123456789ab".to_owned(),
            status_list: StatusListReference {
                idx: 7,
                uri: LIST.to_owned(),
            },
            from: StatusValue::NotIssued,
            to: StatusValue::Valid,
            cause: StatusCause::Decision,
            reason: "issued".to_owned(),
            actor: world.status.kid(),
            proposer: None,
        }),
        TokenType::StatusDigest => serde_json::to_vec(&json!({
            "iss": REGISTRY,
            "iat": NOW,
            "lists": [{"uri": LIST, "gen": 1, "digest": Digest::of(b"list")}],
        })),
        TokenType::KeyRotation => serde_json::to_vec(&json!({
            "iss": format!("{REGISTRY}/leverandorer/974760673"),
            "aud": REGISTRY,
            "iat": NOW,
            "exp": NOW + 300,
            "jti": "9b2f0c8e-3c1d-4f5a-8b7e-0123456789ab",
            "key": world.vendor.public.to_jwk(),
        })),
        TokenType::EntityStatement => serde_json::to_vec(&json!({
            "iss": REGISTRY, "sub": REGISTRY, "iat": NOW, "exp": NOW + 300, "jwks": {"keys": []},
        })),
        TokenType::TrustMarkStatus => serde_json::to_vec(&json!({
            "iss": REGISTRY, "iat": NOW, "trust_mark": token, "status": "active",
        })),
        TokenType::KeySet => serde_json::to_vec(&json!({"iss": REGISTRY, "iat": NOW, "keys": []})),
    };
    json.unwrap()
}

pub(crate) fn keys(world: &World) -> [(KeyUse, &EcKey); 8] {
    [
        (KeyUse::Approval, &world.issue),
        (KeyUse::Review, &world.security),
        (KeyUse::Status, &world.status),
        (KeyUse::StatusEvent, &world.event),
        (KeyUse::StatusDigest, &world.digest),
        (KeyUse::Release, &world.vendor),
        (KeyUse::Delegation, &world.authority.owner),
        (KeyUse::Federation, &world.federation),
    ]
}

/// Gives a token to the check for one type.
fn check(
    world: &mut World,
    verifier: &Verifier,
    token: &str,
    checked_as: TokenType,
) -> Result<(), VerifyError> {
    match checked_as {
        TokenType::Approval => {
            let ticket = world.log_at(token, NOW - 500);
            verifier.clone().ingest(token, &ticket, NOW).map(drop)
        }
        TokenType::StatusList => verifier.clone().update_status(token, NOW),
        TokenType::Delegation => {
            let mut files = world.authority.files(&world.config);
            files.insert(files::DELEGATION.to_owned(), token.as_bytes().to_vec());
            world.config.version = 2;
            let update = world.authority.update_with(&world.config, files);
            verifier.clone().update_trust(&update, NOW)
        }
        TokenType::Review => world
            .ingest_changed(|approval| token.clone_into(&mut approval.reviews[0]))
            .map(drop),
        // The others are checked by the registry, monitors and federations: type and key there.
        _ => {
            let parsed = verifier::jws::Token::parse(token, checked_as)?;
            let key_use = verifier
                .trust()
                .and_then(|trust| trust.key_use(parsed.kid()));
            // A vendor's key is the one that its organisation has registered, a federation key the
            // one that its entity publishes: not one of these.
            let elsewhere = match checked_as.key_use() {
                KeyUse::Release => parsed.kid() == world.vendor.kid(),
                KeyUse::Federation => parsed.kid() == world.federation.kid(),
                _ => false,
            };
            if key_use == Some(checked_as.key_use()) || (key_use.is_none() && elsewhere) {
                Ok(())
            } else {
                Err(Code::KeyUse.because(""))
            }
        }
    }
}

#[test]
fn no_type_and_no_key_stands_in_for_another() {
    let mut accepted = 0;
    for contents in TokenType::ALL {
        for named in TokenType::ALL {
            for (key_use, position) in KeyUse::ALL.iter().zip(0..) {
                let mut world = World::new();
                let verifier = world.verifier();
                let payload = payload(&world, contents);
                let (of, key) = keys(&world)[position];
                assert_eq!(of, *key_use);
                let token =
                    key.sign_input(&signing_input(&Header::new(named, key.kid()), &payload));
                for checked_as in TokenType::ALL {
                    // A wrong type is refused before the payload is looked at: one is enough.
                    if named != checked_as && contents != named {
                        continue;
                    }
                    let found = check(&mut world, &verifier, &token, checked_as);
                    let right = named == checked_as && of == checked_as.key_use();
                    if named != checked_as {
                        let code = found.unwrap_err().code;
                        let inside = match checked_as {
                            TokenType::Review => Code::ReviewSig,
                            TokenType::Delegation => Code::Delegation,
                            _ => Code::Typ,
                        };
                        assert!(
                            code == Code::Typ || code == inside,
                            "{named:?} as {checked_as:?}: {code}"
                        );
                    } else if !right {
                        let code = found.unwrap_err().code;
                        // Vendors' and federation keys are not listed; the others are, for one use.
                        let listed =
                            |key_use| !matches!(key_use, KeyUse::Release | KeyUse::Federation);
                        let unknown = !listed(of) || !listed(named.key_use());
                        let refused = matches!(code, Code::KeyUse | Code::Delegation)
                            || (unknown && matches!(code, Code::Kid | Code::ReviewSig));
                        assert!(refused, "{named:?} by {of:?}: {code}");
                    } else if contents == named {
                        found.unwrap();
                        accepted += 1;
                    } else if is_for_epjs(checked_as) {
                        let code = found.unwrap_err().code;
                        let shape = matches!(
                            code,
                            Code::Claim | Code::StatusFormat | Code::Json | Code::Delegation
                        );
                        assert!(shape, "{contents:?} inside {named:?}: {code}");
                    }
                }
            }
        }
    }
    assert_eq!(accepted, TokenType::ALL.len());
}

/// What the verifier itself reads.
const fn is_for_epjs(typ: TokenType) -> bool {
    matches!(
        typ,
        TokenType::Approval | TokenType::Review | TokenType::StatusList | TokenType::Delegation
    )
}
