//! A subscription tells no more than its client may read, and nobody but its client sees it.

use super::*;

#[tokio::test]
async fn a_client_subscribes_to_nothing_that_it_may_not_read() {
    let world = world().await;
    for scopes in [
        "user/Subscription.cruds user/Condition.rs",
        "user/Subscription.cruds user/Observation.r",
        "user/Subscription.cruds user/Observation.s",
        "patient/Subscription.cruds patient/Observation.rs",
    ] {
        // Of the last the patient is missing.
        let app = world.app(None, scopes);
        for wanted in [
            by_topic(OBSERVATION, "empty", &[]),
            by_search("Observation?code=1", None),
        ] {
            let answer = app.post("Subscription", &wanted).await;
            assert_eq!(answer.status, 403, "{scopes}");
            assert_eq!(answer.refusal(), "scope-missing", "{scopes}");
        }
    }
    let reader = world.app(None, "user/Subscription.rs user/Observation.rs");
    let answer = reader
        .post("Subscription", &by_topic(OBSERVATION, "empty", &[]))
        .await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn only_what_the_scopes_open_is_told() {
    for world in worlds().await {
        let staff = world.app(None, "user/*.cruds").client("staff");
        let launched = world.app(
            Some("p1"),
            "patient/Subscription.cruds patient/Observation.rs",
        );
        let narrow = "user/Subscription.cruds user/Observation.rs?code=http://loinc.org|2";
        let narrow = world.app(None, narrow);
        let of_one = launched
            .made(&by_topic(OBSERVATION, "full-resource", &[]))
            .await;
        let of_code = narrow
            .made(&by_topic(OBSERVATION, "full-resource", &[]))
            .await;
        let mut all = Vec::new();
        for (patient, code) in [("p2", "1"), ("p1", "1"), ("p2", "2")] {
            let id = staff.made(&observation(patient, code)).await;
            all.push(format!("Observation/{id}"));
        }
        world.turns().await;
        let notices = world.endpoint.notices();
        let foci = |id: &str| {
            let address = format!("{BASE}/Subscription/{id}");
            let own = notices
                .iter()
                .filter(|one| one.parameter("subscription") == address);
            own.flat_map(Notice::foci).collect::<Vec<_>>()
        };
        assert_eq!(foci(&of_one), [all[1].clone()], "{}", world.engine);
        assert_eq!(foci(&of_code), [all[2].clone()], "{}", world.engine);
    }
}

#[tokio::test]
async fn what_was_found_is_told_by_what_is_opened_when_it_is_told() {
    for world in worlds().await {
        let wide = world.app(None, "user/*.cruds");
        let id = wide
            .made(&by_topic(OBSERVATION, "full-resource", &[]))
            .await;
        world.turns().await;
        world.endpoint.came();
        world.endpoint.answer([Ok(503)]);
        wide.made(&observation("p2", "1")).await;
        world.turns().await;
        world.endpoint.came();
        // The client asks anew, with a token of one patient.
        let narrow = world.app(
            Some("p1"),
            "patient/Subscription.cruds patient/Observation.rs",
        );
        let again = narrow.get(&format!("Subscription/{id}")).await.json();
        let put = narrow.put(&format!("Subscription/{id}"), &again).await;
        assert_eq!(put.status, 200, "{}", put.text());
        world.turns().await;
        let notices = world.endpoint.notices();
        assert_eq!(notices[1].numbers(), [1], "{}", world.engine);
        assert!(notices[1].foci().is_empty() && notices[1].entries().is_empty());
    }
}

#[tokio::test]
async fn nobody_else_sees_or_changes_a_subscription() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let other = world
            .app(None, "user/*.cruds system/*.cruds")
            .client("other,app|x");
        let mut wanted = by_topic(OBSERVATION, "id-only", &[]);
        wanted["meta"]["tag"] =
            json!([{"system": "urn:markedsplass:subscriber", "code": "other,app|x"}]);
        let id = app.made(&wanted).await;
        let own = other.made(&by_topic(OBSERVATION, "id-only", &[])).await;
        world.turns().await;
        world.endpoint.came();
        let path = format!("Subscription/{id}");
        let resource = app.get(&path).await.json();
        for refused in [
            other.get(&path).await,
            other.get(&format!("{path}/_history/1")).await,
            other.get(&format!("{path}/$status")).await,
            other.get(&format!("{path}/$events")).await,
            other.get(&format!("{path}/$get-ws-binding-token")).await,
            other.put(&path, &resource).await,
            other.delete(&path).await,
        ] {
            assert_eq!(refused.status, 403, "{}", refused.text());
            assert_eq!(refused.refusal(), "scope-narrower");
        }
        assert_eq!(
            other.ids("Subscription").await,
            std::slice::from_ref(&own),
            "{}",
            world.engine
        );
        assert_eq!(other.get("Subscription/$status").await.entries().len(), 1);
        assert_eq!(app.ids("Subscription").await, [id]);
        let past = other.get("Subscription/_history").await.text();
        assert!(past.contains(&own) && !past.contains(&path));
    }
}

#[tokio::test]
async fn a_sandbox_has_so_many_subscriptions_and_no_more() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let mut last = String::new();
    for _ in 0..100 {
        last = app.made(&by_search("Observation", None)).await;
    }
    let refused = app
        .post("Subscription", &by_search("Observation", None))
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.refusal().as_str()),
        (429, "fhir-subscriptions")
    );
    let again = app.get(&format!("Subscription/{last}")).await.json();
    assert_eq!(
        app.put(&format!("Subscription/{last}"), &again)
            .await
            .status,
        200
    );
    assert_eq!(
        app.delete(&format!("Subscription/{last}")).await.status,
        204
    );
    app.made(&by_search("Observation", None)).await;
}
