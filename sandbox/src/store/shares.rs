//! Other organisations that may use a sandbox.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query};

#[derive(Clone, Copy, Iden)]
enum Column {
    #[iden = "sandbox_share"]
    Table,
    Sandbox,
    Organisation,
    CreatedAt,
}

/// Shares a sandbox with an organisation; to do it twice changes nothing.
pub(crate) async fn insert(
    tx: &mut Tx,
    sandbox: &str,
    organisation: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(Column::Table)
        .columns([Column::Sandbox, Column::Organisation, Column::CreatedAt])
        .values_panic([sandbox.into(), organisation.into(), now.millis().into()])
        .on_conflict(
            OnConflict::columns([Column::Sandbox, Column::Organisation])
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    tx.execute(&insert).await.map(|_| ())
}

/// Ends it; `false` when it was not shared.
pub(crate) async fn delete(
    tx: &mut Tx,
    sandbox: &str,
    organisation: &str,
) -> Result<bool, StoreError> {
    let delete = Query::delete()
        .from_table(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::Organisation).eq(organisation))
        .to_owned();
    Ok(tx.execute(&delete).await? == 1)
}

/// Organisation numbers with which a sandbox is shared.
pub(crate) async fn of_sandbox(tx: &mut Tx, sandbox: &str) -> Result<Vec<String>, StoreError> {
    let select = Query::select()
        .column(Column::Organisation)
        .from(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .order_by(Column::Organisation, Order::Asc)
        .to_owned();
    let rows: Vec<(String,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(one,)| one).collect())
}

/// Names of the sandboxes that are shared with an organisation.
pub(crate) async fn with(tx: &mut Tx, organisation: &str) -> Result<Vec<String>, StoreError> {
    let select = Query::select()
        .column(Column::Sandbox)
        .from(Column::Table)
        .and_where(Expr::col(Column::Organisation).eq(organisation))
        .to_owned();
    let rows: Vec<(String,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(one,)| one).collect())
}
