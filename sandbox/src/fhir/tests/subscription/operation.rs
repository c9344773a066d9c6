//! `$status` and `$events`.

use super::*;

#[tokio::test]
async fn events_are_there_to_be_asked_for_afterwards() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let id = app.made(&by_topic(OBSERVATION, "empty", &[])).await;
        let mut made = Vec::new();
        for code in ["1", "2", "3", "4"] {
            made.push(format!(
                "Observation/{}",
                app.made(&observation("p1", code)).await
            ));
        }
        world.turns().await;
        let ask = async |query: &str| {
            let answer = app.get(&format!("Subscription/{id}/$events{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            Notice::read(&answer.bytes)
        };
        let all = ask("").await;
        assert_eq!(all.kind(), "query-event");
        assert_eq!(all.numbers(), [1, 2, 3, 4], "{}", world.engine);
        assert!(all.foci().is_empty(), "as much as the subscription tells");
        let some = ask("?eventsSinceNumber=2&eventsUntilNumber=3&content=id-only").await;
        assert_eq!(some.numbers(), [2, 3]);
        assert_eq!(some.foci(), made[1..3]);
        assert_eq!(some.parameter("events-since-subscription-start"), "4");
        let whole = ask("?eventsSinceNumber=4&content=full-resource").await;
        assert_eq!(
            whole.entries()[0]["resource"]["code"]["coding"][0]["code"],
            "4"
        );
        assert!(ask("?eventsSinceNumber=5").await.numbers().is_empty());
        let body = json!({"resourceType": "Parameters", "parameter": [
            {"name": "eventsUntilNumber", "valueString": "1"}]});
        let posted = app.post(&format!("Subscription/{id}/$events"), &body).await;
        assert_eq!(Notice::read(&posted.bytes).numbers(), [1]);
        for wrong in ["?eventsSinceNumber=x", "?content=all"] {
            let answer = app.get(&format!("Subscription/{id}/$events{wrong}")).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert_eq!(answer.refusal(), "fhir-parameter-value");
        }
    }
}

#[tokio::test]
async fn a_token_hears_no_more_by_a_subscription_than_by_itself() {
    for world in worlds().await {
        let own = "user/Subscription.cruds user/Observation.rs";
        let asking = world.app(None, own);
        let id = asking.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        world.turns().await;
        let path = format!("Subscription/{id}/$events");
        for (patient, scopes, user) in [
            (Some("p1"), "patient/*.rs", "Practitioner/practitioner-1"),
            (
                None,
                "user/Subscription.rs user/Observation.r",
                "Practitioner/practitioner-1",
            ),
            (None, "user/*.cruds", "Practitioner/practitioner-2"),
            (None, "user/*.cruds", "Patient/p1"),
        ] {
            let narrow = world.app(patient, scopes).user(user);
            let answer = narrow.get(&path).await;
            assert_eq!(answer.status, 403, "{scopes} {user}");
            assert_eq!(
                answer.refusal(),
                "fhir-subscription-wider",
                "{}",
                world.engine
            );
        }
        let wide = world.app(Some("p1"), "user/*.cruds");
        assert_eq!(wide.get(&path).await.status, 200);
    }
}

#[tokio::test]
async fn the_status_of_several_is_told_and_can_be_narrowed() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let active = app.made(&by_topic(OBSERVATION, "empty", &[])).await;
        let search = app.made(&by_search("Observation?code=1", None)).await;
        world.endpoint.answer([Ok(410), Ok(410)]);
        world.turns().await;
        let of = async |query: &str| {
            let answer = app.get(&format!("Subscription/$status{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let entries = answer.json()["entry"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let mut ids: Vec<String> = entries
                .iter()
                .map(|one| {
                    let subscription = &one["resource"]["parameter"][0]["valueReference"];
                    let reference = subscription["reference"].as_str().unwrap();
                    reference.rsplit_once('/').unwrap().1.to_owned()
                })
                .collect();
            ids.sort_unstable();
            ids
        };
        let mut both = vec![active.clone(), search.clone()];
        both.sort_unstable();
        assert_eq!(of("").await, both, "{}", world.engine);
        assert_eq!(of("?status=error").await, std::slice::from_ref(&active));
        assert_eq!(
            of("?status=active,off").await,
            std::slice::from_ref(&search)
        );
        assert_eq!(of(&format!("?id={search}")).await, [search]);
        assert!(of("?id=nobody").await.is_empty());
        let elsewhere = app.get("Patient/$status").await;
        assert_eq!(elsewhere.refusal(), "fhir-interaction");
    }
}
