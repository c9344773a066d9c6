//! A reviewer's card is lost: reviews by it that were logged before the cut-off hold, and approvals
//! that rest on a later one are reviewed again.

use registry::{Cutoff, Remedy};
use serde_json::json;
use verifier::Code;
use verifier::jws::TokenType;
use verifier::trust::RevocationReason;

use crate::support::epj::Epj;
use crate::support::own_key::OwnKey;
use crate::support::{World, worlds};

/// The security reviewer signs with the card, the clinical one at the desk.
async fn approved_with_card(world: &World, software_id: &str, card: &OwnKey) -> String {
    let path = world.submitted(software_id, software_id).await;
    review_with_card(world, &path, card).await;
    path
}

async fn review_with_card(world: &World, path: &str, card: &OwnKey) {
    let claims = format!("{path}/reviews/claims?decision=approve&role=security");
    let claims = world.get("security", &claims).await.expect(200).json();
    let jws = card.sign(TokenType::Review, &claims);
    world
        .post("security", &format!("{path}/reviews"), json!({"jws": jws}))
        .await
        .expect(201);
    let at_desk = json!({"decision": "approve", "role": "clinical"});
    world
        .post("clinical", &format!("{path}/reviews"), at_desk)
        .await
        .expect(201);
    world.work().await;
    assert_eq!(world.state(path).await, "approved");
}

async fn register(world: &World, card: &OwnKey) {
    let request = json!({"person": "security", "key": card.jwk()});
    let reply = world
        .post("operator", "/api/v1/reviewer-keys", request)
        .await;
    reply.expect(201);
}

#[tokio::test]
async fn approvals_with_a_review_by_a_lost_card_need_another() {
    for world in worlds().await {
        let card = OwnKey::new();
        register(&world, &card).await;
        let before = approved_with_card(&world, "no.eksempel.foer", &card).await;
        let size = world.registry.log().newest().await.unwrap().size;
        let after = approved_with_card(&world, "no.eksempel.etter", &card).await;
        let cutoff = Cutoff::From {
            log: None,
            index: size,
        };
        world
            .registry
            .withdraw_key(&card.kid(), RevocationReason::Compromised, cutoff)
            .await
            .unwrap();
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &before).await, None);
        assert_eq!(epj.ingest(&world, &after).await, Some(Code::KeyRevoked));

        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].remedy, Remedy::Review);
        assert_eq!(done[0].keys, [card.kid()]);
        assert_eq!(world.state(&after).await, "submitted");
        // It was approved once, and is not hidden by withdrawing it now.
        let withdraw = json!({"action": "withdraw", "reason": "Angrer"});
        world
            .post("vendor", &format!("{after}/status"), withdraw)
            .await
            .refused(409, "state-conflict");

        // The lost card signs nothing more; the next one does.
        let next = OwnKey::new();
        register(&world, &next).await;
        let claims = format!("{after}/reviews/claims?decision=approve&role=security");
        let claims = world.get("security", &claims).await.expect(200).json();
        let jws = card.sign(TokenType::Review, &claims);
        let refused = world
            .post("security", &format!("{after}/reviews"), json!({"jws": jws}))
            .await;
        assert!(refused.status >= 400);
        review_with_card(&world, &after, &next).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &after).await, None);
        assert!(world.registry.stranded().await.unwrap().is_empty());
    }
}
