//! What is looked over in a resource before it is kept: what its type asks, and that it speaks of
//! nobody real and of patients and contacts that are there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use synthetic_data::ids::{ControlRule, Series, check};

use super::error::{FhirError, Flaw};
use super::keys::{Key, own_reference, split_reference};
use super::population::Indexed;
use super::room::Room;
use super::types::TypeInfo;

/// What is wrong with a resource by itself.
pub(crate) fn shape(info: &TypeInfo, resource: &Value) -> Vec<Flaw> {
    match info.name {
        "Binary" => binary(resource),
        "DocumentReference" => document(resource),
        "QuestionnaireResponse" => questionnaire_response(resource),
        _ => Vec::new(),
    }
}

fn flaw(at: &str, detail: String) -> Flaw {
    Flaw {
        at: at.to_owned(),
        detail,
    }
}

fn binary(resource: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let at = "Binary.contentType";
    let media = resource.get("contentType").and_then(Value::as_str);
    if media.is_none_or(str::is_empty) {
        flaws.push(flaw(at, format!("{at} is required.")));
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
    let content = resource.get("content").and_then(Value::as_array);
    let content = content.map(Vec::as_slice).unwrap_or_default();
    if content.is_empty() {
        let at = "DocumentReference.content";
        flaws.push(flaw(at, format!("{at} is required, at least once.")));
    }
    for one in content {
        let at = "DocumentReference.content.attachment";
        let attachment = one.get("attachment").filter(|one| one.is_object());
        match attachment {
            Some(attachment) => flaws.extend(base64_flaw(attachment, at)),
            None => flaws.push(flaw(at, format!("{at} is required in every content."))),
        }
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

fn status(resource: &Value, at: &str, allowed: &[&str]) -> Vec<Flaw> {
    let status = resource.get("status").and_then(Value::as_str);
    if status.is_some_and(|status| allowed.contains(&status)) {
        Vec::new()
    } else {
        let detail = format!("{at} must be one of {}.", allowed.join(", "));
        vec![flaw(at, detail)]
    }
}

fn base64_flaw(holder: &Value, at: &str) -> Option<Flaw> {
    let fine = match holder.get("data") {
        None => true,
        Some(Value::String(data)) => STANDARD.decode(data).is_ok(),
        Some(_) => false,
    };
    let detail = || format!("The data of {at} must be base64 with padding.");
    (!fine).then(|| flaw(at, detail()))
}

/// A patient who is named must be there. `is_there` knows what was written.
pub(crate) fn patients(
    info: &TypeInfo,
    one: &Indexed,
    is_there: &dyn Fn(&str) -> bool,
) -> Vec<Flaw> {
    if info.name == "Patient" {
        return Vec::new();
    }
    let elsewhere = info.patient_parameters().any(|parameter| {
        let mut keys = one.keys.get(parameter);
        keys.any(|key| matches!(key, Key::Uri(uri) if is_of_a_patient(uri)))
    });
    if !elsewhere && one.entry.patients.iter().all(|id| is_there(id)) {
        return Vec::new();
    }
    let at = match info.name {
        "Binary" => "Binary.securityContext".to_owned(),
        name => {
            let mut through = info.patient_parameters().flat_map(|one| &one.paths);
            let element = through.next().map(fhir_r4::path::Path::element);
            format!("{name}.{}", element.unwrap_or_default())
        }
    };
    vec![flaw(&at, format!("{at} names no patient of this sandbox."))]
}

fn is_of_a_patient(uri: &str) -> bool {
    split_reference(uri).is_some_and(|(kind, _)| kind == "Patient")
}

/// A contact that is named must be there, and be the patient's.
pub(crate) async fn encounter(
    room: &Room,
    info: &TypeInfo,
    resource: &Value,
    patients: &[String],
) -> Result<Vec<Flaw>, FhirError> {
    let (pointer, at) = match info.name {
        "DocumentReference" => (
            "/context/encounter/0/reference",
            "DocumentReference.context.encounter",
        ),
        "QuestionnaireResponse" => ("/encounter/reference", "QuestionnaireResponse.encounter"),
        _ => return Ok(Vec::new()),
    };
    let reference = resource.pointer(pointer).and_then(Value::as_str);
    let named = reference.and_then(|reference| own_reference(reference, &room.tenant.base));
    let (Some(("Encounter", id)), Some(info)) = (named, TypeInfo::by_name("Encounter")) else {
        return Ok(Vec::new());
    };
    let found = match room.find(info, id).await {
        Ok(found) => found,
        Err(FhirError::Deleted(_)) => None,
        Err(error) => return Err(error),
    };
    let mine = |patient: &String| patients.is_empty() || patients.contains(patient);
    if found.is_some_and(|entry| entry.patients.iter().any(mine)) {
        return Ok(Vec::new());
    }
    let detail = format!("{at} names no contact of the patient in this sandbox.");
    Ok(vec![flaw(at, detail)])
}

/// True where some text holds eleven digits that are a valid number of the series of real people.
pub(crate) fn has_real_number(value: &Value) -> bool {
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
