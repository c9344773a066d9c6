//! Approvals that a withdrawn key or witness has left without effect: found, signed anew in bulk, or sent back
//! to the reviewers.

use std::collections::BTreeSet;

use foundation::id;
use foundation::store::Tx;
use serde::Serialize;
use verifier::claims::Decision;

use super::{Registry, progress};
use crate::domain::history::Acted;
use crate::domain::notice::NoticeKind;
use crate::domain::review;
use crate::domain::version::{Event, VersionState};
use crate::error::RegistryError;
use crate::store;
use crate::store::review::Review;
use crate::store::version::Version;
use crate::trust::error::TrustError;
use crate::trust::resign::is_witnessed;

/// An approval that EPJs refuse because a key or a witness was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stranded {
    /// The app.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// The approval's id.
    pub jti: String,
    /// The withdrawn keys that it rests on, or that another could not rest on; none when too few of the
    /// witnesses that are left have seen it.
    pub keys: Vec<String>,
    /// What helps.
    pub remedy: Remedy,
    /// Why it did not come about, when it was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// What makes an approval count again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The registry signs it anew, with the reviews that it has.
    Resign,
    /// It needs new reviews: the key of one was withdrawn, wherever from, or they are too old for a new
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
        let listed = self.trust().listed_keys().await?;
        let policy = self.trust().listed_policy().await?;
        let mut stranded = Vec::new();
        for version in versions {
            let Some(published) = &version.approval else {
                continue;
            };
            let withdrawn = self.trust().withdrawn_among(&listed, &published.jws);
            let withdrawn = withdrawn.await?;
            if withdrawn.is_empty() && is_witnessed(&policy, &published.ticket)? {
                continue;
            }
            let keys = withdrawn.into_iter().map(|(kid, _)| kid).collect();
            let (remedy, keys) = self.remedy(&version, keys).await?;
            stranded.push(Stranded {
                jti: published.jti.clone(),
                remedy,
                keys,
                failed: None,
                software_id: version.software_id,
                software_version: version.software_version,
            });
        }
        Ok(stranded)
    }

    /// What helps, and the keys because of which it is needed.
    async fn remedy(
        &self,
        version: &Version,
        mut keys: Vec<String>,
    ) -> Result<(Remedy, Vec<String>), RegistryError> {
        if version.state == VersionState::Suspended {
            return Ok((Remedy::Suspended, keys));
        }
        let mut tx = self.parts().database.read().await?;
        let approving = approving(&mut tx, version).await?;
        drop(tx);
        let reviews: Vec<_> = approving.iter().map(|review| review.jws.clone()).collect();
        let spent = self.trust().spent_reviews(&reviews).await?;
        // A round that was broken off, because the version was stopped, has too few.
        let enough = review::suffice(approving.iter().map(|review| review.role));
        if spent.is_empty() && enough {
            return Ok((Remedy::Resign, keys));
        }
        keys.extend(spent.into_iter().map(|(_, kid)| kid));
        keys.sort();
        keys.dedup();
        Ok((Remedy::Review, keys))
    }

    /// Makes every stranded approval count again: those that can be are signed anew, the others go
    /// back to the reviewers. One that fails does not keep the others from their turn; it says why,
    /// and is tried again when this is called again.
    pub async fn resign_approvals(&self) -> Result<Vec<Stranded>, RegistryError> {
        let mut stranded = self.stranded().await?;
        let mut in_the_way = None;
        for one in &mut stranded {
            // What keeps one from being published keeps all of them: each would wait for it anew.
            if in_the_way.is_some() && one.remedy == Remedy::Resign {
                one.failed.clone_from(&in_the_way);
                continue;
            }
            if let Err(error) = self.help(one).await {
                let said = error.to_string();
                if matches!(error, RegistryError::Log(_) | RegistryError::Store(_)) {
                    in_the_way = Some(said.clone());
                }
                one.failed = Some(said);
            }
        }
        Ok(stranded)
    }

    async fn help(&self, one: &mut Stranded) -> Result<(), RegistryError> {
        let version = (one.software_id.as_str(), one.software_version.as_str());
        if one.remedy == Remedy::Resign {
            match self.trust().resign(self, version).await {
                // Withdrawn while this was under way.
                Err(TrustError::Reviews(kids)) => {
                    one.remedy = Remedy::Review;
                    one.keys = kids;
                }
                signed => return Ok(signed?),
            }
        }
        match one.remedy {
            Remedy::Review => self.reopen(version, &one.keys).await,
            Remedy::Resign | Remedy::Suspended => Ok(()),
        }
    }

    /// Sends a version to the reviewers again: one that is approved with all that is to be reviewed,
    /// and one that is not published yet with the reviews that count still.
    pub(crate) async fn reopen(
        &self,
        (software_id, software_version): (&str, &str),
        keys: &[String],
    ) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        store::version::lock(&mut tx, software_id, software_version).await?;
        let found = store::version::find(&mut tx, software_id, software_version).await?;
        let Some(version) = found else {
            return Ok(());
        };
        let reviews = approving(&mut tx, &version).await?;
        let kept = match version.state {
            VersionState::Approved => Vec::new(),
            VersionState::Issuing => self.counting(reviews.clone()).await?,
            _ => return Ok(()),
        };
        // They count again, all of them: no other could be added.
        if !reviews.is_empty() && kept.len() == reviews.len() {
            return Ok(());
        }
        let reason = format!("withdrawn: {}", keys.join(", "));
        store::version::reopen(&mut tx, &version).await?;
        let parts = self.parts();
        for review in kept {
            let carried = Review {
                id: id::generate("rev", &*parts.clock, &*parts.entropy),
                round: version.round.saturating_add(1),
                ..review
            };
            store::review::insert(&mut tx, software_id, software_version, &carried).await?;
        }
        self.tell_of_review(&mut tx, &version, &reviews, &reason)
            .await?;
        let by = Acted::registry();
        progress::record(self, &mut tx, &version, Event::Reopened, &by, &reason).await?;
        Ok(tx.commit().await?)
    }

    /// Those that an approval can rest on that is signed now.
    async fn counting(&self, mut reviews: Vec<Review>) -> Result<Vec<Review>, RegistryError> {
        let all: Vec<_> = reviews.iter().map(|review| review.jws.clone()).collect();
        let spent = self.trust().spent_reviews(&all).await?;
        reviews.retain(|review| spent.iter().all(|(jws, _)| *jws != review.jws));
        Ok(reviews)
    }

    /// Tells the vendor, and those who have reviewed, that another review is needed.
    async fn tell_of_review(
        &self,
        tx: &mut Tx,
        version: &Version,
        reviews: &[Review],
        reason: &str,
    ) -> Result<(), RegistryError> {
        let (id, number) = (&version.software_id, &version.software_version);
        let app = store::app::find(tx, id)
            .await?
            .ok_or(RegistryError::AppUnknown)?;
        let reviewers = reviews.iter().map(|review| &review.orgnr);
        let told: BTreeSet<_> = reviewers.chain([&app.orgnr]).collect();
        for orgnr in told {
            let about = Some((id.as_str(), number.as_str()));
            let kind = NoticeKind::ReviewAgain;
            self.notify(tx, orgnr, kind, about, reason).await?;
        }
        Ok(())
    }
}

/// The approving reviews of the round.
async fn approving(tx: &mut Tx, version: &Version) -> Result<Vec<Review>, RegistryError> {
    let (id, number) = (&version.software_id, &version.software_version);
    let mut reviews = store::review::of(tx, id, number).await?;
    reviews.retain(|review| review.round == version.round && review.decision == Decision::Approve);
    Ok(reviews)
}
