//! Checks: one row each. At most one unfinished check exists for a version.

use std::str::FromStr;

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Order, Query, SelectStatement};

use crate::domain::check::{Check, CheckId, CheckState};
use crate::domain::subject::Subject;

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "conformance_check"]
    Name,
    Id,
    App,
    Version,
    Release,
    Organisation,
    Subject,
    State,
    Code,
    Attempt,
    CreatedAt,
    CreatedBy,
    StartedAt,
    FinishedAt,
    Suite,
    Evidence,
    Report,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    app: String,
    version: String,
    release: String,
    organisation: String,
    state: String,
    code: Option<String>,
    attempt: i64,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    suite: Option<String>,
    evidence: Option<String>,
    report: Option<String>,
}

/// Adds a check that waits for a worker.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: &CheckId,
    subject: &Subject,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let described = serde_json::to_string(subject)
        .map_err(|_| StoreError::inconsistent(TABLE, "subject", id.as_str()))?;
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::Id,
            Table::App,
            Table::Version,
            Table::Release,
            Table::Organisation,
            Table::Subject,
            Table::State,
            Table::Attempt,
            Table::CreatedAt,
            Table::CreatedBy,
        ])
        .values_panic([
            id.as_str().into(),
            subject.app.as_str().into(),
            subject.version.as_str().into(),
            subject.release.hex().into(),
            subject.organisation.as_str().into(),
            described.into(),
            CheckState::Waiting.as_str().into(),
            0_i64.into(),
            now.millis().into(),
            by.into(),
        ])
        .to_owned();
    tx.execute_one(TABLE, &insert).await
}

/// One check.
pub(crate) async fn find(tx: &mut Tx, id: &CheckId) -> Result<Option<Check>, StoreError> {
    let select = select()
        .and_where(Expr::col(Table::Id).eq(id.as_str()))
        .to_owned();
    tx.optional::<Row>(&select)
        .await?
        .map(Check::try_from)
        .transpose()
}

/// What the registry said of the check's subject when it was asked for.
pub(crate) async fn subject(tx: &mut Tx, id: &CheckId) -> Result<Option<Subject>, StoreError> {
    let select = Query::select()
        .column(Table::Subject)
        .from(Table::Name)
        .and_where(Expr::col(Table::Id).eq(id.as_str()))
        .to_owned();
    let row: Option<(String,)> = tx.optional(&select).await?;
    row.map(|(text,)| {
        serde_json::from_str(&text)
            .map_err(|_| StoreError::inconsistent(TABLE, "subject", id.as_str()))
    })
    .transpose()
}

/// The unfinished check of a version.
pub(crate) async fn unfinished(
    tx: &mut Tx,
    app: &str,
    version: &str,
) -> Result<Option<Check>, StoreError> {
    let select = select()
        .and_where(Expr::col(Table::App).eq(app))
        .and_where(Expr::col(Table::Version).eq(version))
        .and_where(Expr::col(Table::State).is_in(UNFINISHED))
        .to_owned();
    tx.optional::<Row>(&select)
        .await?
        .map(Check::try_from)
        .transpose()
}

/// The checks of a version, newest first.
pub(crate) async fn of_version(
    tx: &mut Tx,
    app: &str,
    version: &str,
) -> Result<Vec<Check>, StoreError> {
    let select = select()
        .and_where(Expr::col(Table::App).eq(app))
        .and_where(Expr::col(Table::Version).eq(version))
        .order_by(Table::CreatedAt, Order::Desc)
        .order_by(Table::Id, Order::Desc)
        .limit(100)
        .to_owned();
    let rows = tx.all::<Row>(&select).await?;
    rows.into_iter().map(Check::try_from).collect()
}

/// The newest check of a release that reached a verdict.
pub(crate) async fn latest(tx: &mut Tx, release: &Digest) -> Result<Option<Check>, StoreError> {
    let select = select()
        .and_where(Expr::col(Table::Release).eq(release.hex()))
        .and_where(Expr::col(Table::State).is_in(["passed", "failed"]))
        .order_by(Table::FinishedAt, Order::Desc)
        .order_by(Table::Id, Order::Desc)
        .limit(1)
        .to_owned();
    tx.optional::<Row>(&select)
        .await?
        .map(Check::try_from)
        .transpose()
}

/// Begins a check, or begins it again after its worker was lost. False when it is finished.
pub(crate) async fn begin(tx: &mut Tx, id: &CheckId, now: Timestamp) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::State, CheckState::Running.as_str())
        .value(Table::Attempt, Expr::col(Table::Attempt).add(1_i64))
        .value(Table::StartedAt, now.millis())
        .and_where(Expr::col(Table::Id).eq(id.as_str()))
        .and_where(Expr::col(Table::State).is_in(UNFINISHED))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// Puts a check back in the queue.
pub(crate) async fn wait_again(tx: &mut Tx, id: &CheckId) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::State, CheckState::Waiting.as_str())
        .and_where(Expr::col(Table::Id).eq(id.as_str()))
        .and_where(Expr::col(Table::State).is_in(UNFINISHED))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

/// How a check ended.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) state: CheckState,
    pub(crate) code: Option<String>,
    pub(crate) suite: Option<Digest>,
    pub(crate) evidence: Option<Digest>,
    pub(crate) report: Option<Digest>,
}

/// Ends a check. False when another worker ended it before.
pub(crate) async fn end(
    tx: &mut Tx,
    id: &CheckId,
    ending: &Ending,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let hex = |digest: Option<Digest>| digest.map(|digest| digest.hex());
    let update = Query::update()
        .table(Table::Name)
        .value(Table::State, ending.state.as_str())
        .value(Table::Code, ending.code.clone())
        .value(Table::FinishedAt, now.millis())
        .value(Table::Suite, hex(ending.suite))
        .value(Table::Evidence, hex(ending.evidence))
        .value(Table::Report, hex(ending.report))
        .and_where(Expr::col(Table::Id).eq(id.as_str()))
        .and_where(Expr::col(Table::State).is_in(UNFINISHED))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Table::Id,
            Table::App,
            Table::Version,
            Table::Release,
            Table::Organisation,
            Table::State,
            Table::Code,
            Table::Attempt,
            Table::CreatedAt,
            Table::StartedAt,
            Table::FinishedAt,
            Table::Suite,
            Table::Evidence,
            Table::Report,
        ])
        .from(Table::Name)
        .to_owned()
}

impl TryFrom<Row> for Check {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column| StoreError::inconsistent(TABLE, column, row.id.as_str());
        let digest = |text: &Option<String>, column| {
            text.as_deref()
                .map(|text| Digest::from_str(text).map_err(|_| bad(column)))
                .transpose()
        };
        Ok(Self {
            id: row.id.parse().map_err(|_| bad("id"))?,
            release: row.release.parse().map_err(|_| bad("release"))?,
            state: CheckState::parse(&row.state).ok_or_else(|| bad("state"))?,
            suite: digest(&row.suite, "suite")?,
            evidence: digest(&row.evidence, "evidence")?,
            report: digest(&row.report, "report")?,
            attempt: row.attempt,
            created_at: Timestamp::from_millis(row.created_at),
            started_at: row.started_at.map(Timestamp::from_millis),
            finished_at: row.finished_at.map(Timestamp::from_millis),
            app: row.app,
            version: row.version,
            organisation: row.organisation,
            code: row.code,
        })
    }
}

const TABLE: &str = "conformance_check";
const UNFINISHED: [&str; 2] = ["waiting", "running"];
