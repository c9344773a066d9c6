//! What is told, of which topic, to which depth.

use super::*;

#[tokio::test]
async fn a_subscription_begins_with_a_handshake_and_then_tells_what_happens_in_order() {
    for world in worlds().await {
        let world = world.strict();
        let app = world.app(None, "user/*.cruds");
        let mut wanted = by_topic(OBSERVATION, "id-only", &[]);
        wanted["channel"]["header"] = json!(["Authorization: Bearer abc"]);
        let id = app.made(&wanted).await;
        assert_eq!(app.standing(&id).await.0, "requested", "{}", world.engine);
        world.turns().await;
        let came = world.endpoint.came();
        assert_eq!(came[0].address, HOOK);
        let header = |name: &str| {
            let all = came[0].headers.iter();
            let found = all.filter(|(one, _)| one.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(header("authorization"), ["Bearer abc"]);
        assert_eq!(header("content-type"), ["application/fhir+json"]);
        let handshake = Notice::read(&came[0].body);
        assert_eq!(came.len(), 1);
        assert_eq!(handshake.kind(), "handshake");
        assert_eq!(handshake.parameter("status"), "requested");
        assert_eq!(handshake.parameter("topic"), OBSERVATION);
        assert_eq!(handshake.parameter("events-since-subscription-start"), "0");
        let address = format!("{BASE}/Subscription/{id}");
        assert_eq!(handshake.parameter("subscription"), address);
        assert_eq!(app.standing(&id).await, ("active".to_owned(), None));
        // The secret is with the endpoint alone.
        let kept = app.get(&format!("Subscription/{id}")).await.json();
        assert_eq!(
            kept["channel"]["header"],
            json!(["Authorization: ********"])
        );

        let first = app.made(&observation("p1", "1")).await;
        world.turns().await;
        let second = app.made(&observation("p2", "2")).await;
        let path = format!("Observation/{first}");
        let mut changed = observation("p1", "3");
        changed["id"] = json!(first);
        assert_eq!(app.put(&path, &changed).await.status, 200);
        assert_eq!(
            app.delete(&format!("Observation/{second}")).await.status,
            204
        );
        world.turns().await;
        let notices = world.endpoint.notices();
        let numbers: Vec<_> = notices.iter().map(Notice::numbers).collect();
        assert_eq!(numbers, [vec![1], vec![2, 3, 4]], "{}", world.engine);
        assert_eq!(notices[1].kind(), "event-notification");
        assert_eq!(notices[1].parameter("status"), "active");
        assert_eq!(notices[1].parameter("events-since-subscription-start"), "4");
        let second = format!("Observation/{second}");
        assert_eq!(
            notices[1].foci(),
            [second.clone(), path.clone(), second.clone()]
        );
        let methods: Vec<_> = notices[1]
            .entries()
            .iter()
            .map(|one| &one["request"]["method"])
            .collect();
        assert_eq!(methods, ["POST", "PUT", "DELETE"]);
        assert!(
            notices[1]
                .entries()
                .iter()
                .all(|one| one.get("resource").is_none())
        );
    }
}

#[tokio::test]
async fn a_notification_tells_as_much_as_is_asked_for() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        for content in ["empty", "id-only", "full-resource"] {
            app.made(&by_topic(OBSERVATION, content, &[])).await;
        }
        world.turns().await;
        assert_eq!(world.endpoint.notices().len(), 3);
        let id = app.made(&observation("p1", "1")).await;
        world.turns().await;
        let path = format!("Observation/{id}");
        let mut seen = std::collections::BTreeSet::new();
        for notice in world.endpoint.notices() {
            assert_eq!(notice.numbers(), [1]);
            match (notice.foci().as_slice(), notice.entries()) {
                ([], []) => seen.insert("empty"),
                ([focus], [entry]) => {
                    assert_eq!(*focus, path);
                    assert_eq!(entry["fullUrl"], format!("{BASE}/{path}"));
                    assert_eq!(entry["response"]["status"], "201");
                    match entry.get("resource") {
                        None => seen.insert("id-only"),
                        Some(resource) => {
                            assert_eq!(resource["id"], id);
                            seen.insert("full-resource")
                        }
                    }
                }
                other => panic!("{other:?}"),
            };
        }
        assert_eq!(seen.len(), 3, "{}: {seen:?}", world.engine);
    }
}

