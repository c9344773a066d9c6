//! A resource as an app sends it: read, looked over, and stamped with the server's version and time.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foundation::Timestamp;
use serde_json::{Map, Value, json};
use synthetic_data::ids::{ControlRule, Series, check};

use super::error::{FhirError, Flaw};
use super::keys::split_reference;
use super::parameter::TypeInfo;
use super::population::person_of;
use super::room::Room;

/// Reads a body as a resource of the type. A Binary may come as the bytes that it is to hold.
pub(crate) fn read(
    info: &TypeInfo,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Map<String, Value>, FhirError> {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media.unwrap_or("application/fhir+json");
    let essence = media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json = matches!(
        essence.as_str(),
        "application/fhir+json" | "application/json" | "text/json"
    );
    if !is_json && info.name == "Binary" && !essence.ends_with("xml") {
        let binary =
            json!({"resourceType": "Binary", "contentType": media, "data": STANDARD.encode(body)});
        return if let Value::Object(members) = binary {
            Ok(members)
        } else {
            Err(FhirError::Interrupted)
        };
    }
    if !is_json {
        return Err(FhirError::UnsupportedMedia(
            essence.chars().take(80).collect(),
        ));
    }
    let value: Value =
        serde_json::from_slice(body).map_err(|error| FhirError::BadBody(error.to_string()))?;
    let Value::Object(members) = value else {
        return Err(FhirError::BadBody("it is no JSON object".to_owned()));
    };
    match members.get("resourceType").and_then(Value::as_str) {
        Some(name) if name == info.name => Ok(members),
        Some(other) => {
            let other: String = other.chars().take(64).collect();
            Err(FhirError::BadBody(format!(
                "it is a {other}, and the address is of {}",
                info.name
            )))
        }
        None => Err(FhirError::BadBody("resourceType is missing".to_owned())),
    }
}

/// Finds what is wrong with a resource, and the patient whose compartment it belongs to.
pub(crate) async fn examine(
    room: &Room,
    info: &TypeInfo,
    members: &Map<String, Value>,
) -> Result<Option<String>, FhirError> {
    let resource = Value::Object(members.clone());
    let mut flaws = shape(info, &resource)?;
    let (holder, at) = match info.name {
        "Binary" => ("/securityContext/reference", "Binary.securityContext"),
        "DocumentReference" => ("/subject/reference", "DocumentReference.subject"),
        _ => ("/subject/reference", "QuestionnaireResponse.subject"),
    };
    let mut patient = None;
    if let Some(reference) = resource.pointer(holder).and_then(Value::as_str) {
        patient = patient_of(room, reference);
        let optional = info.name == "Binary" && !reference.contains("Patient/");
        if patient.is_none() && !optional {
            flaws.push(Flaw {
                at,
                detail: format!("{at} names no patient of this sandbox."),
            });
        }
    }
    if let Some(flaw) = encounter(room, info, &resource, patient.as_deref()).await? {
        flaws.push(flaw);
    }
    if flaws.is_empty() {
        Ok(patient)
    } else {
        Err(FhirError::Invalid(flaws))
    }
}

/// What is wrong with a resource by itself.
pub(super) fn shape(info: &TypeInfo, resource: &Value) -> Result<Vec<Flaw>, FhirError> {
    if has_real_number(resource) {
        return Err(FhirError::RealNumber(info.name));
    }
    Ok(match info.name {
        "Binary" => binary(resource),
        "DocumentReference" => document(resource),
        _ => questionnaire_response(resource),
    })
}

/// The resource's bytes with id, version and time set by the server.
pub(crate) fn stamped(
    mut members: Map<String, Value>,
    id: &str,
    version: i64,
    now: Timestamp,
) -> Vec<u8> {
    members.insert("id".to_owned(), json!(id));
    let meta = members.entry("meta").or_insert_with(|| json!({}));
    if !meta.is_object() {
        *meta = json!({});
    }
    if let Some(meta) = meta.as_object_mut() {
        meta.insert("versionId".to_owned(), json!(version.to_string()));
        meta.insert("lastUpdated".to_owned(), json!(now.rfc3339()));
    }
    Value::Object(members).to_string().into_bytes()
}

fn binary(resource: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    if resource
        .get("contentType")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        flaws.push(Flaw {
            at: "Binary.contentType",
            detail: "Binary.contentType is required.".to_owned(),
        });
    }
    flaws.extend(base64_flaw(resource, "Binary.data"));
    flaws
}

