//! A vendor's own server, as the registry reaches it, and an app on it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use registry::{Fetched, Hosted, PortError};
use serde_json::{Value, json};
use verifier::Digest;

use super::{World, hosted, multipart_of};

/// What is served now, by address.
#[derive(Debug, Default)]
pub(crate) struct Server(Mutex<BTreeMap<String, (u16, Vec<u8>)>>);

#[async_trait]
impl Hosted for Server {
    async fn fetch(&self, address: &str, limit: u64) -> Result<Fetched, PortError> {
        let served = self.0.lock().unwrap();
        let (status, bytes) = served.get(address).cloned().unwrap_or((404, Vec::new()));
        if status == 0 {
            return Err(PortError("no route to host".to_owned()));
        }
        let most = usize::try_from(limit).unwrap();
        Ok(Fetched {
            status,
            bytes: bytes.into_iter().take(most).collect::<Vec<_>>().into(),
        })
    }
}

impl Server {
    /// Serves this from now on; the status 0 is a server that is out of reach.
    pub(crate) fn serve(&self, address: &str, status: u16, bytes: &[u8]) {
        let mut served = self.0.lock().unwrap();
        served.insert(address.to_owned(), (status, bytes.to_vec()));
    }
}

const ORIGIN: &str = "https://app.eksempel.example";
/// The address of a file of the app.
pub(crate) const LAUNCH: &str = "https://app.eksempel.example/launch";
const FILES: [(&str, &[u8]); 3] = [
    ("/", b"<!doctype html><title>App</title>"),
    ("/launch", b"<!doctype html><script src=/app.js></script>"),
    ("/app.js", b"start()"),
];

/// The bytes of a file of the app.
pub(crate) fn content(path: &str) -> &'static [u8] {
    FILES.iter().find(|(known, _)| *known == path).unwrap().1
}

/// The integrity manifest of the app.
pub(crate) fn integrity() -> Vec<u8> {
    let hashes: BTreeMap<&str, String> = FILES
        .iter()
        .map(|(path, bytes)| (*path, Digest::of(bytes).to_string()))
        .collect();
    json!({ "hashes": hashes }).to_string().into_bytes()
}

/// Where the manifest is published.
pub(crate) fn published_at(integrity: &[u8]) -> String {
    let name = verifier::base64url::encode(Digest::of(integrity).as_bytes());
    format!("{ORIGIN}/.well-known/waict/v1/manifest/{name}")
}

impl World {
    /// Serves the app as it was made.
    pub(crate) fn host(&self) {
        for (path, bytes) in FILES {
            self.hosting.serve(&format!("{ORIGIN}{path}"), 200, bytes);
        }
        let integrity = integrity();
        self.hosting
            .serve(&published_at(&integrity), 200, &integrity);
    }

    /// An entry and a version 1.0.0 that is bound by a manifest, checked.
    pub(crate) async fn hosted_draft(&self, software_id: &str) -> (String, Value) {
        self.entry(software_id, "Blodtrykk").await;
        let parts = [
            ("manifest", hosted("1.0.0").to_string().into_bytes()),
            ("integrity", integrity()),
        ];
        let path = format!("/api/v1/apps/{software_id}/versions");
        let reply = self.send("vendor", multipart_of(&path, &parts)).await;
        let draft = reply.expect(201).json();
        self.checked(&draft, true);
        (format!("{path}/1.0.0"), draft)
    }
}
