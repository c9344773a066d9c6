//! Which blobs belong to the evidence of a check: only these are handed out with it.

use foundation::Digest;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};

use crate::domain::check::CheckId;

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "conformance_attachment"]
    Name,
    CheckId,
    Digest,
}

/// Adds an attachment; adding it again changes nothing.
pub(crate) async fn insert(
    tx: &mut Tx,
    check: &CheckId,
    digest: &Digest,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([Table::CheckId, Table::Digest])
        .values_panic([check.as_str().into(), digest.hex().into()])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

/// True when the blob belongs to the check.
pub(crate) async fn exists(
    tx: &mut Tx,
    check: &CheckId,
    digest: &Digest,
) -> Result<bool, StoreError> {
    let select = Query::select()
        .column(Table::Digest)
        .from(Table::Name)
        .and_where(Expr::col(Table::CheckId).eq(check.as_str()))
        .and_where(Expr::col(Table::Digest).eq(digest.hex()))
        .to_owned();
    let row: Option<(String,)> = tx.optional(&select).await?;
    Ok(row.is_some())
}
