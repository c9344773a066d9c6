//! A check and how it stands.

use foundation::{Digest, Timestamp};
use serde::Serialize;

foundation::id!(
    /// Names a check.
    pub CheckId,
    "check"
);

/// How a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// It could not be carried out; `code` tells why. No verdict on the app.
    Broken,
    /// A blocking requirement is not fulfilled.
    Failed,
    /// No blocking requirement stands in the way.
    Passed,
    /// It is being carried out.
    Running,
    /// It waits for a worker.
    Waiting,
}

impl CheckState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Broken,
        Self::Failed,
        Self::Passed,
        Self::Running,
        Self::Waiting,
    ];

    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Failed => "failed",
            Self::Passed => "passed",
            Self::Running => "running",
            Self::Waiting => "waiting",
        }
    }

    /// True when nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Broken | Self::Failed | Self::Passed)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A check of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its identifier.
    pub id: CheckId,
    /// Identifier of the app entry.
    pub app: String,
    /// The version.
    pub version: String,
    /// Digest of what was checked.
    pub release: Digest,
    /// Organisation number of the vendor.
    #[serde(skip)]
    pub organisation: String,
    /// How it stands.
    pub state: CheckState,
    /// Why it is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How often it was begun.
    pub attempt: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was last begun.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Digest of the suite's component.
    pub suite: Option<Digest>,
    /// Digest of the evidence.
    pub evidence: Option<Digest>,
    /// Digest of the report.
    pub report: Option<Digest>,
}

/// One thing that people watching a check are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rises by one from event to event of a check.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// `waiting`, `started`, `step`, `action`, `finding` or `finished`.
    pub kind: String,
    /// What happened, as JSON.
    pub data: serde_json::Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_back() {
        for state in CheckState::ALL {
            assert_eq!(CheckState::parse(state.as_str()), Some(state));
        }
        assert_eq!(CheckState::parse("done"), None);
    }
}
