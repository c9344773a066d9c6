//! Preparing what is signed at a ceremony, and publishing what was signed there. The documents that
//! follow from it, snapshot and timestamp, are signed here.

use foundation::store::Tx;
use verifier::trust::tuf::{Held, RoleName};
use verifier::trust::{Revocation, RevocationReason, TrustedKey};

use super::ceremony::{Ceremony, CeremonyError, Proposal, TrustSigning};
use super::changes::Cutoff;
use super::contents::Contents;
use super::plan::{Draft, Plan, When};
use super::present::Present;
use super::publish::{FIRST, Signed, check, load, sign};
use super::signers::AtHand;
use crate::trust::Trust;
use crate::trust::error::TrustError;
use crate::trust::keys::KeyError;
use crate::trust::signer::KeyStoreError;
use crate::trust::store::repository::floors;

impl Trust {
    /// The next root and targets documents, to be signed elsewhere: what is due, what is new here,
    /// and what is proposed. Nothing here changes by it but that the keys are made that it names;
    /// they begin when it is published, and prepared again it names the same ones.
    pub(crate) async fn propose(&self, proposal: Proposal) -> Result<Ceremony, TrustError> {
        self.make_online_keys().await?;
        let prepared = self.prepare_present().await?;
        let mut tx = self.database.read().await?;
        let present = self.present(&mut tx, prepared).await?;
        let published = load(&mut tx).await?;
        drop(tx);
        let mut draft = match &published {
            Some((repository, files)) => {
                Draft::of(repository.root().document(), Contents::read(files)?)
            }
            None => self.first(&present).await?,
        };
        draft.roles.extend(proposal.roles);
        enough_keys(&draft)?;
        present.apply(&mut draft.contents)?;
        for one in proposal.restrictions {
            one.apply(&mut draft.contents);
        }
        self.change(&mut draft, (proposal.withdraw, proposal.rotate), &present)
            .await?;
        for role in proposal.rotate_roles {
            let (known, threshold) = draft.roles.get(&role).cloned().unwrap_or_default();
            let keys = self.new_role_keys(role, known.len()).await?;
            draft.roles.insert(role, (keys, threshold));
        }
        let files = draft.contents.write()?;
        let plan = Plan::new(published.as_ref(), &draft, &files, present.when());
        let before = published.map(|(repository, _)| repository.root().document().clone());
        let mut ceremony = Ceremony::new(before, plan.root, plan.targets, files)?;
        // Keys of these roles that are kept here sign now: a role can be given away that way.
        for role in [RoleName::Root, RoleName::Targets] {
            for signer in self.role_signers.at_hand(role).await? {
                match ceremony.sign(&*signer, present.now) {
                    Ok(_) | Err(TrustSigning::Ceremony(CeremonyError::NoPart(_))) => {}
                    Err(TrustSigning::Ceremony(other)) => return Err(other.into()),
                    Err(TrustSigning::Key(other)) => return Err(other.into()),
                }
            }
        }
        Ok(ceremony)
    }

    /// Withdraws a key in a draft, or lets its successor take its place.
    async fn change(
        &self,
        draft: &mut Draft,
        (withdraw, rotate): (Option<Withdrawal>, Option<String>),
        present: &Present,
    ) -> Result<(), TrustError> {
        if let Some((kid, reason, cutoff)) = withdraw {
            let revocation = Revocation {
                revoked_at: present.now,
                reason,
                log_index_cutoff: cutoff.places(&present.log_end)?,
            };
            self.withdraw_in(draft, &kid, revocation).await?;
        }
        if let Some(kid) = rotate {
            let mut superseded = present.superseded();
            // It signs until the ceremony is published, whenever that is.
            for end in superseded.log_index_cutoff.values_mut() {
                *end = end.saturating_add(CEREMONY);
            }
            self.withdraw_in(draft, &kid, superseded).await?;
        }
        Ok(())
    }

