//! Snapshots, clones and shares over HTTP: what they keep, and who may.

use axum::http::Method;
use foundation::access::{Actor, Role};
use futures::future::join_all;
use sandbox::{Behaviour, NewClient, NewSandbox, SandboxConfig};
use serde_json::{Value, json};

use crate::support::{
    World, actor, config, public_client, text, world, world_with, worlds, worlds_with,
};

const VENDOR: &str = "310700002";
const RIVAL: &str = "310701378";
const ALL: &str = "/api/v1/sandboxes";

fn vendor() -> Actor {
    actor(Role::Vendor, VENDOR)
}

fn rival() -> Actor {
    actor(Role::Epj, RIVAL)
}

fn operator() -> Actor {
    actor(Role::Operator, "310712337")
}

async fn call(world: &World, who: Actor, method: Method, path: &str) -> (u16, String) {
    let answer = world.json(method, path, Some(who), &json!({})).await;
    let code = match answer.status.as_u16() {
        400.. => answer.json()["code"].as_str().unwrap().to_owned(),
        _ => String::new(),
    };
    (answer.status.as_u16(), code)
}

async fn post(world: &World, who: Actor, path: &str, body: Value) -> (u16, Value) {
    let answer = world.json(Method::POST, path, Some(who), &body).await;
    let status = answer.status.as_u16();
    let body = if status == 204 {
        Value::Null
    } else {
        answer.json()
    };
    (status, body)
}

/// Writes a note in the demo sandbox, or reads it there; gives the status.
async fn note(world: &World, method: Method) -> u16 {
    let tokens = world
        .tokens("launch patient/*.cruds", Behaviour::default())
        .await;
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let note = json!({"resourceType": "DocumentReference", "id": "notat-1", "status": "current",
        "subject": {"reference": "Patient/p0"},
        "content": [{"attachment": {"contentType": "text/plain", "data": "aGVp"}}]});
    let body = if method == Method::PUT {
        note.to_string()
    } else {
        String::new()
    };
    let request = axum::http::Request::builder()
        .method(method)
        .uri("/demo/fhir/DocumentReference/notat-1")
        .header("authorization", bearer)
        .header("content-type", "application/fhir+json")
        .body(axum::body::Body::from(body))
        .unwrap();
    world.send(request).await.status.as_u16()
}

async fn writer(world: &World) {
    let client = NewClient {
        scope: "launch patient/*.cruds".to_owned(),
        ..public_client()
    };
    world.register(client).await;
}

