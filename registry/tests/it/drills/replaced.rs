//! An approval that another has followed, or that is reviewed anew: EPJs that took it in go by it
//! still, and whatever is decided about the version reaches them.

use std::sync::Arc;
use std::time::Duration;

use registry::Remedy;
use sea_query::{Alias, Query};
use serde_json::{Value, json};
use verifier::Code;

use crate::support::audit::audited;
use crate::support::epj::Epj;
use crate::support::hold::HoldAt;
use crate::support::{Reply, World, worlds};

const APP: &str = "no.eksempel.app";

async fn ask(world: &World, who: &str, path: &str, action: &str) -> Reply {
    let body = json!({"action": action, "reason": "Feil enhet."});
    world.post(who, &format!("{path}/status"), body).await
}

async fn decide(world: &World, who: &[&str], path: &str, action: &str) {
    for who in who {
        ask(world, who, path, action).await.expect(202);
    }
    world.work().await;
}

async fn review(world: &World, path: &str, review: Value) -> Reply {
    let who = review["role"].as_str().unwrap().to_owned();
    world.post(&who, &format!("{path}/reviews"), review).await
}

/// What an EPJ that took the approval in long ago says to a launch now.
async fn launch(epj: &mut Epj, world: &World) -> Option<Code> {
    assert_eq!(epj.refresh(world).await, None);
    epj.launch(world, APP)
}

/// An app that an EPJ has taken in, and whose witness is another some time later.
async fn stranded(world: World, age: Duration) -> (World, Epj, String) {
    let path = world.approved(APP, "Blodtrykk").await;
    let mut epj = Epj::new(&world).await;
    assert_eq!(epj.refresh(&world).await, None);
    assert_eq!(epj.ingest(&world, &path).await, None);
    world.clock.advance(age);
    world.work().await;
    let world = Box::pin(world.restarted_with_witnesses(&[2, 3])).await;
    world.registry.renew_trust().await.unwrap();
    (world, epj, path)
}

/// [`stranded`], and signed anew: two approvals of one version are out.
async fn signed_anew(world: World) -> (World, Epj, String) {
    let (world, epj, path) = stranded(world, Duration::ZERO).await;
    let done = world.registry.resign_approvals().await.unwrap();
    assert_eq!(done[0].remedy, Remedy::Resign);
    (world, epj, path)
}

/// [`stranded`], and with the reviewers again, since its reviews are too old.
async fn reviewed_anew(world: World) -> (World, Epj, String) {
    let (world, epj, path) = stranded(world, Duration::from_hours(2_400)).await;
    let done = world.registry.resign_approvals().await.unwrap();
    assert_eq!(done[0].remedy, Remedy::Review);
    assert_eq!(world.state(&path).await, "submitted");
    (world, epj, path)
}

#[tokio::test]
async fn what_is_decided_is_about_every_approval_of_the_version() {
    for world in worlds().await {
        let (world, mut old, path) = Box::pin(signed_anew(world)).await;
        let mut new = Epj::new(&world).await;
        assert_eq!(new.refresh(&world).await, None);
        assert_eq!(new.ingest(&world, &path).await, None);
        let reviewers: [&str; 2] = ["security", "clinical"];
        for (who, action, code) in [
            (&reviewers[..1], "suspend", Some(Code::Suspended)),
            (&reviewers[..], "reinstate", None),
            (&reviewers[1..], "revoke", Some(Code::Revoked)),
        ] {
            decide(&world, who, &path, action).await;
            for epj in [&mut old, &mut new] {
                assert_eq!(launch(epj, &world).await, code, "{}", world.engine);
            }
        }
        assert_eq!(world.logged("app-status-event+jwt").await.len(), 6);
        assert_eq!(audited(&world).await, []);
    }
}

