//! What was written in a sandbox, in the database: every version of every resource, in order. Where logs
//! begin and which belongs to whom is in [`super::parts`].

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query, SelectStatement};

use super::parts::{self, Parts};

#[derive(Clone, Copy, Iden)]
pub(super) enum Change {
    #[iden = "sandbox_fhir_change"]
    Table,
    Log,
    Seq,
    ResourceType,
    Id,
    Version,
    UpdatedAt,
    Content,
}

#[derive(Clone, Copy, Iden)]
enum HeadColumn {
    #[iden = "sandbox_fhir_head"]
    Table,
    Sandbox,
    Log,
    Seq,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Head {
    /// Which log; 0 is that of a sandbox where nothing was written.
    pub(crate) log: i64,
    pub(crate) seq: i64,
}

/// One version of one resource.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) resource_type: String,
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) updated_at: i64,
    /// Absent where this version is the deletion.
    pub(super) content: Option<Vec<u8>>,
}

const COLUMNS: [Change; 6] = [
    Change::Seq,
    Change::ResourceType,
    Change::Id,
    Change::Version,
    Change::UpdatedAt,
    Change::Content,
];

fn of_sandbox(sandbox: &str) -> SelectStatement {
    Query::select()
        .columns([HeadColumn::Log, HeadColumn::Seq])
        .from(HeadColumn::Table)
        .and_where(Expr::col(HeadColumn::Sandbox).eq(sandbox))
        .to_owned()
}

/// Where the log of a sandbox ends; nothing was written where there is no head.
pub(crate) async fn head(tx: &mut Tx, sandbox: &str) -> Result<Head, StoreError> {
    Ok(tx.optional(&of_sandbox(sandbox)).await?.unwrap_or_default())
}

/// The same, and nobody else moves it until the transaction ends.
pub(crate) async fn hold(tx: &mut Tx, sandbox: &str) -> Result<Option<Head>, StoreError> {
    let held = of_sandbox(sandbox).lock_exclusive().to_owned();
    tx.optional(&held).await
}

/// The same of a sandbox that is about to be written in: `log` begins there if it has none.
pub(super) async fn lock(tx: &mut Tx, sandbox: &str, log: i64) -> Result<Head, StoreError> {
    if let Some(head) = hold(tx, sandbox).await? {
        return Ok(head);
    }
    parts::begin(tx, log, None).await?;
    // When another process was first, theirs counts, and ours is collected like any that nobody reads.
    begin(tx, sandbox, Head { log, seq: 0 }).await?;
    tx.one(&of_sandbox(sandbox).lock_exclusive().to_owned())
        .await
}

/// Gives a sandbox that has no log one.
pub(crate) async fn begin(tx: &mut Tx, sandbox: &str, head: Head) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(HeadColumn::Table)
        .columns([HeadColumn::Sandbox, HeadColumn::Log, HeadColumn::Seq])
        .values_panic([sandbox.into(), head.log.into(), head.seq.into()])
        .on_conflict(
            OnConflict::column(HeadColumn::Sandbox)
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    tx.execute(&insert).await.map(|_| ())
}

/// What was written after a sequence number, in order.
pub(super) async fn after(tx: &mut Tx, parts: &Parts, seq: i64) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    for part in parts.oldest_first().filter(|part| part.until > seq) {
        let query = Query::select()
            .columns(COLUMNS)
            .from(Change::Table)
            .and_where(Expr::col(Change::Log).eq(part.log))
            .and_where(Expr::col(Change::Seq).gt(Ord::max(part.begins, seq)))
            .and_where(Expr::col(Change::Seq).lte(part.until))
            .order_by(Change::Seq, Order::Asc)
            .to_owned();
        rows.append(&mut tx.all(&query).await?);
    }
    Ok(rows)
}

/// What was written of a type after a sequence number, in order: at most `most` versions.
pub(super) async fn of_type(
    tx: &mut Tx,
    parts: &Parts,
    (seq, resource_type): (i64, &str),
    most: u64,
) -> Result<Vec<Row>, StoreError> {
    let mut rows: Vec<Row> = Vec::new();
    for part in parts.oldest_first().filter(|part| part.until > seq) {
        let left = most.saturating_sub(rows.len() as u64);
        if left == 0 {
            break;
        }
        let query = Query::select()
            .columns(COLUMNS)
            .from(Change::Table)
            .and_where(Expr::col(Change::Log).eq(part.log))
            .and_where(Expr::col(Change::Seq).gt(Ord::max(part.begins, seq)))
            .and_where(Expr::col(Change::Seq).lte(part.until))
            .and_where(Expr::col(Change::ResourceType).eq(resource_type))
            .order_by(Change::Seq, Order::Asc)
            .limit(left)
            .to_owned();
        rows.append(&mut tx.all(&query).await?);
    }
    Ok(rows)
}

/// One version that was written.
pub(super) async fn version(
    tx: &mut Tx,
    parts: &Parts,
    (resource_type, id, version): (&str, &str, i64),
) -> Result<Option<Row>, StoreError> {
    for part in parts.newest_first() {
        let query = Query::select()
            .columns(COLUMNS)
            .from(Change::Table)
            .and_where(Expr::col(Change::Log).eq(part.log))
            .and_where(Expr::col(Change::ResourceType).eq(resource_type))
            .and_where(Expr::col(Change::Id).eq(id))
            .and_where(Expr::col(Change::Version).eq(version))
            .and_where(Expr::col(Change::Seq).lte(part.until))
            .to_owned();
        if let Some(row) = tx.optional(&query).await? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Rows of one statement: both engines take 32 000 values and more.
const ROWS_A_STATEMENT: usize = 1000;

/// Appends to a sandbox's log, and moves its head, which must be locked.
pub(super) async fn append(
    tx: &mut Tx,
    sandbox: &str,
    log: i64,
    rows: Vec<Row>,
) -> Result<(), StoreError> {
    let Some(last) = rows.last().map(|row| row.seq) else {
        return Ok(());
    };
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut insert = Query::insert()
            .into_table(Change::Table)
            .columns([Change::Log].into_iter().chain(COLUMNS))
            .to_owned();
        for row in rows.by_ref().take(ROWS_A_STATEMENT) {
            insert.values_panic([
                log.into(),
                row.seq.into(),
                row.resource_type.into(),
                row.id.into(),
                row.version.into(),
                row.updated_at.into(),
                row.content.into(),
            ]);
        }
        tx.execute(&insert).await?;
    }
    let moved = Query::update()
        .table(HeadColumn::Table)
        .value(HeadColumn::Seq, last)
        .and_where(Expr::col(HeadColumn::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute_one("sandbox_fhir_head", &moved).await
}

/// Takes its log from a sandbox: nothing was written there. Who holds a view of it must be told
/// ([`super::Overlays::forget`]); other processes find out by the head. The log itself goes when it is
/// collected ([`parts::collect`]).
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let head = Query::delete()
        .from_table(HeadColumn::Table)
        .and_where(Expr::col(HeadColumn::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&head).await.map(|_| ())
}
