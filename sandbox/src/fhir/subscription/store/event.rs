//! The events of subscriptions: what happened is in the log, their numbers are here.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query};

use super::super::super::types::TypeInfo;
use super::super::topic::Action;
use super::{Column, Subscriber};

const TABLE: &str = "sandbox_fhir_event";
/// Events that stay to be asked for after they were told, and at most of those that were not.
const KEPT: i64 = 1000;
const KEPT_UNTOLD: i64 = 10_000;

#[derive(Clone, Copy, Iden)]
enum EventColumn {
    #[iden = "sandbox_fhir_event"]
    Table,
    Sandbox,
    Subscription,
    Number,
    At,
    ResourceType,
    Id,
    Version,
    Action,
}

/// Something that a subscription is notified of.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) number: i64,
    /// When it happened, in milliseconds.
    pub(crate) at: i64,
    pub(crate) info: &'static TypeInfo,
    pub(crate) id: String,
    /// The version that it made.
    pub(crate) version: i64,
    pub(crate) action: Action,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    number: i64,
    at: i64,
    resource_type: String,
    id: String,
    version: i64,
    action: String,
}

impl Row {
    fn event(self) -> Result<Event, StoreError> {
        let wrong = |column| StoreError::inconsistent(TABLE, column, self.number.to_string());
        Ok(Event {
            info: TypeInfo::by_name(&self.resource_type).ok_or_else(|| wrong("resource_type"))?,
            action: Action::parse(&self.action).ok_or_else(|| wrong("action"))?,
            number: self.number,
            at: self.at,
            id: self.id,
            version: self.version,
        })
    }
}

/// Keeps what a turn found up to a place in the log; false, and nothing is kept, where the turn is over.
pub(crate) async fn matched(
    tx: &mut Tx,
    by: &Subscriber,
    position: i64,
    found: &[Event],
) -> Result<bool, StoreError> {
    let events = found.last().map_or(by.events, |last| last.number);
    let values = [
        (Column::Position, position.into()),
        (Column::Events, events.into()),
    ];
    if !by.change(tx, values).await? {
        return Ok(false);
    }
    if found.is_empty() {
        return Ok(true);
    }
    let mut insert = Query::insert()
        .into_table(EventColumn::Table)
        .columns([
            EventColumn::Sandbox,
            EventColumn::Subscription,
            EventColumn::Number,
            EventColumn::At,
            EventColumn::ResourceType,
            EventColumn::Id,
            EventColumn::Version,
            EventColumn::Action,
        ])
        .to_owned();
    for event in found {
        insert.values_panic([
            by.sandbox.as_str().into(),
            by.id.as_str().into(),
            event.number.into(),
            event.at.into(),
            event.info.name.into(),
            event.id.as_str().into(),
            event.version.into(),
            event.action.as_str().into(),
        ]);
    }
    tx.execute(&insert).await?;
    let told = Ord::min(by.delivered, events - KEPT);
    let old = Query::delete()
        .from_table(EventColumn::Table)
        .and_where(Expr::col(EventColumn::Sandbox).eq(by.sandbox.as_str()))
        .and_where(Expr::col(EventColumn::Subscription).eq(by.id.as_str()))
        .and_where(Expr::col(EventColumn::Number).lte(Ord::max(told, events - KEPT_UNTOLD)))
        .to_owned();
    tx.execute(&old).await?;
    Ok(true)
}

/// The events with numbers in a range, its ends too, in order.
pub(crate) async fn events(
    tx: &mut Tx,
    (sandbox, id): (&str, &str),
    (first, last): (i64, i64),
    most: u64,
) -> Result<Vec<Event>, StoreError> {
    let query = Query::select()
        .columns([
            EventColumn::Number,
            EventColumn::At,
            EventColumn::ResourceType,
            EventColumn::Id,
            EventColumn::Version,
            EventColumn::Action,
        ])
        .from(EventColumn::Table)
        .and_where(Expr::col(EventColumn::Sandbox).eq(sandbox))
        .and_where(Expr::col(EventColumn::Subscription).eq(id))
        .and_where(Expr::col(EventColumn::Number).gte(first))
        .and_where(Expr::col(EventColumn::Number).lte(last))
        .order_by(EventColumn::Number, Order::Asc)
        .limit(most)
        .to_owned();
    let rows: Vec<Row> = tx.all(&query).await?;
    rows.into_iter().map(Row::event).collect()
}

pub(super) async fn remove(tx: &mut Tx, sandbox: &str, id: &str) -> Result<(), StoreError> {
    let gone = Query::delete()
        .from_table(EventColumn::Table)
        .and_where(Expr::col(EventColumn::Sandbox).eq(sandbox))
        .and_where(Expr::col(EventColumn::Subscription).eq(id))
        .to_owned();
    tx.execute(&gone).await.map(|_| ())
}

pub(super) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let gone = Query::delete()
        .from_table(EventColumn::Table)
        .and_where(Expr::col(EventColumn::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&gone).await.map(|_| ())
}
