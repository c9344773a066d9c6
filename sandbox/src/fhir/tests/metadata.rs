//! The `CapabilityStatement` says what the server does, and the server does what it says.

use fhir_r4::search::Kind;

use super::super::types::TypeInfo;
use super::*;

#[tokio::test]
async fn metadata_is_open_and_names_the_authorization_server() {
    let world = world().await;
    let answer = world.without_token("metadata").await;
    assert_eq!(answer.status, 200);
    let statement = answer.json();
    assert_eq!(statement["fhirVersion"], "4.0.1");
    let security = &statement["rest"][0]["security"];
    let uris = security["extension"][0]["extension"].as_array().unwrap();
    let uri = |name: &str| uris.iter().find(|one| one["url"] == name).unwrap()["valueUri"].clone();
    assert_eq!(
        uri("authorize"),
        "http://localhost:8081/demo/auth/authorize"
    );
    assert_eq!(uri("token"), "http://localhost:8081/demo/auth/token");
    assert_eq!(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR");
    // Those are what the extension knows.
    assert_eq!(uris.len(), 2);
}

#[tokio::test]
async fn the_types_of_r4_are_named_and_no_others() {
    let statement = world().await.without_token("metadata").await.json();
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    let names: Vec<&str> = resources
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    let mut known = fhir_r4::structure::resource_types();
    known.retain(|name| !matches!(*name, "OperationOutcome" | "Parameters"));
    assert_eq!(names, known);
}

#[tokio::test]
async fn every_parameter_and_interaction_that_is_named_works() {
    let world = world().await;
    let app = world
        .app(Some("p1"), "user/*.cruds")
        .with("prefer", "handling=strict");
    let statement = world.without_token("metadata").await.json();
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        let codes: Vec<&str> = resource["interaction"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].as_str().unwrap())
            .collect();
        let searchable = codes.contains(&"search-type");
        assert_eq!(
            app.get(&format!("{kind}?_count=1")).await.status == 200,
            searchable,
            "{kind}"
        );
        let created = app
            .post(kind, &serde_json::json!({"resourceType": kind}))
            .await;
        assert_eq!(created.status != 405, codes.contains(&"create"), "{kind}");
        for parameter in resource["searchParam"].as_array().unwrap_or(&Vec::new()) {
            let name = parameter["name"].as_str().unwrap();
            let value = value_of(kind, name);
            // Narrowed to one patient where the type has one, so that nothing walks the list.
            let path = format!("{kind}?{name}={value}&_id=p1");
            let answer = app.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
        for include in resource["searchInclude"].as_array().unwrap_or(&Vec::new()) {
            let path = format!("{kind}?_id=p1&_include={}", include.as_str().unwrap());
            assert_eq!(app.get(&path).await.status, 200, "{path}");
        }
    }
}

/// A value that the parameter can read.
fn value_of(kind: &str, name: &str) -> String {
    let of = |kind: Kind| match kind {
        Kind::Date => "ge2020",
        Kind::Number | Kind::Quantity => "gt5",
        _ => "x",
    };
    let info = TypeInfo::by_name(kind).unwrap();
    let parameter = info.parameter(name).unwrap();
    if parameter.kind == Kind::Composite {
        let parts = parameter.parts.iter().map(|part| of(part.kind));
        return parts.collect::<Vec<_>>().join("$");
    }
    of(parameter.kind).to_owned()
}

#[tokio::test]
async fn everything_else_needs_a_token_and_an_address_that_exists() {
    let world = world().await;
    let answer = world.without_token("Patient/p1").await;
    assert_eq!(
        (answer.status.as_u16(), answer.refusal().as_str()),
        (401, "token-missing")
    );
    let app = world.app(Some("p1"), "patient/*.cruds");
    let unknown = app.get("Banana/1").await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.refusal().as_str()),
        (404, "fhir-type")
    );
    let posted = app.send(Method::POST, "Patient/p1", Vec::new()).await;
    assert_eq!(
        (posted.status.as_u16(), posted.refusal().as_str()),
        (405, "fhir-interaction")
    );
    let xml = world
        .app(Some("p1"), "patient/*.rs")
        .with("accept", "application/fhir+xml");
    assert_eq!(xml.get("Patient/p1").await.refusal(), "fhir-format");
    assert_eq!(xml.get("Patient/p1?_format=json").await.status, 200);
}
