//! The log of a sandbox in the database: every version of every resource written, in order.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query};

#[derive(Clone, Copy, Iden)]
enum Change {
    #[iden = "sandbox_fhir_change"]
    Table,
    Sandbox,
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
    Epoch,
    Seq,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Head {
    /// Another one means another log.
    pub(super) epoch: i64,
    pub(super) seq: i64,
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

/// Where the log of a sandbox ends; nothing was written where there is no head.
pub(super) async fn head(tx: &mut Tx, sandbox: &str) -> Result<Head, StoreError> {
    let query = Query::select()
        .columns([HeadColumn::Epoch, HeadColumn::Seq])
        .from(HeadColumn::Table)
        .and_where(Expr::col(HeadColumn::Sandbox).eq(sandbox))
        .to_owned();
    Ok(tx.optional(&query).await?.unwrap_or_default())
}

/// The same, and nobody else moves it until the transaction ends. A log that has no head gets one.
pub(super) async fn lock(tx: &mut Tx, sandbox: &str, epoch: i64) -> Result<Head, StoreError> {
    let begin = Query::insert()
        .into_table(HeadColumn::Table)
        .columns([HeadColumn::Sandbox, HeadColumn::Epoch, HeadColumn::Seq])
        .values_panic([sandbox.into(), epoch.into(), 0.into()])
        .on_conflict(
            OnConflict::column(HeadColumn::Sandbox)
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    tx.execute(&begin).await?;
    let query = Query::select()
        .columns([HeadColumn::Epoch, HeadColumn::Seq])
        .from(HeadColumn::Table)
        .and_where(Expr::col(HeadColumn::Sandbox).eq(sandbox))
        .lock_exclusive()
        .to_owned();
    tx.one(&query).await
}

/// What was written after a sequence number, in order.
pub(super) async fn after(tx: &mut Tx, sandbox: &str, seq: i64) -> Result<Vec<Row>, StoreError> {
    let query = Query::select()
        .columns([
            Change::Seq,
            Change::ResourceType,
            Change::Id,
            Change::Version,
            Change::UpdatedAt,
            Change::Content,
        ])
        .from(Change::Table)
        .and_where(Expr::col(Change::Sandbox).eq(sandbox))
        .and_where(Expr::col(Change::Seq).gt(seq))
        .order_by(Change::Seq, Order::Asc)
        .to_owned();
    tx.all(&query).await
}

/// What was written of a type after a sequence number, in order.
pub(super) async fn of_type(
    tx: &mut Tx,
    sandbox: &str,
    (seq, resource_type): (i64, &str),
    most: u64,
) -> Result<Vec<Row>, StoreError> {
    let query = Query::select()
        .columns([
            Change::Seq,
            Change::ResourceType,
            Change::Id,
            Change::Version,
            Change::UpdatedAt,
            Change::Content,
        ])
        .from(Change::Table)
        .and_where(Expr::col(Change::Sandbox).eq(sandbox))
        .and_where(Expr::col(Change::Seq).gt(seq))
        .and_where(Expr::col(Change::ResourceType).eq(resource_type))
        .order_by(Change::Seq, Order::Asc)
        .limit(most)
        .to_owned();
    tx.all(&query).await
}

/// One version that was written.
pub(super) async fn version(
    tx: &mut Tx,
    sandbox: &str,
    (resource_type, id, version): (&str, &str, i64),
) -> Result<Option<Row>, StoreError> {
    let query = Query::select()
        .columns([
            Change::Seq,
            Change::ResourceType,
            Change::Id,
            Change::Version,
            Change::UpdatedAt,
            Change::Content,
        ])
        .from(Change::Table)
        .and_where(Expr::col(Change::Sandbox).eq(sandbox))
        .and_where(Expr::col(Change::ResourceType).eq(resource_type))
        .and_where(Expr::col(Change::Id).eq(id))
        .and_where(Expr::col(Change::Version).eq(version))
        .to_owned();
    tx.optional(&query).await
}

/// Rows of one statement: both engines take 32 000 values and more.
const ROWS_A_STATEMENT: usize = 1000;

/// Appends to the log, and moves its head, which must be locked.
pub(super) async fn append(tx: &mut Tx, sandbox: &str, rows: Vec<Row>) -> Result<(), StoreError> {
    let Some(last) = rows.last().map(|row| row.seq) else {
        return Ok(());
    };
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut insert = Query::insert()
            .into_table(Change::Table)
            .columns([
                Change::Sandbox,
                Change::Seq,
                Change::ResourceType,
                Change::Id,
                Change::Version,
                Change::UpdatedAt,
                Change::Content,
            ])
            .to_owned();
        for row in rows.by_ref().take(ROWS_A_STATEMENT) {
            insert.values_panic([
                sandbox.into(),
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

/// Forgets everything that was written in a sandbox. Who holds a view of it must be told
/// ([`super::Overlays::forget`]); other processes find out by the epoch.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let changes = Query::delete()
        .from_table(Change::Table)
        .and_where(Expr::col(Change::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&changes).await?;
    let head = Query::delete()
        .from_table(HeadColumn::Table)
        .and_where(Expr::col(HeadColumn::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&head).await.map(|_| ())
}
