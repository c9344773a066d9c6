//! The least that an HTTP server can do: one route that answers with the bytes of a file, without a
//! token, a search or a record. What the FHIR server reaches is compared with it.
//! usage: bare ADDRESS:PORT FILE

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::routing::get;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bare ADDRESS:PORT FILE".into());
    };
    let bytes = Bytes::from(std::fs::read(file)?);
    let router = Router::new()
        .route("/{sandbox}/fhir/{type}/{id}", get(answer))
        .with_state(bytes);
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn answer(
    State(bytes): State<Bytes>,
    Path(_asked): Path<(String, String, String)>,
) -> ([(HeaderName, &'static str); 1], Bytes) {
    let media = "application/fhir+json; charset=utf-8";
    ([(header::CONTENT_TYPE, media)], bytes)
}
