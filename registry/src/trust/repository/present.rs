//! What the trust repository should say by the registry's own state: its keys, its reviewers, its
//! log, its settings. Decisions of people, such as withdrawn keys and denied vendors, are kept.

use std::collections::{BTreeMap, BTreeSet};

use foundation::store::Tx;
use verifier::claims::{ContentLevel, Delegation};
use verifier::jwk::KeyUse;
use verifier::jws::{Token, TokenType};
use verifier::trust::{
    Anchors, FrozenLog, MarkOwner, MaxStale, Revocation, RevocationReason, TrustedKey, TrustedMark,
};

use super::contents::Contents;
use super::plan::When;
use crate::store;
use crate::trust::Trust;
use crate::trust::desk::{organization_id, reviewer_id, unverified};
use crate::trust::error::TrustError;
use crate::trust::keys::{TokenSigner, is_own};
use crate::trust::log::is_closed;
use crate::trust::store::repository;

/// The registry's own state.
pub(super) struct Present {
    pub(super) now: i64,
    /// Where the next entry of each log goes, by origin, oldest log first. Everything before it
    /// stays valid when a key is withdrawn from here on.
    pub(super) log_end: Vec<(String, u64)>,
    /// Every log is closed: nothing can be logged now.
    pub(super) log_closed: bool,
    /// By role: the newest version that may have been out, where the database was lost.
    floors: BTreeMap<String, u64>,
    services: Vec<TrustedKey>,
    reviewers: Vec<TrustedKey>,
    /// The ids of all reviewers' keys that are kept here, whoever's they are by now.
    kept: BTreeSet<String>,
    log_policy: String,
    frozen_logs: Vec<FrozenLog>,
    anchors: Anchors,
    owner: TokenSigner,
}

/// What has to be asked before a transaction: SQLite has one writer, and a new key is a write.
pub(super) struct Prepared {
    log_policy: String,
    frozen_logs: Vec<FrozenLog>,
    owner: TokenSigner,
}

impl Trust {
    /// Makes the keys that are missing, and asks the log for its policy.
    pub(super) async fn prepare_present(&self) -> Result<Prepared, TrustError> {
        for key_use in SERVICES {
            self.keys.token_signer(key_use, "").await?;
        }
        Ok(Prepared {
            owner: self.keys.token_signer(KeyUse::Delegation, "").await?,
            log_policy: self.log_policy().await?,
            frozen_logs: self.log.frozen().await?,
        })
    }

    pub(super) async fn present(
        &self,
        tx: &mut Tx,
        prepared: Prepared,
    ) -> Result<Present, TrustError> {
        let mut services = Vec::new();
        for key_use in SERVICES {
            for (holder, public) in self.keys.public_keys(tx, key_use).await? {
                // The next one is known before it signs, so that nobody meets it unprepared.
                if is_own(&holder) {
                    services.push(TrustedKey::service(&public, key_use));
                }
            }
        }
        let kept = self.keys.public_keys(tx, KeyUse::Review).await?;
        let kept = kept.into_iter().map(|(_, key)| key.thumbprint()).collect();
        let Prepared {
            log_policy,
            frozen_logs,
            owner,
        } = prepared;
        Ok(Present {
            now: self.clock.now().seconds(),
            log_end: self.log.ends(tx).await?,
            log_closed: is_closed(tx).await?,
            floors: repository::floors(tx).await?,
            services,
            reviewers: self.reviewers(tx).await?,
            kept,
            log_policy,
            frozen_logs,
            anchors: self.anchors(&owner),
            owner,
        })
    }

    /// The reviewers who may review now, with their keys.
    pub(in crate::trust) async fn reviewers(
        &self,
        tx: &mut Tx,
    ) -> Result<Vec<TrustedKey>, TrustError> {
        let mut keys = Vec::new();
        let people = store::organisation::persons(tx, None).await?;
        for (subject, public) in self.keys.public_keys(tx, KeyUse::Review).await? {
            let person = people.iter().find(|person| person.subject == subject);
            let Some(person) = person.filter(|person| !person.review_roles.is_empty()) else {
                continue;
            };
            let roles: Vec<_> = person.review_roles.iter().copied().collect();
            keys.push(TrustedKey::reviewer(
                &public,
                &organization_id(person.orgnr.as_str()),
                &reviewer_id(&self.config, &subject),
                &roles,
            ));
        }
        Ok(keys)
    }

    fn anchors(&self, owner: &TokenSigner) -> Anchors {
        let owner = MarkOwner {
            sub: self.config.mark_owner.clone(),
            keys: vec![TrustedKey::service(owner.public(), KeyUse::Delegation)],
        };
        Anchors {
            registry: self.config.public_url.clone(),
            marks: vec![TrustedMark {
                mark_type: self.mark_type(),
                environment: self.config.environment,
                owner: Some(owner),
            }],
            criteria: vec![self.config.criteria.clone()],
            min_content_level: ContentLevel::Origin,
            max_stale: MaxStale::DEFAULT,
            frozen_logs: Vec::new(),
            min_versions: Vec::new(),
        }
    }

