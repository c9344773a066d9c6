//! The monitor of hosted apps: fetches what the vendor serves, compares it with the manifest that was
//! approved, and suspends on confirmed drift.

use std::time::Duration;

use foundation::Timestamp;
use foundation::store::Tx;
use futures::stream::{self, StreamExt};
use serde::Serialize;
use verifier::claims::{ContentLevel, StatusCause};

use super::Registry;
use super::standing::StandingRequest;
use super::versions::level;
use crate::domain::history::Acted;
use crate::domain::hosted::{CONFIRM, HostedManifest, Next, Seen, well_known};
use crate::domain::notice::NoticeKind;
use crate::domain::release::Addresses;
use crate::domain::standing::Action;
use crate::domain::version::VersionState;
use crate::error::{RegistryError, StandingRefusal};
use crate::store;
use crate::store::hosted::Look;
use crate::store::version::Version;

/// What is known about the bytes that a version serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContentView {
    /// How firmly the content is bound.
    pub level: ContentLevel,
    /// `same`, `differs` or `unreachable`; none when nobody has looked.
    pub outcome: Option<String>,
    /// What was seen, in words.
    pub detail: Option<String>,
    /// When it was last looked at.
    pub looked_at: Option<Timestamp>,
    /// When every byte was last the approved one.
    pub same_at: Option<Timestamp>,
}

impl Registry {
    /// What is known about the bytes that a version serves; for everybody who may see the version.
    pub async fn content(
        &self,
        viewer: Option<&foundation::access::Actor>,
        software_id: &str,
        version: &str,
    ) -> Result<ContentView, RegistryError> {
        self.log().ensure_fit().await?;
        let mut tx = self.parts().database.read().await?;
        let (_, found) = self.seen(&mut tx, viewer, software_id, version).await?;
        let look = store::hosted::find(&mut tx, software_id, version).await?;
        Ok(ContentView {
            level: level(&found),
            outcome: look.as_ref().map(|look| look.outcome.clone()),
            detail: look
                .as_ref()
                .filter(|look| !look.detail.is_empty())
                .map(|look| look.detail.clone()),
            looked_at: look.as_ref().map(|look| look.looked_at),
            same_at: look.and_then(|look| look.same_at),
        })
    }

