//! Sessions by the digest of their token.

use std::collections::BTreeSet;

use foundation::access::{Actor, Role};
use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};

#[derive(Iden)]
enum PortalSession {
    Table,
    TokenDigest,
    Person,
    Name,
    Organisation,
    OrganisationName,
    Roles,
    IdToken,
    CreatedAt,
    ExpiresAt,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    person: String,
    name: String,
    organisation: String,
    organisation_name: String,
    roles: String,
}

#[derive(sqlx::FromRow)]
struct EndedRow {
    id_token: Option<String>,
}

/// Keeps a new session.
pub(crate) async fn insert(
    tx: &mut Tx,
    token: &Digest,
    actor: &Actor,
    id_token: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let roles = serde_json::to_string(&actor.roles).unwrap_or_else(|_| "[]".to_owned());
    let query = Query::insert()
        .into_table(PortalSession::Table)
        .columns([
            PortalSession::TokenDigest,
            PortalSession::Person,
            PortalSession::Name,
            PortalSession::Organisation,
            PortalSession::OrganisationName,
            PortalSession::Roles,
            PortalSession::IdToken,
            PortalSession::CreatedAt,
            PortalSession::ExpiresAt,
        ])
        .values_panic([
            token.hex().into(),
            actor.person.clone().into(),
            actor.name.clone().into(),
            actor.organisation.clone().into(),
            actor.organisation_name.clone().into(),
            roles.into(),
            id_token.into(),
            now.millis().into(),
            expires_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("portal_session", &query).await
}

/// Who holds the session of this token, if it still lasts.
pub(crate) async fn find(
    tx: &mut Tx,
    token: &Digest,
    now: Timestamp,
) -> Result<Option<Actor>, StoreError> {
    let query = Query::select()
        .columns([
            PortalSession::Person,
            PortalSession::Name,
            PortalSession::Organisation,
            PortalSession::OrganisationName,
            PortalSession::Roles,
        ])
        .from(PortalSession::Table)
        .and_where(Expr::col(PortalSession::TokenDigest).eq(token.hex()))
        .and_where(Expr::col(PortalSession::ExpiresAt).gt(now.millis()))
        .to_owned();
    let Some(row) = tx.optional::<SessionRow>(&query).await? else {
        return Ok(None);
    };
    let roles: BTreeSet<Role> =
        serde_json::from_str(&row.roles).map_err(|_| StoreError::Inconsistent {
            table: "portal_session",
            column: "roles",
            row: row.person.clone(),
        })?;
    Ok(Some(Actor {
        person: row.person,
        name: row.name,
        organisation: row.organisation,
        organisation_name: row.organisation_name,
        roles,
    }))
}

/// Ends a session; gives the `id_token` that it began with.
pub(crate) async fn delete(tx: &mut Tx, token: &Digest) -> Result<Option<String>, StoreError> {
    let query = Query::delete()
        .from_table(PortalSession::Table)
        .and_where(Expr::col(PortalSession::TokenDigest).eq(token.hex()))
        .returning_col(PortalSession::IdToken)
        .to_owned();
    let ended = tx.optional::<EndedRow>(&query).await?;
    Ok(ended.and_then(|row| row.id_token))
}

/// Forgets what has run out.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    let query = Query::delete()
        .from_table(PortalSession::Table)
        .and_where(Expr::col(PortalSession::ExpiresAt).lte(now.millis()))
        .to_owned();
    tx.execute(&query).await.map(drop)
}
