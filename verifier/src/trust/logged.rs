//! What the log says about documents of the trust repository: monitors compare it with what is
//! served, so that no key is changed in silence.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::tuf::RoleName;
use crate::digest::Digest;

/// The log entry of a root or targets document: one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedDocument {
    /// The document's name in the trust repository, such as `2.root.json`.
    pub trust_document: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

impl LoggedDocument {
    /// The entry of these bytes.
    pub fn of(role: RoleName, version: u64, bytes: &[u8]) -> Self {
        Self {
            trust_document: format!("{version}.{role}.json"),
            digest: Digest::of(bytes),
        }
    }
}

impl fmt::Display for LoggedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trust_document,
            digest,
        } = self;
        write!(
            f,
            r#"{{"trust_document":"{trust_document}","digest":"{digest}"}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_back() {
        let entry = LoggedDocument::of(RoleName::Root, 2, b"x");
        let read: LoggedDocument = serde_json::from_str(&entry.to_string()).unwrap();
        assert_eq!(read, entry);
        assert_eq!(read.trust_document, "2.root.json");
    }
}
