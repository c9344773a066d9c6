//! Tokens that bind a WebSocket to subscriptions.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};

const TABLE: &str = "sandbox_fhir_binding";

#[derive(Clone, Copy, Iden)]
enum Binding {
    #[iden = "sandbox_fhir_binding"]
    Table,
    Sandbox,
    Digest,
    Subscriptions,
    ExpiresAt,
}

/// Keeps a token.
pub(crate) async fn bind(
    tx: &mut Tx,
    sandbox: &str,
    (token, subscriptions): (Digest, &[String]),
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let wrong = |_| StoreError::inconsistent(TABLE, "subscriptions", sandbox);
    let subscriptions = serde_json::to_string(subscriptions).map_err(wrong)?;
    let insert = Query::insert()
        .into_table(Binding::Table)
        .columns([
            Binding::Sandbox,
            Binding::Digest,
            Binding::Subscriptions,
            Binding::ExpiresAt,
        ])
        .values_panic([
            sandbox.into(),
            token.as_bytes().to_vec().into(),
            subscriptions.into(),
            expires_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one(TABLE, &insert).await
}

/// The subscriptions that a token binds to while it is good.
pub(crate) async fn bound(
    tx: &mut Tx,
    sandbox: &str,
    token: Digest,
    now: Timestamp,
) -> Result<Option<Vec<String>>, StoreError> {
    let query = Query::select()
        .column(Binding::Subscriptions)
        .from(Binding::Table)
        .and_where(Expr::col(Binding::Sandbox).eq(sandbox))
        .and_where(Expr::col(Binding::Digest).eq(token.as_bytes().to_vec()))
        .and_where(Expr::col(Binding::ExpiresAt).gt(now.millis()))
        .to_owned();
    let row: Option<(String,)> = tx.optional(&query).await?;
    let wrong = |_| StoreError::inconsistent(TABLE, "subscriptions", sandbox);
    row.map(|(ids,)| serde_json::from_str(&ids).map_err(wrong))
        .transpose()
}

/// Forgets the tokens that are good no more.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let gone = Query::delete()
        .from_table(Binding::Table)
        .and_where(Expr::col(Binding::ExpiresAt).lte(now.millis()))
        .to_owned();
    tx.execute(&gone).await
}

pub(super) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let gone = Query::delete()
        .from_table(Binding::Table)
        .and_where(Expr::col(Binding::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&gone).await.map(|_| ())
}
