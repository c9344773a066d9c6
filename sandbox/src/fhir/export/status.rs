//! How far an export has come, its files, and its end.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use foundation::Timestamp;
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};

use super::super::error::FhirError;
use super::super::handler::Asked;
use super::super::room::Room;
use super::content::Export;
use super::{DELETED, Job, KEPT_FOR, store};

/// Journals of one file that are computed at the same time.
const AT_ONCE: usize = 2;

/// `GET /{sandbox}/fhir/$export-status/{job}`: how far it has come, or its files.
pub(super) async fn status(
    asked: Asked,
    (_, job): (String, String),
) -> Result<Response, FhirError> {
    let room = asked.room()?;
    let job = find(&room, &job).await?;
    let export = Arc::new(Export::open(&room, job).await?);
    if export.job.finished {
        return Ok(manifest(&room, &export.job));
    }
    let (before, size) = (export.job.walked, export.size());
    let job = export.step().await?;
    let mut tx = room.state.database.begin().await?;
    store::advance(&mut tx, &room.tenant.name, before, &job).await?;
    tx.commit().await?;
    if job.finished {
        return Ok(manifest(&room, &job));
    }
    Ok(under_way(&format!("{} of {size} people", job.walked)))
}

/// `DELETE /{sandbox}/fhir/$export-status/{job}`: cancels it, or forgets its files.
pub(super) async fn cancel(
    asked: Asked,
    (_, job): (String, String),
) -> Result<Response, FhirError> {
    let room = asked.room()?;
    let job = find(&room, &job).await?;
    let mut tx = room.state.database.begin().await?;
    store::remove(&mut tx, &room.tenant.name, &job.id).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// `GET /{sandbox}/fhir/$export-file/{job}/{file}`: the lines of one file.
pub(super) async fn file(
    asked: Asked,
    (_, job, file): (String, String, String),
) -> Result<Response, FhirError> {
    let room = asked.room()?;
    let job = find(&room, &job).await?;
    let shown: String = file.chars().take(64).collect();
    let unknown = || FhirError::Unknown(format!("file {shown} of the export"));
    let named = file
        .strip_suffix(".ndjson")
        .and_then(|name| name.rsplit_once('-'));
    let (name, number) = named.ok_or_else(unknown)?;
    let number: u32 = number.parse().map_err(|_| unknown())?;
    let counted = job
        .counts
        .get(name)
        .is_some_and(|files| files.contains_key(&number));
    if !job.finished || !counted {
        return Err(unknown());
    }
    let export = Arc::new(Export::open(&room, job).await?);
    if name == DELETED {
        let deletions = export.deletions().await?.into_iter();
        let lines: Vec<String> = deletions.map(|one| format!("{one}\n")).collect();
        let lines = lines.concat();
        return Ok(ndjson(Body::from(lines)));
    }
    let wanted = export.wanted(name).ok_or_else(unknown)?;
    let lines = lines(export, wanted, number);
    Ok(ndjson(Body::from_stream(lines)))
}

async fn find(room: &Room, id: &str) -> Result<Job, FhirError> {
    let now = room.state.clock.now().millis();
    let of = (room.tenant.name.as_str(), room.grant.client_id.as_str());
    let mut tx = room.state.database.read().await?;
    let found = store::find(&mut tx, of, id, now).await?;
    let id = || id.chars().take(64).collect::<String>();
    found.ok_or_else(|| FhirError::Unknown(format!("export {}", id())))
}

type Lines = Result<Bytes, FhirError>;

/// The lines of a file, made as they are read.
fn lines(export: Arc<Export>, wanted: usize, file: u32) -> impl Stream<Item = Lines> + Send {
    let people = export.people_of(file);
    let last = file == export.last_file();
    let districts = if last { 0..export.districts() } else { 0..0 };
    let written = if last {
        export.written_of(wanted)
    } else {
        Vec::new()
    };
    let journals = {
        let export = Arc::clone(&export);
        stream::iter(people).map(move |index| {
            let export = Arc::clone(&export);
            async move {
                let work = move || export.lines_of_person(wanted, index);
                let lines = tokio::task::spawn_blocking(work).await;
                lines.map_err(|_| FhirError::Interrupted)
            }
        })
    };
    let registers = {
        let export = Arc::clone(&export);
        stream::iter(districts).map(move |one| Ok(export.lines_of_practice(wanted, one)))
    };
    let written = stream::iter(written).then(move |(id, number)| {
        let export = Arc::clone(&export);
        async move { export.line_of(wanted, &id, number).await }
    });
    journals.buffered(AT_ONCE).chain(registers).chain(written)
}

fn under_way(progress: &str) -> Response {
    let mut response = StatusCode::ACCEPTED.into_response();
    let headers = response.headers_mut();
    if let Ok(progress) = HeaderValue::from_str(progress) {
        headers.insert(HeaderName::from_static("x-progress"), progress);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn manifest(room: &Room, job: &Job) -> Response {
    let address = |name: &str, number: u32| {
        let (base, id) = (&room.tenant.base, &job.id);
        format!("{base}/$export-file/{id}/{name}-{number}.ndjson")
    };
    let files = |deleted: bool| -> Vec<Value> {
        let named = job
            .counts
            .iter()
            .filter(|(name, _)| (*name == DELETED) == deleted);
        let all = named.flat_map(|(name, files)| files.iter().map(move |file| (name, file)));
        all.map(|(name, (number, count))| {
            let kind = if deleted { "Bundle" } else { name.as_str() };
            json!({"type": kind, "url": address(name, *number), "count": count})
        })
        .collect()
    };
    let manifest = json!({
        "transactionTime": Timestamp::from_millis(job.created_at).rfc3339(),
        "request": job.ask.request,
        "requiresAccessToken": true,
        "output": files(false),
        "deleted": files(true),
        "error": [],
    });
    let mut response = (StatusCode::OK, manifest.to_string()).into_response();
    let headers = response.headers_mut();
    let media = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, media);
    let end = Timestamp::from_millis(job.created_at + KEPT_FOR).http_date();
    if let Ok(end) = HeaderValue::from_str(&end) {
        headers.insert(header::EXPIRES, end);
    }
    private(response)
}

fn ndjson(body: Body) -> Response {
    let mut response = body.into_response();
    let media = HeaderValue::from_static("application/fhir+ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    private(response)
}

/// What a token opened must not stay in a shared cache.
fn private(mut response: Response) -> Response {
    let policy = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, policy);
    response
}
