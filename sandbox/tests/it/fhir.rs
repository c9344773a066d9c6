//! The bearer check in front of the FHIR server, faults on a switch, and what is recorded of reads.

use std::time::Duration;

use axum::http::Method;
use sandbox::{Behaviour, FhirFault, NewSandbox, PersonName, Surface};

use crate::support::{Answer, ORIGIN, World, public_client, text, world, worlds};

const SCOPE: &str = "launch offline_access patient/*.rs";

async fn read(world: &World, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    world
        .ask(Method::GET, path, &[("authorization", &bearer)])
        .await
}

#[tokio::test]
async fn requirements_94_and_265_only_a_valid_token_of_this_sandbox_is_let_in() {
    for world in worlds().await {
        let tokens = world.tokens(SCOPE, Behaviour::default()).await;
        let access = text(&tokens, "access_token");
        read(&world, "/demo/fhir/Patient/p0", access)
            .await
            .expect(200);
        let missing = world.get("/demo/fhir/Patient/p0").await.expect(401);
        assert_eq!(missing.header("www-authenticate"), "Bearer");
        assert_eq!(missing.json()["resourceType"], "OperationOutcome");
        for wrong in ["x", "", text(&tokens, "refresh_token")] {
            let refused = read(&world, "/demo/fhir/Patient/p0", wrong)
                .await
                .expect(401);
            assert!(
                refused.header("www-authenticate").contains("invalid_token"),
                "{wrong}"
            );
        }
        let new = NewSandbox {
            name: Some("other".to_owned()),
            size: Some(5),
            ..NewSandbox::default()
        };
        world.sandbox.create(new).await.unwrap();
        read(&world, "/other/fhir/Patient/p0", access)
            .await
            .expect(401);
        read(&world, "/nobody/fhir/Patient/p0", access)
            .await
            .expect(404);
        world.clock.advance(Duration::from_hours(1));
        read(&world, "/demo/fhir/Patient/p0", access)
            .await
            .expect(401);
    }
}

#[tokio::test]
async fn requirements_95_and_266_the_token_covers_its_patient_and_types_alone() {
    let world = world().await;
    let tokens = world
        .tokens("launch patient/Patient.rs", Behaviour::default())
        .await;
    let access = text(&tokens, "access_token");
    read(&world, "/demo/fhir/Patient/p0", access)
        .await
        .expect(200);
    let other = read(&world, "/demo/fhir/Patient/p1", access).await;
    assert!(matches!(other.status.as_u16(), 403 | 404), "{other:?}");
    read(&world, "/demo/fhir/Observation", access)
        .await
        .expect(403);
}

#[tokio::test]
async fn requirement_16_the_capability_statement_is_open_to_all() {
    let world = world().await;
    let headers = [("origin", "https://anybody.example")];
    let answer = world
        .ask(Method::GET, "/demo/fhir/metadata", &headers)
        .await
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.json()["resourceType"], "CapabilityStatement");
}