#[tokio::test]
async fn an_approval_from_before_its_version_was_recorded_is_found_in_the_log() {
    for world in worlds().await {
        let (world, mut old, path) = Box::pin(signed_anew(world)).await;
        let mut tx = world.database.database.begin().await.unwrap();
        let update = Query::update()
            .table(Alias::new("registry_status_entry"))
            .value(Alias::new("software_id"), Option::<String>::None)
            .to_owned();
        assert_eq!(tx.execute(&update).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let world = Box::pin(world.restarted()).await;
        decide(&world, &["security"], &path, "revoke").await;
        let code = launch(&mut old, &world).await;
        assert_eq!(code, Some(Code::Revoked), "{}", world.engine);
        assert_eq!(audited(&world).await, []);
    }
}

#[tokio::test]
async fn what_is_reviewed_anew_can_be_stopped() {
    for (action, code) in [("suspend", Code::Suspended), ("revoke", Code::Revoked)] {
        for world in worlds().await {
            let (world, mut epj, path) = Box::pin(reviewed_anew(world)).await;
            assert_eq!(launch(&mut epj, &world).await, None, "{}", world.engine);
            let security = json!({"decision": "approve", "role": "security"});
            review(&world, &path, security).await.expect(201);
            decide(&world, &["security"], &path, action).await;
            assert_eq!(launch(&mut epj, &world).await, Some(code));
            // The review ends with it.
            let clinical = json!({"decision": "approve", "role": "clinical"});
            let refused = review(&world, &path, clinical).await;
            refused.refused(409, "state-conflict");
            if action == "suspend" {
                // Two reviewers lift it, and it is reviewed from the beginning.
                decide(&world, &["security", "clinical"], &path, "reinstate").await;
                assert_eq!(launch(&mut epj, &world).await, None);
                world.registry.resign_approvals().await.unwrap();
                assert_eq!(world.state(&path).await, "submitted");
                world.approve(&path).await;
                assert!(world.registry.stranded().await.unwrap().is_empty());
                decide(&world, &["clinical"], &path, "revoke").await;
                assert_eq!(launch(&mut epj, &world).await, Some(Code::Revoked));
            }
            assert_eq!(audited(&world).await, []);
        }
    }
}

#[tokio::test]
async fn what_is_signed_after_a_review_anew_stops_with_the_rest() {
    for world in worlds().await {
        let (world, mut epj, path) = Box::pin(reviewed_anew(world)).await;
        for role in ["security", "clinical"] {
            let approve = json!({"decision": "approve", "role": role});
            review(&world, &path, approve).await.expect(201);
        }
        assert_eq!(world.state(&path).await, "issuing");
        decide(&world, &["security"], &path, "suspend").await;
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);
        assert_eq!(launch(&mut epj, &world).await, Some(Code::Suspended));
        let suspended = epj.ingest(&world, &path).await;
        assert!(suspended.is_some());
    }
}

#[tokio::test]
async fn a_version_that_reviewers_send_back_does_not_go_on() {
    for world in worlds().await {
        let (world, mut epj, path) = Box::pin(reviewed_anew(world)).await;
        let reject = json!({"decision": "reject", "role": "security", "reason": "Utrygg."});
        review(&world, &path, reject).await.expect(201);
        world.work().await;
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);
        assert_eq!(launch(&mut epj, &world).await, Some(Code::Suspended));
        let events = world.logged("app-status-event+jwt").await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["reason"], "Utrygg.");
        assert!(events[0]["actor"].as_str().unwrap().contains("/vurderere/"));
        assert_eq!(audited(&world).await, []);
        // The vendor alone brings nothing back.
        let submission = format!("{path}/submission");
        let again = world.post("vendor", &submission, json!({})).await;
        again.refused(409, "state-conflict");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_approval_that_comes_out_during_a_suspension_is_suspended() {
    for world in worlds().await {
        let (world, mut old, path) = Box::pin(stranded(world, Duration::ZERO)).await;
        ask(&world, "security", &path, "suspend").await.expect(202);
        // The event about the approval that is out is logged, and nothing else is done yet.
        let (hold, held) = HoldAt::point("log.durable");
        let slow = world.process_until(Arc::new(hold)).worker;
        let suspending = tokio::spawn(async move { slow.run_due().await.unwrap() });
        let held = held.reached().await;
        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done[0].remedy, Remedy::Resign);
        let mut new = Epj::new(&world).await;
        assert_eq!(new.refresh(&world).await, None);
        assert_eq!(new.ingest(&world, &path).await, None, "{}", world.engine);
        held.let_go();
        suspending.await.unwrap();
        assert_eq!(world.state(&path).await, "suspended");
        for epj in [&mut old, &mut new] {
            assert_eq!(launch(epj, &world).await, Some(Code::Suspended));
        }
        assert_eq!(audited(&world).await, []);
    }
}
