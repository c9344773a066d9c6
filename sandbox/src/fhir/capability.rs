//! The `CapabilityStatement`: what this server does, from the same table that does it.

use serde_json::{Value, json};

use super::parameter::{Kind, Parameter, TYPES, TypeInfo};
use crate::domain::grant::Tenant;

/// The `CapabilityStatement` of a sandbox.
pub(crate) fn statement(tenant: &Tenant) -> Value {
    let base = &tenant.base;
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": tenant.settings.as_of.to_string(),
        "publisher": "Markedsplass",
        "kind": "instance",
        "software": {"name": "Markedsplass sandbox", "version": env!("CARGO_PKG_VERSION")},
        "implementation": {
            "description": "Syntetisk EPJ: ingen virkelige personer. Synthetic EHR: no real people.",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "implementationGuide": ["http://hl7.org/fhir/smart-app-launch/ImplementationGuide/hl7.fhir.uv.smart-app-launch"],
        "rest": [{
            "mode": "server",
            "security": security(base),
            "resource": TYPES.iter().map(resource).collect::<Vec<Value>>(),
        }],
    })
}

fn security(base: &str) -> Value {
    let server = base.strip_suffix("/fhir").unwrap_or(base);
    let uris: Vec<Value> = ["authorize", "token", "introspect", "revoke"]
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

fn resource(info: &TypeInfo) -> Value {
    let mut interactions = vec!["read", "vread"];
    if info.is_searchable() {
        interactions.push("search-type");
    }
    if info.writable {
        interactions.extend(["create", "update"]);
    }
    let interactions: Vec<Value> = interactions
        .iter()
        .map(|code| json!({"code": code}))
        .collect();
    let mut resource = json!({
        "type": info.name,
        "interaction": interactions,
        "versioning": if info.writable { "versioned-update" } else { "versioned" },
        "readHistory": info.writable,
        "updateCreate": info.writable,
    });
    if let Some(members) = resource.as_object_mut() {
        if let Some(profile) = info.profile {
            members.insert("supportedProfile".to_owned(), json!([profile]));
        }
        if info.is_searchable() {
            let references = info
                .parameters
                .iter()
                .filter(|one| one.kind == Kind::Reference);
            let includes: Vec<String> = references
                .map(|one| format!("{}:{}", info.name, one.name))
                .collect();
            if !includes.is_empty() {
                members.insert("searchInclude".to_owned(), json!(includes));
            }
            let parameters: Vec<Value> = info.all_parameters().map(parameter).collect();
            members.insert("searchParam".to_owned(), json!(parameters));
        }
    }
    resource
}

fn parameter(parameter: &Parameter) -> Value {
    json!({"name": parameter.name, "type": parameter.kind.code()})
}
