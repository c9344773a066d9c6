//! After a database was put back from an old backup: the log is read in again, and the versions follow
//! what it says.

use foundation::files::Files;
use foundation::store::Tx;

use super::{Registry, progress};
use crate::domain::history::Acted;
use crate::domain::version::{Event, VersionState};
use crate::error::RegistryError;
use crate::store;
use crate::store::standing::Progress;
use crate::trust::log::Restored;

impl Registry {
    /// Reads a log in again from its files in `folder` of `source`, and makes true what its entries
    /// say: status, versions' standing, numbers that must not come twice. What cannot be made true
    /// again is told, and stands in the way until it is accepted here.
    pub async fn restore_log(
        &self,
        source: &Files,
        folder: &str,
        accept_losses: bool,
    ) -> Result<Restored, RegistryError> {
        let restored = self.trust().restore(self, (source, folder), accept_losses);
        Ok(restored.await?)
    }

    /// Brings a version to the state that the log says its approval is in; false when the database
    /// does not know that it was approved.
    pub(crate) async fn restore_standing(
        &self,
        tx: &mut Tx,
        (software_id, software_version): &(String, String),
        to: VersionState,
        reason: &str,
    ) -> Result<bool, RegistryError> {
        let found = store::version::find(tx, software_id, software_version).await?;
        let Some(version) = found.filter(|version| version.approval.is_some()) else {
            return Ok(false);
        };
        // Whatever was decided when the backup was made has been carried out long since.
        let now = self.parts().clock.now();
        for open in store::standing::open(tx, software_id, software_version).await? {
            let closed = match open.progress {
                Progress::Decided => Progress::Applied,
                _ => Progress::Lapsed,
            };
            store::standing::advance(tx, &open.id, closed, now).await?;
        }
        let event = match to {
            VersionState::Suspended => Event::Suspended,
            VersionState::Revoked => Event::Revoked,
            _ => Event::Reinstated,
        };
        if version.state != to && version.after(event).is_ok() {
            let by = Acted::registry();
            progress::record(self, tx, &version, event, &by, reason).await?;
        }
        Ok(true)
    }
}
