//! Changes whose documents are signed elsewhere: refused before anything is made for them, and the
//! keys of on-line roles that a ceremony brings in.

use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::{Repository, RoleKey, RoleName};

use super::changes::not_installed;
use super::contents::Contents;
use super::plan::{Draft, Plan};
use super::publish::load;
use super::signers::AtHand;
use crate::trust::Trust;
use crate::trust::error::TrustError;
use crate::trust::store::repository;

impl Trust {
    /// Refuses a change of this role's document that cannot be signed here, with whatever else is
    /// due, before a key is made for it. A role that is to have new keys is signed for by those.
    pub(super) async fn ensure_signable(
        &self,
        changed: RoleName,
        rekeyed: Option<RoleName>,
        arguments: &str,
    ) -> Result<(), TrustError> {
        let prepared = self.prepare_present().await?;
        let mut tx = self.database.read().await?;
        let present = self.present(&mut tx, prepared).await?;
        let published = load(&mut tx).await?;
        drop(tx);
        let Some((repository, files)) = &published else {
            return Ok(());
        };
        let root = repository.root().document();
        let mut draft = Draft::of(root, Contents::read(files)?);
        present.apply(&mut draft.contents)?;
        let files = draft.contents.write()?;
        let mut plan = Plan::new(published.as_ref(), &draft, &files, present.when());
        let at_hand = AtHand::load(&*self.role_signers).await?;
        plan.leave_out_renewal(&at_hand, root);
        if changed == RoleName::Root || plan.root.is_some() {
            at_hand.ensure(RoleName::Root, root, arguments)?;
        }
        let targets = changed == RoleName::Targets || plan.targets.is_some();
        if targets && rekeyed != Some(RoleName::Targets) {
            at_hand.ensure(RoleName::Targets, root, arguments)?;
        }
        Ok(())
    }

    /// New keys for a role whose keys are kept here: those of the last preparation, if it was not
    /// long ago and they are in no root document yet.
    pub(super) async fn new_role_keys(
        &self,
        role: RoleName,
        count: usize,
    ) -> Result<Vec<EcPublicKey>, TrustError> {
        let prepared = self.role_signers.prepared(role).await?;
        let mut keys = self.unpublished(prepared).await?;
        keys.truncate(count);
        let missing = count.saturating_sub(keys.len());
        if missing > 0 {
            keys.extend(self.role_signers.make(role, missing).await?);
        }
        Ok(keys)
    }

    /// Those of these keys that no root document has or had.
    async fn unpublished(
        &self,
        mut keys: Vec<EcPublicKey>,
    ) -> Result<Vec<EcPublicKey>, TrustError> {
        let role = RoleName::Root.as_str();
        let mut tx = self.database.read().await?;
        let newest = repository::newest_version(&mut tx, role).await?;
        let (newest, _) = newest.ok_or_else(not_installed)?;
        for version in 1..=newest {
            let Some(text) = repository::document(&mut tx, role, version).await? else {
                continue;
            };
            let known = Repository::pin(text.as_bytes())
                .map_err(|error| TrustError::Format(error.to_string()))?;
            let known = &known.root().document().keys.0;
            keys.retain(|key| !known.contains_key(&RoleKey::p256(key).id()));
        }
        Ok(keys)
    }
}
