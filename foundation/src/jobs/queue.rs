//! The table of jobs: enqueue, claim, renew, finish. Each is one statement, right on both engines.

use std::time::Duration;

use sea_query::{Cond, Expr, ExprTrait, Iden, OnConflict, Order, Query};

use crate::store::{Row, StoreError, Tx};
use crate::{Clock, Entropy, Timestamp};

crate::id!(
    /// Names a job.
    pub JobId,
    "job"
);

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "foundation_job"]
    Name,
    Id,
    Kind,
    DedupKey,
    Payload,
    State,
    Attempts,
    RunAt,
    LeaseOwner,
    LeaseUntil,
    LastError,
    CreatedAt,
    FinishedAt,
}

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Which handler runs it.
    pub kind: &'static str,
    /// At most one unfinished job exists per kind and key; `None` means no limit.
    pub key: Option<String>,
    /// What the handler needs to know, as JSON.
    pub payload: serde_json::Value,
    /// Not before this.
    pub run_at: Timestamp,
}

/// Adds a job in the caller's transaction. With a key that is already waiting or running, nothing
/// is added.
pub async fn enqueue(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    job: NewJob,
) -> Result<(), StoreError> {
    let id = JobId::new(clock, entropy);
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::Id,
            Table::Kind,
            Table::DedupKey,
            Table::Payload,
            Table::State,
            Table::Attempts,
            Table::RunAt,
            Table::CreatedAt,
        ])
        .values_panic([
            id.as_str().into(),
            job.kind.into(),
            job.key.into(),
            job.payload.to_string().into(),
            "waiting".into(),
            0_i64.into(),
            job.run_at.millis().into(),
            clock.now().millis().into(),
        ])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

/// A job that this worker holds.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) attempts: i64,
}

/// Takes the job that has waited longest among `kinds`, also one whose worker let its lease run out.
pub(super) async fn claim(
    tx: &mut Tx,
    kinds: &[&'static str],
    owner: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<Option<Claimed>, StoreError>
where
    Claimed: Row,
{
    let due = || {
        Cond::any()
            .add(
                Cond::all()
                    .add(Expr::col(Table::State).eq("waiting"))
                    .add(Expr::col(Table::RunAt).lte(now.millis())),
            )
            .add(
                Cond::all()
                    .add(Expr::col(Table::State).eq("running"))
                    .add(Expr::col(Table::LeaseUntil).lt(now.millis())),
            )
    };
    let next = Query::select()
        .column(Table::Id)
        .from(Table::Name)
        .cond_where(due())
        .and_where(Expr::col(Table::Kind).is_in(kinds.iter().copied()))
        .order_by(Table::RunAt, Order::Asc)
        .limit(1)
        .to_owned();
    // The condition stands twice: a second claimer on PostgreSQL waits for the row and then tests
    // the outer condition against its new state.
    let update = Query::update()
        .table(Table::Name)
        .value(Table::State, "running")
        .value(Table::LeaseOwner, owner)
        .value(Table::LeaseUntil, now.plus(lease).millis())
        .value(Table::Attempts, Expr::col(Table::Attempts).add(1_i64))
        .and_where(Expr::col(Table::Id).in_subquery(next))
        .cond_where(due())
        .returning(Query::returning().columns([
            Table::Id,
            Table::Kind,
            Table::Payload,
            Table::Attempts,
        ]))
        .to_owned();
    tx.optional(&update).await
}

/// Keeps the lease; false when the job is no longer this worker's.
pub(super) async fn renew(
    tx: &mut Tx,
    id: &str,
    owner: &str,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::LeaseUntil, until.millis())
        .and_where(Expr::col(Table::Id).eq(id))
        .and_where(Expr::col(Table::LeaseOwner).eq(owner))
        .and_where(Expr::col(Table::State).eq("running"))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    Done,
    Retry { at: Timestamp, error: String },
    Failed { error: String },
}

/// Records the end of a run; does nothing when another worker has the job by now.
pub(super) async fn finish(
    tx: &mut Tx,
    id: &str,
    owner: &str,
    now: Timestamp,
    ending: Ending,
) -> Result<(), StoreError> {
    let mut update = Query::update();
    update
        .table(Table::Name)
        .and_where(Expr::col(Table::Id).eq(id))
        .and_where(Expr::col(Table::LeaseOwner).eq(owner))
        .value(Table::LeaseOwner, Option::<String>::None)
        .value(Table::LeaseUntil, Option::<i64>::None);
    match ending {
        Ending::Done => update
            .value(Table::State, "done")
            .value(Table::FinishedAt, now.millis()),
        Ending::Retry { at, error } => update
            .value(Table::State, "waiting")
            .value(Table::RunAt, at.millis())
            .value(Table::LastError, error),
        Ending::Failed { error } => update
            .value(Table::State, "failed")
            .value(Table::FinishedAt, now.millis())
            .value(Table::LastError, error),
    };
    tx.execute(&update).await?;
    Ok(())
}

/// Gives back every lease at once. Right only where no other process shares the database: then
/// whoever held them is dead.
pub(super) async fn release_all(tx: &mut Tx, kinds: &[&'static str]) -> Result<u64, StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::State, "waiting")
        .value(Table::LeaseOwner, Option::<String>::None)
        .value(Table::LeaseUntil, Option::<i64>::None)
        .and_where(Expr::col(Table::State).eq("running"))
        .and_where(Expr::col(Table::Kind).is_in(kinds.iter().copied()))
        .to_owned();
    tx.execute(&update).await
}

/// Jobs not finished yet, for the queue-depth metric.
pub(super) async fn depth(tx: &mut Tx) -> Result<i64, StoreError> {
    let count = Query::select()
        .expr(Expr::col(Table::Id).count())
        .from(Table::Name)
        .and_where(Expr::col(Table::State).is_in(["waiting", "running"]))
        .to_owned();
    let (depth,): (i64,) = tx.one(&count).await?;
    Ok(depth)
}
