//! Notices: written in the transaction of what they tell of, read by the vendor.

use foundation::access::Actor;
use foundation::id;
use foundation::store::Tx;

use super::Registry;
use crate::domain::history::Acted;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::standing::Action;
use crate::error::RegistryError;
use crate::store;
use crate::store::standing::Standing;

impl Registry {
    /// What the actor's organisation was told, newest first.
    pub async fn notices(&self, actor: &Actor) -> Result<Vec<Notice>, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        Ok(store::notice::newest(&mut tx, &actor.organisation, MOST).await?)
    }

    /// Tells an organisation of something about an app's version, or about itself.
    pub(crate) async fn notify(
        &self,
        tx: &mut Tx,
        orgnr: &str,
        kind: NoticeKind,
        about: Option<(&str, &str)>,
        detail: &str,
    ) -> Result<(), RegistryError> {
        let parts = self.parts();
        let notice = Notice {
            id: id::generate("ntc", &*parts.clock, &*parts.entropy),
            kind,
            software_id: about.map(|(id, _)| id.to_owned()),
            software_version: about.map(|(_, version)| version.to_owned()),
            detail: detail.to_owned(),
            created_at: parts.clock.now(),
        };
        Ok(store::notice::insert(tx, orgnr, &notice).await?)
    }

    /// Tells a vendor that somebody else has changed the standing of its app.
    pub(super) async fn notify_of_standing(
        &self,
        tx: &mut Tx,
        decided: &Standing,
        by: &Acted,
    ) -> Result<(), RegistryError> {
        let kind = match decided.action {
            Action::Suspend => NoticeKind::Suspended,
            Action::Reinstate => NoticeKind::Reinstated,
            Action::Revoke => NoticeKind::Revoked,
            // Only the vendor itself withdraws.
            Action::Withdraw => return Ok(()),
        };
        let app = store::app::find(tx, &decided.software_id)
            .await?
            .ok_or(RegistryError::AppUnknown)?;
        if by.organisation == app.orgnr {
            return Ok(());
        }
        let about = (
            decided.software_id.as_str(),
            decided.software_version.as_str(),
        );
        self.notify(tx, &app.orgnr, kind, Some(about), &decided.reason)
            .await
    }
}

/// Older ones are history.
const MOST: u64 = 100;
