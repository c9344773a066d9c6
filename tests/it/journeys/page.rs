//! The page that comes with the npm package, in a real browser: it verifies files that somebody
//! chooses, and fetches nothing but the verifier.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::Path as Named;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use fantoccini::Locator;

use crate::support::browser::Browser;

/// How long the page may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an EPJ has on disk.
pub(super) struct Files<'f> {
    pub(super) trust: &'f Path,
    pub(super) approval: &'f Path,
    pub(super) ticket: &'f Path,
}

/// What the page says of the files, each a whole text.
pub(super) async fn says(cases: &[Files<'_>]) -> Vec<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/demo.html", listener.local_addr().unwrap());
    let router = Router::new().route("/{name}", get(file));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let browser = Browser::start().await;
    let mut said = Vec::new();
    for files in cases {
        browser.open(&address).await;
        for (id, path) in [
            ("trust", files.trust),
            ("approval", files.approval),
            ("ticket", files.ticket),
        ] {
            let field = browser.window.find(Locator::Id(id)).await.unwrap();
            field.send_keys(path.to_str().unwrap()).await.unwrap();
        }
        browser.select("Environment", "test").await;
        browser.click("Verify").await;
        let has_said = |text: &str| text.contains("Accepted in") || text.contains("Refused:");
        said.push(browser.until("an answer", PATIENCE, has_said).await);
    }
    browser.close().await;
    said
}

/// A file of the package, as any static server gives it.
async fn file(Named(name): Named<String>) -> impl IntoResponse {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("verifier/embed/npm");
    let media_type = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let bytes = std::fs::read(folder.join(name)).unwrap();
    ([(header::CONTENT_TYPE, media_type)], bytes)
}
