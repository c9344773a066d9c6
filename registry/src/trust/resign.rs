//! After a key was withdrawn: which approvals rest on it in vain, by their place in the log, and
//! signing those anew that need no new review. The old approval stays in the log and in its status
//! list, where it follows whatever is decided about the version: EPJs that took it in go on with it,
//! unless they refuse it by the withdrawn key.

use std::collections::BTreeMap;

use verifier::claims::{Approval, Review};
use verifier::jwk::KeyUse;
use verifier::jws::TokenType;
use verifier::note::{Note, Verdict};
use verifier::policy::Policy;
use verifier::tlog_proof::TlogProof;
use verifier::trust::Revocation;

use super::Trust;
use super::desk::unverified;
use super::error::TrustError;
use super::issue::{entry_key, kid};
use crate::domain::version::VersionState;
use crate::service::Registry;

impl Trust {
    /// The keys that signed this approval and its reviews and are not believed at its place in the
    /// log, each with what it is for.
    pub(crate) async fn withdrawn_from(
        &self,
        jws: &str,
    ) -> Result<Vec<(String, KeyUse)>, TrustError> {
        self.withdrawn_among(&self.listed_keys().await?, jws).await
    }

    /// The same, by the keys that are listed, for those who ask about many approvals.
    pub(crate) async fn withdrawn_among(
        &self,
        listed: &ListedKeys,
        jws: &str,
    ) -> Result<Vec<(String, KeyUse)>, TrustError> {
        let format = |error: &dyn std::fmt::Display| TrustError::Format(error.to_string());
        let approval: Approval = unverified(jws).map_err(|error| format(&error))?;
        let mut kids = vec![kid(jws, TokenType::Approval).map_err(|error| format(&error))?];
        for review in &approval.reviews {
            kids.push(kid(review, TokenType::Review).map_err(|error| format(&error))?);
        }
        let revoked = kids.into_iter().filter_map(|kid| {
            let (key_use, revoked) = listed.get(&kid)?;
            Some((kid, *key_use, revoked.as_ref()?))
        });
        let revoked: Vec<_> = revoked.collect();
        if revoked.is_empty() {
            return Ok(Vec::new());
        }
        let place = self.log.find(&entry_key(&approval.jti)).await?;
        let place = place.map(|place| place.position);
        let in_vain = revoked.into_iter().filter_map(|(kid, key_use, revoked)| {
            let applies = revoked.applies_to(&approval.log.origin, place);
            applies.then_some((kid, key_use))
        });
        Ok(in_vain.collect())
    }

    /// Which of these reviews an approval that is signed now cannot rest on, each with its key: its
    /// place in the log comes after every cut-off, however late, and EPJs take no old reviews. A key
    /// that is not listed yet is waited for while its reviewer reviews.
    pub(crate) async fn spent_reviews(
        &self,
        reviews: &[String],
    ) -> Result<Vec<(String, String)>, TrustError> {
        let format = |error: &dyn std::fmt::Display| TrustError::Format(error.to_string());
        let listed = self.listed_keys().await?;
        let mut tx = self.database.read().await?;
        let coming = self.reviewers(&mut tx).await?;
        drop(tx);
        let oldest = self.clock.now().seconds() - REVIEW_AGE;
        let mut spent = Vec::new();
        for jws in reviews {
            let review: Review = unverified(jws).map_err(|error| format(&error))?;
            let kid = kid(jws, TokenType::Review).map_err(|error| format(&error))?;
            let believed = match listed.get(&kid) {
                Some((_, revoked)) => revoked.is_none(),
                None => coming.iter().any(|key| key.kid == kid),
            };
            if !believed || review.iat < oldest {
                spent.push((jws.clone(), kid));
            }
        }
        Ok(spent)
    }

    /// Signs the approval of an approved version anew and publishes it, as far as it goes; nothing
    /// is left to do when it returns.
    pub(crate) async fn resign(
        &self,
        registry: &Registry,
        version: (&str, &str),
    ) -> Result<(), TrustError> {
        self.ensure_repository().await?;
        let signed = self
            .signed(registry, version, VersionState::Approved)
            .await?;
        match signed {
            Some(signed) => self.carry(registry, version, &signed).await,
            None => Ok(()),
        }
    }

    /// The log policy that is listed now.
    pub(crate) async fn listed_policy(&self) -> Result<Policy, TrustError> {
        let mut tx = self.database.read().await?;
        let policy = self.policy_in_force(&mut tx).await?;
        Policy::parse(&policy).map_err(|error| TrustError::Format(error.to_string()))
    }
}

/// Whether enough of the policy's witnesses have cosigned this ticket's checkpoint.
pub(crate) fn is_witnessed(policy: &Policy, ticket: &str) -> Result<bool, TrustError> {
    let format = |error: &dyn std::fmt::Display| TrustError::Format(error.to_string());
    let proof = TlogProof::parse(ticket).map_err(|error| format(&error))?;
    let note = Note::parse(proof.checkpoint).map_err(|error| format(&error))?;
    let cosigned = policy.witnesses().iter().enumerate();
    let cosigned = cosigned.filter_map(|(at, witness)| {
        matches!(note.verdict(&witness.key), Verdict::Valid { .. }).then_some(at)
    });
    Ok(policy.is_met_by(&cosigned.collect()))
}

/// Every listed key by its thumbprint: what it is for, and its withdrawal.
pub(crate) type ListedKeys = BTreeMap<String, (KeyUse, Option<Revocation>)>;

/// EPJs take a review that is at most 90 days older than the approval; a day is left for signing.
const REVIEW_AGE: i64 = 89 * 86_400;
