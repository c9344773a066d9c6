//! The documents that describe the API say what the API does.

use std::collections::BTreeSet;

use foundation::access::Access;
use serde_json::{Value, json};

use crate::support::{entry, manifest, worlds};

fn openapi() -> Value {
    serde_json::from_str(registry::OPENAPI).unwrap()
}

fn described(document: &Value, tags: &[&str]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if tags.iter().any(|tag| operation["tags"][0] == *tag) {
                found.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn the_openapi_document_has_exactly_the_routes_that_there_are() {
    let world = worlds().await.remove(0);
    let routes = world.registry.routes();
    let served: BTreeSet<_> = routes
        .table()
        .iter()
        .map(|route| (route.method.to_string(), route.path.replace("{*", "{")))
        .collect();
    assert_eq!(
        described(&openapi(), &["registry", "trust", "federation"]),
        served
    );
}

#[tokio::test]
async fn the_openapi_document_names_the_roles() {
    let world = worlds().await.remove(0);
    let document = openapi();
    for route in world.registry.routes().table() {
        let path = route.path.replace("{*", "{");
        let operation = &document["paths"][&path][route.method.as_str().to_lowercase()];
        let roles: Vec<_> = match route.access {
            Access::Roles(roles) => roles.iter().map(|role| json!(role.as_str())).collect(),
            _ => Vec::new(),
        };
        let told = operation["x-roles"].as_array().cloned().unwrap_or_default();
        assert_eq!(told, roles, "{} {path}", route.method);
        let open = operation["security"] == json!([]);
        assert_eq!(
            open,
            route.access == Access::Public,
            "{} {path}",
            route.method
        );
    }
}

#[test]
fn every_reference_in_the_openapi_document_leads_somewhere() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if let ("$ref", Value::String(target)) = (name.as_str(), value) {
                        found.insert(target.clone());
                    }
                    references(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = openapi();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10);
    for target in found {
        if let Some(pointer) = target.strip_prefix('#') {
            assert!(document.pointer(pointer).is_some(), "{target}");
        } else {
            assert!(
                target == "/schemas/app.json" || target == "/schemas/version.json",
                "{target}"
            );
        }
    }
}

#[tokio::test]
async fn the_schemas_are_served_and_what_they_allow_is_taken() {
    let world = worlds().await.remove(0);
    for (path, example) in [
        ("/schemas/app.json", entry("no.eksempel.app", "Blodtrykk")),
        ("/schemas/version.json", manifest("1.0.0")),
    ] {
        let schema = world.get("", path).await.expect(200);
        assert_eq!(schema.headers["content-type"], "application/schema+json");
        assert!(jsonschema::is_valid(&schema.json(), &example), "{path}");
        assert!(!jsonschema::is_valid(&schema.json(), &json!({})), "{path}");
    }
    let served = world.get("", "/openapi.json").await.expect(200).json();
    assert_eq!(served, openapi());
}
