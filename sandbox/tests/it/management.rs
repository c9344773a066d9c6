//! Making, resetting and deleting sandboxes; and who may.

use std::time::Duration;

use axum::http::Method;
use foundation::access::{Access, Role};
use foundation::jobs::Worker;
use sandbox::{Behaviour, NewSandbox, SandboxError};
use sea_query::{Alias, Asterisk, Expr, Func, Query};
use serde_json::json;

use crate::support::{World, actor, world, worlds};

#[tokio::test]
async fn a_sandbox_is_made_reset_and_deleted() {
    for world in worlds().await {
        let made = world
            .sandbox
            .create(NewSandbox {
                size: Some(5),
                ..NewSandbox::default()
            })
            .await
            .unwrap();
        assert!(made.name.starts_with("s-"), "{}", made.name);
        let path = format!("/{}/fhir/.well-known/smart-configuration", made.name);
        world.get(&path).await.expect(200);
        assert_eq!(world.sandbox.traffic(&made.name, 0).await.unwrap().len(), 1);
        world.sandbox.reset(&made.name).await.unwrap();
        assert!(
            world
                .sandbox
                .traffic(&made.name, 0)
                .await
                .unwrap()
                .is_empty()
        );
        world.sandbox.delete(&made.name).await.unwrap();
        world.get(&path).await.expect(404);
        let gone = world.sandbox.traffic(&made.name, 0).await;
        assert!(matches!(gone, Err(SandboxError::UnknownSandbox(_))));
    }
}

#[tokio::test]
async fn a_sandbox_made_for_a_time_goes_by_itself() {
    for world in worlds().await {
        let make = |lifetime| {
            world.sandbox.create(NewSandbox {
                size: Some(5),
                lifetime,
                ..NewSandbox::default()
            })
        };
        let short = make(Some(3600)).await.unwrap();
        let long = make(Some(3 * 3600)).await.unwrap();
        let lasting = make(None).await.unwrap();
        assert_eq!(lasting.expires_at, None);
        world.clock.advance(Duration::from_hours(2));
        let worker = sweeper(&world);
        assert_eq!(worker.run_due().await.unwrap(), 1);
        let left = world.sandbox.sandboxes().await.unwrap();
        let left: Vec<String> = left.into_iter().map(|info| info.name).collect();
        assert!(!left.contains(&short.name));
        assert!(left.contains(&long.name) && left.contains(&lasting.name));
    }
}

