//! A batch: every entry goes through the server's own routes, and one that is refused leaves the
//! others alone.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, Method, Request, header};
use axum::response::Response;
use tower::ServiceExt;

use super::super::error::FhirError;
use super::super::handler::language;
use super::super::patch::wrapped;
use super::super::room::Room;
use super::entry::{Asked, Entry};
use super::{Answer, bad};

/// Headers of the whole request that count for each entry.
const HANDED_ON: [&str; 2] = ["prefer", "accept-language"];

impl Room {
    pub(super) async fn batch(
        &self,
        headers: &HeaderMap,
        entries: &[Entry],
    ) -> Result<Vec<Answer>, FhirError> {
        let mut answers = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            let answer = if let Some(asked) = &entry.request {
                let body = entry.resource.as_ref().map(|one| one.get().as_bytes());
                self.one(headers, asked, body.unwrap_or_default()).await?
            } else {
                let refused = bad(place, "it has no request").respond(language(headers));
                answer(refused).await?
            };
            answers.push(answer);
        }
        Ok(answers)
    }

    /// Carries out one request of a Bundle.
    pub(super) async fn one(
        &self,
        headers: &HeaderMap,
        asked: &Asked,
        body: &[u8],
    ) -> Result<Answer, FhirError> {
        let method = Method::from_bytes(asked.method.as_bytes());
        let (media, body) = match unwrapped(asked, body) {
            Ok(content) => content,
            Err(refused) => return answer(refused.respond(language(headers))).await,
        };
        let (name, url) = (&self.tenant.name, asked.url.trim_start_matches('/'));
        let uri = format!("/{name}/fhir/{url}");
        let mut request = Request::builder()
            .method(method.unwrap_or(Method::TRACE))
            .uri(uri.trim_end_matches('/'))
            .header(header::CONTENT_TYPE, media);
        for name in HANDED_ON {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let conditions = [
            (header::IF_MATCH, &asked.if_match),
            (header::IF_NONE_MATCH, &asked.if_none_match),
            (
                HeaderName::from_static("if-none-exist"),
                &asked.if_none_exist,
            ),
        ];
        for (name, value) in conditions {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let Ok(mut request) = request.body(Body::from(body)) else {
            let refused = FhirError::Method(asked.url.chars().take(100).collect());
            return answer(refused.respond(language(headers))).await;
        };
        // No Bundle within a Bundle.
        if request.uri().path().trim_end_matches('/') == format!("/{name}/fhir")
            && request.method() == Method::POST
        {
            let refused = FhirError::Method("a Bundle within a Bundle".to_owned());
            return answer(refused.respond(language(headers))).await;
        }
        request.extensions_mut().insert(self.tenant.clone());
        request.extensions_mut().insert(self.grant.clone());
        let router = super::super::routes(self.state.clone()).into_router();
        let response = router.oneshot(request).await;
        answer(response.map_err(|_| FhirError::Interrupted)?).await
    }
}

/// A body with its media type; a JSON Patch comes in a Binary (R4 §3.1.0.8).
fn unwrapped(asked: &Asked, body: &[u8]) -> Result<(String, Vec<u8>), FhirError> {
    let own = || ("application/fhir+json".to_owned(), body.to_vec());
    if asked.method != "PATCH" {
        return Ok(own());
    }
    Ok(wrapped(body)?.unwrap_or_else(own))
}

async fn answer(response: Response) -> Result<Answer, FhirError> {
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .map_err(|_| FhirError::Interrupted)?;
    let text = |name: HeaderName| {
        let value = head.headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let content = (!body.is_empty()).then(|| body.to_vec());
    let fine = head.status.is_success();
    let modified = text(header::LAST_MODIFIED);
    Ok(Answer {
        status: head.status.as_u16(),
        location: text(header::LOCATION),
        etag: text(header::ETAG),
        last_modified: modified.and_then(|value| instant(&value)),
        resource: content.clone().filter(|_| fine),
        outcome: content.filter(|_| !fine),
    })
}

/// An HTTP date as a FHIR instant.
fn instant(http: &str) -> Option<String> {
    let date = jiff::fmt::rfc2822::parse(http).ok()?;
    Some(date.timestamp().to_string())
}
