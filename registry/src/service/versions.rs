//! Versions as their viewers may see them. Strangers see what is approved or suspended and nothing
//! else; the vendor sees its own, reviewers what was submitted, the operator everything.

use std::cmp::Reverse;

use foundation::access::{Actor, Role};
use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use semver::Version as SemVer;
use serde::Serialize;
use verifier::claims::{Custody, Release};
use verifier::jws::{Token, TokenType};

use super::Registry;
use super::carry::Published;
use super::ports::{Subject, Verdict};
use crate::domain::app::AppEntry;
use crate::domain::history::{self, HistoryEntry};
use crate::domain::manifest::VersionManifest;
use crate::domain::release::{Addresses, ContentLevel};
use crate::domain::version::VersionState;
use crate::error::RegistryError;
use crate::store;
use crate::store::app::App;
use crate::store::version::Version;

/// A version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VersionView {
    /// Reverse domain name of the app.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// Where it is in its life.
    pub state: VersionState,
    /// Digest of the release document: the exact content.
    pub release: Digest,
    /// Its manifest.
    pub manifest: VersionManifest,
    /// Digest of the manifest as it was sent.
    pub manifest_digest: Digest,
    /// Where it is started, absolute.
    pub addresses: Addresses,
    /// How firmly the content is bound.
    pub level: ContentLevel,
    /// Digest of the archive.
    pub bundle: Option<Digest>,
    /// Digest of the integrity manifest.
    pub integrity: Option<Digest>,
    /// Size of the archive in bytes.
    pub size: Option<u64>,
    /// Counts submissions.
    pub round: i64,
    /// The app entry as it was at submission.
    pub entry: Option<AppEntry>,
    /// The verdict that it was submitted with.
    pub verdict: Option<Verdict>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last submitted.
    pub submitted_at: Option<Timestamp>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// Until when the approval holds.
    pub expires_at: Option<Timestamp>,
    /// Search key of the approval in the log.
    pub approval_id: Option<String>,
    /// Which key signed the release, once submitted.
    pub signed_by: Option<ReleaseSigner>,
}

/// The key that signed a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseSigner {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// Who keeps it.
    pub custody: Custody,
}

/// A version that an EPJ's page may try to launch, with what it needs to verify it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListedVersion {
    /// Reverse domain name of the app.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// Where it is in its life, as the registry says; an EPJ relies on the approval instead.
    pub state: VersionState,
    /// Bokmål name.
    pub name: String,
    /// Organisation number of the vendor.
    pub vendor: String,
    /// Where it is started, absolute.
    pub addresses: Addresses,
    /// The most that it asks for.
    pub scope: String,
    /// How firmly the content is bound.
    pub level: ContentLevel,
    /// Digest of the archive that is served.
    pub bundle: Option<Digest>,
    /// Digest of the manifest that binds a hosted app, and when it was last served as that says.
    pub observed: Option<(Digest, Timestamp)>,
    /// The approval, when there is one.
    pub approval: Option<String>,
    /// Its ticket.
    pub ticket: Option<String>,
}

