//! What was decided and is not carried out is ordered anew: no order that was lost, or given up,
//! undoes a decision.

use super::Registry;
use crate::domain::version::VersionState;
use crate::error::RegistryError;
use crate::store;

impl Registry {
    /// Orders every approval and every change of standing that is still to be carried out; those that
    /// are ordered already stay as they are.
    pub(crate) async fn resume(&self) -> Result<(), RegistryError> {
        let mut tx = self.parts().database.begin().await?;
        for version in store::version::in_states(&mut tx, &[VersionState::Issuing]).await? {
            let (id, number) = (&version.software_id, &version.software_version);
            self.enqueue_approval(&mut tx, id, number).await?;
        }
        for standing in store::standing::decided(&mut tx).await? {
            self.enqueue_standing(&mut tx, &standing).await?;
        }
        Ok(tx.commit().await?)
    }
}
