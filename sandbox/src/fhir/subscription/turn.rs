//! A turn of one subscription: what is new in the log is looked through, its endpoint is told, and what
//! was done is kept. A turn is one process's alone while its claim lasts; what it did not keep is done
//! again by the next, so that every event is told at least once.

use std::sync::Arc;

use foundation::store::StoreError;
use serde_json::Value;
use url::Url;

use super::super::FhirState;
use super::super::error::FhirError;
use super::super::population::Entry;
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::lens::Lens;
use super::notice::{Happened, Kind, Notice};
use super::plan::{About, Channel, Content, Plan};
use super::send::{Failure, Message};
use super::store::{self, NEVER, Status, Subscriber};
use crate::domain::grant::Tenant;

/// Changes that are looked through before what they are is kept.
const STRETCH: u64 = 200;
/// How often a notification is tried: over four minutes.
const MOST_ATTEMPTS: i64 = 8;
/// How long the first failure lets an endpoint rest, and how long any does at most, in milliseconds.
const FIRST_REST: i64 = 1_000;
const LONGEST_REST: i64 = 300_000;

impl FhirState {
    /// The subscriptions that something is to be done for: their sandbox and id.
    pub(crate) async fn due(&self, most: u64) -> Result<Vec<(String, String)>, StoreError> {
        let mut tx = self.database.read().await?;
        store::due(&mut tx, self.clock.now().millis(), most).await
    }

    /// Takes a subscription for a turn; none where somebody else has it.
    pub(crate) async fn take(
        &self,
        sandbox: &str,
        id: &str,
    ) -> Result<Option<Subscriber>, StoreError> {
        let claim = foundation::id::generate("turn", &*self.clock, &*self.entropy);
        let mut tx = self.database.begin().await?;
        let now = self.clock.now().millis();
        let taken = store::claim(&mut tx, (sandbox, id), &claim, now).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Has a turn. `stands` is false where its client is there no more.
    pub(crate) async fn turn(
        &self,
        tenant: Arc<Tenant>,
        subscriber: Subscriber,
        stands: bool,
    ) -> Result<(), FhirError> {
        let grant = Arc::new(subscriber.grant.clone());
        // It may have been asked for in another process a moment ago.
        let (name, base) = (&tenant.name, &tenant.base);
        self.overlays.renew(&self.database, name, base).await?;
        let room = Room::new(self.clone(), tenant, Some(grant))?;
        let due_at = match room.subscription(&subscriber.id).await? {
            Some(entry) => {
                let mut turn = Turn {
                    room: &room,
                    subscriber: subscriber.clone(),
                    entry,
                };
                turn.run(stands).await?
            }
            // It was deleted, and its row with it.
            None => NEVER,
        };
        let mut tx = self.database.begin().await?;
        subscriber.release(&mut tx, due_at).await?;
        Ok(tx.commit().await?)
    }
}

impl Room {
    /// A Subscription as it stands, whoever asks.
    pub(super) async fn subscription(&self, id: &str) -> Result<Option<Entry>, FhirError> {
        let info = TypeInfo::by_name("Subscription").ok_or(FhirError::Interrupted)?;
        match self.find(info, id).await {
            Err(FhirError::Deleted(_)) => Ok(None),
            found => found,
        }
    }

    /// What a Subscription asks for.
    pub(super) fn plan(&self, entry: &Entry) -> Result<Plan, String> {
        let value: Value = serde_json::from_slice(&entry.json).unwrap_or_default();
        Plan::read(&value, self).map_err(|flaws| {
            let said = flaws.into_iter().map(|flaw| flaw.detail);
            said.collect::<Vec<_>>().join(" ")
        })
    }
}

struct Turn<'t> {
    room: &'t Room,
    subscriber: Subscriber,
    entry: Entry,
}

