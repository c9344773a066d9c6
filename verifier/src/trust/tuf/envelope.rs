//! A signed metadata file: its strict form, and whether enough of a role's keys have signed it.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::key::from_hex;
use super::metadata::{Document, RoleName, Root};
use super::{canonical, metadata};
use crate::code::{Code, VerifyError};
use crate::json;

/// A metadata file that has been read, and of which nothing is believed yet.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    signed: Value,
    /// What the signatures are over.
    message: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    signatures: Vec<Signature>,
    signed: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Reads a file of this role: within its size, strict JSON, no key id twice.
    pub(super) fn read(role: RoleName, bytes: &[u8]) -> Result<Self, VerifyError> {
        let refuse = |what: &dyn std::fmt::Display| {
            Code::TrustConfig.because(format!("{role}.json: {what}"))
        };
        let limit = max_len(role);
        if bytes.len() > limit {
            return Err(refuse(&format_args!("longer than {limit} bytes")));
        }
        let Wire { signatures, signed } =
            json::from_slice(bytes).map_err(|error| refuse(&error.detail))?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(refuse(&"more than 64 signatures"));
        }
        let distinct: BTreeSet<_> = signatures.iter().map(|s| s.keyid.as_str()).collect();
        if distinct.len() < signatures.len() {
            return Err(refuse(&"two signatures of one key id"));
        }
        let message = canonical::encode(&signed).map_err(|error| refuse(&error))?;
        Ok(Self {
            signed,
            message,
            signatures,
        })
    }

    /// The document, when enough keys of the role have signed it.
    pub(super) fn verify<D: Document>(&self, root: &Root) -> Result<D, VerifyError> {
        let role = root.roles.of(D::ROLE);
        let mut signers = Vec::new();
        for Signature { keyid, sig } in &self.signatures {
            let key = root
                .keys
                .0
                .get(keyid)
                .filter(|_| role.keyids.contains(keyid));
            let Some(key) = key else { continue };
            // One key under two ids is one signer.
            if signers.iter().any(|known| key.same_key(known)) {
                continue;
            }
            if from_hex(sig).is_some_and(|sig| key.verifies(&self.message, &sig)) {
                signers.push(key.clone());
            }
        }
        let needed = usize::try_from(role.threshold).unwrap_or(usize::MAX);
        if signers.len() < needed {
            let found = signers.len();
            return Err(Code::TrustConfig.because(format!(
                "{}.json: signed by {found} keys of the role, {needed} are needed",
                D::ROLE
            )));
        }
        self.document()
    }

    /// The document, whoever signed it.
    pub(super) fn document<D: Document>(&self) -> Result<D, VerifyError> {
        metadata::read(&self.signed)
    }
}

/// The largest file of a role that is read, in bytes.
pub const fn max_len(role: RoleName) -> usize {
    match role {
        RoleName::Timestamp => 16 * 1024,
        RoleName::Root | RoleName::Snapshot => 256 * 1024,
        RoleName::Targets => 1024 * 1024,
    }
}

/// The most signatures that a file may have.
const MAX_SIGNATURES: usize = 64;
