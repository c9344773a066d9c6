//! What an audit can find, each with a stable code.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal;)*) => {
        /// A kind of finding, stable across versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum AuditCode { $($(#[$doc])* $variant,)* }

        impl AuditCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable string, such as `A_ROOT`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

codes! {
    /// The checkpoint cannot be read, or names far more entries than were seen before.
    Checkpoint = "A_CHECKPOINT";
    /// The checkpoint is not signed by the log, or wrongly.
    LogSignature = "A_LOG_SIG";
    /// A witness's cosignature is wrong.
    WitnessSignature = "A_WITNESS_SIG";
    /// Too few known witnesses have cosigned, or none says when.
    Quorum = "A_WITNESS_QUORUM";
    /// The checkpoint says that it was witnessed in the future.
    Future = "A_FUTURE";
    /// The log is smaller than it was.
    Rollback = "A_ROLLBACK";
    /// The log's beginning is another than it was, or a frozen log went on.
    Fork = "A_FORK";
    /// A file of the log is missing.
    Missing = "A_MISSING";
    /// A bundle of entries is damaged.
    Bundle = "A_BUNDLE";
    /// A tile does not hold the hashes of the entries.
    Tile = "A_TILE";
    /// The entries make another tree than the checkpoint's.
    Root = "A_ROOT";
    /// An entry is nothing that belongs in the log.
    EntryFormat = "A_ENTRY_FORMAT";
    /// An entry is signed with a key that is not known, not for this, or withdrawn.
    EntryKey = "A_ENTRY_KEY";
    /// An entry's signature is wrong.
    EntrySignature = "A_ENTRY_SIG";
    /// An entry's claims break a rule.
    EntryClaims = "A_ENTRY_CLAIMS";
    /// An approval without the reviews that it needs.
    Reviews = "A_REVIEWS";
    /// An approval claims to follow a tree that came after it, or one that was not.
    Backdated = "A_BACKDATED";
    /// Two approvals under one id.
    Duplicate = "A_DUPLICATE";
    /// One version was approved with two contents.
    VersionReused = "A_VERSION_REUSED";
    /// A change of status about an approval that is not in the log.
    EventUnknown = "A_EVENT_UNKNOWN";
    /// A change of status from something else than it was, or to what it may not become.
    EventFrom = "A_EVENT_FROM";
    /// A revoked approval was changed again.
    Unrevoked = "A_UNREVOKED";
    /// A status list is missing.
    ListMissing = "A_LIST_MISSING";
    /// A status list is none that an EPJ would read.
    List = "A_LIST";
    /// A status list is older than one that was seen.
    ListRollback = "A_LIST_ROLLBACK";
    /// A status list has expired.
    ListStale = "A_LIST_STALE";
    /// A status list releases what was never logged.
    ListUnlogged = "A_LIST_UNLOGGED";
    /// A status list withdraws what no logged event withdrew.
    ListSilent = "A_LIST_SILENT";
    /// A status list does not carry out a logged event, or undoes it.
    ListUndone = "A_LIST_UNDONE";
    /// A status list holds back an approval that was logged long ago.
    ListWithheld = "A_LIST_WITHHELD";
    /// A status list is another than the log says was out.
    ListFork = "A_LIST_FORK";
    /// A document of the trust repository is not the one that was logged.
    TrustChanged = "A_TRUST_CHANGED";
    /// A document of the trust repository is served and was not logged.
    TrustUnlogged = "A_TRUST_UNLOGGED";
    /// An entry of the organisation that is watched for.
    Organization = "A_ORGANIZATION";
}

impl fmt::Display for AuditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AuditCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A finding: the kind, where, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable code.
    pub code: AuditCode,
    /// The entry, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// What was found, for people.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry {
            Some(entry) => write!(f, "{} entry {entry}: {}", self.code, self.detail),
            None => write!(f, "{} {}", self.code, self.detail),
        }
    }
}

/// Findings as they come.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, code: AuditCode, detail: impl Into<String>) {
        self.0.push(Finding {
            code,
            entry: None,
            detail: detail.into(),
        });
    }

    pub(super) fn entry(&mut self, code: AuditCode, entry: u64, detail: impl Into<String>) {
        self.0.push(Finding {
            code,
            entry: Some(entry),
            detail: detail.into(),
        });
    }
}
