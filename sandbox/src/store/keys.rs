//! Signing keys, so that a restart finds them.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_key"]
    Name,
    Purpose,
    Private,
    CreatedAt,
}

pub(crate) async fn find(tx: &mut Tx, purpose: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let select = Query::select()
        .column(Table::Private)
        .from(Table::Name)
        .and_where(Expr::col(Table::Purpose).eq(purpose))
        .to_owned();
    let row: Option<(Vec<u8>,)> = tx.optional(&select).await?;
    Ok(row.map(|(private,)| private))
}

/// Keeps a key unless another process kept one first.
pub(crate) async fn insert(
    tx: &mut Tx,
    purpose: &str,
    private: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([Table::Purpose, Table::Private, Table::CreatedAt])
        .values_panic([purpose.into(), private.to_vec().into(), now.millis().into()])
        .on_conflict(OnConflict::column(Table::Purpose).do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await.map(|_| ())
}

#[derive(Clone, Copy, Iden)]
enum OfSandbox {
    #[iden = "sandbox_signing_key"]
    Name,
    Sandbox,
    Private,
    CreatedAt,
}

/// The key of a sandbox, if one was made.
pub(crate) async fn of_sandbox(tx: &mut Tx, sandbox: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let select = Query::select()
        .column(OfSandbox::Private)
        .from(OfSandbox::Name)
        .and_where(Expr::col(OfSandbox::Sandbox).eq(sandbox))
        .to_owned();
    let row: Option<(Vec<u8>,)> = tx.optional(&select).await?;
    Ok(row.map(|(private,)| private))
}

/// Keeps the key of a sandbox unless another process kept one first.
pub(crate) async fn insert_of_sandbox(
    tx: &mut Tx,
    sandbox: &str,
    private: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(OfSandbox::Name)
        .columns([OfSandbox::Sandbox, OfSandbox::Private, OfSandbox::CreatedAt])
        .values_panic([sandbox.into(), private.to_vec().into(), now.millis().into()])
        .on_conflict(
            OnConflict::column(OfSandbox::Sandbox)
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    tx.execute(&insert).await.map(|_| ())
}
