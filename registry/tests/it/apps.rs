//! App entries: shape, ownership, names and changes.

use axum::http::{HeaderValue, Method, header};
use serde_json::json;

use crate::support::{Reply, World, entry, json_request, worlds};

async fn put(
    world: &World,
    who: &str,
    id: &str,
    tag: Option<&HeaderValue>,
    body: serde_json::Value,
) -> Reply {
    let mut request = json_request(Method::PUT, &format!("/api/v1/apps/{id}"), &body);
    if let Some(tag) = tag {
        request.headers_mut().insert(header::IF_MATCH, tag.clone());
    }
    world.send(who, request).await
}

#[tokio::test]
async fn an_entry_is_made_once_and_is_the_vendors_own() {
    for world in worlds().await {
        let path = "/api/v1/apps/no.eksempel.app";
        let made = world
            .post(
                "vendor",
                "/api/v1/apps",
                entry("no.eksempel.app", "Blodtrykk"),
            )
            .await
            .expect(201);
        assert_eq!(made.headers[header::LOCATION], path, "{}", world.engine);
        world
            .post(
                "vendor",
                "/api/v1/apps",
                entry("no.eksempel.app", "Blodtrykk"),
            )
            .await
            .refused(409, "app-exists");
        world
            .post(
                "other-vendor",
                "/api/v1/apps",
                entry("no.eksempel.app", "Noe annet"),
            )
            .await
            .refused(409, "software-id-taken");
        world.get("vendor", path).await.expect(200);
        world.get("operator", path).await.expect(200);
        for stranger in ["", "other-vendor", "security", "municipality"] {
            world.get(stranger, path).await.refused(404, "app-unknown");
        }
        assert_eq!(
            world.get("vendor", "/api/v1/apps").await.json()[0]["entry"]["name"]["nb"],
            "Blodtrykk"
        );
        assert_eq!(
            world.get("other-vendor", "/api/v1/apps").await.json(),
            json!([])
        );
    }
}

#[tokio::test]
async fn every_broken_rule_is_listed_and_nothing_is_stored() {
    for world in worlds().await {
        let mut broken = entry("no.eksempel.app", "Blodtrykk");
        broken["needs"] = json!(["K99"]);
        broken["purpose"]["nb"] = json!("x".repeat(601));
        broken["colour"] = json!("red");
        let reply = world.post("vendor", "/api/v1/apps", broken).await;
        reply.refused(422, "app-invalid");
        let found = reply.findings();
        for expected in [
            ("schema-pattern", "/needs/0"),
            ("schema-max-length", "/purpose/nb"),
            ("schema-additional-properties", ""),
        ] {
            assert!(
                found
                    .iter()
                    .any(|(code, place)| (code.as_str(), place.as_str()) == expected),
                "{found:?}"
            );
        }
        let mut lying = entry("eksempel", "Blоdtrykk");
        lying["software_id"] = json!("no.eksempel.app");
        lying["links"]["home"] = json!("http://eksempel.example/");
        let reply = world.post("vendor", "/api/v1/apps", lying).await;
        assert_eq!(
            reply.findings(),
            [
                ("name-mixed-script".to_owned(), "/name/nb".to_owned()),
                ("address-scheme".to_owned(), "/links/home".to_owned())
            ]
        );
        world
            .get("vendor", "/api/v1/apps/no.eksempel.app")
            .await
            .refused(404, "app-unknown");
    }
}

#[tokio::test]
async fn a_name_that_looks_like_another_vendors_is_refused() {
    for world in worlds().await {
        world.entry("no.eksempel.en", "Blodtrykk").await;
        world.entry("no.eksempel.to", "Blodtrykk").await;
        for look_alike in ["BLODTRYKK", "Blod-trykk", "B1odtrykk"] {
            let reply = world
                .post(
                    "other-vendor",
                    "/api/v1/apps",
                    entry("no.annen.app", look_alike),
                )
                .await;
            reply.refused(422, "app-invalid");
            assert_eq!(reply.findings()[0].0, "name-confusable", "{look_alike}");
        }
        world
            .get("other-vendor", "/api/v1/apps/no.annen.app")
            .await
            .refused(404, "app-unknown");
        let other = world
            .post(
                "other-vendor",
                "/api/v1/apps",
                entry("no.annen.app", "Blodsukker"),
            )
            .await;
        other.expect(201);
    }
}

#[tokio::test]
async fn a_change_needs_the_revision_that_was_read() {
    for world in worlds().await {
        world.entry("no.eksempel.app", "Blodtrykk").await;
        let read = world
            .get("vendor", "/api/v1/apps/no.eksempel.app")
            .await
            .expect(200);
        let tag = read.headers[header::ETAG].clone();
        let changed = || entry("no.eksempel.app", "Blodtrykk to");
        put(&world, "vendor", "no.eksempel.app", None, changed())
            .await
            .refused(412, "entry-stale");
        put(
            &world,
            "other-vendor",
            "no.eksempel.app",
            Some(&tag),
            changed(),
        )
        .await
        .refused(404, "app-unknown");
        let moved = put(
            &world,
            "vendor",
            "no.eksempel.app",
            Some(&tag),
            entry("no.eksempel.b", "B"),
        )
        .await;
        assert_eq!(moved.findings()[0].0, "software-id-fixed");
        put(&world, "vendor", "no.eksempel.app", Some(&tag), changed())
            .await
            .expect(200);
        put(&world, "vendor", "no.eksempel.app", Some(&tag), changed())
            .await
            .refused(412, "entry-stale");
    }
}

#[tokio::test]
async fn roles_decide_who_may_create() {
    for world in worlds().await {
        let body = || entry("no.eksempel.app", "Blodtrykk");
        world
            .post("", "/api/v1/apps", body())
            .await
            .refused(401, "not-logged-in");
        for wrong in ["security", "municipality", "operator"] {
            world
                .post(wrong, "/api/v1/apps", body())
                .await
                .refused(403, "wrong-role");
        }
    }
}
