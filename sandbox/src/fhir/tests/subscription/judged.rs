//! What subscriptions tell, kept for judges that we did not write.

use super::*;

#[tokio::test]
async fn what_is_told() {
    let world = world().await.strict().judged();
    let app = world.app(None, "user/*.cruds");
    for content in ["empty", "id-only", "full-resource"] {
        let id = app.made(&by_topic(OBSERVATION, content, &[])).await;
        app.made(&observation("p1", "1")).await;
        world.turns().await;
        for operation in ["$status", "$events", "$events?content=full-resource"] {
            let answer = app.get(&format!("Subscription/{id}/{operation}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let status = app.get(&format!("Subscription/{id}/$status")).await;
        let entry = &status.entries()[0];
        let found = entry["resource"]["id"].as_str().unwrap();
        assert_eq!(entry["fullUrl"], format!("urn:uuid:{found}"));
    }
    let told = world.endpoint.came();
    assert!(told.len() >= 6, "three greetings and three events");
    for one in told {
        testing::keep_for_judges("answers", "application/fhir+json", &one.body);
    }
}
