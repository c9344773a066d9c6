//! The key that signs approvals is stolen: it is withdrawn from a place in the log on, and what was
//! signed after that is signed anew.

use registry::{Cutoff, Remedy};
use serde_json::json;
use verifier::Code;
use verifier::jwk::KeyUse;
use verifier::jws::TokenType;
use verifier::trust::{RevocationReason, files};

use super::thief::{Thief, claims, ticket};
use crate::support::epj::{Epj, key};
use crate::support::{World, worlds};

const COMPROMISED: RevocationReason = RevocationReason::Compromised;

/// The place of an approval in the log, by its published ticket.
async fn place(world: &World, path: &str) -> u64 {
    let ticket = world.get("", &format!("{path}/approval.tlog-proof")).await;
    let text = ticket.expect(200).text();
    let index = text.lines().find_map(|line| line.strip_prefix("index "));
    index.unwrap().parse().unwrap()
}

async fn approval(world: &World, path: &str) -> String {
    let reply = world.get("", &format!("{path}/approval")).await;
    reply.expect(200).text()
}

#[tokio::test]
async fn what_was_logged_before_the_cut_off_holds_and_the_rest_is_signed_anew() {
    for world in worlds().await {
        let before = world.approved("no.eksempel.foer", "Før").await;
        let after = world.approved("no.eksempel.etter", "Etter").await;
        let old = approval(&world, &after).await;
        let stolen = key(&world, files::ISSUERS, KeyUse::Approval).await;
        let cutoff = Cutoff::From {
            log: None,
            index: place(&world, &after).await,
        };
        let too_far = Cutoff::From {
            log: None,
            index: 1 << 40,
        };
        let refused = world
            .registry
            .withdraw_key(&stolen.kid, COMPROMISED, too_far);
        assert!(
            refused
                .await
                .unwrap_err()
                .to_string()
                .contains("key-cutoff")
        );
        world
            .registry
            .withdraw_key(&stolen.kid, COMPROMISED, cutoff)
            .await
            .unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &before).await, None);
        assert_eq!(epj.ingest(&world, &after).await, Some(Code::KeyRevoked));

        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].software_id, "no.eksempel.etter");
        assert_eq!(done[0].remedy, Remedy::Resign);
        assert_eq!(done[0].keys, [stolen.kid.as_str()]);
        assert_eq!(epj.refresh(&world).await, None);
        for path in [&before, &after] {
            assert_eq!(world.state(path).await, "approved");
            assert_eq!(epj.ingest(&world, path).await, None, "{path}");
        }
        let (old, new) = (claims(&old), claims(&approval(&world, &after).await));
        assert_ne!(old["jti"], new["jti"]);
        for same in [
            "software_id",
            "software_version",
            "content",
            "reviews",
            "scope",
        ] {
            assert_eq!(old[same], new[same], "{same}");
        }
        // Nothing is left to do, and nothing is done twice.
        assert!(world.registry.resign_approvals().await.unwrap().is_empty());
        assert_eq!(claims(&approval(&world, &after).await), new);
    }
}

#[tokio::test]
async fn a_stolen_key_cannot_sign_into_the_past() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let stolen = key(&world, files::ISSUERS, KeyUse::Approval).await;
        let thief = Thief::of(&world, "approval", &stolen.kid).await;
        let genuine = approval(&world, &path).await;
        world
            .registry
            .withdraw_key(&stolen.kid, COMPROMISED, Cutoff::Now)
            .await
            .unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        // All as in a genuine approval of before the theft, its time too; and it gets into the log.
        let mut forged = claims(&genuine);
        forged["jti"] = json!("7c9e6679-7425-40de-944b-e07fc1f90ae7");
        forged["scope"] = json!("launch patient/*.cruds");
        let forged = thief.sign(TokenType::Approval, &forged);
        world
            .registry
            .log()
            .add("forged", forged.as_bytes())
            .await
            .unwrap();
        let ticket = ticket(&world, &forged).await;
        let refused = epj.take(&world, &forged, &ticket);
        assert_eq!(refused, Some(Code::KeyRevoked));
        // With the ticket of the genuine one it is in no log at all.
        let borrowed = world.get("", &format!("{path}/approval.tlog-proof")).await;
        let borrowed = borrowed.expect(200).text();
        let refused = epj.take(&world, &forged, &borrowed);
        assert_eq!(refused, Some(Code::Inclusion));
        assert_eq!(epj.ingest(&world, &path).await, None);
    }
}

#[tokio::test]
async fn a_suspended_approval_waits_and_an_old_review_is_made_anew() {
    for world in worlds().await {
        let suspended = world.approved("no.eksempel.hvile", "Hvile").await;
        let old = world.approved("no.eksempel.gammel", "Gammel").await;
        let suspend = json!({"action": "suspend", "reason": "Feil dose"});
        world
            .post("security", &format!("{suspended}/status"), suspend)
            .await
            .expect(202);
        world.work().await;
        assert_eq!(world.state(&suspended).await, "suspended");
        world.clock.advance(std::time::Duration::from_hours(2_400));
        world.work().await;
        let stolen = key(&world, files::ISSUERS, KeyUse::Approval).await;
        world
            .registry
            .withdraw_key(&stolen.kid, COMPROMISED, Cutoff::Nothing)
            .await
            .unwrap();
        let done = world.registry.resign_approvals().await.unwrap();
        let remedies: Vec<_> = done
            .iter()
            .map(|one| (one.software_id.as_str(), one.remedy))
            .collect();
        assert_eq!(
            remedies,
            [
                ("no.eksempel.gammel", Remedy::Review),
                ("no.eksempel.hvile", Remedy::Suspended)
            ],
            "{}",
            world.engine
        );
        assert_eq!(world.state(&old).await, "submitted");
        assert_eq!(world.state(&suspended).await, "suspended");
    }
}