impl Registry {
    /// One version.
    pub async fn version(
        &self,
        viewer: Option<&Actor>,
        software_id: &str,
        version: &str,
    ) -> Result<VersionView, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (_, version) = self.seen(&mut tx, viewer, software_id, version).await?;
        Ok(self.view(version))
    }

    /// What happened to a version, first to last; for its vendor, reviewers and the operator.
    pub async fn history(
        &self,
        actor: &Actor,
        software_id: &str,
        version: &str,
    ) -> Result<Vec<HistoryEntry>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let (app, version) = self
            .seen(&mut tx, Some(actor), software_id, version)
            .await?;
        if !is_insider(actor, &app) {
            return Err(RegistryError::VersionUnknown);
        }
        chain(&mut tx, &version).await
    }

    /// What an approval of the app went through, newest first, with the organisation that acted but
    /// not the person; for everybody.
    pub async fn public_history(
        &self,
        software_id: &str,
    ) -> Result<Vec<(String, HistoryEntry)>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let mut history = Vec::new();
        for version in store::version::of(&mut tx, software_id).await? {
            if !version.state.is_public() {
                continue;
            }
            for mut entry in chain(&mut tx, &version).await? {
                if entry.to.is_public() {
                    entry.by = entry.by.without_person();
                    history.push((version.software_version.clone(), entry));
                }
            }
        }
        history.sort_by_key(|(_, entry)| Reverse((entry.at, entry.seq)));
        Ok(history)
    }

    /// The exact release of a version, for its check; `None` when there is none.
    pub async fn subject(
        &self,
        software_id: &str,
        version: &str,
    ) -> Result<Option<Subject>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let Some(app) = store::app::find(&mut tx, software_id).await? else {
            return Ok(None);
        };
        match store::version::find(&mut tx, software_id, version).await? {
            Some(version) => Ok(Some(self.subject_of(&mut tx, &app, &version).await?)),
            None => Ok(None),
        }
    }

    /// Everything that an EPJ's page may try, also what it must refuse: all but drafts and what was
    /// withdrawn.
    pub async fn listed_versions(&self) -> Result<Vec<ListedVersion>, RegistryError> {
        let states: Vec<_> = VersionState::ALL
            .into_iter()
            .filter(|state| state.is_reviewable())
            .collect();
        let mut tx = self.parts().database.read().await?;
        let mut listed = Vec::new();
        for version in store::version::in_states(&mut tx, &states).await? {
            let Some(app) = store::app::find(&mut tx, &version.software_id).await? else {
                continue;
            };
            let (id, number) = (&version.software_id, &version.software_version);
            let look = store::hosted::find(&mut tx, id, number).await?;
            let same_at = look.and_then(|look| look.same_at);
            listed.push(self.listed(app, version, same_at));
        }
        Ok(listed)
    }

    fn listed(&self, app: App, version: Version, same_at: Option<Timestamp>) -> ListedVersion {
        let hosted = version.integrity.filter(|_| version.bundle.is_none());
        let entry = version.entry.as_ref().unwrap_or(&app.entry);
        ListedVersion {
            state: version.state,
            name: entry.name.nb.clone(),
            vendor: app.orgnr,
            addresses: Addresses::of(&version.manifest, version.bundle.as_ref(), self.config()),
            level: level(&version),
            bundle: version.bundle,
            observed: hosted.zip(same_at),
            approval: version
                .approval
                .as_ref()
                .map(|published| published.jws.clone()),
            ticket: version.approval.map(|published| published.ticket),
            software_id: version.software_id,
            software_version: version.software_version,
            scope: version.manifest.scope,
        }
    }

    /// The approval of a version as published: exact JWS and ticket. Public, whatever happened since.
    pub async fn approval(
        &self,
        software_id: &str,
        version: &str,
    ) -> Result<Published, RegistryError> {
        self.log().ensure_fit().await?;
        let mut tx = self.parts().database.read().await?;
        let found = store::version::find(&mut tx, software_id, version).await?;
        found
            .and_then(|version| version.approval)
            .ok_or(RegistryError::ApprovalMissing)
    }

    /// The version, when the viewer may see it.
    pub(super) async fn seen(
        &self,
        tx: &mut Tx,
        viewer: Option<&Actor>,
        software_id: &str,
        version: &str,
    ) -> Result<(App, Version), RegistryError> {
        let app = store::app::find(tx, software_id)
            .await?
            .ok_or(RegistryError::VersionUnknown)?;
        let found = store::version::find(tx, software_id, version)
            .await?
            .filter(|version| may_see(viewer, &app, version.state))
            .ok_or(RegistryError::VersionUnknown)?;
        Ok((app, found))
    }

    /// The versions of an app that the viewer may see, highest first.
    pub(super) async fn versions_seen(
        &self,
        tx: &mut Tx,
        viewer: Option<&Actor>,
        app: &App,
    ) -> Result<Vec<VersionView>, RegistryError> {
        let mut versions = store::version::of(tx, &app.entry.software_id).await?;
        versions.retain(|version| may_see(viewer, app, version.state));
        versions.sort_by_cached_key(|version| Reverse(precedence(&version.software_version)));
        Ok(versions
            .into_iter()
            .map(|version| self.view(version))
            .collect())
    }

    /// What everybody is shown of a version that they may see.
    pub(super) fn view(&self, version: Version) -> VersionView {
        VersionView {
            addresses: Addresses::of(&version.manifest, version.bundle.as_ref(), self.config()),
            level: level(&version),
            signed_by: version.release_jws.as_deref().and_then(signer),
            approval_id: version.approval.map(|published| published.jti),
            software_id: version.software_id,
            software_version: version.software_version,
            state: version.state,
            release: version.release,
            manifest: version.manifest,
            manifest_digest: version.manifest_digest,
            bundle: version.bundle,
            integrity: version.integrity,
            size: version.size,
            round: version.round,
            entry: version.entry,
            verdict: version.verdict,
            created_at: version.created_at,
            submitted_at: version.submitted_at,
            approved_at: version.approved_at,
            expires_at: version.expires_at,
        }
    }

    /// The release of a version, with the entry that was frozen if it was submitted.
    pub(super) async fn subject_of(
        &self,
        tx: &mut Tx,
        app: &App,
        version: &Version,
    ) -> Result<Subject, RegistryError> {
        Ok(Subject {
            software_id: version.software_id.clone(),
            software_version: version.software_version.clone(),
            state: version.state,
            release: version.release,
            entity_id: self.config().entity_id(&version.software_id),
            vendor: self.vendor(tx, &app.orgnr).await?,
            entry: version.entry.clone().unwrap_or_else(|| app.entry.clone()),
            manifest: version.manifest.clone(),
            addresses: Addresses::of(&version.manifest, version.bundle.as_ref(), self.config()),
            level: level(version),
            bundle: version.bundle,
            integrity: version.integrity,
            size: version.size,
        })
    }
}