#[tokio::test]
async fn a_filter_lets_through_what_fits_all_of_it() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let filters = [
        "Observation?patient=Patient/p1",
        "code=http://loinc.org|1,http://loinc.org|2",
    ];
    app.made(&by_topic(OBSERVATION, "id-only", &filters)).await;
    let mut fitting = Vec::new();
    for (patient, code) in [("p1", "1"), ("p2", "1"), ("p1", "3"), ("p1", "2")] {
        let id = app.made(&observation(patient, code)).await;
        if patient == "p1" && code != "3" {
            fitting.push(format!("Observation/{id}"));
        }
    }
    // It is held against the version that a change leaves.
    let gone = fitting[0].clone();
    let mut changed = observation("p1", "9");
    changed["id"] = json!(gone.split_once('/').unwrap().1);
    assert_eq!(app.put(&gone, &changed).await.status, 200);
    world.turns().await;
    let notices = world.endpoint.notices();
    assert_eq!(notices[1].foci(), fitting);
    assert_eq!(notices.len(), 2);
}

#[tokio::test]
async fn an_encounter_begins_and_ends_once() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let start = by_topic("urn:markedsplass:topic:encounter-start", "id-only", &[]);
        let start = app.made(&start).await;
        let end = by_topic("urn:markedsplass:topic:encounter-end", "id-only", &[]);
        let end = app.made(&end).await;
        // The population's own contacts are compared with too: this one is over already.
        let old = app
            .get("Encounter?patient=p1&status=finished&_count=1")
            .await;
        let old = old.entries()[0]["resource"].clone();
        let path = format!("Encounter/{}", old["id"].as_str().unwrap());
        for status in ["finished", "in-progress", "in-progress", "finished"] {
            let mut changed = old.clone();
            changed["status"] = json!(status);
            assert_eq!(app.put(&path, &changed).await.status, 200);
        }
        world.turns().await;
        for id in [&start, &end] {
            let count = &app.status_of(id).await["events-since-subscription-start"];
            assert_eq!(count, "1", "{} {id} {start}", world.engine);
        }
    }
}

#[tokio::test]
async fn a_transaction_tells_what_comes_after_the_subscription_in_it() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let entry = |resource: Value| {
            let kind = resource["resourceType"].clone();
            json!({"resource": resource, "request": {"method": "POST", "url": kind}})
        };
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            entry(observation("p1", "1")), entry(by_topic(OBSERVATION, "id-only", &[])),
            entry(observation("p1", "2")), entry(observation("p1", "3"))]});
        let answer = app.post("", &bundle).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        world.turns().await;
        let notices = world.endpoint.notices();
        assert_eq!(notices[1].numbers(), [1, 2], "{}", world.engine);
    }
}

#[tokio::test]
async fn what_the_population_has_is_told_when_it_is_deleted() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let topic = "urn:markedsplass:topic:Condition-change";
        app.made(&by_topic(topic, "full-resource", &["patient=p1"]))
            .await;
        let found = app.ids("Condition?patient=p1").await;
        let path = format!("Condition/{}", found[0]);
        assert_eq!(app.delete(&path).await.status, 204);
        world.turns().await;
        let notices = world.endpoint.notices();
        assert_eq!(
            notices[1].foci(),
            std::slice::from_ref(&path),
            "{}",
            world.engine
        );
        assert_eq!(notices[1].entries()[0]["request"]["method"], "DELETE");
        assert!(notices[1].entries()[0].get("resource").is_none());
    }
}