#[tokio::test]
async fn requirement_17_fhir_is_readable_from_registered_origins_also_when_it_refuses() {
    let world = world().await;
    let headers = [
        ("origin", ORIGIN),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ];
    let preflight = world
        .ask(Method::OPTIONS, "/demo/fhir/Patient/p0", &headers)
        .await
        .expect(204);
    assert_eq!(preflight.header("access-control-allow-origin"), ORIGIN);
    let refused = world
        .ask(Method::GET, "/demo/fhir/Patient/p0", &[("origin", ORIGIN)])
        .await
        .expect(401);
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
    assert!(
        refused
            .header("access-control-expose-headers")
            .contains("ETag")
    );
    let stranger = [("origin", "https://evil.example")];
    let other = world
        .ask(Method::GET, "/demo/fhir/Patient/p0", &stranger)
        .await;
    assert_eq!(other.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_token_expires_when_the_launch_says_so_and_a_refreshed_one_works() {
    for world in worlds().await {
        let behaviour = Behaviour {
            expire_after: Some(2),
            ..Behaviour::default()
        };
        let tokens = world.tokens(SCOPE, behaviour).await;
        let access = text(&tokens, "access_token");
        for status in [200, 200, 401, 401] {
            read(&world, "/demo/fhir/Patient/p0", access)
                .await
                .expect(status);
            world.get("/demo/fhir/metadata").await.expect(200);
        }
        let refreshed = world
            .refresh(text(&tokens, "refresh_token"), &[])
            .await
            .expect(200)
            .json();
        for _ in 0..4 {
            read(
                &world,
                "/demo/fhir/Patient/p0",
                text(&refreshed, "access_token"),
            )
            .await
            .expect(200);
        }
        let short = Behaviour {
            token_lifetime: Some(60),
            ..Behaviour::default()
        };
        let tokens = world.tokens(SCOPE, short).await;
        assert_eq!(tokens["expires_in"].as_u64(), Some(60));
        world.clock.advance(Duration::from_mins(1));
        read(
            &world,
            "/demo/fhir/Patient/p0",
            text(&tokens, "access_token"),
        )
        .await
        .expect(401);
    }
}

#[tokio::test]
async fn a_fault_strikes_the_types_that_the_launch_names() {
    let world = world().await;
    let fault = FhirFault {
        status: 503,
        types: vec!["Observation".to_owned()],
    };
    let tokens = world
        .tokens(
            SCOPE,
            Behaviour {
                fhir_fault: Some(fault),
                ..Behaviour::default()
            },
        )
        .await;
    let access = text(&tokens, "access_token");
    read(&world, "/demo/fhir/Patient/p0", access)
        .await
        .expect(200);
    let struck = read(&world, "/demo/fhir/Observation?patient=p0", access)
        .await
        .expect(503);
    assert_eq!(struck.header("retry-after"), "1");
    assert_eq!(struck.json()["resourceType"], "OperationOutcome");
}

#[tokio::test]
async fn the_patient_bears_the_name_that_the_launch_gives() {
    let world = world().await;
    let name = PersonName {
        family: "<b>Øygård</b>".to_owned(),
        given: vec!["Áŋŋá".to_owned()],
    };
    let behaviour = Behaviour {
        patient_name: Some(name),
        ..Behaviour::default()
    };
    let tokens = world.tokens(SCOPE, behaviour).await;
    let access = text(&tokens, "access_token");
    let one = read(&world, "/demo/fhir/Patient/p0", access)
        .await
        .expect(200)
        .json();
    assert_eq!(one["name"][0]["family"], "<b>Øygård</b>");
    let found = read(&world, "/demo/fhir/Patient?_id=p0", access)
        .await
        .expect(200)
        .json();
    assert_eq!(found["entry"][0]["resource"]["name"][0]["given"][0], "Áŋŋá");
}

#[tokio::test]
async fn reads_are_recorded_with_resources_patients_scope_and_launch() {
    for world in worlds().await {
        let tokens = world.tokens(SCOPE, Behaviour::default()).await;
        let access = text(&tokens, "access_token");
        read(&world, "/demo/fhir/Observation?patient=p0&_count=3", access)
            .await
            .expect(200);
        read(&world, "/demo/fhir/Patient/p1", access).await;
        let traffic = world.sandbox.traffic("demo", 0).await.unwrap();
        let search = traffic
            .iter()
            .find(|one| one.surface == Surface::Fhir)
            .unwrap();
        assert_eq!(search.patients, ["p0"]);
        assert!(
            search
                .resources
                .iter()
                .all(|one| one.starts_with("Observation/p0-")),
            "{search:?}"
        );
        assert!(!search.resources.is_empty());
        assert_eq!(search.scope_granted.as_deref(), Some(SCOPE));
        assert_eq!(search.client_id.as_deref(), Some("app"));
        assert!(
            search
                .launch
                .as_deref()
                .is_some_and(|mark| mark.starts_with("secret:launch:"))
        );
        let refused = traffic.last().unwrap();
        assert!(refused.error.is_some(), "{refused:?}");
        assert!(refused.patients.is_empty(), "nothing of p1 was given");
        assert!(!serde_json::to_string(&traffic).unwrap().contains(access));
    }
}

#[tokio::test]
async fn what_was_written_is_gone_after_a_reset_and_stays_in_its_sandbox() {
    for world in worlds().await {
        let client = sandbox::NewClient {
            scope: "launch patient/*.cruds".to_owned(),
            ..public_client()
        };
        world.register(client).await;
        let tokens = world
            .tokens("launch patient/*.cruds", Behaviour::default())
            .await;
        let bearer = format!("Bearer {}", text(&tokens, "access_token"));
        let note = serde_json::json!({
            "resourceType": "DocumentReference",
            "id": "notat-1",
            "status": "current",
            "subject": {"reference": "Patient/p0"},
            "content": [{"attachment": {"contentType": "text/plain", "data": "aGVp"}}],
        });
        let request = axum::http::Request::builder()
            .method(Method::PUT)
            .uri("/demo/fhir/DocumentReference/notat-1")
            .header("authorization", &bearer)
            .header("content-type", "application/fhir+json")
            .body(axum::body::Body::from(note.to_string()))
            .unwrap();
        world.send(request).await.expect(201);
        let path = "/demo/fhir/DocumentReference/notat-1";
        world
            .ask(Method::GET, path, &[("authorization", &bearer)])
            .await
            .expect(200);
        world.sandbox.reset("demo").await.unwrap();
        let again = world
            .tokens("launch patient/*.cruds", Behaviour::default())
            .await;
        let bearer = format!("Bearer {}", text(&again, "access_token"));
        let gone = world
            .ask(Method::GET, path, &[("authorization", &bearer)])
            .await;
        assert!(matches!(gone.status.as_u16(), 404 | 410), "{gone:?}");
    }
}
