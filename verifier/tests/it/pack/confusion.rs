//! Token confusion: every kind of token, honestly signed by its own key, given to every check of
//! another kind; and every key given to every check that it is not for.

use verifier::claims::{ReviewRole, StatusEvent, StatusListReference};
use verifier::jwk::KeyUse;
use verifier::jws::{Header, TokenType, signing_input};
use verifier::status::StatusValue;
use verifier::trust::files;

use super::scene::{Pack, SEEN, Scene};
use crate::keys::EcKey;
use crate::support::{LIST, NOW, REGISTRY, World};

fn payload(world: &World, typ: TokenType) -> Vec<u8> {
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
            reason: "issued".to_owned(),
            actor: world.status.kid(),
        }),
    };
    json.unwrap()
}

fn key(world: &World, key_use: KeyUse) -> &EcKey {
    match key_use {
        KeyUse::Approval => &world.issue,
        KeyUse::Review => &world.security,
        KeyUse::Status => &world.status,
        KeyUse::StatusEvent => &world.event,
        KeyUse::Release => &world.vendor,
        KeyUse::Delegation => &world.authority.owner,
    }
}

fn token(world: &World, contents: TokenType, named: TokenType, by: KeyUse) -> String {
    let key = key(world, by);
    key.sign_input(&signing_input(
        &Header::new(named, key.kid()),
        &payload(world, contents),
    ))
}

/// Gives a token to the check for one type; the trust configuration is there before.
fn give(scene: &mut Scene, token: &str, to: TokenType) {
    match to {
        TokenType::Approval => {
            scene.epj().logged(token, SEEN);
        }
        TokenType::StatusList => {
            scene.epj().status(token, NOW);
        }
        TokenType::Review => {
            let mut approval = scene.world.approval();
            token.clone_into(&mut approval.reviews[0]);
            let approval = scene.world.issue.sign(&approval);
            scene.epj().logged(&approval, SEEN);
        }
        TokenType::Delegation => {
            let world = &scene.world;
            let mut files = world.authority.files(&world.config);
            files.insert(files::DELEGATION.to_owned(), token.as_bytes().to_vec());
            let update = world.authority.update_with(&world.config, files);
            scene.trust_of(&update, NOW);
        }
        TokenType::Release | TokenType::StatusEvent => unreachable!("no EPJ is given these"),
    }
}

pub(super) fn fill(pack: &mut Pack) {
    for to in [
        TokenType::Approval,
        TokenType::Review,
        TokenType::StatusList,
        TokenType::Delegation,
    ] {
        for of in TokenType::ALL {
            if of == to {
                continue;
            }
            let (expected, wrong_key) = match to {
                TokenType::Review => ("E_REVIEW_SIG", "E_KEY_USE"),
                TokenType::Delegation => ("E_DELEGATION", "E_DELEGATION"),
                _ => ("E_TYP", "E_KEY_USE"),
            };
            let (given, check) = (of.as_str(), to.as_str());
            let name = format!("confusion/{given}-as-{check}");
            let why = format!("An honest {given}, given to the check for {check}.");
            pack.scene(&name, &why, expected, |scene| {
                let token = token(&scene.world, of, of, of.key_use());
                give(scene, &token, to);
            });
            // Vendors' keys are not in the trust configuration.
            let unknown = of == TokenType::Release;
            let expected = match to {
                _ if !unknown => wrong_key,
                TokenType::Review => "E_REVIEW_SIG",
                TokenType::Delegation => "E_DELEGATION",
                _ => "E_KID",
            };
            let name = format!("confusion/{check}-by-{}-key", of.key_use().as_str());
            let why = format!("A {check} in every detail, signed by a key for {given}.");
            pack.scene(&name, &why, expected, |scene| {
                let token = token(&scene.world, to, to, of.key_use());
                give(scene, &token, to);
            });
        }
        // The right type and key, and the wrong claims.
        let contents = if to == TokenType::StatusList {
            TokenType::Delegation
        } else {
            TokenType::StatusList
        };
        let expected = match to {
            TokenType::StatusList => "E_STATUS_FORMAT",
            TokenType::Delegation => "E_DELEGATION",
            _ => "E_CLAIM",
        };
        let name = format!(
            "confusion/claims-of-{}-in-{}",
            contents.as_str(),
            to.as_str()
        );
        let why = format!(
            "The claims of a {} under the type and key of a {}.",
            contents.as_str(),
            to.as_str()
        );
        pack.scene(&name, &why, expected, |scene| {
            let token = token(&scene.world, contents, to, to.key_use());
            give(scene, &token, to);
        });
    }
}
