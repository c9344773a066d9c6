//! The layer that records what was asked of a sandbox and how it was answered. Secrets are replaced
//! by their marks before anything is kept; bodies are looked into, never kept. All of that is done
//! after the answer has gone out ([`crate::service::recorder`]).

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, request, response};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use foundation::Timestamp;
use foundation::error::{Fault, Problem};
use url::Url;

use super::{sandbox_of, traffic_body};
use crate::domain::exchange::{Exchange, Pair, Surface, Trace};
use crate::domain::secret::{SecretKind, marked};
use crate::service::Core;
use crate::service::recorder::Answered;

/// Middleware: records the exchange, which is written before any later reader of traffic is answered.
pub(crate) async fn exchange(
    State(core): State<Arc<Core>>,
    request: Request,
    next: Next,
) -> Response {
    recording(&core, request, async |request| next.run(request).await).await
}

/// The same around anything that answers.
pub(super) async fn recording(
    core: &Core,
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let sandbox = sandbox_of(&request);
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return too_long().into_response();
    };
    let place = core.recorder.place(&sandbox);
    let recorded = place.map(|place| (place, Asked::of(&parts, body.clone())));
    let answer = answer(Request::from_parts(parts, Body::from(body))).await;
    let Some((place, asked)) = recorded else {
        return answer;
    };
    let (head, body) = answer.into_parts();
    let (seen, body) = if body.size_hint().exact().is_some() {
        // Made in memory, so reading it back cannot fail or wait.
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        (bytes.clone(), Body::from(bytes))
    } else {
        // A stream is passed on as it comes, and not looked into.
        (Bytes::new(), body)
    };
    let answer = Answer::of(&head, seen, core.now());
    place.record(Answered {
        sandbox,
        size: asked.body.len() + answer.body.len() + OVERHEAD,
        read: Box::new(move || read(&asked, answer)),
    });
    Response::from_parts(head, body)
}

fn too_long() -> Problem {
    Problem(
        Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large")
            .title("The body is too large")
            .detail("A request may carry at most 12 MiB.")
            .remedy("Send it in smaller parts."),
    )
}

type Headers = Vec<(&'static str, HeaderValue)>;

/// The request's half of an exchange, as it came: secrets and all.
struct Asked {
    method: Method,
    uri: Uri,
    headers: Headers,
    body: Bytes,
}

/// The answer's half.
struct Answer {
    at: Timestamp,
    status: StatusCode,
    headers: Headers,
    body: Bytes,
    trace: Trace,
}

impl Asked {
    fn of(parts: &request::Parts, body: Bytes) -> Self {
        Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: chosen(&parts.headers, &REQUEST_HEADERS),
            body,
        }
    }
}

impl Answer {
    fn of(head: &response::Parts, body: Bytes, at: Timestamp) -> Self {
        Self {
            at,
            status: head.status,
            headers: chosen(&head.headers, &RESPONSE_HEADERS),
            body,
            trace: head.extensions.get::<Trace>().cloned().unwrap_or_default(),
        }
    }
}

/// Reads both halves, and replaces the secrets by their marks.
fn read(asked: &Asked, answer: Answer) -> Exchange {
    let surface = Surface::of(asked.uri.path());
    let form = if is(&asked.headers, "application/x-www-form-urlencoded") {
        pairs(surface, &String::from_utf8_lossy(&asked.body))
    } else {
        Vec::new()
    };
    let mut seen = look(&asked.headers, &asked.body);
    let answered = look(&answer.headers, &answer.body);
    seen.resources.extend(answered.resources);
    seen.patients.extend(answered.patients);
    let error = if answer.status.is_client_error() || answer.status.is_server_error() {
        answered.error
    } else {
        redirected_error(&answer.headers)
    };
    Exchange {
        seq: 0,
        at: answer.at,
        surface,
        method: asked.method.to_string(),
        path: asked.uri.path().to_owned(),
        query: pairs(surface, asked.uri.query().unwrap_or_default()),
        request_headers: without_secrets(&asked.headers),
        form,
        status: answer.status.as_u16(),
        response_headers: without_secrets(&answer.headers),
        error,
        resources: seen.resources.into_iter().collect(),
        patients: seen.patients.into_iter().collect(),
        scope_granted: answer.trace.scope,
        client_id: answer.trace.client_id,
        launch: answer.trace.launch,
        missed: 0,
    }
}

fn look(headers: &Headers, body: &Bytes) -> traffic_body::Seen {
    if is_json(headers) {
        traffic_body::look(body)
    } else {
        traffic_body::Seen::default()
    }
}

/// In a FHIR search `code` is a clinical code, and what the search was for is evidence.
pub(super) fn pairs(surface: Surface, encoded: &str) -> Vec<Pair> {
    let fhir = matches!(surface, Surface::Fhir | Surface::Metadata);
    url::form_urlencoded::parse(encoded.as_bytes())
        .map(|(name, value)| match name.as_ref() {
            "code" | "launch" | "token" if fhir => Pair::new(name.as_ref(), value.as_ref()),
            _ => Pair::new(name.as_ref(), marked(&name, &value)),
        })
        .collect()
}

