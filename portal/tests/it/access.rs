//! Who may use which page, and that a form without its token does nothing.

use foundation::access::{Access, Role};

use crate::support::{PEOPLE, world};

fn example(path: &str) -> String {
    path.replace("{app}", "no.eksempel.app")
        .replace("{version}", "1.0.0")
        .replace("{check}", "check_01arz3ndektsv4rrffq69g5fav")
        .replace("{id}", "x")
        .replace("{code}", "form-expired")
        .replace("{file}", "x.css")
}

#[tokio::test]
async fn every_page_lets_in_only_whom_its_line_names() {
    let world = world().await;
    let routes = world.portal.routes();
    let table: Vec<_> = routes
        .table()
        .iter()
        .filter(|route| !route.path.starts_with("/nn"))
        .collect();
    assert!(table.len() > 40);
    for route in table {
        let path = example(&route.path);
        let is_get = route.method == axum::http::Method::GET;
        let mut nobody = world.browser();
        let reply = if is_get {
            nobody.get(&path).await
        } else {
            nobody.post(&path, &[]).await
        };
        match route.access {
            Access::Public | Access::Token(_) => assert_ne!(reply.status, 403, "{path}"),
            _ if is_get => {
                assert_eq!(reply.status, 303, "{path}");
                assert!(reply.location().contains("/logg-inn?retur="), "{path}");
            }
            _ => assert_eq!(reply.status, 401, "{path}"),
        }
        let Access::Roles(roles) = route.access else {
            continue;
        };
        for (key, _, role, _) in PEOPLE {
            let mut browser = world.logged_in(key).await;
            let reply = if is_get {
                browser.get(&path).await
            } else {
                browser.post(&path, &[]).await
            };
            let is_refused = reply.status == 403 && reply.text.contains("wrong-role");
            assert_eq!(
                is_refused,
                !roles.contains(&role),
                "{path} {key} {}",
                reply.text
            );
        }
    }
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_own_session() {
    let world = world().await;
    let mut mine = world.logged_in("vendor").await;
    let mut other = world.logged_in("other-vendor").await;
    let foreign = other.get("/leverandor/ny").await.expect(200).form_token();
    let own = mine.get("/leverandor/ny").await.expect(200).form_token();
    let again = mine.get("/leverandor/ny").await.expect(200).form_token();
    assert_ne!(own, again, "masked afresh in every page");
    for token in ["", "x", &foreign] {
        let page = mine
            .post("/logg-ut", &[("form_token", token)])
            .await
            .expect(403);
        assert!(page.text.contains("form-expired"));
    }
    mine.get("/leverandor").await.expect(200);
    mine.post("/logg-ut", &[("form_token", &own)])
        .await
        .expect(303);
}

#[tokio::test]
async fn every_form_post_without_token_is_refused() {
    let world = world().await;
    let routes = world.portal.routes();
    let mut posts = 0;
    for route in routes
        .table()
        .iter()
        .filter(|route| route.method == axum::http::Method::POST)
    {
        let key = match route.access {
            Access::Roles(roles) if roles.contains(&Role::Vendor) => "vendor",
            _ => "security",
        };
        // The upload says first whose app it is; the page of an unknown app is not found.
        if route.path.ends_with("/ny-versjon") {
            continue;
        }
        let mut browser = world.logged_in(key).await;
        let page = browser.post(&example(&route.path), &[("name", "x")]).await;
        assert_eq!(page.status, 403, "{}", route.path);
        assert!(page.text.contains("form-expired"), "{}", route.path);
        posts += 1;
    }
    assert!(posts >= 24, "{posts}");
}
