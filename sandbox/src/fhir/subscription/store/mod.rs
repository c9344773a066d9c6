//! How subscriptions stand in the database, and who of several processes works on which.

mod binding;
mod claim;
mod event;

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Query, SelectStatement};

use super::super::overlay::Change;
use crate::domain::grant::Grant;
use crate::domain::scopes::readable;

pub(crate) use binding::{bind, bound, sweep};
pub(crate) use claim::{claim, due, heard};
pub(crate) use event::{Event, events, matched};

const TABLE: &str = "sandbox_fhir_subscription";
/// Later than anything is due.
pub(crate) const NEVER: i64 = i64::MAX;

#[derive(Clone, Copy, Iden)]
enum Column {
    #[iden = "sandbox_fhir_subscription"]
    Table,
    Sandbox,
    Id,
    ClientId,
    Person,
    Patient,
    Encounter,
    Scopes,
    Headers,
    Status,
    Reason,
    Position,
    Events,
    Delivered,
    Attempts,
    DueAt,
    RestsUntil,
    LastSentAt,
    Claim,
    ClaimedUntil,
}

/// Whether notifications are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Requested,
    Active,
    Error,
    Off,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Error => "error",
            Self::Off => "off",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Requested, Self::Active, Self::Error, Self::Off];
        all.into_iter().find(|one| one.as_str() == text)
    }
}

/// What is kept with a change of a Subscription, beside the resource.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    /// A client asked for it: with which token, and which headers.
    Asked {
        grant: Box<Grant>,
        headers: Vec<String>,
        status: Status,
    },
    /// The server moved it on.
    Moved {
        status: Status,
        reason: Option<String>,
    },
}

/// A subscription as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    pub(crate) sandbox: String,
    pub(crate) id: String,
    /// What its notifications may tell.
    pub(crate) grant: Grant,
    pub(crate) headers: Vec<String>,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) position: i64,
    pub(crate) events: i64,
    pub(crate) delivered: i64,
    pub(crate) attempts: i64,
    pub(crate) rests_until: i64,
    pub(crate) last_sent_at: i64,
    claim: String,
}