/// Which key a release that was taken in is signed with.
fn signer(release: &str) -> Option<ReleaseSigner> {
    let token = Token::parse(release, TokenType::Release).ok()?;
    let claims: Release = serde_json::from_slice(token.unverified_payload()).ok()?;
    Some(ReleaseSigner {
        kid: token.kid().to_owned(),
        custody: claims.custody,
    })
}

/// How firmly the content of a version is bound.
pub(super) const fn level(version: &Version) -> ContentLevel {
    if version.bundle.is_some() {
        ContentLevel::Bundle
    } else if version.integrity.is_some() {
        ContentLevel::Manifest
    } else {
        ContentLevel::Origin
    }
}

/// Order of versions (Semantic Versioning §11); an unreadable one comes first of all.
pub(super) fn precedence(version: &str) -> Option<SemVer> {
    SemVer::parse(version).ok()
}

/// The history of a version, after its chain was checked.
async fn chain(tx: &mut Tx, version: &Version) -> Result<Vec<HistoryEntry>, RegistryError> {
    let (id, number) = (&version.software_id, &version.software_version);
    let stored = store::history::all(tx, id, number).await?;
    history::verify(version.release, &stored).map_err(|seq| {
        StoreError::inconsistent("registry_history", "hash", format!("{id} {number} {seq}"))
    })?;
    stored
        .iter()
        .map(|(bytes, _)| serde_json::from_slice(bytes).map_err(RegistryError::from))
        .collect()
}

fn may_see(viewer: Option<&Actor>, app: &App, state: VersionState) -> bool {
    state.is_public()
        || viewer.is_some_and(|actor| {
            actor.is(Role::Operator)
                || (actor.organisation == app.orgnr && actor.is(Role::Vendor))
                || (actor.is(Role::Reviewer) && state.is_reviewable())
        })
}

/// True for the vendor, reviewers and the operator.
pub(super) fn is_insider(actor: &Actor, app: &App) -> bool {
    actor.is(Role::Operator)
        || actor.is(Role::Reviewer)
        || (actor.organisation == app.orgnr && actor.is(Role::Vendor))
}
