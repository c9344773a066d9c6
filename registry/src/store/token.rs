//! API tokens, kept as digests.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Order, Query};

#[derive(Clone, Copy, Iden)]
enum Tokens {
    #[iden = "registry_token"]
    Name_,
    Id,
    Digest,
    Subject,
    Orgnr,
    Label,
    CreatedAt,
    ExpiresAt,
    RevokedAt,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct TokenRow {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) orgnr: String,
    pub(crate) label: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) revoked_at: Option<i64>,
}

const COLUMNS: [Tokens; 7] = [
    Tokens::Id,
    Tokens::Subject,
    Tokens::Orgnr,
    Tokens::Label,
    Tokens::CreatedAt,
    Tokens::ExpiresAt,
    Tokens::RevokedAt,
];

/// Adds a token.
pub(crate) async fn insert(tx: &mut Tx, row: &TokenRow, digest: &Digest) -> Result<(), StoreError> {
    let query = Query::insert()
        .into_table(Tokens::Name_)
        .columns([
            Tokens::Id,
            Tokens::Digest,
            Tokens::Subject,
            Tokens::Orgnr,
            Tokens::Label,
            Tokens::CreatedAt,
            Tokens::ExpiresAt,
        ])
        .values_panic([
            row.id.as_str().into(),
            digest.hex().into(),
            row.subject.as_str().into(),
            row.orgnr.as_str().into(),
            row.label.as_str().into(),
            row.created_at.into(),
            row.expires_at.into(),
        ])
        .to_owned();
    tx.execute_one("registry_token", &query).await
}

/// The token with this digest that is valid now.
pub(crate) async fn valid(
    tx: &mut Tx,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<TokenRow>, StoreError> {
    let query = Query::select()
        .columns(COLUMNS)
        .from(Tokens::Name_)
        .and_where(Expr::col(Tokens::Digest).eq(digest.hex()))
        .and_where(Expr::col(Tokens::ExpiresAt).gt(now.millis()))
        .and_where(Expr::col(Tokens::RevokedAt).is_null())
        .to_owned();
    tx.optional(&query).await
}

/// The holder's tokens, newest first.
pub(crate) async fn of(
    tx: &mut Tx,
    subject: &str,
    orgnr: &str,
) -> Result<Vec<TokenRow>, StoreError> {
    let query = Query::select()
        .columns(COLUMNS)
        .from(Tokens::Name_)
        .and_where(Expr::col(Tokens::Subject).eq(subject))
        .and_where(Expr::col(Tokens::Orgnr).eq(orgnr))
        .order_by(Tokens::CreatedAt, Order::Desc)
        .order_by(Tokens::Id, Order::Desc)
        .to_owned();
    tx.all(&query).await
}

/// Ends one of the holder's tokens; false when there is no such token that still runs.
pub(crate) async fn revoke(
    tx: &mut Tx,
    id: &str,
    subject: &str,
    orgnr: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let query = Query::update()
        .table(Tokens::Name_)
        .value(Tokens::RevokedAt, now.millis())
        .and_where(Expr::col(Tokens::Id).eq(id))
        .and_where(Expr::col(Tokens::Subject).eq(subject))
        .and_where(Expr::col(Tokens::Orgnr).eq(orgnr))
        .and_where(Expr::col(Tokens::RevokedAt).is_null())
        .to_owned();
    Ok(tx.execute(&query).await? == 1)
}
