//! Approvals that a withdrawn key or witness has left without effect: found, signed anew in bulk, or sent back
//! to the reviewers.

use foundation::store::Tx;
use serde::Serialize;
use verifier::claims::{Decision, Review};
use verifier::jwk::KeyUse;

use super::{Registry, progress};
use crate::domain::history::Acted;
use crate::domain::review;
use crate::domain::version::{Event, VersionState};
use crate::error::RegistryError;
use crate::store;
use crate::store::version::Version;
use crate::trust::desk::unverified;

/// An approval that EPJs refuse because a key or a witness was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stranded {
    /// The app.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// The approval's id.
    pub jti: String,
    /// The withdrawn keys that it rests on; none when too few of the witnesses that are left have
    /// seen it.
    pub keys: Vec<String>,
    /// What helps.
    pub remedy: Remedy,
}

/// What makes an approval count again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The registry signs it anew, with the reviews that it has.
    Resign,
    /// It needs new reviews: one was signed with a withdrawn key, or they are too old for a new
    /// approval to rest on.
    Review,
    /// It is suspended: to be looked at again when it is reinstated.
    Suspended,
}

impl Registry {
    /// The approvals that rest on withdrawn keys or witnesses, by app and version.
    pub async fn stranded(&self) -> Result<Vec<Stranded>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let states = [VersionState::Approved, VersionState::Suspended];
        let mut versions = store::version::in_states(&mut tx, &states).await?;
        drop(tx);
        versions.sort_by(|a, b| {
            let key = |version: &Version| {
                (
                    version.software_id.clone(),
                    version.software_version.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        let mut stranded = Vec::new();
        for version in versions {
            let Some(published) = &version.approval else {
                continue;
            };
            let withdrawn = self.trust().withdrawn_from(&published.jws).await?;
            let witnessed = self.trust().is_witnessed(&published.ticket).await?;
            if withdrawn.is_empty() && witnessed {
                continue;
            }
            stranded.push(Stranded {
                jti: published.jti.clone(),
                remedy: self.remedy(&version, &withdrawn).await?,
                keys: withdrawn.into_iter().map(|(kid, _)| kid).collect(),
                software_id: version.software_id,
                software_version: version.software_version,
            });
        }
        Ok(stranded)
    }

    async fn remedy(
        &self,
        version: &Version,
        withdrawn: &[(String, KeyUse)],
    ) -> Result<Remedy, RegistryError> {
        if version.state == VersionState::Suspended {
            return Ok(Remedy::Suspended);
        }
        if withdrawn
            .iter()
            .any(|(_, key_use)| *key_use == KeyUse::Review)
        {
            return Ok(Remedy::Review);
        }
        let mut tx = self.parts().database.read().await?;
        let oldest = self.parts().clock.now().seconds() - REVIEW_AGE;
        let reviews =
            store::review::of(&mut tx, &version.software_id, &version.software_version).await?;
        let approving = reviews
            .into_iter()
            .filter(|review| review.round == version.round && review.decision == Decision::Approve);
        let approving: Vec<_> = approving.collect();
        for review in &approving {
            let signed: Review = unverified(&review.jws)?;
            if signed.iat < oldest {
                return Ok(Remedy::Review);
            }
        }
        // A round that was broken off, because the version was stopped, has too few.
        if review::suffice(approving.iter().map(|review| review.role)) {
            Ok(Remedy::Resign)
        } else {
            Ok(Remedy::Review)
        }
    }

    /// Makes every stranded approval count again: those that can be are signed anew, the others go
    /// back to the reviewers. Gives what was done; called again it goes on where it broke off.
    pub async fn resign_approvals(&self) -> Result<Vec<Stranded>, RegistryError> {
        let stranded = self.stranded().await?;
        for one in &stranded {
            let version = (one.software_id.as_str(), one.software_version.as_str());
            match one.remedy {
                Remedy::Resign => self.trust().resign(self, version).await?,
                Remedy::Review => self.reopen(version, &one.keys).await?,
                Remedy::Suspended => {}
            }
        }
        Ok(stranded)
    }

    /// Sends an approved version to the reviewers again.
    async fn reopen(
        &self,
        (software_id, software_version): (&str, &str),
        keys: &[String],
    ) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        store::version::lock(&mut tx, software_id, software_version).await?;
        let found = approved(&mut tx, software_id, software_version).await?;
        let Some(version) = found else {
            return Ok(());
        };
        let by = Acted::registry();
        let reason = format!("withdrawn: {}", keys.join(", "));
        store::version::reopen(&mut tx, &version).await?;
        progress::record(self, &mut tx, &version, Event::Reopened, &by, &reason).await?;
        Ok(tx.commit().await?)
    }
}

async fn approved(
    tx: &mut Tx,
    software_id: &str,
    software_version: &str,
) -> Result<Option<Version>, RegistryError> {
    let found = store::version::find(tx, software_id, software_version).await?;
    Ok(found.filter(|version| version.state == VersionState::Approved))
}

/// EPJs take a review that is at most 90 days older than the approval; a day is left for signing.
const REVIEW_AGE: i64 = 89 * 86_400;
