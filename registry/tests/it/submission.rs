//! Submission: only with a passed check of exactly this release, and frozen from then on.

use axum::http::{Method, header};
use serde_json::json;

use crate::support::{bundle_with, entry, json_request, manifest, worlds};

const APP: &str = "no.eksempel.app";
const PATH: &str = "/api/v1/apps/no.eksempel.app/versions/1.0.0";
const SUBMISSION: &str = "/api/v1/apps/no.eksempel.app/versions/1.0.0/submission";

#[tokio::test]
async fn a_version_needs_a_passed_check_of_its_own_bytes() {
    for world in worlds().await {
        let draft = world.draft(APP, "Blodtrykk").await;
        world
            .post("vendor", SUBMISSION, json!({}))
            .await
            .refused(409, "check-missing");
        world.checked(&draft, false);
        let failed = world.post("vendor", SUBMISSION, json!({})).await;
        failed.refused(409, "check-failed");
        assert_eq!(
            failed.findings(),
            [("requirement-failed".to_owned(), "SMA-02".to_owned())]
        );
        assert_eq!(world.state(PATH).await, "draft", "{}", world.engine);

        // A check of another version does not count for this one.
        let next = bundle_with("neste");
        let other = world
            .upload("vendor", APP, &manifest("1.1.0"), Some(&next))
            .await
            .expect(201)
            .json();
        world.checked(&other, true);
        world
            .post("vendor", SUBMISSION, json!({}))
            .await
            .refused(409, "check-failed");

        world.checked(&draft, true);
        let submitted = world
            .post("vendor", SUBMISSION, json!({}))
            .await
            .expect(200)
            .json();
        assert_eq!(submitted["state"], "submitted");
        assert_eq!(submitted["verdict"]["check"], "chk_1");
        world
            .post("vendor", SUBMISSION, json!({}))
            .await
            .refused(409, "state-conflict");
    }
}

#[tokio::test]
async fn what_was_submitted_does_not_follow_the_entry() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        let read = world.get("vendor", "/api/v1/apps/no.eksempel.app").await;
        let mut request = json_request(
            Method::PUT,
            "/api/v1/apps/no.eksempel.app",
            &entry(APP, "Et helt annet navn"),
        );
        request
            .headers_mut()
            .insert(header::IF_MATCH, read.headers[header::ETAG].clone());
        world.send("vendor", request).await.expect(200);
        let version = world.get("security", &path).await.expect(200).json();
        assert_eq!(
            version["entry"]["name"]["nb"], "Blodtrykk",
            "{}",
            world.engine
        );
        let queue = world.get("security", "/api/v1/reviews").await.json();
        assert_eq!(queue[0]["name"], "Blodtrykk");
    }
}

#[tokio::test]
async fn a_submitted_version_is_seen_by_reviewers_and_by_no_stranger() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        for insider in ["vendor", "security", "operator"] {
            world.get(insider, &path).await.expect(200);
            world
                .get(insider, &format!("{path}/history"))
                .await
                .expect(200);
            world
                .get(insider, &format!("{path}/reviews"))
                .await
                .expect(200);
        }
        for stranger in ["", "other-vendor", "municipality"] {
            world
                .get(stranger, &path)
                .await
                .refused(404, "version-unknown");
            world
                .get(stranger, "/api/v1/apps/no.eksempel.app")
                .await
                .refused(404, "app-unknown");
        }
        world
            .get("other-vendor", &format!("{path}/history"))
            .await
            .refused(404, "version-unknown");
        world
            .get("other-vendor", &format!("{path}/reviews"))
            .await
            .refused(404, "version-unknown");
        world
            .get("", &format!("{path}/approval"))
            .await
            .refused(404, "approval-unknown");
        world
            .post("other-vendor", SUBMISSION, json!({}))
            .await
            .refused(404, "app-unknown");
        assert_eq!(world.get("", "/api/v1/catalogue").await.json()["total"], 0);
    }
}

#[tokio::test]
async fn a_vendor_withdraws_what_is_not_approved() {
    for world in worlds().await {
        let path = world.submitted(APP, "Blodtrykk").await;
        let withdraw = json!({"action": "withdraw", "reason": "Feil fil."});
        let status = format!("{path}/status");
        world
            .post("security", &status, withdraw.clone())
            .await
            .refused(403, "standing-vendor-only");
        world
            .post("other-vendor", &status, withdraw.clone())
            .await
            .refused(404, "version-unknown");
        world
            .post("vendor", &status, json!({"action": "withdraw"}))
            .await
            .refused(422, "reason-missing");
        let done = world
            .post("vendor", &status, withdraw.clone())
            .await
            .expect(200)
            .json();
        assert_eq!(done["state"], "withdrawn", "{}", world.engine);
        world
            .post("vendor", &status, withdraw)
            .await
            .refused(409, "state-conflict");
        world
            .get("security", &path)
            .await
            .refused(404, "version-unknown");
    }
}
