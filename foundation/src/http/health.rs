//! `/healthz` (the process lives), `/readyz` (it can serve) and `/metrics` (Prometheus text).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::store::Database;
use crate::telemetry::Metrics;

/// Something else than the database that a surface cannot serve without.
#[async_trait]
pub trait Readiness: Send + Sync + fmt::Debug {
    /// Why it cannot be served now: one line that begins with a stable code.
    async fn obstacle(&self) -> Option<String>;
}

#[derive(Clone, Debug)]
struct Probes {
    database: Database,
    metrics: Metrics,
    needed: Arc<[Arc<dyn Readiness>]>,
}

/// The three probes; public, and without any personal or secret content.
pub fn router(
    database: Database,
    metrics: Metrics,
    needed: impl IntoIterator<Item = Arc<dyn Readiness>>,
) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Probes {
            database,
            metrics,
            needed: needed.into_iter().collect(),
        })
}

async fn ready(State(probes): State<Probes>) -> impl IntoResponse {
    if !probes.database.is_ready().await {
        let said = "store-unavailable: the database does not answer\n".to_owned();
        return (StatusCode::SERVICE_UNAVAILABLE, said);
    }
    for needed in probes.needed.iter() {
        if let Some(obstacle) = needed.obstacle().await {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{obstacle}\n"));
        }
    }
    (StatusCode::OK, "ready\n".to_owned())
}

async fn render(State(probes): State<Probes>) -> impl IntoResponse {
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(header::CONTENT_TYPE, media_type)],
        probes.metrics.render(),
    )
}