#[tokio::test]
async fn a_sandbox_goes_back_to_a_snapshot_and_is_cloned_from_it() {
    for world in worlds().await {
        writer(&world).await;
        let snapshots = format!("{ALL}/demo/snapshots");
        let (status, empty) = post(&world, operator(), &snapshots, json!({"name": "tomt"})).await;
        assert_eq!((status, &empty["changes"]), (201, &json!(0)));
        assert_eq!(note(&world, Method::PUT).await, 201);
        let (status, taken) =
            post(&world, operator(), &snapshots, json!({"name": "med-notat"})).await;
        assert_eq!((status, &taken["changes"]), (201, &json!(1)));
        let (status, twice) = post(&world, operator(), &snapshots, json!({"name": "tomt"})).await;
        assert_eq!(
            (status, &twice["code"]),
            (409, &json!("snapshot-name-taken"))
        );
        let (status, odd) = post(&world, operator(), &snapshots, json!({"name": "Å"})).await;
        assert_eq!((status, &odd["code"]), (400, &json!("snapshot-name")));

        let tokens = world
            .tokens("launch patient/*.rs", Behaviour::default())
            .await;
        let restore = |name: &str| format!("{snapshots}/{name}/restore");
        let (status, _) = post(&world, operator(), &restore("tomt"), json!({})).await;
        assert_eq!(status, 204);
        assert!(!world.is_active(text(&tokens, "access_token")).await);
        assert_eq!(note(&world, Method::GET).await, 404);
        let (status, _) = post(&world, operator(), &restore("med-notat"), json!({})).await;
        assert_eq!(status, 204);
        assert_eq!(note(&world, Method::GET).await, 200);
        let (status, unknown) = post(&world, operator(), &restore("ukjent"), json!({})).await;
        assert_eq!(
            (status, &unknown["code"]),
            (404, &json!("snapshot-unknown"))
        );

        // What is open to everybody is cloned by everybody, with its clients; keys are the clone's own.
        let clones = format!("{ALL}/demo/clones");
        let (status, made) = post(&world, vendor(), &clones, json!({"name": "kopi"})).await;
        assert_eq!((status, &made["owner"]), (201, &json!(VENDOR)));
        let (_, clients) = (0, world.sandbox.clients("kopi").await.unwrap());
        assert_eq!(clients[0].client_id, "app");
        let keys = |name: &str| format!("/{name}/auth/jwks");
        let own = world.get(&keys("kopi")).await.expect(200).json();
        assert_ne!(own, world.get(&keys("demo")).await.expect(200).json());
        let again = world.get(&keys("kopi")).await.expect(200).json();
        assert_eq!(own, again);
        // The clone holds what was written, as a snapshot of its own tells; and goes its own way.
        let of_clone = format!("{ALL}/kopi/snapshots");
        let (_, taken) = post(&world, vendor(), &of_clone, json!({"name": "start"})).await;
        assert_eq!(taken["changes"], 1);
        world.sandbox.reset("kopi").await.unwrap();
        assert_eq!(note(&world, Method::GET).await, 200);

        let path = format!("{snapshots}/med-notat");
        assert_eq!(call(&world, operator(), Method::DELETE, &path).await.0, 204);
        let gone = call(&world, operator(), Method::DELETE, &path).await;
        assert_eq!(gone, (404, "snapshot-unknown".to_owned()));
        let left = world
            .json(Method::GET, &snapshots, Some(operator()), &json!({}))
            .await;
        assert_eq!(left.json().as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_shared_sandbox_is_used_by_both_and_changed_by_its_owner() {
    for world in worlds().await {
        let new = json!({"name": "felles", "size": 5});
        assert_eq!(post(&world, vendor(), ALL, new).await.0, 201);
        let traffic = format!("{ALL}/felles/traffic");
        let unknown = (404, "sandbox-unknown".to_owned());
        assert_eq!(call(&world, rival(), Method::GET, &traffic).await, unknown);
        let share = |organisation: &str| format!("{ALL}/felles/shares/{organisation}");
        let theft = call(&world, rival(), Method::PUT, &share(RIVAL)).await;
        assert_eq!(theft, unknown);
        let odd = call(&world, vendor(), Method::PUT, &share("310700003")).await;
        assert_eq!(odd, (400, "organisation-number".to_owned()));
        for _ in 0..2 {
            let shared = call(&world, vendor(), Method::PUT, &share(RIVAL)).await;
            assert_eq!(shared.0, 204);
        }
        assert_eq!(call(&world, rival(), Method::GET, &traffic).await.0, 200);
        let listed = world
            .json(Method::GET, ALL, Some(rival()), &json!({}))
            .await
            .json();
        assert_eq!(
            (&listed[0]["name"], &listed[0]["owner"]),
            (&json!("felles"), &json!(VENDOR))
        );
        let snapshots = format!("{ALL}/felles/snapshots");
        assert_eq!(
            post(&world, rival(), &snapshots, json!({"name": "vaart"}))
                .await
                .0,
            201
        );
        let not_owner = (403, "sandbox-not-owner".to_owned());
        for (method, path) in [
            (Method::DELETE, format!("{ALL}/felles")),
            (Method::POST, format!("{ALL}/felles/reset")),
            (Method::DELETE, format!("{snapshots}/vaart")),
            (Method::POST, format!("{snapshots}/vaart/restore")),
            (Method::GET, format!("{ALL}/felles/shares")),
            (Method::PUT, share("310708224")),
        ] {
            assert_eq!(
                call(&world, rival(), method, &path).await,
                not_owner,
                "{path}"
            );
        }
        let clones = format!("{ALL}/felles/clones");
        let (status, own) = post(&world, rival(), &clones, json!({"snapshot": "vaart"})).await;
        assert_eq!((status, &own["owner"]), (201, &json!(RIVAL)));
        assert_eq!(
            call(&world, vendor(), Method::DELETE, &share(RIVAL))
                .await
                .0,
            204
        );
        assert_eq!(call(&world, rival(), Method::GET, &traffic).await, unknown);
        let ended = call(&world, vendor(), Method::DELETE, &share(RIVAL)).await;
        assert_eq!(ended, (404, "sandbox-not-shared".to_owned()));
    }
}

#[tokio::test]
async fn nobody_has_more_than_the_quotas_give() {
    let few = SandboxConfig {
        sandboxes_per_organisation: 2,
        ..config()
    };
    let world = world_with(few).await;
    for expected in [201, 201, 409] {
        assert_eq!(
            post(&world, vendor(), ALL, json!({"size": 5})).await.0,
            expected
        );
    }
    let clones = format!("{ALL}/demo/clones");
    let (_, refused) = post(&world, vendor(), &clones, json!({})).await;
    assert_eq!(refused["code"], "sandbox-quota");
    assert_eq!(post(&world, rival(), ALL, json!({"size": 5})).await.0, 201);
    // Checks make sandboxes that nobody owns.
    for _ in 0..3 {
        world.sandbox.create(NewSandbox::default()).await.unwrap();
    }
}

/// Counting and adding are one thing, on both engines: whoever asks at the same moment waits.
#[tokio::test]
async fn nobody_gets_more_by_asking_for_all_at_once() {
    let few = SandboxConfig {
        sandboxes_per_organisation: 3,
        ..config()
    };
    for world in worlds_with(&few).await {
        let asked = (0..12).map(|_| post(&world, vendor(), ALL, json!({"size": 5})));
        let made = join_all(asked).await;
        let made = made.iter().filter(|(status, _)| *status == 201).count();
        assert_eq!(made, 3, "sandboxes");

        let snapshots = format!("{ALL}/demo/snapshots");
        let names = (0..56).map(|number| json!({"name": format!("nr-{number}")}));
        let asked = names.map(|name| post(&world, operator(), &snapshots, name));
        let taken = join_all(asked).await;
        let taken = taken.iter().filter(|(status, _)| *status == 201).count();
        assert_eq!(taken, 50, "snapshots");
    }
}

#[tokio::test]
async fn a_sandbox_has_fifty_snapshots_at_most() {
    let world = world().await;
    let snapshots = format!("{ALL}/demo/snapshots");
    for number in 0..50 {
        let name = json!({"name": format!("nr-{number}")});
        assert_eq!(post(&world, operator(), &snapshots, name).await.0, 201);
    }
    let (status, refused) = post(&world, operator(), &snapshots, json!({"name": "en-til"})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("snapshot-quota")));
}
