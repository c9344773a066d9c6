//! Access is denied by default: every route of every surface is tried by a stranger and by somebody
//! in the wrong role. The table that is walked is the one that the routers enforce.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use foundation::access::{Access, Role, RouteEntry};
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::telemetry::Metrics;
use markedsplass::compose::{Product, Role as Part};
use markedsplass::config::Config;
use registry::{Organisation, Person};
use tempfile::TempDir;
use tower::ServiceExt;

async fn product(folder: &TempDir) -> Product {
    let mut config = Config::default();
    config.storage.data = folder.path().to_owned();
    let entropy = Arc::new(SystemEntropy::default());
    Product::compose(config, Arc::new(SystemClock), entropy)
        .await
        .unwrap()
}

async fn token(product: &Product, role: Role) -> String {
    let organisation = Organisation {
        orgnr: "310712337".parse().unwrap(),
        name: "Prøve".to_owned(),
        roles: Role::ALL.into(),
    };
    let person = Person {
        subject: format!("person-{}", role.as_str()),
        name: "Prøve".to_owned(),
        orgnr: organisation.orgnr.clone(),
        roles: [role].into(),
        review_roles: [].into(),
    };
    let registry = &product.registry;
    registry.save_organisation(&organisation).await.unwrap();
    registry.save_person(&person).await.unwrap();
    let actor = registry
        .sign_in(&person.subject, &person.name, person.orgnr.as_str())
        .await
        .unwrap();
    let made = registry.create_token(&actor, "test", 1).await.unwrap();
    made.secret.expose().to_owned()
}

/// The answer to a request without body, with a token or none.
async fn try_route(router: &Router, entry: &RouteEntry, token: Option<&str>) -> StatusCode {
    let path: String = entry
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/");
    let mut request = Request::builder().method(entry.method.clone()).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn every_route_refuses_strangers_and_wrong_roles() {
    let folder = tempfile::tempdir().unwrap();
    let product = product(&folder).await;
    let tables = product.route_tables();
    let surfaces = product.surfaces(&Part::ALL, &Metrics::detached());
    let mut walked = 0;
    for (table, surface) in tables.iter().zip(&surfaces) {
        for entry in table {
            let stranger = || try_route(&surface.router, entry, None);
            match entry.access {
                Access::Public => {}
                // The handler itself asks for its token; a stranger has none.
                Access::Token(_) => {
                    let status = stranger().await;
                    assert!(
                        !status.is_success(),
                        "{entry:?} let a stranger in: {status}"
                    );
                }
                Access::Authenticated => {
                    let status = stranger().await;
                    assert!(is_refused(status), "{entry:?} let a stranger in: {status}");
                }
                Access::Roles(roles) => {
                    let status = stranger().await;
                    assert!(is_refused(status), "{entry:?} let a stranger in: {status}");
                    let wrong = Role::ALL.into_iter().find(|role| !roles.contains(role));
                    // Pages know their visitor by session, not by token.
                    if let (Some(wrong), true) = (wrong, entry.path.starts_with("/api/")) {
                        let token = token(&product, wrong).await;
                        let status = try_route(&surface.router, entry, Some(&token)).await;
                        assert_eq!(status, StatusCode::FORBIDDEN, "{entry:?} for {wrong:?}");
                    }
                }
            }
            walked += 1;
        }
    }
    assert!(
        walked > 60,
        "only {walked} routes: the tables are not whole"
    );
}

/// A stranger is turned away: by the API, or by a page that sends to the login.
fn is_refused(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::SEE_OTHER
            | StatusCode::FOUND
    )
}
