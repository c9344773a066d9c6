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

struct Served {
    files: BTreeMap<String, Vec<u8>>,
    policy: String,
}

impl Package {
    /// Serves the package on loopback, with the headers that an uploaded app is served with.
    /// `epj_origins` are the EPJs that it may contact and be framed by.
    pub async fn serve(self, epj_origins: &[String]) -> Result<LocalApp, LocalError> {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(LocalError::Serve)?;
        let port = listener.local_addr().map_err(LocalError::Serve)?.port();
        let base = Url::parse(&format!("http://app.localhost:{port}/"))
            .map_err(|error| LocalError::Archive(error.to_string()))?;
        let app = self.version.app(&self.entry, Some(&base))?;
        let served = Served {
            policy: policy(epj_origins, &app.hosts),
            files: self.files,
        };
        let router = Router::new().fallback(file).with_state(Arc::new(served));
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

async fn file(State(served): State<Arc<Served>>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let index = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    let Some(content) = served.files.get(&index) else {
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
        (header::CONTENT_SECURITY_POLICY, served.policy.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, content.clone()).into_response()
}

/// What an app may do: run its own scripts, contact the EPJ and the hosts it declares.
fn policy(epj_origins: &[String], hosts: &[String]) -> String {
    let epj = epj_origins.join(" ");
    let hosts = hosts.join(" ");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self' data:; media-src 'self'; manifest-src 'self'; \
         worker-src 'self'; connect-src 'self' {epj} {hosts}; frame-ancestors 'self' {epj}; \
         form-action 'self' {epj}; base-uri 'self'; object-src 'none'"
    )
}
