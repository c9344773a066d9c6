//! What a vendor is told about its apps and keys without having asked, and reviewers about what they
//! have reviewed.

use foundation::Timestamp;
use serde::Serialize;

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Its identifier.
    pub id: String,
    /// What happened.
    pub kind: NoticeKind,
    /// The app that it is about.
    pub software_id: Option<String>,
    /// The version that it is about.
    pub software_version: Option<String>,
    /// What happened this time: a reason, or the thumbprint of a key.
    pub detail: String,
    /// When.
    pub created_at: Timestamp,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// An approval was suspended.
    Suspended,
    /// An approval holds again.
    Reinstated,
    /// An approval was ended for good.
    Revoked,
    /// A key of the vendor's own signs its releases from now on.
    KeyActive,
    /// Somebody asked for another key without the one that is in force: it will be after the
    /// waiting time unless it is taken back.
    KeyPending,
    /// A key that was asked for was taken back.
    KeyCancelled,
    /// A hosted app was seen to differ from what was approved.
    ContentDrift,
    /// The proof of control of an app's address was not found.
    OriginLost,
    /// A version needs another review: the key of one was withdrawn, or it is too old.
    ReviewAgain,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Suspended,
        Self::Reinstated,
        Self::Revoked,
        Self::KeyActive,
        Self::KeyPending,
        Self::KeyCancelled,
        Self::ContentDrift,
        Self::OriginLost,
        Self::ReviewAgain,
    ];

    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Reinstated => "reinstated",
            Self::Revoked => "revoked",
            Self::KeyActive => "key-active",
            Self::KeyPending => "key-pending",
            Self::KeyCancelled => "key-cancelled",
            Self::ContentDrift => "content-drift",
            Self::OriginLost => "origin-lost",
            Self::ReviewAgain => "review-again",
        }
    }

    /// The kind spelled `text`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_is_the_one_that_is_sent() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::parse(kind.as_str()), Some(kind));
            let sent = serde_json::to_value(kind).unwrap();
            assert_eq!(sent, kind.as_str());
        }
    }
}