#[tokio::test]
async fn a_reset_ends_tokens_and_launches_and_keeps_clients() {
    for world in worlds().await {
        let tokens = world
            .tokens("launch offline_access patient/*.rs", Behaviour::default())
            .await;
        world.sandbox.reset("demo").await.unwrap();
        assert!(
            !world
                .is_active(tokens["access_token"].as_str().unwrap())
                .await
        );
        assert_eq!(world.sandbox.clients("demo").await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn names_that_are_taken_ours_or_odd_are_refused() {
    for world in worlds().await {
        let make = |name: &str| {
            let new = NewSandbox {
                name: Some(name.to_owned()),
                ..NewSandbox::default()
            };
            let world = &world;
            async move { world.sandbox.create(new).await }
        };
        assert!(matches!(
            make("demo").await,
            Err(SandboxError::NameTaken(_))
        ));
        for name in ["helseid", "api", "", "../x", "Ø"] {
            assert!(
                matches!(make(name).await, Err(SandboxError::BadName(_))),
                "{name}"
            );
        }
        let many = NewSandbox {
            size: Some(u32::MAX),
            ..NewSandbox::default()
        };
        assert!(matches!(
            world.sandbox.create(many).await,
            Err(SandboxError::Dataset(_))
        ));
        assert!(matches!(
            world.sandbox.delete("demo").await,
            Err(SandboxError::DemoStays)
        ));
        assert!(matches!(
            world.sandbox.delete("nobody").await,
            Err(SandboxError::UnknownSandbox(_))
        ));
    }
}

#[tokio::test]
async fn two_processes_that_start_at_once_share_one_key() {
    for fresh in foundation::testing::databases().await.unwrap() {
        let process = || {
            sandbox::Sandbox::new(sandbox::Parts {
                database: fresh.database.clone(),
                clock: foundation::testing::clock(),
                entropy: foundation::testing::entropy(),
                config: sandbox::SandboxConfig::default(),
                approvals: std::sync::Arc::new(crate::support::Registry::default()),
                notifications: std::sync::Arc::new(crate::support::Endpoint::default()),
            })
            .unwrap()
        };
        let (one, two) = (process(), process());
        let (first, second) = tokio::join!(one.prepare(), two.prepare());
        first.unwrap();
        second.unwrap();
        let keys = |sandbox: sandbox::Sandbox| async move {
            crate::support::ask(sandbox.routes().into_router(), "/demo/auth/jwks").await
        };
        assert_eq!(keys(one).await, keys(two).await);
    }
}

#[tokio::test]
async fn preparing_twice_changes_nothing() {
    for world in worlds().await {
        let before = world.get("/demo/auth/jwks").await.json();
        world.sandbox.prepare().await.unwrap();
        assert_eq!(world.sandbox.sandboxes().await.unwrap().len(), 1);
        assert_eq!(world.get("/demo/auth/jwks").await.json(), before);
    }
}

#[tokio::test]
async fn over_http_an_organisation_sees_and_changes_its_own_sandboxes_alone() {
    for world in worlds().await {
        let vendor = || Some(actor(Role::Vendor, "310700002"));
        let rival = || Some(actor(Role::Vendor, "310701378"));
        let all = "/api/v1/sandboxes";
        let nothing = json!({});
        world
            .json(Method::POST, all, None, &nothing)
            .await
            .expect(401);
        let buyer = Some(actor(Role::Municipality, "310708224"));
        world
            .json(Method::POST, all, buyer, &nothing)
            .await
            .expect(403);
        let new = json!({"name": "mine", "size": 5});
        world
            .json(Method::POST, all, vendor(), &new)
            .await
            .expect(201);
        let theft = json!({"name": "other", "owner": "310700002"});
        world
            .json(Method::POST, all, rival(), &theft)
            .await
            .expect(422);
        let clients = "/api/v1/sandboxes/mine/clients";
        let client = json!({
            "client_id": "app",
            "redirect_uris": ["https://app.example/cb"],
            "launch_uri": "https://app.example/launch",
            "scope": "launch patient/*.rs",
            "token_endpoint_auth_method": "client_secret_basic",
        });
        world
            .json(Method::POST, clients, rival(), &client)
            .await
            .expect(404);
        let registered = world
            .json(Method::POST, clients, vendor(), &client)
            .await
            .expect(201)
            .json();
        assert!(
            registered["client_secret"]
                .as_str()
                .unwrap()
                .starts_with("mcs_")
        );
        let shown = world
            .json(Method::GET, clients, vendor(), &nothing)
            .await
            .expect(200)
            .json();
        assert!(shown[0].get("client_secret").is_none());
        let launches = "/api/v1/sandboxes/mine/launches";
        let launch = json!({"client_id": "app", "patient": "p1"});
        let made = world
            .json(Method::POST, launches, vendor(), &launch)
            .await
            .expect(201)
            .json();
        assert!(
            made["url"]
                .as_str()
                .unwrap()
                .starts_with("https://app.example/launch?iss=")
        );
        world
            .json(Method::POST, launches, rival(), &launch)
            .await
            .expect(404);
        for path in [
            "/api/v1/sandboxes/mine/traffic",
            "/api/v1/sandboxes/demo/traffic",
        ] {
            world
                .json(Method::GET, path, rival(), &nothing)
                .await
                .expect(404);
        }
        world
            .json(Method::DELETE, "/api/v1/sandboxes/mine", rival(), &nothing)
            .await
            .expect(404);
        let listed = world
            .json(Method::GET, all, rival(), &nothing)
            .await
            .expect(200)
            .json();
        assert_eq!(listed, json!([]));
        world
            .json(Method::DELETE, "/api/v1/sandboxes/mine", vendor(), &nothing)
            .await
            .expect(204);
    }
}

#[tokio::test]
async fn wrong_clients_launches_and_behaviours_have_their_own_codes() {
    let world = world().await;
    let operator = || Some(actor(Role::Operator, "310712337"));
    let client = |change: serde_json::Value| {
        let mut client = json!({"redirect_uris": ["https://app.example/cb"], "scope": "launch"});
        for (name, value) in change.as_object().unwrap() {
            client[name] = value.clone();
        }
        client
    };
    for (change, code) in [
        (json!({"redirect_uris": []}), "client-invalid"),
        (
            json!({"redirect_uris": ["javascript:alert(1)"]}),
            "client-invalid",
        ),
        (json!({"launch_uri": "ftp://x"}), "client-invalid"),
        (json!({"scope": "patient/Observation.sr"}), "client-invalid"),
        (
            json!({"token_endpoint_auth_method": "private_key_jwt"}),
            "client-invalid",
        ),
        (
            json!({"origins": ["https://a.example/path"]}),
            "client-invalid",
        ),
        (json!({"client_id": "a b"}), "client-invalid"),
        (json!({"surprise": 1}), "body-invalid"),
    ] {
        let path = "/api/v1/sandboxes/demo/clients";
        let refused = world
            .json(Method::POST, path, operator(), &client(change.clone()))
            .await;
        assert_eq!(refused.json()["code"], code, "{change}");
    }
    for (launch, code) in [
        (json!({"client_id": "nobody"}), "client-unknown"),
        (
            json!({"client_id": "app", "patient": "p9999"}),
            "sandbox-person-unknown",
        ),
        (
            json!({"client_id": "app", "patient": "p01"}),
            "sandbox-person-unknown",
        ),
        (
            json!({"client_id": "app", "practitioner": "x"}),
            "sandbox-person-unknown",
        ),
        (
            json!({"client_id": "app", "patient": "p1", "encounter": {"id": "p2-e1"}}),
            "sandbox-person-unknown",
        ),
        (
            json!({"client_id": "app", "behaviour": {"token_lifetime": 0}}),
            "behaviour-invalid",
        ),
        (
            json!({"client_id": "app", "behaviour": {"fhir_fault": {"status": 200}}}),
            "behaviour-invalid",
        ),
    ] {
        let path = "/api/v1/sandboxes/demo/launches";
        let refused = world.json(Method::POST, path, operator(), &launch).await;
        assert_eq!(refused.json()["code"], code, "{launch}");
    }
}

#[tokio::test]
async fn a_cast_has_different_people_of_whom_much_is_known() {
    let world = world().await;
    let cast = world.sandbox.cast("demo").await.unwrap();
    assert_eq!(cast.client_id, "app");
    assert!(cast.patients.len() >= 3, "{cast:?}");
    let mut names = std::collections::BTreeSet::new();
    for id in &cast.patients {
        let found = world.sandbox.patients("demo", id, 1).await.unwrap();
        assert!(names.insert(found[0].name()), "{id}");
    }
    assert_eq!(cast.practitioners.len(), 6);
}

#[tokio::test]
async fn every_route_says_who_may_use_it_and_management_is_never_public() {
    let world = world().await;
    let routes = world.sandbox.routes();
    assert!(routes.table().len() > 30);
    for route in routes.table() {
        let managed = route.path.starts_with("/api/");
        assert_eq!(
            managed,
            matches!(route.access, Access::Roles(_)),
            "{route:?}"
        );
    }
}

#[tokio::test]
async fn what_has_served_its_time_is_forgotten_by_the_hour() {
    for world in worlds().await {
        let offline = world
            .tokens("launch offline_access patient/*.rs", Behaviour::default())
            .await;
        world
            .tokens("launch patient/*.rs", Behaviour::default())
            .await;
        let worker = sweeper(&world);
        world.clock.advance(Duration::from_hours(26));
        assert_eq!(worker.run_due().await.unwrap(), 1);
        assert_eq!(rows(&world, "sandbox_launch").await, 0);
        assert_eq!(
            rows(&world, "sandbox_grant").await,
            1,
            "the one that may be refreshed"
        );
        assert_eq!(rows(&world, "sandbox_token").await, 1);
        let again = world
            .refresh(offline["refresh_token"].as_str().unwrap(), &[])
            .await;
        again.expect(200);
        world.clock.advance(Duration::from_hours(1));
        assert_eq!(worker.run_due().await.unwrap(), 1, "it comes again");
    }
}

fn sweeper(world: &World) -> Worker {
    let database = world.database.database.clone();
    let clock = world.clock.clone();
    let worker = Worker::new(database, clock, &*foundation::testing::entropy(), 1);
    world.sandbox.jobs(worker)
}

async fn rows(world: &World, table: &str) -> i64 {
    let mut tx = world.database.database.read().await.unwrap();
    let count = Query::select()
        .expr(Func::count(Expr::col(Asterisk)))
        .from(Alias::new(table))
        .to_owned();
    tx.one::<(i64,)>(&count).await.unwrap().0
}