fn chosen(headers: &HeaderMap, names: &[&'static str]) -> Headers {
    let named = headers.iter().filter_map(|(name, value)| {
        let place = names.binary_search(&name.as_str()).ok()?;
        Some((*names.get(place)?, value.clone()))
    });
    named.collect()
}

fn without_secrets(headers: &Headers) -> Vec<Pair> {
    let pair = |(name, value): &(&'static str, HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        Pair::new(*name, marked_header(name, &text))
    };
    let mut pairs: Vec<Pair> = headers.iter().map(pair).collect();
    pairs.sort_by(|one, other| one.name.cmp(&other.name));
    pairs
}

fn marked_header(name: &str, value: &str) -> String {
    match name {
        "authorization" => marked_authorization(value),
        "location" | "referer" => marked_address(value),
        _ => value.to_owned(),
    }
}

pub(super) fn marked_authorization(value: &str) -> String {
    match value.split_once(' ') {
        Some(("Bearer", token)) => format!("Bearer {}", SecretKind::AccessToken.mark(token)),
        Some(("Basic", encoded)) => {
            let decoded = BASE64.decode(encoded.as_bytes()).unwrap_or_default();
            let text = String::from_utf8_lossy(&decoded);
            let (id, secret) = text.split_once(':').unwrap_or((&text, ""));
            format!("Basic {id}:{}", SecretKind::ClientSecret.mark(secret))
        }
        Some((scheme, rest)) => format!("{scheme} {}", SecretKind::AccessToken.mark(rest)),
        None => SecretKind::AccessToken.mark(value),
    }
}

/// An address with the secrets in its query replaced by their marks.
pub(super) fn marked_address(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else {
        return match address.split_once('?') {
            // An address on this server, such as the login page with its ticket.
            Some((path, _)) => path.to_owned(),
            None => address.to_owned(),
        };
    };
    if url.query().is_none() {
        return address.to_owned();
    }
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (name.clone().into_owned(), marked(&name, &value)))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

/// The error that a redirect carries to the client.
fn redirected_error(headers: &Headers) -> Option<String> {
    let url = Url::parse(text(headers, "location")?).ok()?;
    url.query_pairs()
        .find(|(name, _)| name == "error")
        .map(|(_, value)| value.into_owned())
}

fn is(headers: &Headers, media_type: &str) -> bool {
    text(headers, "content-type").is_some_and(|text| text.starts_with(media_type))
}

fn is_json(headers: &Headers) -> bool {
    let media = text(headers, "content-type").and_then(|text| text.split(';').next());
    media.is_some_and(|media| media.ends_with("json"))
}

fn text<'h>(headers: &'h Headers, wanted: &str) -> Option<&'h str> {
    let (_, value) = headers.iter().find(|(name, _)| *name == wanted)?;
    value.to_str().ok()
}

/// More than the FHIR server takes, which refuses in its own dialect.
const MOST_BYTES: usize = 12 * 1024 * 1024;

/// About what an exchange takes besides its bodies.
const OVERHEAD: usize = 1024;

/// In the order of the alphabet, as is the next.
const REQUEST_HEADERS: [&str; 11] = [
    "accept",
    "authorization",
    "content-type",
    "dpop",
    "if-match",
    "if-none-match",
    "origin",
    "referer",
    "sec-fetch-mode",
    "sec-fetch-site",
    "user-agent",
];

const RESPONSE_HEADERS: [&str; 6] = [
    "cache-control",
    "content-type",
    "etag",
    "location",
    "retry-after",
    "www-authenticate",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clinical_code_is_no_secret_and_a_token_in_a_fhir_address_is() {
        let read = |surface| -> Vec<String> {
            let encoded = "code=http%3A%2F%2Floinc.org%7C85354-9&access_token=abc";
            pairs(surface, encoded)
                .into_iter()
                .map(|pair| pair.value)
                .collect()
        };
        let marked = "secret:access_token:ba7816bf8f01cfea";
        assert_eq!(read(Surface::Fhir), ["http://loinc.org|85354-9", marked]);
        assert!(read(Surface::Token)[0].starts_with("secret:code:"));
    }

    #[test]
    fn no_secret_survives_in_headers_and_addresses() {
        let address = "https://a.example/cb?code=abc&state=s";
        assert_eq!(
            marked_address(address),
            "https://a.example/cb?code=secret%3Acode%3Aba7816bf8f01cfea&state=s"
        );
        assert_eq!(
            marked_address("/demo/auth/login?request=abc"),
            "/demo/auth/login"
        );
        for header in ["Bearer abc", "Basic YTphYmM=", "DPoP abc", "abc"] {
            let marked = marked_authorization(header);
            assert!(marked.contains("ba7816bf8f01cfea"), "{marked}");
            assert!(!marked.ends_with("abc"));
        }
    }
}
