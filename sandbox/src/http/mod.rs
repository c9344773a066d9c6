//! Routes and layers of the room. Each group of routes has its own layers: who may read across
//! origins, what is recorded, and for FHIR whose token it is.

mod api;
mod auth;
mod authorize;
mod bearer;
mod copies;
mod cors;
mod discovery;
mod epj;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod helseid;
mod home;
pub(crate) mod pages;
mod record;
mod socket;
mod traffic_body;

use std::sync::Arc;

use axum::extract::{FromRef, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::from_fn_with_state;
use foundation::access::{Access, Role, Routes};

use crate::service::Core;
use pages::Pages;

/// What handlers stand on.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    pub(crate) core: Arc<Core>,
    pub(crate) pages: Arc<Pages>,
}

impl FromRef<Web> for Arc<Core> {
    fn from_ref(web: &Web) -> Self {
        Self::clone(&web.core)
    }
}

/// Every route of the room.
pub(crate) fn routes(core: Arc<Core>, pages: Arc<Pages>) -> Routes {
    let web = Web { core, pages };
    open_to_scripts(&web)
        .merge(fhir(&web))
        .merge(pages_of_a_sandbox(&web))
        .merge(sockets().with_state(web.clone()))
        .merge(helseid_routes().with_state(web.clone()))
        .merge(management().with_state(web.clone()))
        .merge(copies_of_sandboxes().with_state(web))
}

/// What scripts of apps call: recorded, and with CORS as SMART 2.2 asks.
fn open_to_scripts(web: &Web) -> Routes {
    let token = Access::Token("client authentication or the token itself, checked by the handler");
    let server = Routes::new()
        .get(
            "/{sandbox}/fhir/.well-known/smart-configuration",
            Access::Public,
            discovery::smart,
        )
        .get(
            "/{sandbox}/fhir/.well-known/openid-configuration",
            Access::Public,
            discovery::openid,
        )
        .get("/{sandbox}/auth/jwks", Access::Public, discovery::jwks)
        .post("/{sandbox}/auth/token", token, auth::token)
        .post("/{sandbox}/auth/introspect", token, auth::introspect)
        .post("/{sandbox}/auth/revoke", token, auth::revoke)
        .with_state(web.clone());
    server.map(|router| {
        router
            .layer(from_fn_with_state(Arc::clone(&web.core), record::exchange))
            .layer(from_fn_with_state(Arc::clone(&web.core), cors::allow))
    })
}

/// The FHIR server behind the bearer check, recorded, and with CORS as SMART 2.2 asks.
fn fhir(web: &Web) -> Routes {
    let core = &web.core;
    crate::fhir::routes(core.fhir.clone())
        .map(|router| router.layer(from_fn_with_state(Arc::clone(core), bearer::guard)))
}

/// What stays open: nobody is told anything before they have shown a token on the socket.
fn sockets() -> Routes<Web> {
    Routes::new().get("/{sandbox}/websocket", Access::Public, socket::open)
}

/// What browsers show: recorded, and never readable across origins.
fn pages_of_a_sandbox(web: &Web) -> Routes {
    let public = Access::Public;
    Routes::new()
        .get("/{sandbox}/auth/authorize", public, authorize::get)
        .post("/{sandbox}/auth/authorize", public, authorize::post)
        .get("/{sandbox}/auth/login", public, authorize::page)
        .post("/{sandbox}/auth/login", public, authorize::choose)
        .get("/{sandbox}/", public, epj::page::home)
        .post("/{sandbox}/epj/open", public, epj::page::open)
        .post("/{sandbox}/epj/status", public, epj::page::refresh)
        .get("/{sandbox}/epj/patients", public, epj::api::patients)
        .get(
            "/{sandbox}/epj/practitioners",
            public,
            epj::api::practitioners,
        )
        .get("/{sandbox}/epj/encounters", public, epj::api::encounters)
        .get("/{sandbox}/epj/apps", public, epj::api::apps)
        .post("/{sandbox}/epj/launches", public, epj::api::launch)
        .post("/{sandbox}/epj/status-lists", public, epj::api::refresh)
        .with_state(web.clone())
        .map(|router| router.layer(from_fn_with_state(Arc::clone(&web.core), record::exchange)))
}

fn helseid_routes() -> Routes<Web> {
    let public = Access::Public;
    let token = Access::Token("client authentication or the access token, checked by the handler");
    Routes::new()
        .get(
            "/helseid/.well-known/openid-configuration",
            public,
            helseid::discovery,
        )
        .get(
            "/helseid/.well-known/openid-configuration/jwks",
            public,
            helseid::jwks,
        )
        .get("/helseid/connect/authorize", public, helseid::authorize)
        .post("/helseid/connect/authorize", public, helseid::choose)
        .post("/helseid/connect/token", token, helseid::token)
        .get("/helseid/connect/userinfo", token, helseid::userinfo)
        .get("/helseid/connect/endsession", public, helseid::end_session)
}

/// Making and watching sandboxes; apps' developers and EPJs do it.
fn management() -> Routes<Web> {
    let makers = Access::Roles(&MAKERS);
    Routes::new()
        .get("/", Access::Public, home::list)
        .get("/static/{file}", Access::Public, home::asset)
        .post("/api/v1/sandboxes", makers, api::create)
        .get("/api/v1/sandboxes", makers, api::list)
        .delete("/api/v1/sandboxes/{sandbox}", makers, api::delete)
        .post("/api/v1/sandboxes/{sandbox}/reset", makers, api::reset)
        .post("/api/v1/sandboxes/{sandbox}/clients", makers, api::register)
        .get("/api/v1/sandboxes/{sandbox}/clients", makers, api::clients)
        .post("/api/v1/sandboxes/{sandbox}/launches", makers, api::launch)
        .get("/api/v1/sandboxes/{sandbox}/traffic", makers, api::traffic)
}

/// Snapshots, clones and shares.
fn copies_of_sandboxes() -> Routes<Web> {
    let makers = Access::Roles(&MAKERS);
    let snapshots = "/api/v1/sandboxes/{sandbox}/snapshots";
    let snapshot = "/api/v1/sandboxes/{sandbox}/snapshots/{snapshot}";
    let restore = "/api/v1/sandboxes/{sandbox}/snapshots/{snapshot}/restore";
    let clones = "/api/v1/sandboxes/{sandbox}/clones";
    let shares = "/api/v1/sandboxes/{sandbox}/shares";
    let share = "/api/v1/sandboxes/{sandbox}/shares/{organisation}";
    Routes::new()
        .post(snapshots, makers, copies::take)
        .get(snapshots, makers, copies::snapshots)
        .delete(snapshot, makers, copies::delete)
        .post(restore, makers, copies::restore)
        .post(clones, makers, copies::clone)
        .get(shares, makers, copies::shares)
        .put(share, makers, copies::share)
        .delete(share, makers, copies::unshare)
}

/// Who makes and watches sandboxes: apps' developers and EPJs.
const MAKERS: [Role; 3] = [Role::Vendor, Role::Epj, Role::Operator];

/// The first segment of the path: the sandbox's name.
fn sandbox_of(request: &Request) -> String {
    let path = request.uri().path().trim_start_matches('/');
    path.split('/').next().unwrap_or_default().to_owned()
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
}
