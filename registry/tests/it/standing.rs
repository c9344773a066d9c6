//! Suspending is easy, starting again takes two, and an end is an end.

use serde_json::{Value, json};

use crate::support::{Reply, World, worlds};

const APP: &str = "no.eksempel.app";

async fn ask(world: &World, who: &str, path: &str, action: &str) -> Reply {
    let body = json!({"action": action, "reason": "Feil i visningen av enheter."});
    world.post(who, &format!("{path}/status"), body).await
}

fn progress(reply: Reply) -> Value {
    reply.expect(202).json()["progress"].clone()
}

#[tokio::test]
async fn a_suspension_shows_when_it_is_logged_and_two_reviewers_lift_it() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        assert_eq!(
            progress(ask(&world, "security", &path, "suspend").await),
            "decided"
        );
        ask(&world, "clinical", &path, "revoke")
            .await
            .refused(409, "standing-in-progress");
        world.work().await;
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);
        let listed = world.get("", "/api/v1/catalogue").await.json();
        assert_eq!(listed["hits"][0]["status"], "suspended");
        ask(&world, "clinical", &path, "suspend")
            .await
            .refused(409, "state-conflict");

        ask(&world, "vendor", &path, "reinstate")
            .await
            .refused(403, "standing-reviewers-only");
        ask(&world, "own-reviewer", &path, "reinstate")
            .await
            .refused(403, "reviewer-conflict");
        assert_eq!(
            progress(ask(&world, "security", &path, "reinstate").await),
            "needs-another-reviewer"
        );
        ask(&world, "security", &path, "reinstate")
            .await
            .refused(409, "standing-same-person");
        ask(&world, "clinical-colleague", &path, "reinstate")
            .await
            .refused(409, "standing-same-organisation");
        assert_eq!(world.state(&path).await, "suspended");
        assert_eq!(
            progress(ask(&world, "clinical", &path, "reinstate").await),
            "decided"
        );
        world.work().await;
        assert_eq!(world.state(&path).await, "approved");
        assert_eq!(
            world.get("", "/api/v1/catalogue").await.json()["hits"][0]["status"],
            "approved"
        );
    }
}

#[tokio::test]
async fn a_revoked_version_stays_revoked_and_leaves_the_catalogue() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        ask(&world, "vendor", &path, "revoke")
            .await
            .refused(403, "standing-reviewers-only");
        ask(&world, "own-reviewer", &path, "revoke")
            .await
            .refused(403, "reviewer-conflict");
        assert_eq!(
            progress(ask(&world, "security", &path, "revoke").await),
            "decided"
        );
        world.work().await;
        assert_eq!(world.state(&path).await, "revoked", "{}", world.engine);
        assert_eq!(world.get("", "/api/v1/catalogue").await.json()["total"], 0);
        // A bookmark finds out what happened, and the approval stays where it was logged.
        assert_eq!(
            world.get("", &path).await.expect(200).json()["state"],
            "revoked"
        );
        world.get("", &format!("{path}/approval")).await.expect(200);
        for action in ["suspend", "reinstate", "revoke"] {
            ask(&world, "clinical", &path, action)
                .await
                .refused(409, "state-conflict");
        }
        ask(&world, "vendor", &path, "withdraw")
            .await
            .refused(409, "state-conflict");
        let history = world.registry.public_history(APP).await.unwrap();
        let events: Vec<_> = history.iter().map(|(_, entry)| entry.to.as_str()).collect();
        assert_eq!(events, ["revoked", "approved"]);
        assert!(
            history
                .iter()
                .all(|(_, entry)| entry.by.person.is_empty() && entry.by.name.is_empty())
        );
    }
}

#[tokio::test]
async fn a_vendor_suspends_its_own_app_and_no_others() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        ask(&world, "other-vendor", &path, "suspend")
            .await
            .refused(403, "standing-reviewers-only");
        ask(&world, "municipality", &path, "suspend")
            .await
            .refused(403, "wrong-role");
        ask(&world, "", &path, "suspend")
            .await
            .refused(401, "not-logged-in");
        assert_eq!(
            progress(ask(&world, "vendor", &path, "suspend").await),
            "decided"
        );
        world.work().await;
        assert_eq!(world.state(&path).await, "suspended", "{}", world.engine);
    }
}

#[tokio::test]
async fn what_was_being_gathered_lapses_when_something_else_happens() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        ask(&world, "security", &path, "suspend").await.expect(202);
        world.work().await;
        ask(&world, "security", &path, "reinstate")
            .await
            .expect(202);
        ask(&world, "clinical", &path, "revoke").await.expect(202);
        world.work().await;
        assert_eq!(world.state(&path).await, "revoked");
        ask(&world, "clinical", &path, "reinstate")
            .await
            .refused(409, "state-conflict");
        assert_eq!(world.state(&path).await, "revoked", "{}", world.engine);
    }
}

#[tokio::test]
async fn an_unknown_action_is_refused() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let reply = world
            .post(
                "security",
                &format!("{path}/status"),
                json!({"action": "delete", "reason": "x"}),
            )
            .await;
        reply.refused(422, "body-invalid");
        ask(
            &world,
            "security",
            "/api/v1/apps/no.eksempel.app/versions/9.9.9",
            "suspend",
        )
        .await
        .refused(404, "version-unknown");
    }
}
