//! The registry's HTTP API: the table of routes, and who may use each.

mod apps;
pub(crate) mod authenticate;
mod catalogue;
mod conditional;
pub(crate) mod documents;
mod export;
mod federation;
mod hosted;
mod keys;
mod notices;
mod reviews;
pub(crate) mod served;
mod standing;
mod tokens;
mod trust;
mod upload;
mod verify;
mod versions;

#[cfg(test)]
pub(crate) use self::trust::MINUTE;

use axum::extract::DefaultBodyLimit;
use foundation::access::{Access, Role, Routes};

use crate::service::Registry;
use crate::trust::federation as paths;

const VENDOR: Access = Access::Roles(&[Role::Vendor]);
const REVIEWER: Access = Access::Roles(&[Role::Reviewer]);
const OPERATOR: Access = Access::Roles(&[Role::Operator]);
const KEEPERS: Access = Access::Roles(&[Role::Vendor, Role::Operator]);
const HOLDERS: Access = Access::Roles(&[Role::Reviewer, Role::Operator]);
const DECIDERS: Access = Access::Roles(&[Role::Vendor, Role::Reviewer]);
const INSIDERS: Access = Access::Roles(&[Role::Vendor, Role::Reviewer, Role::Operator]);

/// Every route of the registry.
pub(crate) fn routes(registry: Registry) -> Routes {
    let limit = upload::body_limit(registry.config());
    let upload = Routes::new()
        .post("/api/v1/apps/{id}/versions", VENDOR, upload::post)
        .map(|router| router.layer(DefaultBodyLimit::max(limit)));
    let verify = Routes::new()
        .post("/api/v1/verify", Access::Public, verify::post)
        .map(|router| router.layer(DefaultBodyLimit::max(verify::MAX_BODY)));
    Routes::new()
        .merge(upload)
        .merge(verify)
        .merge(app_routes())
        .merge(public_routes())
        .merge(spoken_for())
        .merge(token_routes())
        .merge(key_routes())
        .merge(federation_routes())
        .with_state(registry)
}

fn app_routes() -> Routes<Registry> {
    Routes::new()
        .post("/api/v1/apps", VENDOR, apps::post)
        .get("/api/v1/apps", VENDOR, apps::list)
        .put("/api/v1/apps/{id}", VENDOR, apps::put)
        .get(
            "/api/v1/apps/{id}/versions/{v}/history",
            INSIDERS,
            versions::history,
        )
        .post(
            "/api/v1/apps/{id}/versions/{v}/submission",
            VENDOR,
            versions::submit,
        )
        .get(
            "/api/v1/apps/{id}/versions/{v}/release",
            VENDOR,
            versions::release,
        )
        .get(
            "/api/v1/apps/{id}/versions/{v}/reviews/claims",
            REVIEWER,
            reviews::claims,
        )
        .get(
            "/api/v1/apps/{id}/versions/{v}/reviews",
            INSIDERS,
            reviews::list,
        )
        .post(
            "/api/v1/apps/{id}/versions/{v}/reviews",
            REVIEWER,
            reviews::post,
        )
        .post(
            "/api/v1/apps/{id}/versions/{v}/status",
            DECIDERS,
            standing::post,
        )
        .get(
            "/api/v1/apps/{id}/versions/{v}/status",
            INSIDERS,
            standing::list,
        )
        .get("/api/v1/notices", DECIDERS, notices::list)
        .get("/api/v1/reviews", REVIEWER, reviews::queue)
}

fn public_routes() -> Routes<Registry> {
    Routes::new()
        .get("/api/v1/apps/{id}", Access::Public, apps::get)
        .get(
            "/api/v1/apps/{id}/versions/{v}",
            Access::Public,
            versions::get,
        )
        .get("/api/v1/catalogue", Access::Public, catalogue::json)
        .get("/api/v1/catalogue.csv", Access::Public, catalogue::csv)
        .get(
            "/api/v1/catalogue.ndjson",
            Access::Public,
            catalogue::ndjson,
        )
        .get("/log/checkpoint", Access::Public, trust::checkpoint)
        .get("/log/tile/{*path}", Access::Public, trust::tile)
        .get("/{log}/checkpoint", Access::Public, trust::checkpoint_of)
        .get("/{log}/tile/{*path}", Access::Public, trust::tile_of)
        .get("/schemas/app.json", Access::Public, documents::app_schema)
        .get(
            "/schemas/version.json",
            Access::Public,
            documents::version_schema,
        )
        .get("/openapi.json", Access::Public, documents::openapi)
}

/// What EPJs rest decisions on.
fn spoken_for() -> Routes<Registry> {
    Routes::new()
        .get(
            "/api/v1/apps/{id}/versions/{v}/approval",
            Access::Public,
            versions::approval,
        )
        .get(
            "/api/v1/apps/{id}/versions/{v}/approval.tlog-proof",
            Access::Public,
            versions::ticket,
        )
        .get(
            "/api/v1/apps/{id}/versions/{v}/content",
            Access::Public,
            hosted::get,
        )
        .get("/trust/{file}", Access::Public, trust::document)
        .get("/trust/targets/{file}", Access::Public, trust::target)
        .get("/status/{list}", Access::Public, trust::status)
        .get(
            "/status/{list}/events",
            Access::Public,
            trust::status_events,
        )
}

fn key_routes() -> Routes<Registry> {
    Routes::new()
        .get("/api/v1/vendor-keys", KEEPERS, keys::of_vendors)
        .post("/api/v1/vendor-keys", VENDOR, keys::register_vendor)
        .delete("/api/v1/vendor-keys/{kid}", VENDOR, keys::cancel_vendor)
        .post(
            "/api/v1/vendor-keys/{kid}/verification",
            OPERATOR,
            keys::verify_vendor,
        )
        .get("/api/v1/reviewer-keys", HOLDERS, keys::of_reviewers)
        .post("/api/v1/reviewer-keys", OPERATOR, keys::register_reviewer)
        .delete(
            "/api/v1/reviewer-keys/{kid}",
            OPERATOR,
            keys::retire_reviewer,
        )
}

fn federation_routes() -> Routes<Registry> {
    Routes::new()
        .get(
            "/.well-known/openid-federation",
            Access::Public,
            federation::anchor,
        )
        .get(
            "/apps/{id}/.well-known/openid-federation",
            Access::Public,
            federation::app,
        )
        .get(paths::FETCH, Access::Public, federation::fetch)
        .get(paths::LIST, Access::Public, federation::list)
        .get(paths::MARK, Access::Public, federation::mark)
        .get(paths::MARK_LIST, Access::Public, federation::mark_list)
        .get(
            paths::HISTORICAL_KEYS,
            Access::Public,
            federation::historical_keys,
        )
        .post(paths::MARK_STATUS, Access::Public, federation::mark_status)
        .map(|router| router.layer(DefaultBodyLimit::max(federation::MAX_BODY)))
        .post("/api/v1/federation-key", OPERATOR, federation::replace_key)
}

fn token_routes() -> Routes<Registry> {
    Routes::new()
        .post("/api/v1/tokens", Access::Authenticated, tokens::post)
        .get("/api/v1/tokens", Access::Authenticated, tokens::list)
        .delete("/api/v1/tokens/{id}", Access::Authenticated, tokens::delete)
}