impl Subscriber {
    /// One that nothing is done for.
    pub(crate) fn over((sandbox, id): (&str, &str), grant: Grant, reason: Option<String>) -> Self {
        Self {
            sandbox: sandbox.to_owned(),
            id: id.to_owned(),
            grant,
            headers: Vec::new(),
            status: Status::Off,
            reason,
            position: 0,
            events: 0,
            delivered: 0,
            attempts: 0,
            rests_until: 0,
            last_sent_at: 0,
            claim: String::new(),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    sandbox: String,
    id: String,
    client_id: String,
    person: String,
    patient: Option<String>,
    encounter: Option<String>,
    scopes: String,
    headers: String,
    status: String,
    reason: Option<String>,
    position: i64,
    events: i64,
    delivered: i64,
    attempts: i64,
    rests_until: i64,
    last_sent_at: i64,
    claim: String,
}

impl Row {
    fn subscriber(self) -> Result<Subscriber, StoreError> {
        let wrong = |column| StoreError::inconsistent(TABLE, column, self.id.clone());
        Ok(Subscriber {
            headers: serde_json::from_str(&self.headers).map_err(|_| wrong("headers"))?,
            status: Status::parse(&self.status).ok_or_else(|| wrong("status"))?,
            grant: Grant {
                client_id: self.client_id,
                user: self.person,
                patient: self.patient,
                encounter: self.encounter,
                scopes: readable(&self.scopes),
            },
            sandbox: self.sandbox,
            id: self.id,
            reason: self.reason,
            position: self.position,
            events: self.events,
            delivered: self.delivered,
            attempts: self.attempts,
            rests_until: self.rests_until,
            last_sent_at: self.last_sent_at,
            claim: self.claim,
        })
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Column::Sandbox,
            Column::Id,
            Column::ClientId,
            Column::Person,
            Column::Patient,
            Column::Encounter,
            Column::Scopes,
            Column::Headers,
            Column::Status,
            Column::Reason,
            Column::Position,
            Column::Events,
            Column::Delivered,
            Column::Attempts,
            Column::RestsUntil,
            Column::LastSentAt,
            Column::Claim,
        ])
        .from(Column::Table)
        .to_owned()
}

/// Keeps what a change of a Subscription means, in the transaction of the change. `seq` is its number in
/// the log.
pub(crate) async fn keep(
    tx: &mut Tx,
    sandbox: &str,
    seq: i64,
    change: &Change,
) -> Result<(), StoreError> {
    match (&change.content, &change.note) {
        (None, _) => remove(tx, sandbox, &change.id).await,
        (Some(_), Some(Note::Moved { status, reason })) => {
            let update = Query::update()
                .table(Column::Table)
                .value(Column::Status, status.as_str())
                .value(Column::Reason, reason.clone())
                .value(Column::Attempts, 0)
                .value(Column::RestsUntil, 0)
                .and_where(Expr::col(Column::Sandbox).eq(sandbox))
                .and_where(Expr::col(Column::Id).eq(change.id.as_str()))
                .to_owned();
            tx.execute(&update).await.map(|_| ())
        }
        (
            Some(_),
            Some(Note::Asked {
                grant,
                headers,
                status,
            }),
        ) => {
            let before = find(tx, sandbox, &change.id).await?;
            let old = before.as_ref().map_or(&[][..], |before| &before.headers);
            let headers = serde_json::to_string(&super::resource::unmasked(headers, old));
            let wrong = |_| StoreError::inconsistent(TABLE, "headers", change.id.clone());
            let headers = headers.map_err(wrong)?;
            match before {
                Some(before) => {
                    // What happened while it was off is not told.
                    let position = match before.status {
                        Status::Off => seq,
                        _ => before.position,
                    };
                    let fresh = (position, before.events, before.delivered);
                    ask(tx, (sandbox, &change.id), (grant, headers, *status), fresh).await
                }
                None => {
                    ask(
                        tx,
                        (sandbox, &change.id),
                        (grant, headers, *status),
                        (seq, 0, 0),
                    )
                    .await
                }
            }
        }
        (Some(_), None) => Ok(()),
    }
}

async fn ask(
    tx: &mut Tx,
    (sandbox, id): (&str, &str),
    (grant, headers, status): (&Grant, String, Status),
    (position, events, delivered): (i64, i64, i64),
) -> Result<(), StoreError> {
    let gone = Query::delete()
        .from_table(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Id).eq(id))
        .to_owned();
    tx.execute(&gone).await?;
    let insert = Query::insert()
        .into_table(Column::Table)
        .columns([
            Column::Sandbox,
            Column::Id,
            Column::ClientId,
            Column::Person,
            Column::Patient,
            Column::Encounter,
            Column::Scopes,
            Column::Headers,
            Column::Status,
            Column::Position,
            Column::Events,
            Column::Delivered,
            Column::Attempts,
            Column::DueAt,
            Column::RestsUntil,
            Column::LastSentAt,
            Column::Claim,
            Column::ClaimedUntil,
        ])
        .values_panic([
            sandbox.into(),
            id.into(),
            grant.client_id.as_str().into(),
            grant.user.as_str().into(),
            grant.patient.clone().into(),
            grant.encounter.clone().into(),
            grant.scopes.to_string().into(),
            headers.into(),
            status.as_str().into(),
            position.into(),
            events.into(),
            delivered.into(),
            0.into(),
            0.into(),
            0.into(),
            0.into(),
            "".into(),
            0.into(),
        ])
        .to_owned();
    tx.execute_one(TABLE, &insert).await
}

async fn remove(tx: &mut Tx, sandbox: &str, id: &str) -> Result<(), StoreError> {
    event::remove(tx, sandbox, id).await?;
    let gone = Query::delete()
        .from_table(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Id).eq(id))
        .to_owned();
    tx.execute(&gone).await.map(|_| ())
}

/// A subscription as it stands.
pub(crate) async fn find(
    tx: &mut Tx,
    sandbox: &str,
    id: &str,
) -> Result<Option<Subscriber>, StoreError> {
    let query = select()
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Id).eq(id))
        .to_owned();
    let row: Option<Row> = tx.optional(&query).await?;
    row.map(Row::subscriber).transpose()
}

/// Forgets every subscription of a sandbox.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    event::clear(tx, sandbox).await?;
    binding::clear(tx, sandbox).await?;
    let gone = Query::delete()
        .from_table(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&gone).await.map(|_| ())
}
