//! Authorizations and the codes that lead to them.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};

use crate::domain::behaviour::Behaviour;
use crate::domain::token::Code;

#[derive(Clone, Copy, Iden)]
pub(super) enum GrantTable {
    #[iden = "sandbox_grant"]
    Name,
    Id,
    Sandbox,
    ClientId,
    Launch,
    FhirUser,
    Patient,
    Encounter,
    Scope,
    Nonce,
    Behaviour,
    AuthenticatedAt,
    CreatedAt,
    Requests,
    RevokedAt,
    RevokedWhy,
}

#[derive(Clone, Copy, Iden)]
enum CodeTable {
    #[iden = "sandbox_code"]
    Name,
    ValueDigest,
    GrantId,
    RedirectUri,
    CodeChallenge,
    ExpiresAt,
    RedeemedAt,
}

pub(super) const GRANT: [GrantTable; 14] = [
    GrantTable::Id,
    GrantTable::Sandbox,
    GrantTable::ClientId,
    GrantTable::Launch,
    GrantTable::FhirUser,
    GrantTable::Patient,
    GrantTable::Encounter,
    GrantTable::Scope,
    GrantTable::Nonce,
    GrantTable::Behaviour,
    GrantTable::AuthenticatedAt,
    GrantTable::CreatedAt,
    GrantTable::Requests,
    GrantTable::RevokedAt,
];

/// What one authorization gave.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    pub(crate) id: String,
    pub(crate) sandbox: String,
    pub(crate) client_id: String,
    /// The secret mark of the launch value; absent after a standalone launch.
    pub(crate) launch: Option<String>,
    /// `Practitioner/{id}` or `Patient/{id}`.
    pub(crate) fhir_user: String,
    pub(crate) patient: Option<String>,
    pub(crate) encounter: Option<String>,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) behaviour: Behaviour,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) requests: i64,
    pub(crate) revoked: bool,
}

#[derive(sqlx::FromRow)]
pub(super) struct GrantRow {
    id: String,
    sandbox: String,
    client_id: String,
    launch: Option<String>,
    fhir_user: String,
    patient: Option<String>,
    encounter: Option<String>,
    scope: String,
    nonce: Option<String>,
    behaviour: String,
    authenticated_at: i64,
    created_at: i64,
    requests: i64,
    revoked_at: Option<i64>,
}

impl GrantRow {
    pub(super) fn into_authorization(self) -> Result<Authorization, StoreError> {
        let behaviour = serde_json::from_str(&self.behaviour)
            .map_err(|_| StoreError::inconsistent("sandbox_grant", "behaviour", self.id.clone()))?;
        Ok(Authorization {
            id: self.id,
            sandbox: self.sandbox,
            client_id: self.client_id,
            launch: self.launch,
            fhir_user: self.fhir_user,
            patient: self.patient,
            encounter: self.encounter,
            scope: self.scope,
            nonce: self.nonce,
            behaviour,
            authenticated_at: Timestamp::from_millis(self.authenticated_at),
            created_at: Timestamp::from_millis(self.created_at),
            requests: self.requests,
            revoked: self.revoked_at.is_some(),
        })
    }
}

