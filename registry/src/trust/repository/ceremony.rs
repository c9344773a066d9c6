//! A ceremony: root and targets documents that are signed away from here, each holder on a machine
//! of their own, and brought back. It is prepared and published by the registry; signing needs
//! neither the registry nor a network.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use verifier::Digest;
use verifier::jwk::EcPublicKey;
use verifier::trust::RevocationReason;
use verifier::trust::tuf::{
    Document, RoleKey, RoleName, Root, TargetFile, Targets, Unsigned, time,
};

use super::changes::Cutoff;
use super::plan::{When, lifetime};
use super::restrictions::Restriction;
use super::signers::RoleSigner;
use crate::trust::error::TrustError;
use crate::trust::keys::KeyError;

/// What a ceremony is about, beside what is due by itself.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The keys of these roles from now on, and how many of them must sign.
    pub roles: BTreeMap<RoleName, (Vec<EcPublicKey>, u32)>,
    /// A key that is to be withdrawn.
    pub withdraw: Option<(String, RevocationReason, Cutoff)>,
    /// A key whose place its successor is to take; what it signed, and signs before the ceremony is
    /// published, stays valid.
    pub rotate: Option<String>,
    /// Roles whose keys are kept by the registry, and that are to have new ones.
    pub rotate_roles: BTreeSet<RoleName>,
    /// Decisions about what may not run.
    pub restrictions: Vec<Restriction>,
}

/// Documents to be signed, and the signatures so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceremony {
    format: String,
    /// The root document that is out, which tells who must sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Root>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) root: Option<Root>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) targets: Option<Targets>,
    /// The files that the targets document lists.
    pub(super) files: BTreeMap<String, String>,
    signatures: Vec<Signed>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    role: RoleName,
    keyid: String,
    /// base64url, in DER.
    sig: String,
}

/// Why a ceremony cannot go on, each with a stable code and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// The file is not a ceremony, or its parts do not belong together.
    #[error("ceremony-format: {0}; take the file again from whoever prepared it")]
    Format(String),
    /// The key signs none of the documents.
    #[error(
        "ceremony-key: key {0} has no part in this ceremony; use the key of the role that signs"
    )]
    NoPart(String),
    /// The files are about different documents.
    #[error("ceremony-differs: the files are not of one ceremony; collect those of the last one")]
    Differs,
    /// Something was published in the meantime.
    #[error("ceremony-late: {0}.json is past this version; prepare the ceremony anew")]
    Late(RoleName),
    /// A document would hold for longer than documents of its role do.
    #[error(
        "ceremony-expires: {role}.json is to hold until {expires}, longer than it may; see that the \
         clock here is right, and else ask who prepared the file"
    )]
    Expires {
        /// The role.
        role: RoleName,
        /// Until when, spelled.
        expires: String,
    },
    /// There is nothing to sign.
    #[error("ceremony-empty: nothing is to be signed; what is published is what it should be")]
    Empty,
}

impl CeremonyError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Format(_) => "ceremony-format",
            Self::NoPart(_) => "ceremony-key",
            Self::Differs => "ceremony-differs",
            Self::Late(_) => "ceremony-late",
            Self::Expires { .. } => "ceremony-expires",
            Self::Empty => "ceremony-empty",
        }
    }
}

impl Ceremony {
    pub(super) fn new(
        before: Option<Root>,
        root: Option<Root>,
        targets: Option<Targets>,
        files: BTreeMap<String, String>,
    ) -> Result<Self, CeremonyError> {
        if root.is_none() && targets.is_none() {
            return Err(CeremonyError::Empty);
        }
        Ok(Self {
            format: FORMAT.to_owned(),
            before,
            root,
            files: if targets.is_some() {
                files
            } else {
                BTreeMap::new()
            },
            targets,
            signatures: Vec::new(),
        })
    }

