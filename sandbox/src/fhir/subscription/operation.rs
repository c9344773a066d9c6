//! The operations of the backport on Subscription: how it stands (`$status`), what happened (`$events`),
//! and a token for a WebSocket (`$get-ws-binding-token`). By GET, and by POST with Parameters.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use foundation::access::{Access, Routes};
use foundation::token::Token;
use serde_json::{Value, json};
use verifier::scope::{Context, Permission, Scope};

use super::super::FhirState;
use super::super::error::FhirError;
use super::super::handler::{Asked, answering, json};
use super::super::overlay::Narrow;
use super::super::population::Entry;
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::lens::Lens;
use super::notice::{Kind, Notice, statuses};
use super::plan::{Channel, Content, Plan};
use super::store::{self, Subscriber};
use super::wanted::{Wanted, entered};
use super::websocket;

/// Events in one answer.
const MOST_EVENTS: u64 = 1000;
/// How long a binding token is good.
const BINDS_FOR: Duration = Duration::from_mins(5);

/// Every route of an operation on Subscription.
pub(in crate::fhir) fn routes(token: Access) -> Routes<FhirState> {
    let mut routes = Routes::new();
    for (all, one) in [
        (
            "/{sandbox}/fhir/{type}/$status",
            "/{sandbox}/fhir/{type}/{id}/$status",
        ),
        (
            "/{sandbox}/fhir/{type}/$get-ws-binding-token",
            "/{sandbox}/fhir/{type}/{id}/$get-ws-binding-token",
        ),
    ] {
        let binds = all.ends_with("token");
        routes = if binds {
            routes
                .get(all, token, answering(bind_several))
                .post(all, token, answering(bind_several))
                .get(one, token, answering(bind_one))
                .post(one, token, answering(bind_one))
        } else {
            routes
                .get(all, token, answering(status_of_several))
                .post(all, token, answering(status_of_several))
                .get(one, token, answering(status_of_one))
                .post(one, token, answering(status_of_one))
        };
    }
    routes
        .get(
            "/{sandbox}/fhir/{type}/{id}/$events",
            token,
            answering(events),
        )
        .post(
            "/{sandbox}/fhir/{type}/{id}/$events",
            token,
            answering(events),
        )
}

/// `Subscription/$status`.
async fn status_of_several(
    asked: Asked,
    (_, name): (String, String),
) -> Result<Response, FhirError> {
    let (room, wanted) = entered(asked, &name).await?;
    let all = room.subscriptions(&wanted)?.await?;
    room.statuses(all, &wanted).await
}

/// `Subscription/{id}/$status`.
async fn status_of_one(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, wanted) = entered(asked, &name).await?;
    let one = room.own_subscription(&id).await?;
    room.statuses(vec![one], &wanted).await
}

/// `Subscription/{id}/$events`.
async fn events(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, wanted) = entered(asked, &name).await?;
    let entry = room.own_subscription(&id).await?;
    room.events_of(&entry, &wanted).await
}

/// `Subscription/$get-ws-binding-token`.
async fn bind_several(asked: Asked, (_, name): (String, String)) -> Result<Response, FhirError> {
    let (room, wanted) = entered(asked, &name).await?;
    let all = room.subscriptions(&wanted)?.await?;
    room.binding(all, wanted.values("id").next().is_some())
        .await
}

/// `Subscription/{id}/$get-ws-binding-token`.
async fn bind_one(
    asked: Asked,
    (_, name, id): (String, String, String),
) -> Result<Response, FhirError> {
    let (room, _) = entered(asked, &name).await?;
    let one = room.own_subscription(&id).await?;
    room.binding(vec![one], true).await
}

impl Room {
    /// A Subscription of the client that asks.
    async fn own_subscription(&self, id: &str) -> Result<Entry, FhirError> {
        let info = TypeInfo::by_name("Subscription").ok_or(FhirError::Interrupted)?;
        self.readable(info, id).await
    }

    /// Those of the client that asks, or those of them that it names.
    fn subscriptions(
        &self,
        wanted: &Wanted,
    ) -> Result<impl Future<Output = Result<Vec<Entry>, FhirError>>, FhirError> {
        let info = TypeInfo::by_name("Subscription").ok_or(FhirError::Interrupted)?;
        let permit = self.permit(info, Permission::Search)?;
        let ids: Vec<String> = wanted.values("id").map(str::to_owned).collect();
        Ok(async move {
            let overlay = self.overlay().await?;
            let view = overlay.view();
            let all = view.of_type(info, &Narrow::default());
            let own = all.filter(|one| permit.admits(&one.entry, &one.keys));
            let named = own.filter(|one| ids.is_empty() || ids.contains(&one.entry.id));
            Ok(named.map(|one| one.entry.clone()).collect())
        })
    }

    /// How a Subscription stands, beside its resource.
    async fn subscriber(&self, entry: &Entry) -> Result<Option<Subscriber>, FhirError> {
        let mut tx = self.state.database.read().await?;
        Ok(store::find(&mut tx, &self.tenant.name, &entry.id).await?)
    }

    /// A Subscription that nothing is done for: it came with a copy of a sandbox.
    fn over(&self, entry: &Entry) -> Subscriber {
        let value: Value = serde_json::from_slice(&entry.json).unwrap_or_default();
        let reason = value.get("error").and_then(Value::as_str);
        let of = (self.tenant.name.as_str(), entry.id.as_str());
        Subscriber::over(of, (*self.grant).clone(), reason.map(str::to_owned))
    }

