//! `/healthz` (the process lives), `/readyz` (it can serve) and `/metrics` (Prometheus text).

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::store::Database;
use crate::telemetry::Metrics;

#[derive(Clone, Debug)]
struct Probes {
    database: Database,
    metrics: Metrics,
}

/// The three probes; public, and without any personal or secret content.
pub fn router(database: Database, metrics: Metrics) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(render))
        .with_state(Probes { database, metrics })
}

async fn ready(State(probes): State<Probes>) -> impl IntoResponse {
    if probes.database.is_ready().await {
        (StatusCode::OK, "ready\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer\n",
        )
    }
}

async fn render(State(probes): State<Probes>) -> impl IntoResponse {
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(header::CONTENT_TYPE, media_type)],
        probes.metrics.render(),
    )
}
