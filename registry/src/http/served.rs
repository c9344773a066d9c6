//! The server of uploaded apps: one origin per bundle, named by the first label of the host. Only
//! stored files are served, with headers that keep an app within what it declared.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use foundation::Digest;
use foundation::error::Problem;

use super::conditional;
use crate::config::RegistryConfig;
use crate::service::Registry;
use crate::service::served::{Found, ServedFile};

/// The whole server.
pub(crate) fn router(registry: Registry) -> Router {
    Router::new().fallback(serve).with_state(registry)
}

async fn serve(State(registry): State<Registry>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return page(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(bundle) = bundle(request.headers(), request.uri(), registry.config()) else {
        return page(StatusCode::NOT_FOUND);
    };
    let Some(path) = decoded(request.uri().path()) else {
        return page(StatusCode::NOT_FOUND);
    };
    match registry.served(&bundle, &path).await {
        Ok(Found::File(file)) => answer(&request, file, registry.config()),
        Ok(Found::Nothing) => page(StatusCode::NOT_FOUND),
        Ok(Found::Gone) => page(StatusCode::GONE),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The bundle that the host name tells: the label where the configured address has `{label}`.
fn bundle(headers: &HeaderMap, uri: &Uri, config: &RegistryConfig) -> Option<Digest> {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| uri.host())?;
    bundle_of_host(host, config)
}

pub(crate) fn bundle_of_host(host: &str, config: &RegistryConfig) -> Option<Digest> {
    let name = host.split(':').next()?.to_ascii_lowercase();
    let configured = config.app_origin("{label}");
    let (_, authority) = configured.split_once("://")?;
    let pattern = authority.split(':').next()?;
    let (before, after) = pattern.split_once("{label}")?;
    let label = name.strip_prefix(before)?.strip_suffix(after)?;
    // Only the spelling that DNS labels use.
    (label.len() == LABEL_LENGTH).then(|| label.parse().ok())?
}

fn answer(request: &Request, file: ServedFile, config: &RegistryConfig) -> Response {
    let tag = format!("\"{}\"", file.digest.hex());
    let is_page = file.media_type.starts_with("text/html");
    // The address names the bytes, so they never change; a page's policy may.
    let caching = if is_page {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    let known = conditional::matches(request.headers(), &tag);
    let status = if known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let digest = format!("sha-256=:{}:", BASE64.encode(file.digest.as_bytes()));
    let policy = policy(&file.hosts, config);
    let body = if known {
        Body::empty()
    } else {
        Body::from(file.bytes)
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    set(headers, "content-type", &file.media_type);
    set(headers, "cache-control", caching);
    set(headers, "etag", &tag);
    set(headers, "repr-digest", &digest);
    set(headers, "accept-ranges", "none");
    set(headers, "content-security-policy", &policy);
    confine(headers);
    response
}

/// What an app may do: run its own scripts, contact the EPJs and the hosts it declared, and be
/// framed by an EPJ.
fn policy(hosts: &[String], config: &RegistryConfig) -> String {
    let epj = config.epj_origins.join(" ");
    let mut contacts = String::new();
    for host in hosts {
        contacts.push_str(" https://");
        contacts.push_str(host);
        if config.is_test() && host.contains("localhost") {
            contacts.push_str(" http://");
            contacts.push_str(host);
        }
    }
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self' data:; media-src 'self'; manifest-src 'self'; \
         worker-src 'self'; connect-src 'self' {epj}{contacts}; frame-ancestors {epj}; \
         form-action 'self' {epj}; base-uri 'self'; object-src 'none'"
    )
}

fn confine(headers: &mut HeaderMap) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("origin-agent-cluster", "?1"),
        ("referrer-policy", "no-referrer"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        set(headers, name, value);
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The page for people who came to nothing.
fn page(status: StatusCode) -> Response {
    let text = if status == StatusCode::GONE {
        include_str!("../../pages/gone.html")
    } else {
        include_str!("../../pages/not-found.html")
    };
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    set(headers, "content-type", "text/html; charset=utf-8");
    set(headers, "cache-control", "no-store");
    set(
        headers,
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *",
    );
    confine(headers);
    response
}

/// A path with its percent-encoding undone; `None` when that gives no text.
pub(crate) fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let text = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(text, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

const LABEL_LENGTH: usize = 52;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str) -> Option<Digest> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        bundle(&headers, &Uri::from_static("/"), &RegistryConfig::default())
    }

    #[test]
    fn the_host_tells_the_bundle() {
        let digest = Digest::of(b"x");
        let label = digest.label();
        assert_eq!(of(&format!("{label}.apps.localhost:8082")), Some(digest));
        assert_eq!(
            of(&format!("{}.APPS.localhost", label.to_uppercase())),
            Some(digest)
        );
        assert_eq!(of(&format!("{label}.evil.no")), None);
        assert_eq!(of(&format!("a{label}.apps.localhost")), None);
        assert_eq!(of("apps.localhost:8082"), None);
        assert_eq!(of(&format!("{}.apps.localhost", digest.hex())), None);
    }

    #[test]
    fn paths_are_decoded_once() {
        assert_eq!(decoded("/bl%C3%A5.html").as_deref(), Some("/blå.html"));
        assert_eq!(decoded("/a%2562").as_deref(), Some("/a%62"));
        assert_eq!(decoded("/%"), None);
        assert_eq!(decoded("/%ff"), None);
    }

    #[test]
    fn an_app_may_contact_what_it_declared_and_nothing_else() {
        let policy = policy(&["api.eksempel.no".to_owned()], &RegistryConfig::default());
        assert!(
            policy.contains("connect-src 'self' http://localhost:8081 https://api.eksempel.no;")
        );
        assert!(policy.contains("frame-ancestors http://localhost:8081;"));
        assert!(!policy.contains("'unsafe-eval'"));
    }
}
