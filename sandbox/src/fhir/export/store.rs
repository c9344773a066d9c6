//! The records of exports in the database.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Query};

use super::{Job, KEPT_FOR};

const TABLE: &str = "sandbox_fhir_export";

#[derive(Clone, Copy, Iden)]
enum Export {
    #[iden = "sandbox_fhir_export"]
    Table,
    Sandbox,
    Id,
    ClientId,
    Scopes,
    Ask,
    Position,
    CreatedAt,
    Walked,
    Finished,
    Counts,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: String,
    client_id: String,
    scopes: String,
    ask: String,
    position: i64,
    created_at: i64,
    walked: i64,
    finished: i64,
    counts: String,
}

impl Row {
    fn job(self) -> Result<Job, StoreError> {
        let wrong = |column| StoreError::inconsistent(TABLE, column, self.id.clone());
        Ok(Job {
            ask: serde_json::from_str(&self.ask).map_err(|_| wrong("ask"))?,
            counts: serde_json::from_str(&self.counts).map_err(|_| wrong("counts"))?,
            position: usize::try_from(self.position).map_err(|_| wrong("position"))?,
            walked: u32::try_from(self.walked).map_err(|_| wrong("walked"))?,
            finished: self.finished != 0,
            created_at: self.created_at,
            id: self.id,
            client_id: self.client_id,
            scopes: self.scopes,
        })
    }
}

/// Keeps a new export.
pub(super) async fn insert(tx: &mut Tx, sandbox: &str, job: &Job) -> Result<(), StoreError> {
    let wrong = |column| StoreError::inconsistent(TABLE, column, job.id.clone());
    let ask = serde_json::to_string(&job.ask).map_err(|_| wrong("ask"))?;
    let position = i64::try_from(job.position).map_err(|_| wrong("position"))?;
    let insert = Query::insert()
        .into_table(Export::Table)
        .columns([
            Export::Sandbox,
            Export::Id,
            Export::ClientId,
            Export::Scopes,
            Export::Ask,
            Export::Position,
            Export::CreatedAt,
            Export::Walked,
            Export::Finished,
            Export::Counts,
        ])
        .values_panic([
            sandbox.into(),
            job.id.as_str().into(),
            job.client_id.as_str().into(),
            job.scopes.as_str().into(),
            ask.into(),
            position.into(),
            job.created_at.into(),
            0.into(),
            0.into(),
            "{}".into(),
        ])
        .to_owned();
    tx.execute_one(TABLE, &insert).await
}

/// An export of a client that is not too old to be read.
pub(super) async fn find(
    tx: &mut Tx,
    (sandbox, client_id): (&str, &str),
    id: &str,
    now: i64,
) -> Result<Option<Job>, StoreError> {
    let query = Query::select()
        .columns([
            Export::Id,
            Export::ClientId,
            Export::Scopes,
            Export::Ask,
            Export::Position,
            Export::CreatedAt,
            Export::Walked,
            Export::Finished,
            Export::Counts,
        ])
        .from(Export::Table)
        .and_where(Expr::col(Export::Sandbox).eq(sandbox))
        .and_where(Expr::col(Export::Id).eq(id))
        .and_where(Expr::col(Export::ClientId).eq(client_id))
        .and_where(Expr::col(Export::CreatedAt).gt(now - KEPT_FOR))
        .to_owned();
    let row: Option<Row> = tx.optional(&query).await?;
    row.map(Row::job).transpose()
}

/// How many exports a client has.
pub(super) async fn number(
    tx: &mut Tx,
    sandbox: &str,
    client_id: &str,
) -> Result<usize, StoreError> {
    let query = Query::select()
        .column(Export::Id)
        .from(Export::Table)
        .and_where(Expr::col(Export::Sandbox).eq(sandbox))
        .and_where(Expr::col(Export::ClientId).eq(client_id))
        .to_owned();
    let all: Vec<(String,)> = tx.all(&query).await?;
    Ok(all.len())
}

/// Keeps how far the counting came, unless somebody else has counted the same meanwhile.
pub(super) async fn advance(
    tx: &mut Tx,
    sandbox: &str,
    before: u32,
    job: &Job,
) -> Result<(), StoreError> {
    let wrong = |column| StoreError::inconsistent(TABLE, column, job.id.clone());
    let counts = serde_json::to_string(&job.counts).map_err(|_| wrong("counts"))?;
    let update = Query::update()
        .table(Export::Table)
        .value(Export::Walked, i64::from(job.walked))
        .value(Export::Finished, i64::from(job.finished))
        .value(Export::Counts, counts)
        .and_where(Expr::col(Export::Sandbox).eq(sandbox))
        .and_where(Expr::col(Export::Id).eq(job.id.as_str()))
        .and_where(Expr::col(Export::Walked).eq(i64::from(before)))
        .and_where(Expr::col(Export::Finished).eq(0))
        .to_owned();
    tx.execute(&update).await.map(|_| ())
}

/// Forgets an export.
pub(super) async fn remove(tx: &mut Tx, sandbox: &str, id: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Export::Table)
        .and_where(Expr::col(Export::Sandbox).eq(sandbox))
        .and_where(Expr::col(Export::Id).eq(id))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}

/// Forgets the exports that are too old to be read.
pub(super) async fn sweep(tx: &mut Tx, sandbox: &str, now: i64) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Export::Table)
        .and_where(Expr::col(Export::Sandbox).eq(sandbox))
        .and_where(Expr::col(Export::CreatedAt).lte(now - KEPT_FOR))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}

/// Forgets every export of a sandbox: what they are made from is gone.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Export::Table)
        .and_where(Expr::col(Export::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}
