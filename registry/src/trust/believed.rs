//! Which approvals EPJs refuse by what the trust repository says, whatever their status in the
//! database: whose vendor, content or version is denied, or whose keys are withdrawn.

use std::collections::BTreeSet;

use verifier::claims::Approval;
use verifier::jws::TokenType;
use verifier::trust::{Anchors, Denylist};

use super::Trust;
use super::desk::unverified;
use super::error::TrustError;
use super::issue::kid;

/// What the trust repository says against approvals.
#[derive(Debug)]
pub(crate) struct Believed {
    /// None before there is a trust repository: nothing is believed then.
    said: Option<(Denylist, Anchors)>,
    withdrawn: BTreeSet<String>,
}

impl Trust {
    /// What is said against approvals now.
    pub(crate) async fn believed(&self) -> Result<Believed, TrustError> {
        let listed = self.listed_keys().await?.into_iter();
        let withdrawn = listed.filter_map(|(kid, (_, revoked))| revoked.map(|_| kid));
        Ok(Believed {
            said: self.denied().await?,
            withdrawn: withdrawn.collect(),
        })
    }

    /// Whether EPJs take in this approval, as far as the trust repository decides.
    pub(crate) async fn is_believed(
        &self,
        believed: &Believed,
        jws: &str,
    ) -> Result<bool, TrustError> {
        let format = |error: &dyn std::fmt::Display| TrustError::Format(error.to_string());
        let approval: Approval = unverified(jws).map_err(|error| format(&error))?;
        let Some((denylist, anchors)) = &believed.said else {
            return Ok(false);
        };
        if denylist.denies(&approval).is_some() || anchors.outdates(&approval) {
            return Ok(false);
        }
        let mut signers = vec![(jws, TokenType::Approval)];
        let reviews = approval.reviews.iter();
        signers.extend(reviews.map(|review| (review.as_str(), TokenType::Review)));
        for (token, typ) in signers {
            let kid = kid(token, typ).map_err(|error| format(&error))?;
            // Its place in the log decides, which is looked up only for those who may rest on one.
            if believed.withdrawn.contains(&kid) {
                return Ok(self.withdrawn_from(jws).await?.is_empty());
            }
        }
        Ok(true)
    }
}