    /// Reads a ceremony; every file must be the one that is to be signed for.
    pub fn read(text: &[u8]) -> Result<Self, CeremonyError> {
        let format = |reason: String| CeremonyError::Format(reason);
        let read: Self = serde_json::from_slice(text).map_err(|error| format(error.to_string()))?;
        if read.format != FORMAT {
            return Err(format(format!("its format is not {FORMAT}")));
        }
        let listed = read.targets.iter().flat_map(|targets| &targets.targets);
        let listed: BTreeMap<_, _> = listed.collect();
        let same = listed.len() == read.files.len()
            && read.files.iter().all(|(name, text)| {
                let file = TargetFile::of(text.as_bytes());
                listed
                    .get(name)
                    .is_some_and(|known| known.hashes == file.hashes)
            });
        if !same {
            return Err(format("its files are not those that are listed".to_owned()));
        }
        Ok(read)
    }

    /// The file.
    pub fn write(&self) -> Result<String, CeremonyError> {
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| CeremonyError::Format(error.to_string()))?;
        Ok(text + "\n")
    }

    /// What is signed, for people to compare before they sign: one line for each thing. The digest
    /// is of the very bytes that a signature is over.
    pub fn summary(&self) -> Result<Vec<String>, CeremonyError> {
        let mut lines = Vec::new();
        if let Some(root) = &self.root {
            lines.extend(self.headline(root)?);
            for role in RoleName::ALL {
                let known = root.roles.of(role);
                let ids: Vec<_> = known.keyids.iter().map(String::as_str).collect();
                let (threshold, count) = (known.threshold, ids.len());
                lines.push(format!(
                    "  {role}: {threshold} of {count}: {}",
                    ids.join(" ")
                ));
            }
        }
        if let Some(targets) = &self.targets {
            lines.extend(self.headline(targets)?);
            for (name, text) in &self.files {
                let digest = Digest::of(text.as_bytes()).to_hex();
                lines.push(format!("  {name} sha256 {digest}"));
            }
        }
        for signed in &self.signatures {
            lines.push(format!("signed: {}.json by {}", signed.role, signed.keyid));
        }
        Ok(lines)
    }

    fn headline<D: Document>(&self, document: &D) -> Result<[String; 3], CeremonyError> {
        let message = self.message(D::ROLE)?;
        let digest = message.map(|unsigned| Digest::of(unsigned.message()).to_hex());
        Ok([
            format!("{}.json version {}", D::ROLE, document.version()),
            format!("  expires {}", time::format(document.expires())),
            format!("  signed bytes sha256 {}", digest.unwrap_or_default()),
        ])
    }

    /// The root documents that say who signs a document of this role.
    fn deciding(&self, role: RoleName) -> Vec<&Root> {
        match role {
            // As the one before asks, and as it does itself.
            RoleName::Root => self.before.iter().chain(&self.root).collect(),
            _ => self.root.iter().chain(&self.before).take(1).collect(),
        }
    }

    fn message(&self, role: RoleName) -> Result<Option<Unsigned>, CeremonyError> {
        fn of<D: Document>(document: Option<&D>) -> Result<Option<Unsigned>, CeremonyError> {
            let unsigned = document.map(Unsigned::new).transpose();
            unsigned.map_err(|error| CeremonyError::Format(error.to_string()))
        }
        match role {
            RoleName::Root => of(self.root.as_ref()),
            RoleName::Targets => of(self.targets.as_ref()),
            RoleName::Snapshot | RoleName::Timestamp => Ok(None),
        }
    }

    /// Adds the signatures of a key; gives the roles that it signed for. Nothing is signed that
    /// would hold for longer, from `now` on, than documents of its role do: with a timestamp as
    /// old as itself it could be served for ever.
    pub fn sign(&mut self, key: &dyn RoleSigner, now: i64) -> Result<Vec<RoleName>, TrustSigning> {
        self.root.as_ref().map_or(Ok(()), |root| bound(root, now))?;
        let targets = self.targets.as_ref();
        targets.map_or(Ok(()), |targets| bound(targets, now))?;
        let keyid = RoleKey::p256(key.public_key()).id();
        let mut roles = Vec::new();
        for role in [RoleName::Root, RoleName::Targets] {
            let Some(unsigned) = self.message(role)? else {
                continue;
            };
            let deciding = self.deciding(role);
            if !deciding
                .iter()
                .any(|root| root.roles.of(role).keyids.contains(&keyid))
            {
                continue;
            }
            let sig = verifier::base64url::encode(&key.sign(unsigned.message())?);
            let keyid = keyid.clone();
            self.signatures
                .retain(|known| (known.role, &known.keyid) != (role, &keyid));
            self.signatures.push(Signed { role, keyid, sig });
            roles.push(role);
        }
        if roles.is_empty() {
            return Err(CeremonyError::NoPart(keyid).into());
        }
        Ok(roles)
    }

    /// Adds the signatures of another copy of this ceremony.
    pub fn join(&mut self, other: &Self) -> Result<(), CeremonyError> {
        let bare = |ceremony: &Self| Self {
            signatures: Vec::new(),
            ..ceremony.clone()
        };
        if bare(self) != bare(other) {
            return Err(CeremonyError::Differs);
        }
        let all = self.signatures.iter().chain(&other.signatures).cloned();
        self.signatures = all.collect::<BTreeSet<_>>().into_iter().collect();
        Ok(())
    }

    /// The signed document of a role, when there is one.
    pub(super) fn assembled(&self, role: RoleName) -> Result<Option<String>, CeremonyError> {
        let Some(unsigned) = self.message(role)? else {
            return Ok(None);
        };
        let mut signatures = Vec::new();
        for signed in self.signatures.iter().filter(|signed| signed.role == role) {
            let bytes = verifier::base64url::decode(&signed.sig);
            let bytes = bytes.ok_or_else(|| CeremonyError::Format("a signature".to_owned()))?;
            signatures.push((signed.keyid.clone(), bytes));
        }
        Ok(Some(unsigned.assemble(&signatures)))
    }

    /// The ceremony as it can be published: without a root document that is only renewed, when
    /// nobody has signed it. A withdrawal does not wait for the holders of root keys.
    pub(super) fn publishable(&self) -> Self {
        let renewal = |root: &Root, before: &Root| {
            let signed = |signed: &Signed| {
                signed.role == RoleName::Root && root.roles.root.keyids.contains(&signed.keyid)
            };
            root.roles == before.roles
                && root.keys == before.keys
                && !self.signatures.iter().any(signed)
        };
        let unsigned = match (&self.root, &self.before, &self.targets) {
            (Some(root), Some(before), Some(_)) => renewal(root, before),
            _ => false,
        };
        let mut ceremony = self.clone();
        if unsigned {
            tracing::warn!("root.json is left out: none of its holders has signed");
            ceremony.root = None;
        }
        ceremony
    }

    /// Whether it follows what is published: root documents without a gap, and a targets document
    /// with the version that is next now, past those that were lost.
    pub(super) fn follows(
        &self,
        root: u64,
        targets: u64,
        when: When<'_>,
    ) -> Result<(), CeremonyError> {
        let signed_by = self.before.as_ref().map_or(0, |before| before.version);
        let next = root.saturating_add(1);
        let gap = self.root.as_ref().is_some_and(|new| new.version != next);
        if gap || signed_by != root {
            return Err(CeremonyError::Late(RoleName::Root));
        }
        let next = when.next(RoleName::Targets, targets);
        if self.targets.as_ref().is_some_and(|new| new.version != next) {
            return Err(CeremonyError::Late(RoleName::Targets));
        }
        Ok(())
    }
}

/// Refuses a document that holds for longer than those of its role do.
pub(super) fn bound<D: Document>(document: &D, now: i64) -> Result<(), CeremonyError> {
    let latest = now
        .saturating_add(lifetime(D::ROLE))
        .saturating_add(CLOCKS_APART);
    if document.expires() <= latest {
        return Ok(());
    }
    Err(CeremonyError::Expires {
        role: D::ROLE,
        expires: time::format(document.expires()),
    })
}

/// Why a signature of a ceremony was not made.
#[derive(Debug, thiserror::Error)]
pub enum TrustSigning {
    /// The ceremony.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<CeremonyError> for TrustError {
    fn from(error: CeremonyError) -> Self {
        Self::Ceremony(error)
    }
}

/// How far the clock of a machine without a network may be behind, in seconds.
const CLOCKS_APART: i64 = 86_400;
const FORMAT: &str = "markedsplass-ceremony/v1";