    async fn statuses(&self, all: Vec<Entry>, wanted: &Wanted) -> Result<Response, FhirError> {
        let stands: Vec<&str> = wanted.values("status").collect();
        let mut answered = Vec::new();
        for entry in all {
            let subscriber = match self.subscriber(&entry).await? {
                Some(subscriber) => subscriber,
                None => self.over(&entry),
            };
            if !stands.is_empty() && !stands.contains(&subscriber.status.as_str()) {
                continue;
            }
            let plan = self.plan(&entry).ok();
            let notice = Notice {
                base: &self.tenant.base,
                subscriber: &subscriber,
                topic: plan.as_ref().and_then(Plan::topic),
                kind: Kind::QueryStatus,
            };
            answered.push(notice.status(subscriber.events, &[]));
        }
        let bundle = statuses(answered, &self.tenant.base, &*self.state.entropy);
        Ok(json(StatusCode::OK, bundle.to_string().into()))
    }

    async fn events_of(&self, entry: &Entry, wanted: &Wanted) -> Result<Response, FhirError> {
        let unknown = || FhirError::Unknown(format!("Subscription/{}", entry.id));
        let subscriber = self.subscriber(entry).await?.ok_or_else(unknown)?;
        let plan = self.plan(entry).map_err(|_| unknown())?;
        self.hears_no_more(&subscriber, &plan)?;
        let first = wanted.number("eventsSinceNumber")?.unwrap_or(1);
        let last = wanted.number("eventsUntilNumber")?.unwrap_or(i64::MAX);
        let content = match wanted.values("content").next() {
            None => plan.content,
            Some(code) => Content::parse(code).ok_or(FhirError::BadValue {
                name: "content".to_owned(),
                takes: "empty, id-only or full-resource",
            })?,
        };
        let of = (self.tenant.name.as_str(), entry.id.as_str());
        let mut tx = self.state.database.read().await?;
        let events = store::events(&mut tx, of, (first, last), MOST_EVENTS).await?;
        drop(tx);
        // Through the caller's own grant, which is as wide and may be of another day.
        let told = Lens::new(self, plan.info)?.tell(events, content).await?;
        let notice = Notice {
            base: &self.tenant.base,
            subscriber: &subscriber,
            topic: plan.topic(),
            kind: Kind::QueryEvent,
        };
        let made = (self.state.clock.now(), &*self.state.entropy);
        let bundle = notice.bundle(subscriber.events, &told, made);
        Ok(json(StatusCode::OK, bundle))
    }

    /// Refuses who would hear more by the subscription than by the token in hand: the same client may
    /// have asked for it on behalf of somebody else.
    fn hears_no_more(&self, subscriber: &Subscriber, plan: &Plan) -> Result<(), FhirError> {
        let (caller, own) = (&*self.grant, &subscriber.grant);
        let held = [Permission::Search, Permission::Read].into_iter();
        let mut scopes = held.flat_map(|one| own.scopes.granting(plan.info.name, one));
        let covered = scopes.all(|scope| {
            let same = match scope.context() {
                Context::Patient => caller.patient == own.patient,
                Context::User => caller.user == own.user,
                Context::System => true,
            };
            same && caller.scopes.covers(&Scope::Resource(scope.clone()))
        });
        if covered {
            Ok(())
        } else {
            Err(FhirError::Wider(subscriber.id.clone()))
        }
    }

    /// A token for a WebSocket. Those that are told otherwise are left out, unless they were `named`.
    async fn binding(&self, all: Vec<Entry>, named: bool) -> Result<Response, FhirError> {
        let mut ids = Vec::new();
        for entry in all {
            let plan = self.plan(&entry).ok();
            let plan = plan.filter(|plan| plan.channel == Channel::WebSocket);
            match (plan, self.subscriber(&entry).await?) {
                (Some(plan), Some(subscriber)) => {
                    self.hears_no_more(&subscriber, &plan)?;
                    ids.push(entry.id);
                }
                _ if named => return Err(not_by_socket()),
                _ => {}
            }
        }
        if ids.is_empty() {
            return Err(not_by_socket());
        }
        let token = Token::generate("mws", &*self.state.entropy);
        let expires_at = self.state.clock.now().plus(BINDS_FOR);
        let mut tx = self.state.database.begin().await?;
        let kept = (token.digest(), ids.as_slice());
        store::bind(&mut tx, &self.tenant.name, kept, expires_at).await?;
        tx.commit().await?;
        let address = websocket::address(&self.tenant.base);
        let mut parameters = vec![
            json!({"name": "token", "valueString": token.expose()}),
            json!({"name": "expiration", "valueDateTime": expires_at.rfc3339()}),
        ];
        let named = ids.iter();
        parameters.extend(named.map(|id| json!({"name": "subscription", "valueString": id})));
        parameters.push(json!({"name": "websocket-url", "valueUrl": address}));
        let answer = json!({"resourceType": "Parameters", "parameter": parameters});
        Ok(json(StatusCode::OK, answer.to_string().into()))
    }
}

fn not_by_socket() -> FhirError {
    FhirError::BadValue {
        name: "id".to_owned(),
        takes: "Subscriptions of this client whose channel is websocket",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_beside_the_fhir_server() {
        let address = websocket::address("https://sandkasse.example.no/demo/fhir");
        assert_eq!(address, "wss://sandkasse.example.no/demo/websocket");
    }
}
