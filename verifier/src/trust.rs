//! The trust configuration: a TUF repository whose target files say which keys, logs, witnesses and
//! marks are believed, and who is denied.
//!
//! [`tuf`] decides which documents and files are the newest ones that the role keys have signed;
//! here is what the files say.

mod anchors;
pub mod files;
mod jwks;
mod logged;
pub mod tuf;
mod update;

use std::collections::BTreeMap;

pub use self::anchors::{
    Anchors, Denylist, FrozenLog, MarkOwner, MaxStale, MinVersion, RiskClass, TrustedMark,
};
pub(crate) use self::jwks::{Key, Reviewer};
pub use self::jwks::{Revocation, RevocationReason, TrustedKey, TrustedKeys};
pub use self::logged::LoggedDocument;
pub use self::update::{Collection, TrustUpdate};

use crate::claims::{Approval, Delegation};
use crate::code::{Code, VerifyError};
use crate::jwk::{EcPublicKey, KeyUse};
use crate::jws::TokenType;
use crate::policy::Policy;
use crate::uri::Environment;

/// What the files say, ready for look-ups.
#[derive(Clone, Debug)]
pub struct Trust {
    anchors: Anchors,
    denylist: Denylist,
    policy: Policy,
    keys: BTreeMap<String, Key>,
    delegation: Option<Delegation>,
}

impl Trust {
    /// Reads the target files. They must have been found to be the repository's; `role_keys` are
    /// the keys that sign it, which must not be listed for anything else.
    pub fn read<'k>(
        files: &BTreeMap<String, String>,
        role_keys: impl Iterator<Item = &'k EcPublicKey>,
    ) -> Result<Self, VerifyError> {
        files::read(files, role_keys)
    }

    /// What approvals are believed.
    pub const fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// Who is denied.
    pub const fn denylist(&self) -> &Denylist {
        &self.denylist
    }

    /// The logs, witnesses and quorum.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The owner's leave to issue the mark.
    pub const fn delegation(&self) -> Option<&Delegation> {
        self.delegation.as_ref()
    }

    /// Whether the key is listed, and for what.
    pub fn key_use(&self, kid: &str) -> Option<KeyUse> {
        self.keys.get(kid).map(|key| key.purpose)
    }

    /// Whether any mark counts in this environment.
    pub(crate) fn is_for(&self, environment: Environment) -> bool {
        let mut marks = self.anchors.marks.iter();
        marks.any(|mark| mark.environment == environment)
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }

    /// Step 5: the key of this id, if it may sign tokens of this type.
    pub(crate) fn key_for(&self, kid: &str, typ: TokenType) -> Result<&Key, VerifyError> {
        let key = self
            .key(kid)
            .ok_or_else(|| Code::Kid.because(format!("no trusted key {kid:.64}")))?;
        if key.purpose == typ.key_use() {
            return Ok(key);
        }
        let (listed, wanted) = (key.purpose.as_str(), typ.key_use().as_str());
        Err(Code::KeyUse.because(format!(
            "key {kid} is listed for {listed}, not for {wanted}"
        )))
    }

    /// Whether what this key has signed as a status list holds still. A key whose place another has
    /// taken signs no more lists, but the last one was honest: it holds until the next is read, or
    /// a planned rotation would stop every launch for that long.
    pub(crate) fn believes_lists_of(&self, kid: &str) -> bool {
        self.key(kid).is_some_and(|key| {
            let revoked = key.revoked.as_ref();
            let superseded = |revoked: &Revocation| revoked.reason == RevocationReason::Superseded;
            key.purpose == KeyUse::Status && revoked.is_none_or(superseded)
        })
    }

    /// Where a frozen log ends.
    pub(crate) fn frozen(&self, origin: &str) -> Option<&FrozenLog> {
        let mut frozen = self.anchors.frozen_logs.iter();
        frozen.find(|log| log.origin == origin)
    }

    /// Step 21: what denies the approval, if anything does.
    pub(crate) fn denies(&self, approval: &Approval) -> Option<&'static str> {
        let too_old = "the version is older than the oldest that may run";
        let denied = self.denylist.denies(approval);
        denied.or_else(|| self.anchors.outdates(approval).then_some(too_old))
    }
}
