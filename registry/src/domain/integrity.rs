//! The integrity manifest of a bundle: every file with its digest, size and media type, sorted by
//! path. The bytes written here are what is hashed; nobody canonicalises them again.

use std::collections::BTreeMap;

use foundation::Digest;
use serde::{Deserialize, Serialize};

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileEntry {
    pub(crate) sha256: Digest,
    pub(crate) size: u64,
    pub(crate) media_type: String,
}

/// The files of a bundle by path; a path begins with a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Integrity {
    pub(crate) files: BTreeMap<String, FileEntry>,
}

impl Integrity {
    /// The bytes that are stored and hashed.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The file that a path (without query) leads to: itself, or the folder's index page.
    pub(crate) fn resolve(&self, path: &str) -> Option<&FileEntry> {
        if path.ends_with('/') {
            self.files.get(&format!("{path}index.html"))
        } else {
            self.files.get(path)
        }
    }
}

/// The media type to serve a file with, by its name.
pub(crate) fn media_type(path: &str) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    let essence = guess.essence_str();
    let is_text = essence.starts_with("text/")
        || matches!(
            essence,
            "application/json" | "application/javascript" | "application/manifest+json"
        );
    if essence == "application/javascript" {
        // RFC 9239: the one name of JavaScript.
        "text/javascript; charset=utf-8".to_owned()
    } else if is_text {
        format!("{essence}; charset=utf-8")
    } else {
        essence.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_served_as_what_they_are() {
        for (path, expected) in [
            ("/index.html", "text/html; charset=utf-8"),
            ("/a/app.js", "text/javascript; charset=utf-8"),
            ("/app.mjs", "text/javascript; charset=utf-8"),
            ("/app.css", "text/css; charset=utf-8"),
            ("/x.wasm", "application/wasm"),
            ("/x.svg", "image/svg+xml"),
            ("/x.woff2", "font/woff2"),
            ("/x.json", "application/json; charset=utf-8"),
            ("/LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(media_type(path), expected, "{path}");
        }
    }
}
