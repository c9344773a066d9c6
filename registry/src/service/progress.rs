//! One place where a version changes state: the machine decides, the row is compared and swapped,
//! the history gets its entry and the catalogue follows, all in the caller's transaction.

use std::collections::BTreeSet;

use foundation::store::Tx;

use super::Registry;
use super::ports::Outcome;
use super::versions::{level, precedence};
use crate::domain::catalogue::Listing;
use crate::domain::history::{Acted, Head, HistoryEntry};
use crate::domain::version::{Event, VersionState};
use crate::error::RegistryError;
use crate::store;
use crate::store::version::Version;

/// Lets `event` happen to `version`.
pub(super) async fn record(
    registry: &Registry,
    tx: &mut Tx,
    version: &Version,
    event: Event,
    by: &Acted,
    reason: &str,
) -> Result<VersionState, RegistryError> {
    let to = version.after(event)?;
    if !store::version::transition(tx, version, to).await? {
        return Err(RegistryError::Raced);
    }
    append(registry, tx, version, (event, to), by, reason).await?;
    if version.state.is_public() || to.is_public() {
        relist(registry, tx, &version.software_id).await?;
    }
    Ok(to)
}

/// Writes the first entry of a new version's history.
pub(super) async fn begin(
    registry: &Registry,
    tx: &mut Tx,
    version: &Version,
    by: &Acted,
) -> Result<(), RegistryError> {
    let step = (Event::Uploaded, VersionState::Draft);
    append(registry, tx, version, step, by, "").await
}

async fn append(
    registry: &Registry,
    tx: &mut Tx,
    version: &Version,
    (event, to): (Event, VersionState),
    by: &Acted,
    reason: &str,
) -> Result<(), RegistryError> {
    let (id, number) = (&version.software_id, &version.software_version);
    let head = store::history::head(tx, id, number).await?;
    let from = head.map(|_| version.state);
    let head = head.unwrap_or(Head {
        seq: 0,
        hash: version.release,
    });
    let entry = HistoryEntry {
        seq: head.seq.saturating_add(1),
        event,
        from,
        to,
        by: by.clone(),
        reason: reason.to_owned(),
        at: registry.parts().clock.now(),
        previous: head.hash,
    };
    match store::history::append(tx, id, number, &entry).await {
        Err(error) if error.is_duplicate() => Err(RegistryError::Raced),
        outcome => Ok(outcome?),
    }
}

/// Brings the catalogue's row of an app up to date: its highest approved version, else its highest
/// suspended one, else nothing.
pub(super) async fn relist(
    registry: &Registry,
    tx: &mut Tx,
    software_id: &str,
) -> Result<(), RegistryError> {
    let now = registry.parts().clock.now();
    let versions = store::version::of(tx, software_id).await?;
    let shown = versions
        .into_iter()
        .filter(|version| version.state.is_listed())
        .max_by_key(|version| {
            let approved = version.state == VersionState::Approved;
            (approved, precedence(&version.software_version))
        });
    let Some(version) = shown else {
        return Ok(store::listing::remove(tx, software_id).await?);
    };
    let app = store::app::find(tx, software_id)
        .await?
        .ok_or(RegistryError::AppUnknown)?;
    let vendor = registry.vendor(tx, &app.orgnr).await?;
    let entry = version.entry.clone().unwrap_or(app.entry);
    let listing = Listing {
        status: version.state,
        name: entry.name,
        purpose: entry.purpose,
        kind: entry.kind,
        needs: entry.needs,
        languages: entry.languages,
        vendor: app.orgnr,
        vendor_name: vendor.name,
        data_location: entry.data_location,
        price: entry.price,
        level: level(&version),
        approved_at: version.approved_at,
        expires_at: version.expires_at,
        fulfilled: fulfilled(&version),
        scope: version.manifest.scope,
        software_id: version.software_id,
        software_version: version.software_version,
    };
    Ok(store::listing::save(tx, now, &listing).await?)
}

fn fulfilled(version: &Version) -> BTreeSet<String> {
    let results = version.verdict.iter().flat_map(|verdict| &verdict.results);
    results
        .filter(|result| result.outcome == Outcome::Fulfilled)
        .map(|result| result.id.clone())
        .collect()
}
