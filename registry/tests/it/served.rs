//! Uploaded apps at their own origins.

use axum::body::Body;
use axum::http::{Method, Request, header};
use foundation::Digest;
use serde_json::json;

use crate::support::{Reply, World, bundle_with, call, manifest, worlds};

const APP: &str = "no.eksempel.app";

async fn fetch(world: &World, bundle: &[u8], method: Method, path: &str) -> Reply {
    let host = format!("{}.apps.localhost:8082", Digest::of(bundle).label());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, host)
        .body(Body::empty())
        .unwrap();
    call(world.registry.apps_router(), request).await
}

#[tokio::test]
async fn files_are_served_with_what_keeps_them_in_bounds() {
    for world in worlds().await {
        world.draft(APP, "Blodtrykk").await;
        let bundle = bundle_with(APP);
        let page = fetch(&world, &bundle, Method::GET, "/launch.html?iss=x&launch=y")
            .await
            .expect(200);
        assert!(page.text().contains(APP), "{}", world.engine);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["cache-control"], "no-cache");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy
                .contains("connect-src 'self' http://localhost:8081 https://api.eksempel.example;")
        );
        assert!(policy.contains("frame-ancestors http://localhost:8081;"));
        let script = fetch(&world, &bundle, Method::GET, "/app.js")
            .await
            .expect(200);
        assert_eq!(
            script.headers["content-type"],
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            script.headers["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(script.headers["x-content-type-options"], "nosniff");
        assert_eq!(script.headers["cross-origin-opener-policy"], "same-origin");
        let sri = Digest::of(&script.bytes).sri();
        let expected = format!("sha-256=:{}:", sri.trim_start_matches("sha256-"));
        assert_eq!(script.headers["repr-digest"], expected);
        fetch(&world, &bundle, Method::GET, "/ikoner/bl%C3%A5.svg")
            .await
            .expect(200);
        assert!(
            fetch(&world, &bundle, Method::GET, "/")
                .await
                .expect(200)
                .text()
                .contains(APP)
        );
        assert!(
            fetch(&world, &bundle, Method::HEAD, "/app.js")
                .await
                .expect(200)
                .bytes
                .is_empty()
        );
    }
}

#[tokio::test]
async fn nothing_else_is_served() {
    for world in worlds().await {
        world.draft(APP, "Blodtrykk").await;
        let bundle = bundle_with(APP);
        for path in [
            "/nope",
            "/ikoner/",
            "/../launch.html",
            "/%2e%2e/launch.html",
            "//launch.html",
            "/%ff",
            "/LAUNCH.html",
        ] {
            let reply = fetch(&world, &bundle, Method::GET, path).await.expect(404);
            assert!(reply.text().contains("Siden finnes ikke"), "{path}");
        }
        fetch(&world, &bundle, Method::POST, "/launch.html")
            .await
            .expect(405);
        fetch(&world, b"another bundle", Method::GET, "/launch.html")
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn a_draft_cannot_widen_what_the_approved_version_may_contact() {
    for world in worlds().await {
        world.approved(APP, "Blodtrykk").await;
        let bundle = bundle_with(APP);
        let mut wider = manifest("1.1.0");
        wider["hosts"] = json!(["evil.example"]);
        world
            .upload("vendor", APP, &wider, Some(&bundle))
            .await
            .expect(201);
        let page = fetch(&world, &bundle, Method::GET, "/launch.html")
            .await
            .expect(200);
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            !policy.contains("evil.example") && policy.contains("api.eksempel.example"),
            "{}",
            world.engine
        );
    }
}

#[tokio::test]
async fn a_revoked_app_is_gone() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let revoke = json!({"action": "revoke", "reason": "Skadevare."});
        world
            .post("security", &format!("{path}/status"), revoke)
            .await
            .expect(202);
        world.work().await;
        let reply = fetch(&world, &bundle_with(APP), Method::GET, "/launch.html")
            .await
            .expect(410);
        assert!(reply.text().contains("trukket tilbake"), "{}", world.engine);
    }
}
