//! Snapshots: a name for a place in a sandbox's log.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query};
use synthetic_data::Date;

use crate::domain::snapshot::Snapshot;
use crate::fhir::Head;

#[derive(Clone, Copy, Iden)]
enum Column {
    #[iden = "sandbox_snapshot"]
    Table,
    Sandbox,
    Name,
    Log,
    Seq,
    AsOf,
    CreatedAt,
}

const READ: [Column; 5] = [
    Column::Name,
    Column::Log,
    Column::Seq,
    Column::AsOf,
    Column::CreatedAt,
];

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    log: Option<i64>,
    seq: i64,
    as_of: String,
    created_at: i64,
}

/// A snapshot with the place that it names.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) snapshot: Snapshot,
    /// Absent where nothing was written.
    pub(crate) head: Option<Head>,
}

impl Row {
    fn into_place(self) -> Result<Place, StoreError> {
        let as_of: Date = self.as_of.parse().map_err(|_| {
            StoreError::inconsistent("sandbox_snapshot", "as_of", self.name.clone())
        })?;
        let seq = self.seq;
        Ok(Place {
            head: self.log.map(|log| Head { log, seq }),
            snapshot: Snapshot {
                name: self.name,
                changes: seq,
                as_of,
                created_at: Timestamp::from_millis(self.created_at),
            },
        })
    }
}

/// Adds a snapshot; `false` when the name is taken.
pub(crate) async fn insert(tx: &mut Tx, sandbox: &str, place: &Place) -> Result<bool, StoreError> {
    let snapshot = &place.snapshot;
    let insert = Query::insert()
        .into_table(Column::Table)
        .columns([Column::Sandbox].into_iter().chain(READ))
        .values_panic([
            sandbox.into(),
            snapshot.name.as_str().into(),
            place.head.map(|head| head.log).into(),
            snapshot.changes.into(),
            snapshot.as_of.to_string().into(),
            snapshot.created_at.millis().into(),
        ])
        .on_conflict(
            OnConflict::columns([Column::Sandbox, Column::Name])
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&insert).await? == 1)
}

/// The snapshot of this name, which stays until the transaction ends.
pub(crate) async fn hold(
    tx: &mut Tx,
    sandbox: &str,
    name: &str,
) -> Result<Option<Place>, StoreError> {
    let select = Query::select()
        .columns(READ)
        .from(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Name).eq(name))
        .lock_exclusive()
        .to_owned();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(Row::into_place).transpose()
}

/// Every snapshot of a sandbox, in the order in which they were taken.
pub(crate) async fn all(tx: &mut Tx, sandbox: &str) -> Result<Vec<Snapshot>, StoreError> {
    let select = Query::select()
        .columns(READ)
        .from(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .order_by(Column::CreatedAt, Order::Asc)
        .order_by(Column::Name, Order::Asc)
        .to_owned();
    let rows: Vec<Row> = tx.all(&select).await?;
    let places = rows.into_iter().map(Row::into_place);
    places.map(|place| Ok(place?.snapshot)).collect()
}

/// Removes a snapshot; `false` when there was none.
pub(crate) async fn delete(tx: &mut Tx, sandbox: &str, name: &str) -> Result<bool, StoreError> {
    let delete = Query::delete()
        .from_table(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Name).eq(name))
        .to_owned();
    Ok(tx.execute(&delete).await? == 1)
}
