//! The API's description has exactly the routes that are served at the portal's address, with who may
//! use them and every parameter of their paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use foundation::access::{Access, RouteEntry};
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use markedsplass::compose::Product;
use markedsplass::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The product on a folder of its own, not listening.
pub(crate) async fn product(folder: &TempDir) -> Product {
    let mut config = Config::default();
    config.storage.data = folder.path().to_owned();
    let entropy = Arc::new(SystemEntropy::default());
    Product::compose(config, Arc::new(SystemClock), entropy)
        .await
        .unwrap()
}

/// Method and path of a route, as the description writes them.
fn key(route: &RouteEntry) -> (String, String) {
    let path = route.path.replace("{*", "{");
    (route.method.as_str().to_lowercase(), path)
}

/// Everything that is not a page for people.
fn is_api(route: &RouteEntry) -> bool {
    let machines = [
        "/api/",
        "/trust/",
        "/status/",
        "/log/",
        "/{log}/",
        "/schemas/",
        "/federation/",
        "/apps/",
        "/.well-known/",
    ];
    route.path == "/openapi.json" || machines.iter().any(|begin| route.path.starts_with(begin))
}

fn described(document: &Value) -> BTreeMap<(String, String), &Value> {
    let mut all = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            all.insert((method.clone(), path.clone()), operation);
        }
    }
    all
}

#[tokio::test]
async fn the_description_has_exactly_the_routes_that_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let [portal, _] = product(&folder).await.route_tables();
    let served: Vec<_> = portal
        .iter()
        .filter(|route| is_api(route))
        .map(key)
        .collect();
    let document: Value = serde_json::from_str(registry::OPENAPI).unwrap();
    let described = described(&document);
    for route in &served {
        assert!(described.contains_key(route), "{route:?} is not described");
    }
    for route in described.keys() {
        assert!(
            served.contains(route),
            "{route:?} is described and not served"
        );
    }
    assert!(served.len() > 30, "only {} routes", served.len());
}

#[tokio::test]
async fn the_description_says_who_may_use_each_route() {
    let folder = tempfile::tempdir().unwrap();
    let [portal, _] = product(&folder).await.route_tables();
    let document: Value = serde_json::from_str(registry::OPENAPI).unwrap();
    let described = described(&document);
    for route in portal.iter().filter(|route| is_api(route)) {
        let operation = described[&key(route)];
        let roles: Vec<Value> = match route.access {
            Access::Roles(roles) => roles.iter().map(|role| json!(role.as_str())).collect(),
            _ => Vec::new(),
        };
        let told = operation["x-roles"].as_array().cloned().unwrap_or_default();
        assert_eq!(told, roles, "{route:?}");
        let open = operation["security"] == json!([]);
        assert_eq!(open, route.access == Access::Public, "{route:?}");
        let answers = operation["responses"].as_object().unwrap();
        for (status, refused) in [("401", !open), ("403", !roles.is_empty())] {
            assert_eq!(
                answers.contains_key(status),
                refused,
                "{status} of {route:?}"
            );
        }
    }
}

#[test]
fn every_parameter_of_a_path_is_described() {
    let document: Value = serde_json::from_str(registry::OPENAPI).unwrap();
    let mut operations = Vec::new();
    for ((method, path), operation) in described(&document) {
        let mut wanted: Vec<&str> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.split('}').next())
            .collect();
        let mut told: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        wanted.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, wanted, "{method} {path}");
        operations.push(operation["operationId"].as_str().unwrap_or_default());
    }
    let count = operations.len();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(
        operations.len(),
        count,
        "an operationId is missing or stands twice"
    );
}
