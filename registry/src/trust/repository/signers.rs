//! Who signs the documents of the trust repository. The keys may lie anywhere: here, on cards, in a
//! module; the repository asks for signatures and counts them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::{Document, RoleKey, RoleName, Root, Unsigned};

use crate::trust::error::TrustError;
use crate::trust::keys::{KeyError, Keys};

/// A key of a role that can sign now.
pub trait RoleSigner: Send + Sync + fmt::Debug {
    /// The public key.
    fn public_key(&self) -> &EcPublicKey;

    /// Signs with ECDSA over SHA-256, in DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// Where the keys of roles are.
#[async_trait]
pub trait RoleSigners: Send + Sync + fmt::Debug {
    /// Every key that can sign for the role now: those it has, and those it had or is to have.
    async fn at_hand(&self, role: RoleName) -> Result<Vec<Arc<dyn RoleSigner>>, KeyError>;

    /// Makes keys for the role, to be named in the next root document.
    async fn make(&self, role: RoleName, count: usize) -> Result<Vec<EcPublicKey>, KeyError>;

    /// The keys that were made for the role at a preparation not long ago.
    async fn prepared(&self, role: RoleName) -> Result<Vec<EcPublicKey>, KeyError>;
}

/// The keys that the registry keeps itself: sealed in its database, made at first use.
#[async_trait]
impl RoleSigners for Keys {
    async fn at_hand(&self, role: RoleName) -> Result<Vec<Arc<dyn RoleSigner>>, KeyError> {
        self.role_signers(purpose(role)).await
    }

    async fn make(&self, role: RoleName, count: usize) -> Result<Vec<EcPublicKey>, KeyError> {
        self.make_role_keys(purpose(role), count).await
    }

    async fn prepared(&self, role: RoleName) -> Result<Vec<EcPublicKey>, KeyError> {
        self.prepared_role_keys(purpose(role)).await
    }
}

/// One use for each role.
const fn purpose(role: RoleName) -> &'static str {
    match role {
        RoleName::Root => "trust-root",
        RoleName::Targets => "trust-targets",
        RoleName::Snapshot => "trust-snapshot",
        RoleName::Timestamp => "trust-timestamp",
    }
}

/// What can be signed now.
#[derive(Debug)]
pub(super) struct AtHand(BTreeMap<RoleName, Vec<Arc<dyn RoleSigner>>>);

impl AtHand {
    pub(super) async fn load(signers: &dyn RoleSigners) -> Result<Self, KeyError> {
        let mut at_hand = BTreeMap::new();
        for role in RoleName::ALL {
            at_hand.insert(role, signers.at_hand(role).await?);
        }
        Ok(Self(at_hand))
    }

    /// How many keys of the role, as this root document has it, can sign.
    fn count(&self, role: RoleName, root: &Root) -> usize {
        let of_role = &root.roles.of(role).keyids;
        let signers = self.0.get(&role).into_iter().flatten();
        let ids = signers.map(|signer| RoleKey::p256(signer.public_key()).id());
        ids.filter(|id| of_role.contains(id)).count()
    }

    /// Whether the role's threshold can be reached.
    pub(super) fn suffices(&self, role: RoleName, root: &Root) -> bool {
        let needed = usize::try_from(root.roles.of(role).threshold).unwrap_or(usize::MAX);
        self.count(role, root) >= needed
    }

    /// Refuses where the role's threshold cannot be reached, with what a ceremony is prepared with.
    pub(super) fn ensure(
        &self,
        role: RoleName,
        root: &Root,
        arguments: &str,
    ) -> Result<(), TrustError> {
        if self.suffices(role, root) {
            return Ok(());
        }
        Err(TrustError::Quorum {
            role,
            found: self.count(role, root),
            needed: root.roles.of(role).threshold,
            arguments: arguments.to_owned(),
        })
    }

    /// The signed document, for all of these root documents: a new one has to be signed as the one
    /// before it asks, too.
    pub(super) fn sign<D: Document>(
        &self,
        document: &D,
        roots: &[&Root],
    ) -> Result<String, TrustError> {
        for root in roots {
            self.ensure(D::ROLE, root, "")?;
        }
        let unsigned = Unsigned::new(document).map_err(KeyError::Claims)?;
        let mut signatures = Vec::new();
        for signer in self.0.get(&D::ROLE).into_iter().flatten() {
            let id = RoleKey::p256(signer.public_key()).id();
            let wanted = |root: &&Root| root.roles.of(D::ROLE).keyids.contains(&id);
            if roots.iter().any(wanted) {
                let signature = signer.sign(unsigned.message())?;
                signatures.push((id, signature));
            }
        }
        Ok(unsigned.assemble(&signatures))
    }
}