    /// The type of the trust mark that approvals made here are.
    pub(crate) fn mark_type(&self) -> String {
        format!("{}/tm/smart-app/v1", self.config.public_url)
    }
}

impl Present {
    pub(super) const fn when(&self) -> When<'_> {
        When {
            now: self.now,
            floors: &self.floors,
        }
    }

    /// The contents of the first installation.
    pub(super) fn first(&self) -> Result<Contents, TrustError> {
        let mut contents = Contents::new(self.anchors.clone());
        self.apply(&mut contents)?;
        Ok(contents)
    }

    /// Brings contents into line.
    pub(super) fn apply(&self, contents: &mut Contents) -> Result<(), TrustError> {
        for key in &self.services {
            contents.list(key.clone())?;
        }
        self.apply_reviewers(contents)?;
        if !contents.log_policy.starts_with(BY_HAND) {
            contents.log_policy.clone_from(&self.log_policy);
        }
        // What is pinned stays pinned, where it was: a database may know less than it did.
        let pinned = &mut contents.anchors.frozen_logs;
        for frozen in &self.frozen_logs {
            if pinned.iter().all(|known| known.origin != frozen.origin) {
                pinned.push(frozen.clone());
            }
        }
        self.apply_anchors(&mut contents.anchors);
        self.apply_delegation(contents)
    }

    /// Who reviews is listed as they are now; who does no longer keeps what is in the log already.
    fn apply_reviewers(&self, contents: &mut Contents) -> Result<(), TrustError> {
        for wanted in &self.reviewers {
            contents.list(wanted.clone())?;
            let listed = contents.key(&wanted.kid)?;
            listed.organization_id.clone_from(&wanted.organization_id);
            listed.roles.clone_from(&wanted.roles);
            let paused = |revoked: &Revocation| revoked.reason == RevocationReason::Superseded;
            if listed.revoked.as_ref().is_some_and(paused) {
                listed.revoked = None;
            }
        }
        for listed in &mut contents.reviewers.keys {
            let reviews = self.reviewers.iter().any(|wanted| wanted.kid == listed.kid);
            // A key on a card of the reviewer's own is listed and withdrawn by people alone.
            let ours = self.kept.contains(&listed.kid);
            if ours && !reviews && listed.revoked.is_none() {
                listed.revoked = Some(self.superseded());
            }
        }
        Ok(())
    }

    /// The withdrawal of a key whose place another has taken: what is in the log stays valid.
    pub(super) fn superseded(&self) -> Revocation {
        Revocation {
            revoked_at: self.now,
            reason: RevocationReason::Superseded,
            log_index_cutoff: self.log_end.iter().cloned().collect(),
        }
    }

    /// Criteria that were accepted stay so: approvals rest on them.
    fn apply_anchors(&self, anchors: &mut Anchors) {
        for criteria in &self.anchors.criteria {
            if !anchors.criteria.contains(criteria) {
                anchors.criteria.push(criteria.clone());
            }
        }
        let owner = |anchors: &Anchors| anchors.marks.first().and_then(|mark| mark.owner.clone());
        anchors.registry.clone_from(&self.anchors.registry);
        if owner(anchors) != owner(&self.anchors) || anchors.marks.len() != 1 {
            anchors.marks.clone_from(&self.anchors.marks);
        }
    }

    /// The owner's leave, renewed before it ends.
    fn apply_delegation(&self, contents: &mut Contents) -> Result<(), TrustError> {
        let Some((mark, owner)) = contents
            .anchors
            .marks
            .iter()
            .find_map(|mark| Some((mark, mark.owner.as_ref()?)))
        else {
            contents.delegation = None;
            return Ok(());
        };
        let wanted = Delegation {
            iss: owner.sub.clone(),
            sub: contents.anchors.registry.clone(),
            trust_mark_type: mark.mark_type.clone(),
            iat: self.now,
            exp: self.now + DELEGATION,
            reference: None,
        };
        let signed = |token: &str| {
            let token = Token::parse(token, TokenType::Delegation);
            token.is_ok_and(|token| token.kid() == self.owner.kid())
        };
        let holds = |token: &String| {
            signed(token)
                && unverified::<Delegation>(token).is_ok_and(|given| {
                    let same = Delegation {
                        iat: given.iat,
                        exp: given.exp,
                        ..wanted.clone()
                    };
                    given == same && self.now < given.exp - DELEGATION / 4
                })
        };
        if !contents.delegation.as_ref().is_some_and(holds) {
            contents.delegation = Some(self.owner.sign(&wanted)?);
        }
        Ok(())
    }
}

/// The registry's own keys that are listed.
const SERVICES: [KeyUse; 4] = [
    KeyUse::Approval,
    KeyUse::Status,
    KeyUse::StatusEvent,
    KeyUse::StatusDigest,
];
/// How long a delegation holds: a year, renewed in its last quarter.
const DELEGATION: i64 = 365 * 86_400;
/// The first line of a log policy that people have written: it stays until they take it back.
pub(super) const BY_HAND: &str = "# Written by hand\n";