impl Turn<'_> {
    fn now(&self) -> i64 {
        self.room.state.clock.now().millis()
    }

    /// Does what there is to do; gives when there is more, however the log goes on.
    async fn run(&mut self, stands: bool) -> Result<i64, FhirError> {
        let plan = match self.room.plan(&self.entry) {
            Ok(plan) => plan,
            Err(why) => return self.moved(Status::Off, Some(why)).await.map(|()| NEVER),
        };
        let over = plan.end.is_some_and(|end| end <= self.now());
        if over || !stands {
            let why = (!stands).then(|| "its client is not registered any more".to_owned());
            return self.moved(Status::Off, why).await.map(|()| NEVER);
        }
        self.look_through(&plan).await?;
        match (&plan.channel, self.subscriber.status) {
            (Channel::RestHook(url), Status::Requested | Status::Active)
                if self.subscriber.rests_until <= self.now() =>
            {
                self.tell(&plan, url).await?;
            }
            // Who listens on a WebSocket is told there.
            (Channel::WebSocket, Status::Requested) => self.moved(Status::Active, None).await?,
            _ => {}
        }
        Ok(self.due_at(&plan))
    }

    /// Looks through what is new in the log, and numbers what is asked for.
    async fn look_through(&mut self, plan: &Plan) -> Result<(), FhirError> {
        let state = &self.room.state;
        let lens = Lens::new(self.room, plan.info)?;
        let overlay = self.room.overlay().await?;
        while let Some(stretch) = overlay
            .stretch(
                &state.database,
                self.subscriber.position,
                plan.info,
                STRETCH,
            )
            .await?
        {
            let next = self.subscriber.events + 1;
            let found = lens.find(plan, &stretch, next).await?;
            let mut tx = state.database.begin().await?;
            if !store::matched(&mut tx, &self.subscriber, stretch.end, &found).await? {
                return Err(self.lost());
            }
            tx.commit().await?;
            self.subscriber.position = stretch.end;
            if let Some(last) = found.last() {
                self.subscriber.events = last.number;
                state.outward.found.send_modify(|times| *times += 1);
            }
        }
        Ok(())
    }

    /// Tells the endpoint what it was not told.
    async fn tell(&mut self, plan: &Plan, url: &Url) -> Result<(), FhirError> {
        if self.subscriber.status == Status::Requested {
            // R4 knows no handshake.
            let by_topic = matches!(plan.about, About::Topic(_));
            if by_topic && !self.send(plan, url, Kind::Handshake, &[]).await? {
                return Ok(());
            }
            self.moved(Status::Active, None).await?;
        }
        let lens = Lens::new(self.room, plan.info)?;
        let most = match plan.about {
            About::Topic(_) => plan.most,
            About::Search => 1,
        };
        while self.subscriber.delivered < self.subscriber.events {
            let range = (self.subscriber.delivered + 1, self.subscriber.events);
            let of = (
                self.subscriber.sandbox.as_str(),
                self.subscriber.id.as_str(),
            );
            let mut tx = self.room.state.database.read().await?;
            let events = store::events(&mut tx, of, range, most).await?;
            drop(tx);
            let events = lens.tell(events, plan.content).await?;
            if events.is_empty() {
                break;
            }
            if !self
                .send(plan, url, Kind::EventNotification, &events)
                .await?
            {
                return Ok(());
            }
        }
        if self.heartbeat_at(plan) <= self.now() {
            self.send(plan, url, Kind::Heartbeat, &[]).await?;
        }
        Ok(())
    }

    /// Sends one notification, and keeps what came of it. True where it got through.
    async fn send(
        &mut self,
        plan: &Plan,
        url: &Url,
        kind: Kind,
        events: &[Happened],
    ) -> Result<bool, FhirError> {
        let state = &self.room.state;
        let last = events
            .last()
            .map_or(self.subscriber.delivered, |last| last.event.number);
        let sent = match self.message(plan, url, kind, events) {
            Some(message) => {
                let now = state.clock.now();
                let outward = &state.outward;
                outward
                    .send(&self.subscriber, message, plan.timeout, now)
                    .await
            }
            // There is nothing of it that may be told.
            None => Ok(()),
        };
        match sent {
            Ok(()) => {
                let now = self.now();
                let mut tx = state.database.begin().await?;
                if !self.subscriber.told(&mut tx, last, now).await? {
                    return Err(self.lost());
                }
                tx.commit().await?;
                self.subscriber.delivered = last;
                self.subscriber.attempts = 0;
                self.subscriber.rests_until = 0;
                self.subscriber.reason = None;
                self.subscriber.last_sent_at = now;
                Ok(true)
            }
            Err(failure) => self.failed(failure).await.map(|()| false),
        }
    }

    fn message<'m>(
        &self,
        plan: &Plan,
        url: &Url,
        kind: Kind,
        events: &'m [Happened],
    ) -> Option<Message<'m>> {
        let state = &self.room.state;
        let mut address = url.clone();
        let (method, body) = match (&plan.about, plan.content) {
            (About::Topic(_), _) => {
                let notice = Notice {
                    base: &self.room.tenant.base,
                    subscriber: &self.subscriber,
                    topic: plan.topic(),
                    kind,
                };
                let last = events
                    .last()
                    .map_or(self.subscriber.delivered, |last| last.event.number);
                let made = (state.clock.now(), &*state.entropy);
                ("POST", notice.bundle(last, events, made))
            }
            // As R4 has it: an empty POST, or the resource put below the endpoint.
            (About::Search, Content::Empty | Content::IdOnly) => ("POST", bytes::Bytes::new()),
            (About::Search, Content::FullResource) => {
                let happened = events.first()?;
                let resource = happened.resource.as_ref()?;
                let (name, id) = (happened.event.info.name, happened.event.id.as_str());
                let mut path = address.path_segments_mut().ok()?;
                path.pop_if_empty().push(name).push(id);
                drop(path);
                ("PUT", resource.json.clone())
            }
        };
        Some(Message {
            method,
            address,
            body,
            events,
        })
    }

    /// Lets the endpoint rest, or gives it up.
    async fn failed(&mut self, failure: Failure) -> Result<(), FhirError> {
        let attempts = self.subscriber.attempts + 1;
        if failure.is_final || attempts >= MOST_ATTEMPTS {
            return self.moved(Status::Error, Some(failure.reason)).await;
        }
        let longer = u32::try_from(self.subscriber.attempts).unwrap_or(u32::MAX);
        let rest = FIRST_REST.checked_shl(longer).unwrap_or(LONGEST_REST);
        let until = self
            .now()
            .saturating_add(rest.clamp(FIRST_REST, LONGEST_REST));
        let mut tx = self.room.state.database.begin().await?;
        let kept = self.subscriber.failed(&mut tx, &failure.reason, until);
        if !kept.await? {
            return Err(self.lost());
        }
        tx.commit().await?;
        self.subscriber.attempts = attempts;
        self.subscriber.rests_until = until;
        Ok(())
    }

    /// Moves the Subscription on, where everybody sees it.
    async fn moved(&mut self, status: Status, reason: Option<String>) -> Result<(), FhirError> {
        if !self
            .room
            .move_on(&self.entry, status, reason.clone())
            .await?
        {
            return Err(self.lost());
        }
        let entry = self.room.subscription(&self.subscriber.id).await?;
        self.entry = entry.ok_or_else(|| self.lost())?;
        self.subscriber.status = status;
        self.subscriber.reason = reason;
        self.subscriber.attempts = 0;
        self.subscriber.rests_until = 0;
        Ok(())
    }

    fn lost(&self) -> FhirError {
        FhirError::Conflict(format!("Subscription/{}", self.subscriber.id))
    }

    fn heartbeat_at(&self, plan: &Plan) -> i64 {
        let period = plan.heartbeat.map(|period| period.as_millis());
        let period = period.map(|period| i64::try_from(period).unwrap_or(NEVER));
        period.map_or(NEVER, |period| {
            self.subscriber.last_sent_at.saturating_add(period)
        })
    }

    fn due_at(&self, plan: &Plan) -> i64 {
        let end = plan.end.unwrap_or(NEVER);
        let by_hook = matches!(plan.channel, Channel::RestHook(_));
        let due = match self.subscriber.status {
            Status::Requested => self.subscriber.rests_until,
            Status::Active if !by_hook => NEVER,
            Status::Active if self.subscriber.rests_until > 0 => self.subscriber.rests_until,
            Status::Active => self.heartbeat_at(plan),
            Status::Error | Status::Off => NEVER,
        };
        due.min(end)
    }
}