#[tokio::test]
async fn a_search_of_r4_is_told_as_r4_says() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let bare = app.made(&by_search("Observation?code=1", None)).await;
        world.turns().await;
        assert_eq!(app.standing(&bare).await.0, "active");
        assert!(world.endpoint.came().is_empty(), "R4 has no handshake");
        let id = app.made(&observation("p1", "1")).await;
        app.made(&observation("p1", "2")).await;
        assert_eq!(app.delete(&format!("Observation/{id}")).await.status, 204);
        world.turns().await;
        let came = world.endpoint.came();
        let shown: Vec<_> = came
            .iter()
            .map(|one| (one.method, one.address.as_str(), one.body.len()))
            .collect();
        assert_eq!(shown, [("POST", HOOK, 0)], "{}", world.engine);
        assert_eq!(
            app.delete(&format!("Subscription/{bare}")).await.status,
            204
        );

        app.made(&by_search(
            "Observation?code=1",
            Some("application/fhir+json"),
        ))
        .await;
        let id = app.made(&observation("p1", "1")).await;
        world.turns().await;
        let came = world.endpoint.came();
        assert_eq!(came.len(), 1);
        assert_eq!(came[0].method, "PUT");
        assert_eq!(came[0].address, format!("{HOOK}/Observation/{id}"));
        let resource: Value = serde_json::from_slice(&came[0].body).unwrap();
        assert_eq!(resource["id"], id);
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_its_place() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let change = |pointer: &str, value: Value| {
        let mut wrong = by_topic(OBSERVATION, "id-only", &[]);
        *wrong.pointer_mut(pointer).unwrap() = value;
        wrong
    };
    let with = |name: &str, member: &str, value: u64| {
        with_extension(by_topic(OBSERVATION, "empty", &[]), name, member, value)
    };
    let ended = {
        let mut ended = by_topic(OBSERVATION, "empty", &[]);
        ended["end"] = json!("2026-11-20T00:00:00Z");
        ended
    };
    let headed = {
        let mut headed = by_topic(OBSERVATION, "empty", &[]);
        headed["channel"]["header"] = json!(["Host: elsewhere"]);
        headed
    };
    for (wrong, place) in [
        (
            change("/criteria", json!("urn:markedsplass:topic:nothing")),
            "criteria",
        ),
        (change("/criteria", json!("Observation?code=1")), "criteria"),
        (
            by_topic(OBSERVATION, "empty", &["Patient?name=a"]),
            "criteria",
        ),
        (
            by_topic(OBSERVATION, "empty", &["subject.name=a"]),
            "criteria",
        ),
        (by_topic(OBSERVATION, "empty", &["nothing=a"]), "criteria"),
        (by_topic(OBSERVATION, "empty", &[""]), "criteria"),
        (
            by_search("Observation?_has:Provenance:target:agent=a", None),
            "criteria",
        ),
        (by_search("Nothing?code=1", None), "criteria"),
        (change("/channel/type", json!("email")), "channel.type"),
        (
            change("/channel/endpoint", json!("ftp://app.example")),
            "channel.endpoint",
        ),
        (
            change("/channel/endpoint", json!("https://a:b@app.example")),
            "channel.endpoint",
        ),
        (
            change("/channel/payload", json!("application/fhir+xml")),
            "channel.payload",
        ),
        (by_topic(OBSERVATION, "everything", &[]), "channel.payload"),
        (with("timeout", "valueUnsignedInt", 61), "channel"),
        (with("max-count", "valuePositiveInt", 0), "channel"),
        (with("heartbeat-period", "valuePositiveInt", 5), "channel"),
        (headed, "channel.header"),
        (ended, "end"),
    ] {
        let answer = app.post("Subscription", &wrong).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert_eq!(answer.refusal(), "fhir-invalid");
        let at = &answer.json()["issue"][0]["expression"][0];
        assert_eq!(at, &format!("Subscription.{place}"), "{wrong}");
    }
}

#[tokio::test]
async fn the_capability_statement_names_every_topic_and_no_other() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    let statement = world.without_token("metadata").await.json();
    let rest = &statement["rest"][0];
    assert_eq!(
        rest["extension"][0]["valueUri"],
        "ws://localhost:8081/demo/websocket"
    );
    let all = rest["resource"].as_array().unwrap();
    let own = all
        .iter()
        .find(|one| one["type"] == "Subscription")
        .unwrap();
    let topics = own["extension"].as_array().unwrap();
    assert!(topics.len() > 150, "{}", topics.len());
    for topic in topics.iter().step_by(7) {
        let url = topic["valueCanonical"].as_str().unwrap();
        let id = app.made(&by_topic(url, "empty", &[])).await;
        assert_eq!(app.delete(&format!("Subscription/{id}")).await.status, 204);
    }
    let named = own["operation"].as_array().unwrap().iter();
    let named: Vec<_> = named.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(named[..3], ["status", "events", "get-ws-binding-token"]);
}
