//! Notifications on a WebSocket: `bind-with-token` as the backport has it, and R4's `bind` with `ping`.
//! Each socket goes through the numbered events by itself, so that any number of them may listen in any
//! process; what was told on one of them is where the next begins.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use foundation::token::Token;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::super::FhirState;
use super::super::error::FhirError;
use super::super::room::Room;
use super::lens::Lens;
use super::notice::{Kind, Notice};
use super::plan::{About, Channel, Plan};
use super::store::{self, Status, Subscriber};
use crate::domain::grant::Tenant;

/// How often it is looked for events that another process found.
const LOOK: Duration = Duration::from_millis(500);
/// A socket that binds nothing for so long is closed.
const IDLE: Duration = Duration::from_mins(1);
/// Subscriptions that one socket may be bound to.
const MOST_BOUND: usize = 100;
/// The longest message that a client sends: a bind.
pub(crate) const MOST_BYTES: usize = 4096;

/// The address of a sandbox's WebSocket, beside its FHIR base.
pub(crate) fn address(base: &str) -> String {
    let server = base.strip_suffix("/fhir").unwrap_or(base);
    match server.strip_prefix("http") {
        Some(rest) => format!("ws{rest}/websocket"),
        None => format!("{server}/websocket"),
    }
}

/// A subscription that a socket listens to.
#[derive(Debug)]
struct Bound {
    id: String,
    /// The number of the last event that was told here.
    told: i64,
    /// When something was sent, in milliseconds.
    sent_at: i64,
    /// As R4 has it: no more is said than that something happened.
    pings: bool,
}

/// Why a socket is closed.
#[derive(Debug)]
enum Over {
    Gone,
    Refused(&'static str),
    Failed(FhirError),
}

impl From<FhirError> for Over {
    fn from(error: FhirError) -> Self {
        Self::Failed(error)
    }
}

impl From<foundation::store::StoreError> for Over {
    fn from(error: foundation::store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<axum::Error> for Over {
    fn from(_: axum::Error) -> Self {
        Self::Gone
    }
}

/// Serves one socket until it is closed.
pub(crate) async fn serve(state: FhirState, tenant: Arc<Tenant>, socket: WebSocket) {
    let mut line = Line {
        state,
        tenant,
        socket,
        bound: Vec::new(),
    };
    let over = match line.run().await {
        Ok(()) | Err(Over::Gone) => return,
        Err(Over::Refused(why)) => (close_code::POLICY, why),
        Err(Over::Failed(error)) => {
            tracing::warn!(%error, sandbox = line.tenant.name, "a WebSocket could not be served");
            (close_code::ERROR, "the server failed")
        }
    };
    let frame = CloseFrame {
        code: over.0,
        reason: Utf8Bytes::from_static(over.1),
    };
    // Who is closed may be gone already.
    let _gone = line.socket.send(Message::Close(Some(frame))).await;
}

struct Line {
    state: FhirState,
    tenant: Arc<Tenant>,
    socket: WebSocket,
    bound: Vec<Bound>,
}

impl Line {
    async fn run(&mut self) -> Result<(), Over> {
        let mut found = self.state.outward.found.subscribe();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let opened = Instant::now();
        loop {
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(text.as_str().trim()).await?,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => return Err(Over::Refused("send text")),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                },
                changed = found.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.tell().await?;
                }
                _ = look.tick() => {
                    if self.bound.is_empty() && opened.elapsed() > IDLE {
                        return Err(Over::Refused("nothing is bound"));
                    }
                    self.tell().await?;
                }
            }
        }
    }

