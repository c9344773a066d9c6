//! A reviewer leaves: what rests on the reviews made before holds, and nothing that is signed later can
//! rest on them.

use std::collections::BTreeSet;

use foundation::access::Role;
use registry::{Cutoff, Person, Remedy, ReviewRole};
use sea_query::{Alias, Expr, ExprTrait, Query};
use serde_json::json;
use verifier::Code;
use verifier::jwk::KeyUse;
use verifier::trust::{RevocationReason, files};

use crate::support::epj::{Epj, key};
use crate::support::{World, orgnr, worlds};

const COMPROMISED: RevocationReason = RevocationReason::Compromised;

/// The clinical reviewer, with or without that role.
async fn clinical(world: &World, roles: &[ReviewRole]) {
    let person = Person {
        subject: "clinical".to_owned(),
        name: "Person clinical".to_owned(),
        orgnr: orgnr(4),
        roles: BTreeSet::from([Role::Reviewer]),
        review_roles: roles.iter().copied().collect(),
    };
    world.registry.save_person(&person).await.unwrap();
}

async fn approve(world: &World, who: &str, path: &str) {
    let review = json!({"decision": "approve", "role": who});
    let reply = world.post(who, &format!("{path}/reviews"), review).await;
    reply.expect(201);
}

async fn steal_issuer(world: &World) -> String {
    let stolen = key(world, files::ISSUERS, KeyUse::Approval).await.kid;
    let registry = &world.registry;
    let withdrawn = registry.withdraw_key(&stolen, COMPROMISED, Cutoff::Nothing);
    withdrawn.await.unwrap();
    stolen
}

#[tokio::test]
async fn an_approval_reviewed_by_one_who_left_is_reviewed_anew() {
    for world in worlds().await {
        let paths = [
            world.approved("no.eksempel.a", "Alfa").await,
            world.approved("no.eksempel.b", "Bravo").await,
        ];
        let reviews = files::REVIEWERS;
        let listed = crate::support::epj::keys(&world, reviews).await;
        clinical(&world, &[]).await;
        world.registry.renew_trust().await.unwrap();
        // The review holds where it is.
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(
            epj.ingest(&world, &paths[0]).await,
            None,
            "{}",
            world.engine
        );
        assert!(world.registry.stranded().await.unwrap().is_empty());
        // What is signed anew has another place.
        let stolen = steal_issuer(&world).await;
        let left = crate::support::epj::keys(&world, reviews).await;
        let left = left.into_iter().find(|key| key.revoked.is_some()).unwrap();
        assert!(listed.iter().any(|key| key.kid == left.kid));
        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done.len(), 2);
        for one in &done {
            assert_eq!(one.remedy, Remedy::Review);
            assert_eq!(one.failed, None);
            assert!(one.keys.contains(&stolen) && one.keys.contains(&left.kid));
        }
        clinical(&world, &[ReviewRole::Clinical]).await;
        for path in &paths {
            assert_eq!(world.state(path).await, "submitted");
            world.approve(path).await;
        }
        assert!(world.registry.stranded().await.unwrap().is_empty());
        assert_eq!(epj.refresh(&world).await, None);
        for path in &paths {
            assert_eq!(epj.ingest(&world, path).await, None);
        }
    }
}

#[tokio::test]
async fn an_approval_that_cannot_be_signed_anew_does_not_keep_the_others_stranded() {
    for world in worlds().await {
        let broken = world.approved("no.eksempel.a", "Alfa").await;
        let path = world.approved("no.eksempel.b", "Bravo").await;
        steal_issuer(&world).await;
        let release = async |jws: &str| {
            let mut tx = world.database.database.begin().await.unwrap();
            let (table, column) = (Alias::new("registry_version"), Alias::new("release_jws"));
            let app = Expr::col(Alias::new("software_id")).eq("no.eksempel.a");
            let select = Query::select()
                .column(column.clone())
                .from(table.clone())
                .and_where(app.clone())
                .to_owned();
            let (before,): (String,) = tx.one(&select).await.unwrap();
            let update = Query::update()
                .table(table)
                .value(column, jws)
                .and_where(app)
                .to_owned();
            tx.execute(&update).await.unwrap();
            tx.commit().await.unwrap();
            before
        };
        let before = release("x").await;
        let done = world.registry.resign_approvals().await.unwrap();
        let failed: Vec<_> = done.iter().map(|one| one.failed.is_some()).collect();
        assert_eq!(failed, [true, false], "{}", world.engine);
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let refused = epj.ingest(&world, &broken).await;
        assert_eq!(refused, Some(Code::KeyRevoked));
        // The next time it is the only one.
        release(&before).await;
        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].failed, None);
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &broken).await, None);
    }
}

#[tokio::test]
async fn a_version_whose_reviewer_leaves_before_it_is_published_goes_back() {
    for listed in [false, true] {
        for world in worlds().await {
            if listed {
                world.approved("no.eksempel.foer", "Foer").await;
            }
            let path = world.submitted("no.eksempel.app", "Blodtrykk").await;
            approve(&world, "security", &path).await;
            approve(&world, "clinical", &path).await;
            clinical(&world, &[]).await;
            world.work().await;
            assert_eq!(world.state(&path).await, "submitted", "{}", world.engine);
            for who in ["vendor", "security"] {
                let told = world.get(who, "/api/v1/notices").await.expect(200).json();
                assert_eq!(told[0]["kind"], "review-again", "{who}");
                assert_eq!(told[0]["software_id"], "no.eksempel.app");
            }
            let queue = world.get("security", "/api/v1/reviews").await.expect(200);
            let queue = queue.json();
            assert_eq!(queue[0]["reviews"].as_array().unwrap().len(), 1);
            assert_eq!(queue[0]["reviews"][0]["role"], "security");
            // One review is missing, and no more.
            clinical(&world, &[ReviewRole::Clinical]).await;
            approve(&world, "clinical", &path).await;
            world.work().await;
            assert_eq!(world.state(&path).await, "approved");
            let mut epj = Epj::new(&world).await;
            assert_eq!(epj.refresh(&world).await, None);
            assert_eq!(epj.ingest(&world, &path).await, None);
        }
    }
}