pub(crate) async fn insert(tx: &mut Tx, grant: &Authorization) -> Result<(), StoreError> {
    let behaviour = serde_json::to_string(&grant.behaviour)
        .map_err(|_| StoreError::inconsistent("sandbox_grant", "behaviour", grant.id.clone()))?;
    let insert = Query::insert()
        .into_table(GrantTable::Name)
        .columns(GRANT)
        .values_panic([
            grant.id.as_str().into(),
            grant.sandbox.as_str().into(),
            grant.client_id.as_str().into(),
            grant.launch.clone().into(),
            grant.fhir_user.as_str().into(),
            grant.patient.clone().into(),
            grant.encounter.clone().into(),
            grant.scope.as_str().into(),
            grant.nonce.clone().into(),
            behaviour.into(),
            grant.authenticated_at.millis().into(),
            grant.created_at.millis().into(),
            grant.requests.into(),
            Option::<i64>::None.into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_grant", &insert).await
}

pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<Option<Authorization>, StoreError> {
    let select = Query::select()
        .columns(GRANT)
        .from(GrantTable::Name)
        .and_where(Expr::col(GrantTable::Id).eq(id))
        .to_owned();
    let row: Option<GrantRow> = tx.optional(&select).await?;
    row.map(GrantRow::into_authorization).transpose()
}

/// Takes every token of the authorization away; the first reason stays.
pub(crate) async fn revoke(
    tx: &mut Tx,
    id: &str,
    why: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(GrantTable::Name)
        .value(GrantTable::RevokedAt, now.millis())
        .value(GrantTable::RevokedWhy, why)
        .and_where(Expr::col(GrantTable::Id).eq(id))
        .and_where(Expr::col(GrantTable::RevokedAt).is_null())
        .to_owned();
    tx.execute(&update).await.map(|_| ())
}

/// Counts one FHIR request, unless `most` are counted already; `false` when they are.
pub(crate) async fn count_request(tx: &mut Tx, id: &str, most: u32) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(GrantTable::Name)
        .value(GrantTable::Requests, Expr::col(GrantTable::Requests).add(1))
        .and_where(Expr::col(GrantTable::Id).eq(id))
        .and_where(Expr::col(GrantTable::Requests).lt(i64::from(most)))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// Forgets the authorizations of a sandbox, and by foreign keys their codes and tokens.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(GrantTable::Name)
        .and_where(Expr::col(GrantTable::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}

/// Forgets authorizations from before this that no token is left of.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(GrantTable::Name)
        .and_where(Expr::col(GrantTable::CreatedAt).lt(before.millis()))
        .and_where(Expr::col(GrantTable::Id).not_in_subquery(super::tokens::grants()))
        .to_owned();
    tx.execute(&delete).await
}

/// Keeps a code.
pub(crate) async fn insert_code(
    tx: &mut Tx,
    value: Digest,
    grant_id: &str,
    code: &Code,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(CodeTable::Name)
        .columns([
            CodeTable::ValueDigest,
            CodeTable::GrantId,
            CodeTable::RedirectUri,
            CodeTable::CodeChallenge,
            CodeTable::ExpiresAt,
        ])
        .values_panic([
            value.as_bytes().to_vec().into(),
            grant_id.into(),
            code.redirect_uri.as_str().into(),
            code.challenge.as_str().into(),
            code.expires_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_code", &insert).await
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    grant_id: String,
    client_id: String,
    redirect_uri: String,
    code_challenge: String,
    expires_at: i64,
    redeemed_at: Option<i64>,
}

/// The code with this value in this sandbox, and the authorization that it leads to.
pub(crate) async fn find_code(
    tx: &mut Tx,
    sandbox: &str,
    value: Digest,
) -> Result<Option<(String, Code)>, StoreError> {
    let select = Query::select()
        .columns([
            CodeTable::GrantId,
            CodeTable::RedirectUri,
            CodeTable::CodeChallenge,
            CodeTable::ExpiresAt,
            CodeTable::RedeemedAt,
        ])
        .column(GrantTable::ClientId)
        .from(CodeTable::Name)
        .inner_join(
            GrantTable::Name,
            Expr::col((GrantTable::Name, GrantTable::Id))
                .equals((CodeTable::Name, CodeTable::GrantId)),
        )
        .and_where(Expr::col(CodeTable::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(GrantTable::Sandbox).eq(sandbox))
        .to_owned();
    let row: Option<CodeRow> = tx.optional(&select).await?;
    Ok(row.map(|row| {
        let code = Code {
            client_id: row.client_id,
            redirect_uri: row.redirect_uri,
            challenge: row.code_challenge,
            expires_at: Timestamp::from_millis(row.expires_at),
            redeemed: row.redeemed_at.is_some(),
        };
        (row.grant_id, code)
    }))
}

/// Uses a code up; `false` when it was before, also by a request at the same moment.
pub(crate) async fn redeem_code(
    tx: &mut Tx,
    value: Digest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(CodeTable::Name)
        .value(CodeTable::RedeemedAt, now.millis())
        .and_where(Expr::col(CodeTable::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(CodeTable::RedeemedAt).is_null())
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}
