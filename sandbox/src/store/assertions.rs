//! Identifiers of client assertions, so that none serves twice.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_assertion"]
    Name,
    Issuer,
    ClientId,
    Jti,
    ExpiresAt,
}

/// Remembers an identifier; `false` when it was seen before.
pub(crate) async fn remember(
    tx: &mut Tx,
    issuer: &str,
    client_id: &str,
    jti: &str,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([Table::Issuer, Table::ClientId, Table::Jti, Table::ExpiresAt])
        .values_panic([
            issuer.into(),
            client_id.into(),
            jti.into(),
            expires_at.millis().into(),
        ])
        .on_conflict(
            OnConflict::columns([Table::Issuer, Table::ClientId, Table::Jti])
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&insert).await? == 1)
}

/// Forgets identifiers whose assertions ended before this.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::ExpiresAt).lt(before.millis()))
        .to_owned();
    tx.execute(&delete).await
}