fn document(resource: &Value) -> Vec<Flaw> {
    let mut flaws = status(
        resource,
        "DocumentReference.status",
        &["current", "superseded", "entered-in-error"],
    );
    let content = resource
        .get("content")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if content.is_empty() {
        let detail = "DocumentReference.content is required, at least once.".to_owned();
        flaws.push(Flaw {
            at: "DocumentReference.content",
            detail,
        });
    }
    for one in content {
        let at = "DocumentReference.content.attachment";
        let attachment = one
            .get("attachment")
            .filter(|attachment| attachment.is_object());
        let Some(attachment) = attachment else {
            flaws.push(Flaw {
                at,
                detail: format!("{at} is required in every content."),
            });
            continue;
        };
        flaws.extend(base64_flaw(attachment, at));
    }
    flaws
}

fn questionnaire_response(resource: &Value) -> Vec<Flaw> {
    let allowed = [
        "in-progress",
        "completed",
        "amended",
        "entered-in-error",
        "stopped",
    ];
    status(resource, "QuestionnaireResponse.status", &allowed)
}

fn status(resource: &Value, at: &'static str, allowed: &[&str]) -> Vec<Flaw> {
    let status = resource.get("status").and_then(Value::as_str);
    let fine = status.is_some_and(|status| allowed.contains(&status));
    let detail = || format!("{at} must be one of {}.", allowed.join(", "));
    if fine {
        Vec::new()
    } else {
        vec![Flaw {
            at,
            detail: detail(),
        }]
    }
}

fn base64_flaw(holder: &Value, at: &'static str) -> Option<Flaw> {
    let fine = match holder.get("data") {
        None => true,
        Some(Value::String(data)) => STANDARD.decode(data).is_ok(),
        Some(_) => false,
    };
    (!fine).then(|| Flaw {
        at,
        detail: format!("The data of {at} must be base64 with padding."),
    })
}

/// The id of the patient whom a reference of this sandbox names, if there is one.
fn patient_of(room: &Room, reference: &str) -> Option<String> {
    let (kind, id) = own_reference(room, reference)?;
    let index = person_of("Patient", id).filter(|_| kind == "Patient")?;
    room.population.patient(index).map(|entry| entry.id)
}

fn own_reference<'a>(room: &Room, reference: &'a str) -> Option<(&'a str, &'a str)> {
    let relative = match reference.strip_prefix(room.tenant.base.as_str()) {
        Some(rest) => rest.trim_start_matches('/'),
        None => reference,
    };
    if relative.contains("://") {
        None
    } else {
        split_reference(relative)
    }
}

/// A contact that is named must be there, and be the patient's.
async fn encounter(
    room: &Room,
    info: &TypeInfo,
    resource: &Value,
    patient: Option<&str>,
) -> Result<Option<Flaw>, FhirError> {
    let (pointer, at) = match info.name {
        "DocumentReference" => (
            "/context/encounter/0/reference",
            "DocumentReference.context.encounter",
        ),
        "QuestionnaireResponse" => ("/encounter/reference", "QuestionnaireResponse.encounter"),
        _ => return Ok(None),
    };
    let reference = resource.pointer(pointer).and_then(Value::as_str);
    let named = reference.and_then(|reference| own_reference(room, reference));
    let Some(("Encounter", id)) = named else {
        return Ok(None);
    };
    let Some(encounters) = TypeInfo::by_name("Encounter") else {
        return Ok(None);
    };
    let found = room.computed(encounters, id).await?;
    let fits = found.is_some_and(|entry| patient.is_none() || entry.patient.as_deref() == patient);
    let detail = || format!("{at} names no contact of the patient in this sandbox.");
    Ok((!fits).then(|| Flaw {
        at,
        detail: detail(),
    }))
}

/// True where some text holds eleven digits that are a valid number of the series of real people.
fn has_real_number(value: &Value) -> bool {
    match value {
        Value::String(text) => text
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .any(|run| matches!(check(run, ControlRule::Until2031), Ok(id) if id.series == Series::Real)),
        Value::Array(items) => items.iter().any(has_real_number),
        Value::Object(members) => {
            members.iter().any(|(name, member)| name != "data" && has_real_number(member))
        }
        _ => false,
    }
}
