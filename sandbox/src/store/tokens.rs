//! Access and refresh tokens, by their digests.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Alias, Expr, ExprTrait, Iden, Query, SelectStatement};

use super::grants::{Authorization, GRANT, GrantRow, GrantTable};

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_token"]
    Name,
    ValueDigest,
    Kind,
    GrantId,
    Scope,
    IssuedAt,
    ExpiresAt,
    Generation,
    UsedAt,
}

/// Which token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

/// A token as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) scope: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// How many refreshes lie between the authorization and this token.
    pub(crate) generation: i64,
    pub(crate) used: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    token_scope: String,
    issued_at: i64,
    expires_at: i64,
    generation: i64,
    used_at: Option<i64>,
    #[sqlx(flatten)]
    grant: GrantRow,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    value: Digest,
    grant_id: &str,
    token: &Token,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::ValueDigest,
            Table::Kind,
            Table::GrantId,
            Table::Scope,
            Table::IssuedAt,
            Table::ExpiresAt,
            Table::Generation,
        ])
        .values_panic([
            value.as_bytes().to_vec().into(),
            token.kind.as_str().into(),
            grant_id.into(),
            token.scope.as_str().into(),
            token.issued_at.millis().into(),
            token.expires_at.millis().into(),
            token.generation.into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_token", &insert).await
}

/// The token with this value in this sandbox, with its authorization.
pub(crate) async fn find(
    tx: &mut Tx,
    sandbox: &str,
    value: Digest,
) -> Result<Option<(Token, Authorization)>, StoreError> {
    let select = Query::select()
        .columns([
            Table::Kind,
            Table::IssuedAt,
            Table::ExpiresAt,
            Table::Generation,
            Table::UsedAt,
        ])
        .expr_as(
            Expr::col((Table::Name, Table::Scope)),
            Alias::new("token_scope"),
        )
        .columns(GRANT.map(|column| (GrantTable::Name, column)))
        .from(Table::Name)
        .inner_join(
            GrantTable::Name,
            Expr::col((GrantTable::Name, GrantTable::Id)).equals((Table::Name, Table::GrantId)),
        )
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(GrantTable::Sandbox).eq(sandbox))
        .to_owned();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(|row| {
        let token = Token {
            kind: if row.kind == Kind::Access.as_str() {
                Kind::Access
            } else {
                Kind::Refresh
            },
            scope: row.token_scope,
            issued_at: Timestamp::from_millis(row.issued_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            generation: row.generation,
            used: row.used_at.is_some(),
        };
        Ok((token, row.grant.into_authorization()?))
    })
    .transpose()
}

/// Uses a refresh token up; `false` when it was before, also by a request at the same moment.
pub(crate) async fn mark_used(
    tx: &mut Tx,
    value: Digest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::UsedAt, now.millis())
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(Table::UsedAt).is_null())
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// Ends one token.
pub(crate) async fn expire(tx: &mut Tx, value: Digest, now: Timestamp) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::ExpiresAt, now.millis())
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(Table::ExpiresAt).gt(now.millis()))
        .to_owned();
    tx.execute(&update).await.map(|_| ())
}

/// The authorizations that there are tokens of.
pub(super) fn grants() -> SelectStatement {
    Query::select()
        .column(Table::GrantId)
        .from(Table::Name)
        .to_owned()
}

/// Forgets tokens that ended before this. Used refresh tokens stay until then: reuse is seen.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::ExpiresAt).lt(before.millis()))
        .to_owned();
    tx.execute(&delete).await
}
