//! The catalogue: search, facets, exports, and nothing in it that is not approved.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::support::{World, bundle_with, manifest, orgnr, worlds};

async fn hits(world: &World, query: &str) -> Vec<String> {
    let found = world
        .get("", &format!("/api/v1/catalogue{query}"))
        .await
        .expect(200)
        .json();
    let hits = found["hits"].as_array().unwrap().clone();
    hits.iter()
        .map(|hit| hit["software_id"].as_str().unwrap().to_owned())
        .collect()
}

async fn three(world: &World) {
    world.approved("no.eksempel.en", "Ærlig blodtrykk").await;
    world.approved("no.eksempel.to", "Sårkart").await;
    world.submitted("no.eksempel.tre", "Hemmelig").await;
    world.draft("no.eksempel.fire", "Kladd").await;
}

#[tokio::test]
async fn a_search_finds_words_in_any_case_and_only_what_is_approved() {
    for world in worlds().await {
        three(&world).await;
        assert_eq!(
            hits(&world, "").await,
            ["no.eksempel.to", "no.eksempel.en"],
            "{}",
            world.engine
        );
        assert_eq!(hits(&world, "?q=s%C3%85rKART").await, ["no.eksempel.to"]);
        assert_eq!(
            hits(&world, "?q=%C3%A6RLIG+m%C3%A5linger").await,
            ["no.eksempel.en"]
        );
        assert_eq!(hits(&world, "?q=virksomhet+1").await.len(), 2);
        assert_eq!(hits(&world, "?q=sma-02").await.len(), 2);
        for nothing in ["hemmelig", "kladd", "%25", "_", "'%20OR%201=1%20--", "%5C"] {
            assert_eq!(
                hits(&world, &format!("?q={nothing}")).await.len(),
                0,
                "{nothing}"
            );
        }
    }
}

#[tokio::test]
async fn a_vendor_that_takes_another_name_is_found_by_that() {
    for world in worlds().await {
        three(&world).await;
        let organisations = world.registry.organisations().await.unwrap();
        let mut vendor = organisations
            .into_iter()
            .find(|organisation| organisation.orgnr == orgnr(1))
            .unwrap();
        vendor.name = "Nybakt navn".to_owned();
        world.registry.save_organisation(&vendor).await.unwrap();
        assert_eq!(hits(&world, "?q=nybakt").await.len(), 2, "{}", world.engine);
        assert_eq!(hits(&world, "?q=virksomhet+1").await.len(), 0);
    }
}

#[tokio::test]
async fn facets_count_and_narrow() {
    for world in worlds().await {
        three(&world).await;
        let found = world
            .get("", "/api/v1/catalogue?needs=K04&status=approved")
            .await
            .json();
        assert_eq!(found["total"], 2, "{}", world.engine);
        let kinds = found["facets"]["kind"].as_array().unwrap();
        assert_eq!(
            kinds[0],
            json!({"value": "clinician-app", "count": 2, "chosen": false})
        );
        let vendors = &found["facets"]["vendor"][0];
        assert_eq!(vendors["label"], "Virksomhet 1");
        assert_eq!(hits(&world, "?kind=portal").await.len(), 0);
        let reply = world.get("", "/api/v1/catalogue?page=0&farge=blaa").await;
        reply.refused(400, "query-invalid");
        assert_eq!(reply.findings().len(), 2);
    }
}

#[tokio::test]
async fn exports_have_every_hit() {
    for world in worlds().await {
        three(&world).await;
        let csv = world
            .get("", "/api/v1/catalogue.csv?page_size=1")
            .await
            .expect(200);
        let lines: Vec<_> = csv.text().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 3, "{}", world.engine);
        assert!(lines[0].starts_with("software_id,software_version,status,name,"));
        assert!(lines[2].contains("Ærlig blodtrykk"));
        let ndjson = world
            .get("", "/api/v1/catalogue.ndjson?q=s%C3%A5r")
            .await
            .expect(200)
            .text();
        let listed: Vec<Value> = ndjson
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["fulfilled"], json!(["SMA-02"]));
    }
}

#[tokio::test]
async fn a_known_answer_is_not_sent_again() {
    for world in worlds().await {
        world.approved("no.eksempel.en", "Blodtrykk").await;
        let first = world.get("", "/api/v1/catalogue").await.expect(200);
        let ask = || {
            Request::get("/api/v1/catalogue")
                .header(header::IF_NONE_MATCH, first.headers[header::ETAG].clone())
                .body(Body::empty())
                .unwrap()
        };
        let again = world.send("", ask()).await.expect(304);
        assert!(again.bytes.is_empty());
        world.approved("no.eksempel.to", "Sårkart").await;
        world.send("", ask()).await.expect(200);
    }
}

#[tokio::test]
async fn the_highest_approved_version_is_listed() {
    for world in worlds().await {
        world.approved("no.eksempel.en", "Blodtrykk").await;
        let next = bundle_with("neste");
        let draft = world
            .upload("vendor", "no.eksempel.en", &manifest("1.10.0"), Some(&next))
            .await
            .expect(201)
            .json();
        let listed = |found: Value| found["hits"][0]["software_version"].clone();
        assert_eq!(
            listed(world.get("", "/api/v1/catalogue").await.json()),
            "1.0.0"
        );
        let public = world.get("", "/api/v1/apps/no.eksempel.en").await.json();
        assert_eq!(
            public["versions"].as_array().unwrap().len(),
            1,
            "the draft stays hidden"
        );
        world.checked(&draft, true);
        let path = "/api/v1/apps/no.eksempel.en/versions/1.10.0";
        world
            .post("vendor", &format!("{path}/submission"), json!({}))
            .await
            .expect(200);
        for role in ["security", "clinical"] {
            let review = json!({"decision": "approve", "role": role});
            world
                .post(role, &format!("{path}/reviews"), review)
                .await
                .expect(201);
        }
        world.work().await;
        assert_eq!(
            listed(world.get("", "/api/v1/catalogue").await.json()),
            "1.10.0",
            "{}",
            world.engine
        );
        let public = world.get("", "/api/v1/apps/no.eksempel.en").await.json();
        assert_eq!(public["listed"], "1.10.0");
        assert_eq!(public["versions"].as_array().unwrap().len(), 2);
    }
}
