//! What a subscription may see: changes through the grant that it holds, when they are looked through and
//! again when they are told, since its client may have asked anew with less.

use verifier::scope::Permission;

use super::super::error::FhirError;
use super::super::overlay::{Change, Stretch};
use super::super::permit::Permit;
use super::super::population::{Entry, Indexed};
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::notice::Happened;
use super::plan::{Content, Plan};
use super::store::Event;
use super::topic::Action;

/// The eyes of a subscription.
#[derive(Debug)]
pub(crate) struct Lens<'l> {
    room: &'l Room,
    info: &'static TypeInfo,
    permits: [Permit; 2],
}

impl<'l> Lens<'l> {
    /// Of the grant in the room.
    pub(crate) fn new(room: &'l Room, info: &'static TypeInfo) -> Result<Self, FhirError> {
        let permits = [
            room.permit(info, Permission::Search)?,
            room.permit(info, Permission::Read)?,
        ];
        Ok(Self {
            room,
            info,
            permits,
        })
    }

    fn opens(&self, one: &Indexed) -> bool {
        let admits = |permit: &Permit| permit.admits(&one.entry, &one.keys);
        self.permits.iter().all(admits)
    }

    /// One version; none where it is a deletion.
    async fn version(
        &self,
        info: &'static TypeInfo,
        id: &str,
        number: i64,
    ) -> Result<Option<Indexed>, FhirError> {
        let overlay = self.room.overlay().await?;
        let database = &self.room.state.database;
        if let Some(change) = overlay.version(database, info, id, number).await? {
            return Ok(change.content);
        }
        let computed = self.room.computed(info, id).await?;
        let base = &self.room.tenant.base;
        Ok(computed.map(|entry| Indexed::new(info, entry, base)))
    }

    /// What a stretch of the log holds for a plan, numbered from `next`.
    pub(crate) async fn find(
        &self,
        plan: &Plan,
        stretch: &Stretch,
        mut next: i64,
    ) -> Result<Vec<Event>, FhirError> {
        let mut found = Vec::new();
        for change in &stretch.changes {
            if let Some(action) = self.wanted(plan, change).await? {
                found.push(Event {
                    number: next,
                    at: change.updated,
                    info: self.info,
                    id: change.id.clone(),
                    version: change.number,
                    action,
                });
                next += 1;
            }
        }
        Ok(found)
    }

    async fn wanted(&self, plan: &Plan, change: &Change) -> Result<Option<Action>, FhirError> {
        let before = match change.number {
            ..=1 => None,
            number => self.version(self.info, &change.id, number - 1).await?,
        };
        let action = match (&before, &change.content) {
            (_, None) => Action::Delete,
            (None, Some(_)) => Action::Create,
            (Some(_), Some(_)) => Action::Update,
        };
        let now = change.content.as_ref();
        let opened = now.or(before.as_ref()).is_some_and(|one| self.opens(one));
        Ok((opened && plan.wants(action, before.as_ref(), now)).then_some(action))
    }

    /// Events with what may be told of them.
    pub(crate) async fn tell(
        &self,
        events: Vec<Event>,
        content: Content,
    ) -> Result<Vec<Happened>, FhirError> {
        let mut told = Vec::new();
        for event in events {
            if content == Content::Empty {
                told.push(Happened::bare(event));
                continue;
            }
            let is_gone = event.action == Action::Delete;
            let number = event.version - i64::from(is_gone);
            let one = self.version(event.info, &event.id, number).await?;
            // The type may be another since the client asked anew.
            let mine = event.info.name == self.info.name;
            let one = one.filter(|one| mine && self.opens(one));
            let keeps = |_: &Entry| content == Content::FullResource && !is_gone;
            told.push(Happened {
                event,
                opened: one.is_some(),
                resource: one.map(|one| one.entry.clone()).filter(keeps),
            });
        }
        Ok(told)
    }
}
