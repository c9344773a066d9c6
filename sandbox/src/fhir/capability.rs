//! The `CapabilityStatement`: what this server does, from the same table that does it.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::FhirError;
use super::subscription::{self, websocket_address};
use super::types::TypeInfo;
use crate::domain::grant::Tenant;

/// The `CapabilityStatement` of a sandbox.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statement<'a> {
    resource_type: &'a str,
    status: &'a str,
    date: String,
    publisher: &'a str,
    kind: &'a str,
    software: Value,
    implementation: Value,
    fhir_version: &'a str,
    format: [&'a str; 2],
    patch_format: [&'a str; 2],
    implementation_guide: [&'a str; 3],
    rest: [Rest<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rest<'a> {
    extension: Value,
    mode: &'a str,
    security: Value,
    resource: &'a RawValue,
    interaction: Value,
    search_param: Value,
    operation: Value,
}

/// The same for every sandbox, and long.
static RESOURCES: LazyLock<Option<Box<RawValue>>> = LazyLock::new(|| {
    let all: Vec<Value> = TypeInfo::all().iter().map(resource).collect();
    serde_json::value::to_raw_value(&all).ok()
});

/// The `CapabilityStatement` of a sandbox, as JSON.
pub(crate) fn statement(tenant: &Tenant) -> Result<Vec<u8>, FhirError> {
    let base = &tenant.base;
    let statement = Statement {
        resource_type: "CapabilityStatement",
        status: "active",
        date: tenant.settings.as_of.to_string(),
        publisher: "Markedsplass",
        kind: "instance",
        software: json!({"name": "Markedsplass sandbox", "version": env!("CARGO_PKG_VERSION")}),
        implementation: json!({
            "description": "Syntetisk EPJ: ingen virkelige personer. Synthetic EHR: no real people.",
            "url": base,
        }),
        fhir_version: "4.0.1",
        format: ["application/fhir+json", "json"],
        patch_format: ["application/fhir+json", super::patch::JSON_PATCH],
        implementation_guide: [SMART, BULK, subscription::GUIDE],
        rest: [Rest {
            extension: json!([{"url": WEBSOCKET, "valueUri": websocket_address(base)}]),
            mode: "server",
            security: security(base),
            resource: RESOURCES.as_deref().ok_or(FhirError::Interrupted)?,
            interaction: json!(SYSTEM.map(coded)),
            search_param: json!([{"name": "_filter", "type": "special"}]),
            operation: json!([{"name": "export", "definition": EXPORT}]),
        }],
    };
    serde_json::to_vec(&statement).map_err(|_| FhirError::Interrupted)
}

const SMART: &str =
    "http://hl7.org/fhir/smart-app-launch/ImplementationGuide/hl7.fhir.uv.smart-app-launch";

/// Where R4 says that notifications are heard on a WebSocket.
const WEBSOCKET: &str = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket";

const BULK: &str = "http://hl7.org/fhir/uv/bulkdata/ImplementationGuide/hl7.fhir.uv.bulkdata";

fn security(base: &str) -> Value {
    let server = base.strip_suffix("/fhir").unwrap_or(base);
    // The extension has no others of ours; the rest stands in `.well-known/smart-configuration`.
    let uris: Vec<Value> = ["authorize", "token"]
        .iter()
        .map(|name| json!({"url": name, "valueUri": format!("{server}/auth/{name}")}))
        .collect();
    json!({
        "cors": true,
        "service": [{
            "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                "code": "SMART-on-FHIR",
                "display": "SMART-on-FHIR",
            }],
            "text": "OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)",
        }],
        "extension": [{
            "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
            "extension": uris,
        }],
    })
}

/// Interactions with the whole server.
const SYSTEM: [&str; 4] = ["transaction", "batch", "search-system", "history-system"];

/// Operations on some types: which, their name and their definition.
const OPERATIONS: [(&[&str], &str, &str); 13] = [
    (
        &["ValueSet"],
        "expand",
        "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    ),
    (
        &["ValueSet"],
        "validate-code",
        "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
    ),
    (
        &["CodeSystem"],
        "lookup",
        "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
    ),
    (
        &["Patient"],
        "everything",
        "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    ),
    (
        &["Group"],
        "export",
        "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export",
    ),
    (
        &["Patient"],
        "export",
        "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export",
    ),
    (
        &["Subscription"],
        "status",
        "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status",
    ),
    (
        &["Subscription"],
        "events",
        "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events",
    ),
    (
        &["Subscription"],
        "get-ws-binding-token",
        "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-get-ws-binding-token",
    ),
    (
        &["Patient"],
        "summary",
        "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
    ),
    (
        &["Composition"],
        "document",
        "http://hl7.org/fhir/OperationDefinition/Composition-document",
    ),
    (
        &["Encounter"],
        "everything",
        "http://hl7.org/fhir/OperationDefinition/Encounter-everything",
    ),
    (
        &["Observation"],
        "lastn",
        "http://hl7.org/fhir/OperationDefinition/Observation-lastn",
    ),
];
const EXPORT: &str = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export";
const VALIDATE: &str = "http://hl7.org/fhir/OperationDefinition/Resource-validate";
const META: &str = "http://hl7.org/fhir/OperationDefinition/Resource-meta";

/// Interactions with every type.
const INTERACTIONS: [&str; 9] = [
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
];

fn coded(code: &str) -> Value {
    json!({"code": code})
}

fn resource(info: &TypeInfo) -> Value {
    let mut resource = json!({
        "type": info.name,
        "interaction": INTERACTIONS.map(coded),
        "versioning": "versioned-update",
        "readHistory": true,
        "updateCreate": true,
        "conditionalCreate": true,
        "conditionalRead": "not-match",
        "conditionalUpdate": true,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical", "local"],
    });
    let Some(members) = resource.as_object_mut() else {
        return resource;
    };
    let operations = OPERATIONS.iter().filter(|(on, ..)| on.contains(&info.name));
    let mut operations: Vec<Value> = operations
        .map(|(_, name, definition)| json!({"name": name, "definition": definition}))
        .collect();
    operations.push(json!({"name": "meta", "definition": META}));
    operations.push(json!({"name": "validate", "definition": VALIDATE}));
    members.insert("operation".to_owned(), json!(operations));
    if subscription::is_subscription(info) {
        members.insert("extension".to_owned(), json!(subscription::topics()));
        members.insert(
            "supportedProfile".to_owned(),
            json!([subscription::PROFILE]),
        );
    }
    if let Some(profile) = info.profile {
        members.insert("supportedProfile".to_owned(), json!([profile]));
    }
    let references = info.references();
    let includes: Vec<String> = references
        .map(|one| format!("{}:{}", info.name, one.code))
        .collect();
    if !includes.is_empty() {
        members.insert("searchInclude".to_owned(), json!(includes));
    }
    let reverse = reverse_includes(info.name);
    if !reverse.is_empty() {
        members.insert("searchRevInclude".to_owned(), json!(reverse));
    }
    let parameters = info
        .parameters()
        .map(|one| json!({"name": one.code, "type": one.kind.code()}));
    let parameters: Vec<Value> = parameters.collect();
    members.insert("searchParam".to_owned(), json!(parameters));
    resource
}

/// What may lead to a type by name. Parameters that lead to any type are many and left unsaid.
fn reverse_includes(name: &str) -> Vec<String> {
    let all = TypeInfo::all().iter();
    let leading = all.flat_map(|info| info.references().map(move |one| (info.name, one)));
    leading
        .filter(|(_, one)| one.targets.contains(&name))
        .map(|(of, one)| format!("{of}:{}", one.code))
        .collect()
}