    /// What a client sends.
    async fn hear(&mut self, text: &str) -> Result<(), Over> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "bind-with-token" => self.bind_with_token(rest.trim()).await,
            "bind" => self.bind_plainly(rest.trim()).await,
            _ => Err(Over::Refused("send bind-with-token and a token")),
        }
    }

    async fn bind_with_token(&mut self, token: &str) -> Result<(), Over> {
        let now = self.state.clock.now();
        let mut tx = self.state.database.read().await?;
        let digest = Token::presented(token).digest();
        let ids = store::bound(&mut tx, &self.tenant.name, digest, now).await?;
        drop(tx);
        let ids = ids.ok_or(Over::Refused("the token is unknown or expired"))?;
        for id in ids {
            let Some((room, subscriber, plan)) = self.open(&id).await? else {
                continue;
            };
            self.listen(&subscriber, false)?;
            let bundle = notice(&room, &subscriber, &plan, Kind::Handshake).bundle(
                subscriber.delivered,
                &[],
                (now, &*room.state.entropy),
            );
            self.say(&bundle).await?;
        }
        self.tell().await
    }

    /// `bind` of R4, for subscriptions by search: what is told is that something happened.
    async fn bind_plainly(&mut self, id: &str) -> Result<(), Over> {
        let unknown = Over::Refused("no subscription by search is told here under this id");
        let Some((_, subscriber, plan)) = self.open(id).await? else {
            return Err(unknown);
        };
        if !matches!(plan.about, About::Search) {
            return Err(unknown);
        }
        self.listen(&subscriber, true)?;
        self.socket.send(format!("bound {id}").into()).await?;
        self.tell().await
    }

    fn listen(&mut self, subscriber: &Subscriber, pings: bool) -> Result<(), Over> {
        self.bound.retain(|one| one.id != subscriber.id);
        if self.bound.len() >= MOST_BOUND {
            return Err(Over::Refused("too much is bound"));
        }
        self.bound.push(Bound {
            id: subscriber.id.clone(),
            told: subscriber.delivered,
            sent_at: self.state.clock.now().millis(),
            pings,
        });
        Ok(())
    }

    /// A subscription that is told on sockets, with the grant that it holds.
    async fn open(&mut self, id: &str) -> Result<Option<(Room, Subscriber, Plan)>, Over> {
        let mut tx = self.state.database.read().await?;
        let found = store::find(&mut tx, &self.tenant.name, id).await?;
        drop(tx);
        let Some(subscriber) = found.filter(|one| one.status != Status::Off) else {
            return Ok(None);
        };
        let grant = Arc::new(subscriber.grant.clone());
        let room = Room::new(self.state.clone(), Arc::clone(&self.tenant), Some(grant))?;
        let Some(entry) = room.subscription(id).await? else {
            return Ok(None);
        };
        let plan = room.plan(&entry).ok();
        let plan = plan.filter(|plan| plan.channel == Channel::WebSocket);
        Ok(plan.map(|plan| (room, subscriber, plan)))
    }

    /// Tells what happened since it was told the last time.
    async fn tell(&mut self) -> Result<(), Over> {
        let had = !self.bound.is_empty();
        for mut one in std::mem::take(&mut self.bound) {
            if self.tell_of(&mut one).await? {
                self.bound.push(one);
            }
        }
        if had && self.bound.is_empty() {
            return Err(Over::Refused("every subscription is over"));
        }
        Ok(())
    }

    /// True while the subscription goes on.
    async fn tell_of(&mut self, one: &mut Bound) -> Result<bool, Over> {
        let Some((room, subscriber, plan)) = self.open(&one.id).await? else {
            return Ok(false);
        };
        let of = (self.tenant.name.clone(), one.id.clone());
        let of = (of.0.as_str(), of.1.as_str());
        let now = self.state.clock.now();
        while one.told < subscriber.events {
            let mut tx = self.state.database.read().await?;
            let range = (one.told + 1, subscriber.events);
            let events = store::events(&mut tx, of, range, plan.most).await?;
            drop(tx);
            let Some(last) = events.last().map(|last| last.number) else {
                one.told = subscriber.events;
                break;
            };
            if one.pings {
                self.socket.send(format!("ping {}", one.id).into()).await?;
            } else {
                let events = Lens::new(&room, plan.info)?
                    .tell(events, plan.content)
                    .await?;
                let made = (now, &*self.state.entropy);
                let notice = notice(&room, &subscriber, &plan, Kind::EventNotification);
                let bundle = notice.bundle(last, &events, made);
                self.say(&bundle).await?;
            }
            (one.told, one.sent_at) = (last, now.millis());
            let mut tx = self.state.database.begin().await?;
            store::heard(&mut tx, of, last).await?;
            tx.commit().await?;
        }
        let quiet = now.millis().saturating_sub(one.sent_at);
        let quiet = Duration::from_millis(u64::try_from(quiet).unwrap_or(0));
        if !one.pings && plan.heartbeat.is_some_and(|period| quiet >= period) {
            let made = (now, &*self.state.entropy);
            let notice = notice(&room, &subscriber, &plan, Kind::Heartbeat);
            let bundle = notice.bundle(one.told, &[], made);
            self.say(&bundle).await?;
            one.sent_at = now.millis();
        }
        Ok(true)
    }

    async fn say(&mut self, bundle: &[u8]) -> Result<(), Over> {
        let text = String::from_utf8_lossy(bundle).into_owned();
        Ok(self.socket.send(Message::Text(text.into())).await?)
    }
}

fn notice<'n>(
    room: &'n Room,
    subscriber: &'n Subscriber,
    plan: &'n Plan,
    kind: Kind,
) -> Notice<'n> {
    Notice {
        base: &room.tenant.base,
        subscriber,
        topic: plan.topic(),
        kind,
    }
}
