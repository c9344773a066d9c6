//! Asking for an export. It is answered at once with the address of its status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use verifier::scope::Permission;

use super::super::error::FhirError;
use super::super::handler::Asked;
use super::super::period::Period;
use super::super::permit::Permit;
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::{Ask, Counts, Job, Level, MOST_JOBS, content, store};

/// `GET /{sandbox}/fhir/$export`: everything.
pub(super) async fn of_system(asked: Asked, (_,): (String,)) -> Result<Response, FhirError> {
    let room = asked.room()?;
    begin(&room, Level::System, &asked, "$export").await
}

/// `GET /{sandbox}/fhir/{type}/$export`, of Patient: what belongs to patients.
pub(super) async fn of_patients(
    asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    if info.name != "Patient" {
        return Err(FhirError::Method(format!("$export of {}", info.name)));
    }
    begin(&room, Level::Patient, &asked, "Patient/$export").await
}

/// `GET /{sandbox}/fhir/{type}/{id}/$export`, of a Group: what belongs to its members.
pub(super) async fn of_group(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, info) = asked.enter(&name)?;
    if info.name != "Group" {
        return Err(FhirError::Method(format!("$export of a {}", info.name)));
    }
    let group = room.readable(info, &id).await?;
    let path = format!("Group/{id}/$export");
    let version = group.version;
    begin(&room, Level::Group { id, version }, &asked, &path).await
}

async fn begin(
    room: &Room,
    level: Level,
    asked: &Asked,
    path: &str,
) -> Result<Response, FhirError> {
    asked.acceptable()?;
    if !asked.prefers("respond-async") {
        return Err(FhirError::ExportWaits);
    }
    let query = asked.query();
    let mark = if query.is_empty() { "" } else { "?" };
    let mut ask = Ask {
        level,
        types: Vec::new(),
        filters: Vec::new(),
        since: None,
        request: format!("{}/{path}{mark}{query}", room.tenant.base),
    };
    let lenient = asked.prefers("handling=lenient");
    for (name, value) in asked.pairs()? {
        take(room, &mut ask, &name, &value, lenient)?;
    }
    ask.types = types(room, &ask)?;
    let id = keep(room, ask).await?;
    let address = format!("{}/$export-status/{id}", room.tenant.base);
    let mut response = StatusCode::ACCEPTED.into_response();
    if let Ok(address) = HeaderValue::from_str(&address) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LOCATION, address);
    }
    Ok(response)
}

fn take(
    room: &Room,
    ask: &mut Ask,
    name: &str,
    value: &str,
    lenient: bool,
) -> Result<(), FhirError> {
    let wrong = |takes| FhirError::BadValue {
        name: name.to_owned(),
        takes,
    };
    match name {
        "_format" => {}
        "_outputFormat" => {
            let known = ["application/fhir+ndjson", "application/ndjson", "ndjson"];
            if !known.contains(&value) {
                return Err(wrong(
                    "application/fhir+ndjson, application/ndjson or ndjson",
                ));
            }
        }
        "_since" => {
            let period = Period::parse(value).ok_or_else(|| wrong("an instant"))?;
            ask.since = Some(period.start);
        }
        "_type" => ask.types.extend(value.split(',').map(str::to_owned)),
        "_typeFilter" => {
            for one in searches(value) {
                let takes = "Type?search, or several with commas between";
                let (name, query) = one.split_once('?').ok_or_else(|| wrong(takes))?;
                let info = TypeInfo::by_name(name).ok_or_else(|| wrong(takes))?;
                content::filter(room, info, query)?;
                ask.filters.push((info.name.to_owned(), query.to_owned()));
            }
        }
        _ if lenient => {}
        _ => {
            return Err(FhirError::UnknownParameter {
                name: name.chars().take(60).collect(),
                resource_type: "$export",
            });
        }
    }
    Ok(())
}

/// The searches of one `_typeFilter`. A comma may also stand between the values of a search.
fn searches(value: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for part in value.split(',') {
        let begins = part
            .split_once('?')
            .is_some_and(|(name, _)| TypeInfo::by_name(name).is_some());
        match all.last_mut() {
            Some(last) if !begins => {
                last.push(',');
                last.push_str(part);
            }
            _ => all.push(part.to_owned()),
        }
    }
    all
}

/// The types to export: those that were named, or else all that the token opens.
fn types(room: &Room, ask: &Ask) -> Result<Vec<String>, FhirError> {
    let of_level = |info: &TypeInfo| {
        ask.level == Level::System
            || info.name == "Patient"
            || !info.definition.compartment("Patient").is_empty()
    };
    let opened = |info: &TypeInfo| {
        Permit::everybodys(&room.grant, info, Permission::Read, room).map(|_| info.name.to_owned())
    };
    if ask.types.is_empty() {
        let all = TypeInfo::all().iter().filter(|info| of_level(info));
        let all: Vec<String> = all.filter_map(|info| opened(info).ok()).collect();
        if all.is_empty() {
            return Err(FhirError::ScopeMissing {
                needed: "system/*.rs".to_owned(),
                granted: room.grant.scopes.to_string(),
            });
        }
        return Ok(all);
    }
    let mut all = Vec::new();
    for name in &ask.types {
        let unknown = || FhirError::Type(name.chars().take(64).collect());
        let info = TypeInfo::by_name(name).ok_or_else(unknown)?;
        if !of_level(info) {
            return Err(FhirError::BadValue {
                name: "_type".to_owned(),
                takes: "types of a patient's compartment, when an export is of patients",
            });
        }
        all.push(opened(info)?);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

async fn keep(room: &Room, ask: Ask) -> Result<String, FhirError> {
    // In a writer's turn: whatever is written before this time is among the changes, and nothing later.
    let clock = std::sync::Arc::clone(&room.state.clock);
    let moment = room.write(move |draft| Ok((draft.changes_before(), clock.now().millis())));
    let (position, now) = moment.await?;
    let job = Job {
        id: room.new_id(),
        client_id: room.grant.client_id.clone(),
        scopes: room.grant.scopes.to_string(),
        ask,
        position,
        created_at: now,
        walked: 0,
        finished: false,
        counts: Counts::new(),
    };
    let sandbox = &room.tenant.name;
    let mut tx = room.state.database.begin().await?;
    store::sweep(&mut tx, sandbox, now).await?;
    if store::number(&mut tx, sandbox, &job.client_id).await? >= MOST_JOBS {
        return Err(FhirError::Exports(MOST_JOBS));
    }
    store::insert(&mut tx, sandbox, &job).await?;
    tx.commit().await?;
    Ok(job.id)
}
