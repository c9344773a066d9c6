//! The agent over HTTP, for programs on the same machine: no login, no cross-origin access, and an
//! answer only to those who ask by a name of this machine.

mod hosts;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::access::{Access, Routes};
use foundation::error::{Fault, Problem};
use foundation::http::{Json, Path};

pub use hosts::Hosts;

use crate::agent::Agent;
use crate::answer::{Launched, Listed, Verified};
use crate::request::{Launch, Verify};
use crate::status::Status;

/// Every route.
pub(crate) fn routes(agent: Agent, hosts: Hosts) -> Routes {
    let guard = middleware::from_fn_with_state(hosts, hosts::guard);
    let never = middleware::map_response(|mut response: Response| async move {
        // True for this moment alone.
        let never = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, never);
        response
    });
    Routes::new()
        .post("/verify", Access::Public, verify)
        .post("/launch", Access::Public, launch)
        .get("/apps", Access::Public, apps)
        .get("/status", Access::Public, status)
        .get("/livez", Access::Public, || async { "ok\n" })
        .get("/readyz", Access::Public, ready)
        .get("/problems/{code}", Access::Public, problem)
        .fallback(unknown)
        .map(|router| {
            let router = router.layer(DefaultBodyLimit::max(MAX_BODY));
            router.layer(never.clone()).layer(guard.clone())
        })
        .with_state(agent)
}

async fn verify(
    State(agent): State<Agent>,
    Json(request): Json<Verify>,
) -> Result<Json<Verified>, Problem> {
    Ok(Json(agent.verify(&request).await?))
}

async fn launch(
    State(agent): State<Agent>,
    Json(request): Json<Launch>,
) -> Result<Json<Launched>, Problem> {
    Ok(Json(agent.launch(&request)?))
}

async fn apps(State(agent): State<Agent>) -> Json<Vec<Listed>> {
    Json(agent.apps())
}

async fn status(State(agent): State<Agent>) -> Json<Status> {
    Json(agent.status())
}

async fn ready(State(agent): State<Agent>) -> (StatusCode, String) {
    match agent.obstacle() {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(refused) => (StatusCode::SERVICE_UNAVAILABLE, format!("{refused}\n")),
    }
}

/// What a problem's `type` leads to: the registry explains every code.
async fn problem(State(agent): State<Agent>, Path(code): Path<String>) -> Response {
    let is_code = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if code.bytes().all(is_code) {
        let registry = &agent.0.settings.registry;
        Redirect::temporary(&format!("{registry}/problems/{code}")).into_response()
    } else {
        unknown().await.into_response()
    }
}

async fn unknown() -> Problem {
    Problem(
        Fault::new(StatusCode::NOT_FOUND, "address-unknown")
            .title("There is nothing at this address")
            .remedy("The book's page on the EPJ agent lists its addresses."),
    )
}

/// An approval is at most 16 KiB and a ticket with post-quantum cosignatures some tens.
const MAX_BODY: usize = 256 * 1024;