    /// Withdraws a key in a draft, and lists the one that takes its place when the draft is
    /// published. That one is made last, when nothing is left that can be refused.
    async fn withdraw_in(
        &self,
        draft: &mut Draft,
        kid: &str,
        revocation: Revocation,
    ) -> Result<(), TrustError> {
        let reason = revocation.reason;
        let listed = draft.contents.key(kid)?.clone();
        let with_it = self.suspect(kid, reason).await?;
        draft.contents.revoke(kid, &with_it, &revocation)?;
        let successor = if reason == RevocationReason::Compromised {
            self.keys.instead_of(kid).await?
        } else {
            self.keys.announce(kid).await?
        };
        if let Some(public) = successor {
            draft.contents.list(TrustedKey {
                organization_id: listed.organization_id,
                person: listed.person,
                roles: listed.roles,
                ..TrustedKey::service(&public, listed.key_use)
            })?;
        }
        Ok(())
    }

    /// Makes the first keys of the roles whose keys are kept here.
    async fn make_online_keys(&self) -> Result<(), TrustError> {
        match self.make_missing_keys().await {
            Err(TrustError::Key(KeyError::Kept(KeyStoreError::Offline(_)))) => {}
            made => return made,
        }
        for (role, count, _) in FIRST {
            let known = self.role_signers.at_hand(role).await?.len();
            if known < count {
                match self.role_signers.make(role, count - known).await {
                    Ok(_) | Err(KeyError::Kept(KeyStoreError::Offline(_))) => {}
                    Err(other) => return Err(other.into()),
                }
            }
        }
        Ok(())
    }

    /// Publishes what was signed at a ceremony, with everything that follows from it, or nothing;
    /// gives what was published.
    pub(crate) async fn publish_ceremony(
        &self,
        ceremony: &Ceremony,
    ) -> Result<Ceremony, TrustError> {
        let ceremony = ceremony.publishable();
        self.log.prepare().await?;
        let at_hand = AtHand::load(&*self.role_signers).await?;
        let now = self.clock.now().seconds();
        let mut tx = self.database.begin().await?;
        let published = load(&mut tx).await?;
        let (root, targets, known) = match &published {
            None => (0, 0, None),
            Some((repository, files)) => {
                let targets = repository.targets().map(Held::document);
                let targets = targets.map_or(0, |targets| targets.version);
                (repository.root().document().version, targets, Some(files))
            }
        };
        let floors = &floors(&mut tx).await?;
        let when = When { now, floors };
        ceremony.follows(root, targets, when)?;
        let files = match (&ceremony.targets, known) {
            (None, Some(known)) => known.clone(),
            _ => ceremony.files.clone(),
        };
        let signed = Signed {
            root: ceremony.assembled(RoleName::Root)?,
            targets: ceremony.assembled(RoleName::Targets)?,
            ..Signed::default()
        };
        let repository = published.as_ref().map(|(repository, _)| repository);
        let documents = (ceremony.root.clone(), ceremony.targets.clone());
        let plan = Plan::signed_elsewhere(repository, documents, when);
        let signed = sign(&plan, published.as_ref(), &at_hand, now, signed)?;
        check(&signed, published.as_ref(), &files, now)?;
        self.store(&mut tx, &plan, &signed, &files).await?;
        self.let_successors_in(&mut tx, &Contents::read(&files)?)
            .await?;
        self.end_withdrawn(&mut tx, Contents::read(&files)?.withdrawn())
            .await?;
        tx.commit().await?;
        self.witness_published().await?;
        Ok(ceremony)
    }

    /// Where a key was withdrawn by what is published now, the one that was made to follow it, and
    /// is listed, takes its place.
    async fn let_successors_in(&self, tx: &mut Tx, contents: &Contents) -> Result<(), TrustError> {
        for kid in contents.withdrawn() {
            let listed = |kid: &str| contents.believes(kid);
            if let Some(replacement) = self.keys.waiting_for(tx, kid, listed).await? {
                self.keys.replace(tx, &replacement).await?;
            }
        }
        Ok(())
    }
}

/// A key, why it is withdrawn, and from where on.
type Withdrawal = (String, RevocationReason, Cutoff);

/// More entries than are logged between the preparation of a ceremony and its publication.
const CEREMONY: u64 = 1 << 16;

/// Every role needs as many keys as are to sign for it.
fn enough_keys(draft: &Draft) -> Result<(), TrustError> {
    for (role, (keys, threshold)) in &draft.roles {
        let enough = usize::try_from(*threshold).unwrap_or(usize::MAX);
        if *threshold == 0 || keys.len() < enough {
            return Err(TrustError::Format(format!(
                "{role}: {threshold} of {} keys are to sign; give as many keys, or a lower \
                 threshold",
                keys.len()
            )));
        }
    }
    Ok(())
}
