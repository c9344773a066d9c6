//! Token confusion: every kind of token, honestly signed by its own key, given to every check of
//! another kind; and every key given to every check that it is not for.

use verifier::jwk::KeyUse;
use verifier::jws::{Header, TokenType, signing_input};
use verifier::trust::files;

use super::scene::{Pack, SEEN, Scene};
use crate::confusion::{keys, payload};
use crate::support::{NOW, World};

fn token(world: &World, contents: TokenType, named: TokenType, by: KeyUse) -> String {
    let (_, key) = keys(world).into_iter().find(|(of, _)| *of == by).unwrap();
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
        _ => unreachable!("no EPJ is given a {}", to.as_str()),
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
            let expected = match to {
                TokenType::Review => "E_REVIEW_SIG",
                TokenType::Delegation => "E_DELEGATION",
                _ => "E_TYP",
            };
            let (given, check) = (of.as_str(), to.as_str());
            let name = format!("confusion/{given}-as-{check}");
            let why = format!("An honest {given}, given to the check for {check}.");
            pack.scene(&name, &why, expected, |scene| {
                let token = token(&scene.world, of, of, of.key_use());
                give(scene, &token, to);
            });
        }
        for (by, _) in keys(&World::new()) {
            if by == to.key_use() {
                continue;
            }
            // Keys of vendors and federations are not in the trust configuration.
            let unknown = matches!(by, KeyUse::Release | KeyUse::Federation);
            let expected = match to {
                TokenType::Delegation => "E_DELEGATION",
                TokenType::Review if unknown => "E_REVIEW_SIG",
                _ if unknown => "E_KID",
                _ => "E_KEY_USE",
            };
            let name = format!("confusion/{}-by-{}-key", to.as_str(), by.as_str());
            let why = format!(
                "A {} in every detail, signed by a key for {}.",
                to.as_str(),
                by.as_str()
            );
            pack.scene(&name, &why, expected, |scene| {
                let token = token(&scene.world, to, to, by);
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
