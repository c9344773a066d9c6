//! The middleware round every page: finds the session, puts the caller into the request, and
//! makes HTML of what the handler found. A refusal in problem+json, from whatever layer, becomes
//! a page with a way out; somebody who is not logged in is sent to the login.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::access::Denied;
use foundation::error::Problem;
use foundation::http::request_id;
use serde::Deserialize;
use tera::Context;

use super::Portal;
use super::cookie::Cookie;
use super::frame::Frame;
use crate::error::PortalError;
use crate::pages::Page;
use crate::pages::error::ErrorPage;
use crate::render::RenderError;
use crate::render::urls::{self, Place};

/// A page on its way out: rendered by the middleware, which knows the frame.
#[derive(Clone, Debug)]
struct Shown {
    template: &'static str,
    runs_webassembly: bool,
    context: Context,
}

/// An answer that carries a page.
pub(crate) struct Show<P>(pub(crate) P);

impl<P: Page> IntoResponse for Show<P> {
    fn into_response(self) -> Response {
        match Context::from_serialize(&self.0) {
            Ok(context) => {
                let mut response = self.0.status().into_response();
                response.extensions_mut().insert(Shown {
                    template: P::TEMPLATE,
                    runs_webassembly: P::RUNS_WEBASSEMBLY,
                    context,
                });
                response
            }
            Err(error) => {
                Problem::from(PortalError::from(RenderError::from(error))).into_response()
            }
        }
    }
}

/// The frame in a handler.
impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::from(PortalError::NotFound))
    }
}

/// The layer.
pub(crate) async fn present(
    State(portal): State<Portal>,
    mut request: Request,
    next: Next,
) -> Response {
    let cookie = Cookie::Session.read(request.headers(), portal.config().is_https());
    let session = match cookie {
        Some(cookie) => match portal.sessions().find(cookie).await {
            Ok(session) => session,
            Err(error) => return Problem::from(PortalError::from(error)).into_response(),
        },
        None => None,
    };
    let uri = request.uri();
    let frame = Frame::new(uri.path(), uri.query(), session, portal.entropy());
    if let Some(session) = frame.session.as_deref() {
        request.extensions_mut().insert(session.actor.clone());
    }
    request.extensions_mut().insert(frame.clone());
    let method = request.method().clone();
    let response = next.run(request).await;
    finish(&portal, &frame, &method, response).await
}

async fn finish(
    portal: &Portal,
    frame: &Frame,
    method: &Method,
    mut response: Response,
) -> Response {
    if let Some(shown) = response.extensions_mut().remove::<Shown>() {
        return html(portal, frame, shown, response);
    }
    match response.extensions().get::<Denied>() {
        Some(Denied::NotLoggedIn) if method == Method::GET => {
            let login = Place::LOGIN.href(frame.language, &[]);
            let address = format!("{login}?retur={}", urls::encode(&frame.here()));
            return Redirect::to(&address).into_response();
        }
        Some(Denied::NotLoggedIn | Denied::WrongRole) | None => {}
    }
    if is_problem(&response) {
        return problem(portal, frame, response).await;
    }
    secure(&mut response, portal, frame, false);
    response
}

fn is_problem(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/problem+json"))
}

#[derive(Debug, Default, Deserialize)]
struct ProblemBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    remedy: String,
    #[serde(default)]
    errors: Vec<FindingBody>,
}

#[derive(Debug, Deserialize)]
struct FindingBody {
    code: String,
    detail: String,
    remedy: String,
}

async fn problem(portal: &Portal, frame: &Frame, response: Response) -> Response {
    let status = response.status();
    let denied = response.extensions().get::<Denied>().is_some();
    let bytes = to_bytes(response.into_body(), 1024 * 1024)
        .await
        .unwrap_or_default();
    let body: ProblemBody = serde_json::from_slice(&bytes).unwrap_or_default();
    let explained = portal.problems().find(&body.code);
    let (title, detail, remedy, lang) = match explained {
        Some(known) => {
            let (words, lang) = known.words(frame.language);
            // The detail is written in English for programs; the explanation says the same.
            (
                words.title.clone(),
                String::new(),
                words.remedy.clone(),
                lang,
            )
        }
        None => (body.title, body.detail, body.remedy, "en"),
    };
    let findings = body
        .errors
        .iter()
        .map(|finding| {
            portal.problems().error(
                "",
                &finding.code,
                &finding.detail,
                &finding.remedy,
                frame.language,
            )
        })
        .collect();
    let page = ErrorPage {
        code: if body.code.is_empty() {
            "internal".to_owned()
        } else {
            body.code
        },
        http_status: status.as_u16(),
        title,
        detail,
        remedy,
        lang,
        request_id: request_id::current(),
        findings,
        can_log_in: denied,
    };
    let mut response = Show(page).into_response();
    match response.extensions_mut().remove::<Shown>() {
        Some(shown) => html(portal, frame, shown, response),
        None => last_resort(),
    }
}

/// Fills the page in; headers that the handler set (cookies, status) stay.
fn html(portal: &Portal, frame: &Frame, shown: Shown, mut response: Response) -> Response {
    let mut context = shown.context;
    context.insert("language", frame.language.tag());
    context.insert("frame", &frame.view(portal.config(), portal.entropy()));
    let page = match portal.renderer().render(shown.template, &context) {
        Ok(page) => page,
        Err(error) => {
            let chain = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(template = shown.template, error = %error, chain, "page failed");
            return last_resort();
        }
    };
    *response.body_mut() = Body::from(page);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        // A page may say who is logged in: nobody but this browser keeps it, and it asks anew.
        let policy = if frame.session.is_some() {
            "no-store"
        } else {
            "private, no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    }
    headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
    secure(&mut response, portal, frame, shown.runs_webassembly);
    response
}

fn secure(response: &mut Response, portal: &Portal, frame: &Frame, runs_webassembly: bool) {
    // Browsers hold the redirect after a form to the policy too, and logging out ends at the issuer.
    let logout = frame
        .session
        .as_ref()
        .and_then(|_| portal.config().issuer_origin());
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'nonce-{}'{}; \
         connect-src 'self'; form-action 'self'{}; base-uri 'none'; frame-ancestors 'none'",
        frame.nonce,
        if runs_webassembly {
            " 'wasm-unsafe-eval'"
        } else {
            ""
        },
        logout.map_or_else(String::new, |origin| format!(" {origin}"))
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// When not even the error page can be made.
fn last_resort() -> Response {
    let text = "Noe gikk galt hos oss. Prøv igjen. / Something failed on our side. Try again.\n";
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}