    /// Looks at every hosted app that is approved with a manifest, also while it is reviewed anew, or
    /// only at those that are in doubt; true when one is in doubt now.
    pub(crate) async fn watch_hosted(&self, only_doubted: bool) -> Result<bool, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let mut watched = Vec::new();
        for version in store::version::in_states(&mut tx, &IN_FORCE).await? {
            if !version.is_in_force() || level(&version) != ContentLevel::Manifest {
                continue;
            }
            let (id, number) = (&version.software_id, &version.software_version);
            let last = store::hosted::find(&mut tx, id, number).await?;
            if !only_doubted || last.is_some_and(|look| look.drifts > 0) {
                watched.push(version);
            }
        }
        drop(tx);
        let looks = watched.into_iter().map(|version| {
            let registry = self.clone();
            async move { registry.look_and_note(&version).await }
        });
        let doubted: Vec<bool> = stream::iter(looks).buffered(APPS_AT_ONCE).collect().await;
        Ok(doubted.contains(&true))
    }

    /// One look and what follows from it; true when the version is in doubt now. What goes wrong with
    /// one must not keep the others from being looked at.
    async fn look_and_note(&self, version: &Version) -> bool {
        let seen = match tokio::time::timeout(PATIENCE, self.look_at(version)).await {
            Ok(Ok(seen)) => seen,
            Ok(Err(error)) => Seen::Unreachable(error.to_string()),
            Err(_) => Seen::Unreachable("the server takes too long".to_owned()),
        };
        match self.note_look(version, &seen).await {
            Ok(next) => next != Next::Suspend && matches!(seen, Seen::Differs(_)),
            Err(error) => {
                let (id, number) = (&version.software_id, &version.software_version);
                tracing::error!(id, number, %error, "a look at a hosted app is not recorded");
                // It is looked at again soon.
                matches!(seen, Seen::Differs(_))
            }
        }
    }

    /// Refuses a version that is to be bound by a manifest and is not served as it says.
    pub(super) async fn require_served(&self, version: &Version) -> Result<(), RegistryError> {
        if level(version) != ContentLevel::Manifest {
            return Ok(());
        }
        match self.look_at(version).await? {
            Seen::Same => Ok(()),
            Seen::Differs(detail) => Err(RegistryError::ContentDiffers(detail)),
            Seen::Unreachable(detail) => Err(RegistryError::ContentUnreachable(detail)),
        }
    }

    /// Records that a version was served as approved at this moment.
    pub(super) async fn note_served(
        &self,
        tx: &mut Tx,
        version: &Version,
    ) -> Result<(), RegistryError> {
        if level(version) != ContentLevel::Manifest {
            return Ok(());
        }
        let now = self.parts().clock.now();
        let look = Look {
            outcome: Seen::Same.as_str().to_owned(),
            detail: String::new(),
            drifts: 0,
            looked_at: now,
            same_at: Some(now),
        };
        let (id, number) = (&version.software_id, &version.software_version);
        Ok(store::hosted::put(tx, id, number, &look).await?)
    }

    /// One look: the published manifest, and every file that it names.
    async fn look_at(&self, version: &Version) -> Result<Seen, RegistryError> {
        let Some(digest) = version.integrity else {
            return Ok(Seen::Unreachable("there is no manifest".to_owned()));
        };
        let bytes = self.parts().blobs.get(&digest).await?;
        let manifest = HostedManifest::read(&bytes)
            .map_err(|findings| RegistryError::invalid("manifest-invalid", findings))?;
        let addresses = Addresses::of(&version.manifest, None, self.config());
        let Some(origin) = addresses.origins.first() else {
            return Ok(Seen::Unreachable("there is no address".to_owned()));
        };
        let published = verifier::Digest::from_bytes(*digest.as_bytes());
        let mut wanted = vec![(well_known(origin, &digest), published)];
        let files = manifest.files();
        wanted.extend(files.map(|(path, digest)| (format!("{origin}{path}"), *digest)));
        let looks = wanted.into_iter().map(|(address, digest)| {
            let registry = self.clone();
            async move { registry.compare(&address, digest).await }
        });
        let seen: Vec<Seen> = stream::iter(looks).buffered(AT_ONCE).collect().await;
        // What differs says something, whatever else could not be reached.
        let differs = seen.iter().find(|one| matches!(one, Seen::Differs(_)));
        let missed = seen.iter().find(|one| matches!(one, Seen::Unreachable(_)));
        Ok(differs.or(missed).cloned().unwrap_or(Seen::Same))
    }

    async fn compare(&self, address: &str, digest: verifier::Digest) -> Seen {
        let fetched = match self.parts().hosted.fetch(address, MAX_FILE).await {
            Ok(fetched) => fetched,
            Err(error) => return Seen::Unreachable(format!("{address}: {error}")),
        };
        match fetched.status {
            200 if verifier::Digest::of(&fetched.bytes) == digest => Seen::Same,
            200 => {
                let found = verifier::Digest::of(&fetched.bytes);
                Seen::Differs(format!("{address} is {found} and not {digest}"))
            }
            // The server, or something before it, has a bad day.
            429 | 500..=599 => Seen::Unreachable(format!("{address} answers {}", fetched.status)),
            status => Seen::Differs(format!("{address} answers {status}")),
        }
    }

    /// Records a look and does what follows from it.
    async fn note_look(&self, version: &Version, seen: &Seen) -> Result<Next, RegistryError> {
        let (id, number) = (&version.software_id, &version.software_version);
        let now = self.parts().clock.now();
        let mut tx = self.parts().database.begin().await?;
        store::version::lock(&mut tx, id, number).await?;
        let last = store::hosted::find(&mut tx, id, number).await?;
        let drifts = last.as_ref().map_or(0, |look| look.drifts);
        let before = last.as_ref().map(|look| look.looked_at);
        let waited = before.is_some_and(|before| now.since(before) >= CONFIRM);
        let next = seen.after(drifts, waited);
        let still = store::version::find(&mut tx, id, number).await?;
        if next == Next::Suspend && still.is_some_and(|found| found.is_in_force()) {
            self.suspend_for_drift(&mut tx, version, seen.detail())
                .await?;
        }
        if next == Next::Confirm {
            self.tell_of_drift(&mut tx, version, seen.detail()).await?;
        }
        let look = Look {
            outcome: seen.as_str().to_owned(),
            detail: seen.detail().to_owned(),
            drifts: match next {
                Next::Wait => drifts,
                Next::Confirm => 1,
                // Whoever reinstates it starts anew.
                Next::Trust | Next::Suspend => 0,
            },
            looked_at: now,
            same_at: match next {
                Next::Trust => Some(now),
                _ => last.and_then(|look| look.same_at),
            },
        };
        store::hosted::put(&mut tx, id, number, &look).await?;
        tx.commit().await?;
        Ok(next)
    }

    async fn suspend_for_drift(
        &self,
        tx: &mut Tx,
        version: &Version,
        detail: &str,
    ) -> Result<(), RegistryError> {
        let request = StandingRequest {
            action: Action::Suspend,
            reason: detail.to_owned(),
            confirms: None,
        };
        let monitor = Acted::monitor();
        let cause = StatusCause::ContentDrift;
        match self.agree(tx, &monitor, version, &request, cause).await {
            // Somebody has decided about it at this moment: the next look sees what came of it.
            Ok(_) | Err(RegistryError::Standing(StandingRefusal::InProgress)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn tell_of_drift(
        &self,
        tx: &mut Tx,
        version: &Version,
        detail: &str,
    ) -> Result<(), RegistryError> {
        let app = store::app::find(tx, &version.software_id)
            .await?
            .ok_or(RegistryError::AppUnknown)?;
        let about = (
            version.software_id.as_str(),
            version.software_version.as_str(),
        );
        self.notify(
            tx,
            &app.orgnr,
            NoticeKind::ContentDrift,
            Some(about),
            detail,
        )
        .await
    }
}

/// The states that a version with an approval in force can be in.
const IN_FORCE: [VersionState; 4] = [
    VersionState::Approved,
    VersionState::Submitted,
    VersionState::Issuing,
    VersionState::Returned,
];
/// How many files are fetched at the same time: a look must not be an attack.
const AT_ONCE: usize = 4;
/// The largest file of a hosted app, in bytes; what is longer differs.
const MAX_FILE: u64 = 20 * 1024 * 1024;
/// How many apps are looked at side by side.
const APPS_AT_ONCE: usize = 8;
/// How long a look may take: a server that answers slowly must not hold up the others.
const PATIENCE: Duration = Duration::from_mins(2);
