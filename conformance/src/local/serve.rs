//! Serves a package's files from memory, on a port of its own on loopback.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::{LocalError, Package};
use crate::domain::subject::AppUnderTest;

/// A package that is being served; dropping it ends that.
#[derive(Debug)]
pub struct LocalApp {
    /// The app at its address on this machine.
    pub app: AppUnderTest,
    server: JoinHandle<()>,
}

type Files = Arc<BTreeMap<String, Vec<u8>>>;

impl Package {
    /// Serves the package on loopback.
    pub async fn serve(self) -> Result<LocalApp, LocalError> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(LocalError::Serve)?;
        let port = listener.local_addr().map_err(LocalError::Serve)?.port();
        let base = Url::parse(&format!("http://app.localhost:{port}/"))
            .map_err(|error| LocalError::Archive(error.to_string()))?;
        let app = self.version.app(&self.entry, Some(&base))?;
        let router = Router::new()
            .fallback(file)
            .with_state(Arc::new(self.files));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the app is no longer served");
            }
        });
        Ok(LocalApp { app, server })
    }
}

impl Drop for LocalApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn file(State(files): State<Files>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let index = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    let Some(content) = files.get(&index) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    let kind = mime_guess::from_path(&index).first_or_octet_stream();
    let kind = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content.clone()).into_response()
}
