//! Reviews: the four-eyes rule with every refusal, and the way from the second one to approval.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{World, worlds};

const APP: &str = "no.eksempel.app";

async fn review(world: &World, who: &str, path: &str, body: Value) -> crate::support::Reply {
    world.clock.advance(Duration::from_secs(1));
    world.post(who, &format!("{path}/reviews"), body).await
}

fn approve(role: &str) -> Value {
    json!({"decision": "approve", "role": role})
}

#[tokio::test]
async fn two_reviewers_of_two_organisations_approve() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        let first = review(&world, "security", &path, approve("security"))
            .await
            .expect(201)
            .json();
        assert_eq!(first["state"], "submitted", "{}", world.engine);
        let second = review(&world, "clinical", &path, approve("clinical"))
            .await
            .expect(201)
            .json();
        assert_eq!(second["state"], "issuing");
        // Signed, but not logged yet: nobody outside sees it.
        world.get("", &path).await.refused(404, "version-unknown");
        world
            .get("", &format!("{path}/approval"))
            .await
            .refused(404, "approval-unknown");
        review(&world, "clinical", &path, approve("clinical"))
            .await
            .refused(409, "state-conflict");

        world.work().await;
        let version = world.get("", &path).await.expect(200).json();
        assert_eq!(version["state"], "approved");
        let jws = world.get("", &format!("{path}/approval")).await.expect(200);
        assert_eq!(jws.headers["content-type"], "application/trust-mark+jwt");
        assert_eq!(jws.text().split('.').count(), 3);
        let ticket = world
            .get("", &format!("{path}/approval.tlog-proof"))
            .await
            .expect(200)
            .text();
        assert!(ticket.starts_with("c2sp.org/tlog-proof@v1\n"), "{ticket}");

        let history = world.get("vendor", &format!("{path}/history")).await.json();
        let events: Vec<_> = history
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["event"].clone())
            .collect();
        assert_eq!(
            events,
            ["uploaded", "submitted", "endorsed", "accepted", "approved"]
        );
    }
}

#[tokio::test]
async fn reviewers_with_a_stake_or_without_the_capacity_are_refused() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        review(&world, "own-reviewer", &path, approve("security"))
            .await
            .refused(403, "reviewer-conflict");
        review(&world, "security", &path, approve("clinical"))
            .await
            .refused(403, "review-role");
        review(&world, "security", &path, approve("privacy"))
            .await
            .refused(403, "review-role");
        review(&world, "vendor", &path, approve("security"))
            .await
            .refused(403, "wrong-role");
        review(&world, "municipality", &path, approve("security"))
            .await
            .refused(403, "wrong-role");
        review(&world, "", &path, approve("security"))
            .await
            .refused(401, "not-logged-in");

        review(&world, "security", &path, approve("security"))
            .await
            .expect(201);
        review(&world, "security", &path, approve("security"))
            .await
            .refused(409, "reviewer-same-person");
        review(&world, "clinical-colleague", &path, approve("clinical"))
            .await
            .refused(409, "reviewers-same-organisation");
        let reviews = world.get("vendor", &format!("{path}/reviews")).await.json();
        assert_eq!(reviews.as_array().unwrap().len(), 1, "{}", world.engine);
        assert_eq!(world.state(&path).await, "submitted");
        let queue = world.get("own-reviewer", "/api/v1/reviews").await.json();
        assert_eq!(queue[0]["own"], true);
    }
}

#[tokio::test]
async fn a_return_needs_a_reason_and_a_new_round_new_reviews() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        review(&world, "security", &path, approve("security"))
            .await
            .expect(201);
        let bare = json!({"decision": "reject", "role": "clinical", "reason": " "});
        review(&world, "clinical", &path, bare)
            .await
            .refused(422, "reason-missing");
        let reason = "Målingene mangler enhet.";
        let back = json!({"decision": "reject", "role": "clinical", "reason": reason});
        let returned = review(&world, "clinical", &path, back)
            .await
            .expect(201)
            .json();
        assert_eq!(returned["state"], "returned", "{}", world.engine);
        let reviews = world.get("vendor", &format!("{path}/reviews")).await.json();
        assert_eq!(reviews[1]["reason"], reason);
        review(&world, "security", &path, approve("security"))
            .await
            .refused(409, "state-conflict");

        world
            .post("vendor", &format!("{path}/submission"), json!({}))
            .await
            .expect(200);
        let queue = world.get("security", "/api/v1/reviews").await.json();
        assert_eq!(
            queue[0]["reviews"],
            json!([]),
            "the first round does not count"
        );
        review(&world, "clinical", &path, approve("clinical"))
            .await
            .expect(201);
        let done = review(&world, "security", &path, approve("security"))
            .await
            .expect(201)
            .json();
        assert_eq!(done["state"], "issuing");
        world.work().await;
        assert_eq!(world.state(&path).await, "approved");
    }
}

#[tokio::test]
async fn a_review_signed_elsewhere_must_be_about_exactly_this() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        let other = world.submitted("no.eksempel.annen", "Noe annet").await;
        let made = review(&world, "security", &other, approve("security"))
            .await
            .expect(201)
            .json();
        let jws = made["review"]["jws"].as_str().unwrap().to_owned();
        let reply = review(&world, "security", &path, json!({"jws": jws})).await;
        reply.refused(422, "review-signature");
        let reply = review(&world, "security", &path, json!({"jws": "a.b.c"})).await;
        reply.refused(422, "review-signature");
        let reply = review(&world, "security", &path, json!({"decision": "maybe"})).await;
        assert_eq!(reply.status, 422);
        assert_eq!(world.state(&path).await, "submitted", "{}", world.engine);
    }
}

#[tokio::test]
async fn two_last_reviews_at_once_issue_one_approval() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        let (first, second) = tokio::join!(
            review(&world, "security", &path, approve("security")),
            review(&world, "clinical", &path, approve("clinical")),
        );
        let statuses = [first.status, second.status];
        assert!(statuses.contains(&201), "{}: {statuses:?}", world.engine);
        for (reply, role) in [(first, "security"), (second, "clinical")] {
            if reply.status != 201 {
                reply.refused(409, "version-changed");
                review(&world, role, &path, approve(role)).await.expect(201);
            }
        }
        world.work().await;
        assert_eq!(world.state(&path).await, "approved");
        let reviews = world.get("vendor", &format!("{path}/reviews")).await.json();
        assert_eq!(reviews.as_array().unwrap().len(), 2);
    }
}
