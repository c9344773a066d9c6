//! A check as it goes on, as server-sent events. `Last-Event-ID` continues where the connection was
//! lost; the stream ends with the event `finished`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use foundation::access::Visitor;
use foundation::error::Problem;
use foundation::http::Path;
use futures::{Stream, StreamExt};
use serde_json::json;

use super::checks::parsed;
use crate::Conformance;
use crate::domain::check::Progress;

pub(super) async fn get(
    State(room): State<Conformance>,
    Visitor(viewer): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = parsed(&id)?;
    room.check(viewer.as_ref(), &id).await?;
    let after = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    let events = room.follow(id, after).map(|news| Ok(event(&news)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(10))))
}

fn event(news: &Progress) -> Event {
    let data = json!({"at": news.at.rfc3339(), "kind": news.kind, "data": news.data});
    Event::default()
        .id(news.seq.to_string())
        .event(news.kind.as_str())
        .data(data.to_string())
}
