//! Reads checks, reports and evidence, for whoever may see them.

use bytes::Bytes;
use foundation::Digest;
use foundation::access::Actor;

use super::{Conformance, may_see};
use crate::domain::check::{Check, CheckId, CheckState, Progress};
use crate::error::ConformanceError;
use crate::report::Report;
use crate::requirement::{Catalogue, catalogue};
use crate::store;
use crate::suite::{SMART_APP, Suite, SuiteError};

/// A check that reached a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The check.
    pub check: Check,
    /// Its report.
    pub report: Report,
}

impl Conformance {
    /// The requirements that checks decide.
    pub async fn requirements(&self) -> Result<Catalogue, SuiteError> {
        Ok(catalogue(&self.suite().await?))
    }

    pub(crate) async fn suite(&self) -> Result<Suite, SuiteError> {
        self.suites.load(SMART_APP).await
    }

    /// What a check has told so far, in order. Whether the caller may see the check is asked before,
    /// with [`Conformance::check`].
    pub async fn told(&self, id: &CheckId) -> Result<Vec<Progress>, ConformanceError> {
        let mut tx = self.parts.database.read().await?;
        Ok(store::progress::after(&mut tx, id, 0).await?)
    }

    /// A check, as `viewer` may see it.
    pub async fn check(
        &self,
        viewer: Option<&Actor>,
        id: &CheckId,
    ) -> Result<Check, ConformanceError> {
        let mut tx = self.parts.database.read().await?;
        let check = store::check::find(&mut tx, id).await?;
        drop(tx);
        let check = check.ok_or(ConformanceError::Unknown)?;
        if let Some(viewer) = viewer
            && may_see(viewer, &check.organisation)
        {
            return Ok(check);
        }
        let subject = self.parts.subjects.find(&check.app, &check.version).await?;
        match subject {
            Some(subject) if subject.published && subject.release == check.release => Ok(check),
            _ if viewer.is_none() => Err(ConformanceError::NotLoggedIn),
            _ => Err(ConformanceError::Unknown),
        }
    }

    /// The checks of a version that `viewer` may see, newest first.
    pub async fn checks(
        &self,
        viewer: Option<&Actor>,
        app: &str,
        version: &str,
    ) -> Result<Vec<Check>, ConformanceError> {
        let subject = self.parts.subjects.find(app, version).await?;
        let subject = subject.ok_or(ConformanceError::UnknownVersion)?;
        let sees_all = viewer.is_some_and(|viewer| may_see(viewer, &subject.organisation));
        if !sees_all && !subject.published {
            return Err(match viewer {
                None => ConformanceError::NotLoggedIn,
                Some(_) => ConformanceError::UnknownVersion,
            });
        }
        let mut tx = self.parts.database.read().await?;
        let mut checks = store::check::of_version(&mut tx, app, version).await?;
        checks.retain(|check| sees_all || check.release == subject.release);
        Ok(checks)
    }

    /// The report of a finished check.
    pub async fn report(
        &self,
        viewer: Option<&Actor>,
        id: &CheckId,
    ) -> Result<Report, ConformanceError> {
        let check = self.check(viewer, id).await?;
        self.report_of(&check).await
    }

    pub(crate) async fn report_of(&self, check: &Check) -> Result<Report, ConformanceError> {
        let digest = kept(check, check.report)?;
        Ok(Report::parse(&self.parts.blobs.get(&digest).await?)?)
    }

    /// The evidence of a finished check.
    pub async fn evidence(
        &self,
        viewer: Option<&Actor>,
        id: &CheckId,
    ) -> Result<(Digest, Bytes), ConformanceError> {
        let check = self.check(viewer, id).await?;
        let digest = kept(&check, check.evidence)?;
        Ok((digest, self.parts.blobs.get(&digest).await?))
    }

    /// A picture that belongs to the evidence.
    pub async fn attachment(
        &self,
        viewer: Option<&Actor>,
        id: &CheckId,
        digest: &Digest,
    ) -> Result<Bytes, ConformanceError> {
        self.check(viewer, id).await?;
        let mut tx = self.parts.database.read().await?;
        let ours = store::attachment::exists(&mut tx, id, digest).await?;
        drop(tx);
        if !ours {
            return Err(ConformanceError::UnknownAttachment);
        }
        Ok(self.parts.blobs.get(digest).await?)
    }

    /// Everything that watchers of a check were told so far.
    pub async fn progress(
        &self,
        viewer: Option<&Actor>,
        id: &CheckId,
    ) -> Result<Vec<Progress>, ConformanceError> {
        self.check(viewer, id).await?;
        let mut tx = self.parts.database.read().await?;
        Ok(store::progress::after(&mut tx, id, 0).await?)
    }

    /// The newest verdict on exactly this release, for the registry and the portal, which know
    /// themselves who may see it.
    pub async fn latest(&self, release: &Digest) -> Result<Option<Finished>, ConformanceError> {
        let mut tx = self.parts.database.read().await?;
        let check = store::check::latest(&mut tx, release).await?;
        drop(tx);
        let Some(check) = check else {
            return Ok(None);
        };
        let report = self.report_of(&check).await?;
        Ok(Some(Finished { check, report }))
    }
}

fn kept(check: &Check, digest: Option<Digest>) -> Result<Digest, ConformanceError> {
    digest.ok_or_else(|| {
        if check.state == CheckState::Broken {
            ConformanceError::WithoutVerdict(check.id.clone())
        } else {
            ConformanceError::Unfinished(check.id.clone())
        }
    })
}
