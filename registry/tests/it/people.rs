//! Who may come in, and as what.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, header};
use foundation::access::Role;
use registry::RegistryError;
use serde_json::json;

use crate::support::{Reply, World, actor, call, orgnr, worlds};

async fn with_token(world: &World, token: &str, path: &str) -> Reply {
    let request = Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    call(world.router.clone(), request).await
}

#[tokio::test]
async fn a_login_acts_in_the_roles_that_person_and_organisation_share() {
    for world in worlds().await {
        let vendor = orgnr(1);
        let signed_in = world
            .registry
            .sign_in("vendor", "Nytt Navn", vendor.as_str())
            .await
            .unwrap();
        assert_eq!(signed_in.name, "Nytt Navn", "{}", world.engine);
        assert!(signed_in.is(Role::Vendor) && !signed_in.is(Role::Reviewer));
        let unknown = world
            .registry
            .sign_in("vendor", "N", orgnr(2).as_str())
            .await;
        assert!(matches!(unknown, Err(RegistryError::PersonUnknown)));
        let nowhere = world
            .registry
            .sign_in("vendor", "N", orgnr(99).as_str())
            .await;
        assert!(matches!(nowhere, Err(RegistryError::OrganisationUnknown)));
    }
}

#[tokio::test]
async fn a_token_acts_as_its_holder_until_it_ends() {
    for world in worlds().await {
        let made = world
            .post(
                "vendor",
                "/api/v1/tokens",
                json!({"label": "CI", "days": 2}),
            )
            .await
            .expect(201)
            .json();
        let token = made["token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("mpk_"));
        with_token(&world, &token, "/api/v1/apps").await.expect(200);

        let listed = world
            .get("vendor", "/api/v1/tokens")
            .await
            .expect(200)
            .json();
        assert_eq!(listed[0]["label"], "CI", "{}", world.engine);
        assert!(!listed.to_string().contains(&token));
        assert_eq!(
            world.get("other-vendor", "/api/v1/tokens").await.json(),
            json!([])
        );

        world.clock.advance(Duration::from_hours(48));
        with_token(&world, &token, "/api/v1/apps")
            .await
            .refused(401, "token-invalid");
    }
}

#[tokio::test]
async fn only_its_holder_ends_a_token() {
    for world in worlds().await {
        let made = world
            .post("vendor", "/api/v1/tokens", json!({"label": "CI"}))
            .await
            .expect(201)
            .json();
        let token = made["token"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/tokens/{}", made["details"]["id"].as_str().unwrap());
        let delete = || {
            Request::builder()
                .method(Method::DELETE)
                .uri(&path)
                .body(Body::empty())
                .unwrap()
        };
        world
            .send("other-vendor", delete())
            .await
            .refused(404, "token-unknown");
        with_token(&world, &token, "/api/v1/apps").await.expect(200);
        world.send("vendor", delete()).await.expect(204);
        world
            .send("vendor", delete())
            .await
            .refused(404, "token-unknown");
        with_token(&world, &token, "/api/v1/apps")
            .await
            .refused(401, "token-invalid");
    }
}

#[tokio::test]
async fn unknown_tokens_end_the_request_and_other_bearers_do_not() {
    for world in worlds().await {
        with_token(&world, "mpk_guess", "/api/v1/catalogue")
            .await
            .refused(401, "token-invalid");
        with_token(&world, "eyJhbGciOiJub25lIn0", "/api/v1/catalogue")
            .await
            .expect(200);
        let reply = world
            .post(
                "vendor",
                "/api/v1/tokens",
                json!({"label": " ", "days": 4000}),
            )
            .await;
        reply.refused(422, "token-invalid");
        let codes: Vec<_> = reply.findings().into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["token-label", "token-days"]);
        world
            .get("", "/api/v1/tokens")
            .await
            .refused(401, "not-logged-in");
        assert!(
            world
                .registry
                .person(&actor("security"))
                .await
                .unwrap()
                .review_roles
                .len()
                == 1
        );
    }
}
