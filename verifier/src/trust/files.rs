//! The target files of the trust repository: what each is called, and everything in them made
//! ready for look-ups.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::Trust;
use super::anchors::{Anchors, Denylist};
use super::jwks::{Key, TrustedKeys};
use crate::claims::Delegation;
use crate::code::{Code, VerifyError};
use crate::json;
use crate::jwk::{EcPublicKey, KeyUse};
use crate::jws::{Token, TokenType};
use crate::policy::Policy;

/// The keys that sign approvals.
pub const ISSUERS: &str = "issuers.jwks";
/// The reviewers' keys.
pub const REVIEWERS: &str = "reviewers.jwks";
/// The keys that sign status lists and status events.
pub const STATUS: &str = "status.jwks";
/// The logs, the witnesses and how many of them are enough (C2SP tlog-policy).
pub const LOG_POLICY: &str = "log.policy";
/// Which approvals are believed.
pub const ANCHORS: &str = "anchors.json";
/// Who is denied.
pub const DENYLIST: &str = "denylist.json";
/// The owner's leave to issue the mark (`trust-mark-delegation+jwt`); absent when the registry owns
/// its marks.
pub const DELEGATION: &str = "delegation.jwt";

/// Every file, in the order in which they are read.
pub const ALL: [&str; 7] = [
    ISSUERS, REVIEWERS, STATUS, LOG_POLICY, ANCHORS, DENYLIST, DELEGATION,
];

/// The largest file that is read, in bytes.
pub const MAX_LEN: usize = 4 * 1024 * 1024;

/// Reads the files. `role_keys` sign the repository itself, and must not be listed in it.
pub(super) fn read<'k>(
    files: &BTreeMap<String, String>,
    role_keys: impl Iterator<Item = &'k EcPublicKey>,
) -> Result<Trust, VerifyError> {
    let anchors: Anchors = object(files, ANCHORS)?;
    anchors.check().map_err(|what| refuse(ANCHORS, &what))?;
    let denylist: Denylist = object(files, DENYLIST)?;
    denylist.check().map_err(|what| refuse(DENYLIST, &what))?;
    let policy = Policy::parse(text(files, LOG_POLICY)?).map_err(|e| refuse(LOG_POLICY, &e))?;
    let mut ring = KeyRing {
        reserved: role_keys.cloned().collect(),
        keys: BTreeMap::new(),
    };
    ring.add(ISSUERS, object(files, ISSUERS)?, &[KeyUse::Approval])?;
    ring.add(REVIEWERS, object(files, REVIEWERS)?, &[KeyUse::Review])?;
    let uses = [KeyUse::Status, KeyUse::StatusEvent, KeyUse::StatusDigest];
    ring.add(STATUS, object(files, STATUS)?, &uses)?;
    for owner in anchors.marks.iter().filter_map(|mark| mark.owner.as_ref()) {
        let keys = owner.keys.clone();
        ring.add(ANCHORS, TrustedKeys { keys }, &[KeyUse::Delegation])?;
    }
    let mut trust = Trust {
        anchors,
        denylist,
        policy,
        keys: ring.keys,
        delegation: None,
    };
    trust.delegation = delegation(&trust, files.get(DELEGATION))?;
    Ok(trust)
}

/// The keys so far, by id.
struct KeyRing {
    reserved: Vec<EcPublicKey>,
    keys: BTreeMap<String, Key>,
}

impl KeyRing {
    fn add(&mut self, file: &str, set: TrustedKeys, uses: &[KeyUse]) -> Result<(), VerifyError> {
        for key in set.keys {
            let wrong = |what: &str| refuse(file, &format_args!("key {:.64}: {what}", key.kid));
            let ready = key.ready().map_err(wrong)?;
            if !uses.contains(&ready.purpose) {
                return Err(wrong("a use that does not belong in this file"));
            }
            if self.reserved.contains(&ready.public) {
                return Err(wrong("signs the repository itself"));
            }
            if self.keys.insert(key.kid.clone(), ready).is_some() {
                return Err(wrong("listed twice"));
            }
        }
        Ok(())
    }
}

/// The first half of step 9: the owner's leave, signed by the owner. What it says is compared with
/// each approval.
fn delegation(trust: &Trust, token: Option<&String>) -> Result<Option<Delegation>, VerifyError> {
    let mut owners = trust
        .anchors
        .marks
        .iter()
        .filter_map(|mark| mark.owner.as_ref());
    let Some(token) = token else {
        return match owners.next() {
            None => Ok(None),
            Some(_) => Err(Code::Delegation.because("delegation.jwt is missing")),
        };
    };
    let recast = |error: VerifyError| error.recast(Code::Delegation);
    let token = Token::parse(token.trim_end(), TokenType::Delegation).map_err(recast)?;
    let key = trust
        .key_for(token.kid(), TokenType::Delegation)
        .map_err(recast)?;
    let claims: Delegation = token.verify(&key.public).map_err(recast)?;
    if key.revoked.is_some() {
        return Err(Code::Delegation.because("the owner's key has been withdrawn"));
    }
    let owns = owners.any(|owner| {
        owner.sub == claims.iss && owner.keys.iter().any(|key| key.kid == token.kid())
    });
    if !owns {
        return Err(Code::Delegation.because("iss is not the key's owner"));
    }
    Ok(Some(claims))
}

fn text<'f>(files: &'f BTreeMap<String, String>, name: &str) -> Result<&'f str, VerifyError> {
    files
        .get(name)
        .map(String::as_str)
        .ok_or_else(|| refuse(name, &"missing"))
}

fn object<T: DeserializeOwned>(
    files: &BTreeMap<String, String>,
    name: &str,
) -> Result<T, VerifyError> {
    let text = text(files, name)?;
    json::from_slice(text.as_bytes()).map_err(|error| refuse(name, &error.detail))
}

pub(super) fn refuse(name: &str, what: &dyn std::fmt::Display) -> VerifyError {
    Code::TrustConfig.because(format!("{name}: {what}"))
}
