//! What the watchers of a check are told, numbered, so that one who lost the connection goes on
//! where it was.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Func, Iden, Order, Query};

use crate::domain::check::{CheckId, Progress};

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "conformance_progress"]
    Name,
    CheckId,
    Seq,
    At,
    Kind,
    Data,
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: i64,
    kind: String,
    data: String,
}

/// Adds an event after the last.
pub(crate) async fn append(
    tx: &mut Tx,
    check: &CheckId,
    now: Timestamp,
    kind: &str,
    data: &serde_json::Value,
) -> Result<i64, StoreError> {
    let newest = Query::select()
        .expr(Func::max(Expr::col(Table::Seq)))
        .from(Table::Name)
        .and_where(Expr::col(Table::CheckId).eq(check.as_str()))
        .to_owned();
    let (newest,): (Option<i64>,) = tx.one(&newest).await?;
    let seq = newest.unwrap_or(0) + 1;
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::CheckId,
            Table::Seq,
            Table::At,
            Table::Kind,
            Table::Data,
        ])
        .values_panic([
            check.as_str().into(),
            seq.into(),
            now.millis().into(),
            kind.into(),
            data.to_string().into(),
        ])
        .to_owned();
    tx.execute_one(TABLE, &insert).await?;
    Ok(seq)
}

/// The events after number `after`, in order.
pub(crate) async fn after(
    tx: &mut Tx,
    check: &CheckId,
    after: i64,
) -> Result<Vec<Progress>, StoreError> {
    let select = Query::select()
        .columns([Table::Seq, Table::At, Table::Kind, Table::Data])
        .from(Table::Name)
        .and_where(Expr::col(Table::CheckId).eq(check.as_str()))
        .and_where(Expr::col(Table::Seq).gt(after))
        .order_by(Table::Seq, Order::Asc)
        .to_owned();
    let rows: Vec<Row> = tx.all(&select).await?;
    rows.into_iter()
        .map(|row| {
            let data = serde_json::from_str(&row.data)
                .map_err(|_| StoreError::inconsistent(TABLE, "data", check.as_str()))?;
            Ok(Progress {
                seq: row.seq,
                at: Timestamp::from_millis(row.at),
                kind: row.kind,
                data,
            })
        })
        .collect()
}

const TABLE: &str = "conformance_progress";
