//! Codes and access tokens of the HelseID simulator, by their digests.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};

use crate::domain::token::Code;

#[derive(Clone, Copy, Iden)]
enum CodeTable {
    #[iden = "sandbox_helseid_code"]
    Name,
    ValueDigest,
    ClientId,
    Persona,
    RedirectUri,
    Scope,
    Nonce,
    CodeChallenge,
    ExpiresAt,
    RedeemedAt,
}

#[derive(Clone, Copy, Iden)]
enum TokenTable {
    #[iden = "sandbox_helseid_token"]
    Name,
    ValueDigest,
    CodeDigest,
    ExpiresAt,
}

/// A login: who, and for which scopes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Login {
    pub(crate) client_id: String,
    pub(crate) persona: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    redirect_uri: String,
    code_challenge: String,
    expires_at: i64,
    redeemed_at: Option<i64>,
}

impl Login {
    pub(crate) fn new(persona: &str, scope: String, nonce: Option<String>, code: Code) -> Self {
        Self {
            client_id: code.client_id,
            persona: persona.to_owned(),
            scope,
            nonce,
            redirect_uri: code.redirect_uri,
            code_challenge: code.challenge,
            expires_at: code.expires_at.millis(),
            redeemed_at: None,
        }
    }

    /// The code alone, for the decision about it.
    pub(crate) fn code(&self) -> Code {
        Code {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.code_challenge.clone(),
            expires_at: Timestamp::from_millis(self.expires_at),
            redeemed: self.redeemed_at.is_some(),
        }
    }
}

const LOGIN: [CodeTable; 8] = [
    CodeTable::ClientId,
    CodeTable::Persona,
    CodeTable::RedirectUri,
    CodeTable::Scope,
    CodeTable::Nonce,
    CodeTable::CodeChallenge,
    CodeTable::ExpiresAt,
    CodeTable::RedeemedAt,
];

pub(crate) async fn insert(tx: &mut Tx, value: Digest, login: &Login) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(CodeTable::Name)
        .columns([CodeTable::ValueDigest].into_iter().chain(LOGIN))
        .values_panic([
            value.as_bytes().to_vec().into(),
            login.client_id.as_str().into(),
            login.persona.as_str().into(),
            login.redirect_uri.as_str().into(),
            login.scope.as_str().into(),
            login.nonce.clone().into(),
            login.code_challenge.as_str().into(),
            login.expires_at.into(),
            login.redeemed_at.into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_helseid_code", &insert).await
}

pub(crate) async fn find(tx: &mut Tx, value: Digest) -> Result<Option<Login>, StoreError> {
    let select = Query::select()
        .columns(LOGIN)
        .from(CodeTable::Name)
        .and_where(Expr::col(CodeTable::ValueDigest).eq(value.as_bytes().to_vec()))
        .to_owned();
    tx.optional(&select).await
}

/// Uses a code up; `false` when it was before.
pub(crate) async fn redeem(tx: &mut Tx, value: Digest, now: Timestamp) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(CodeTable::Name)
        .value(CodeTable::RedeemedAt, now.millis())
        .and_where(Expr::col(CodeTable::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(CodeTable::RedeemedAt).is_null())
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

pub(crate) async fn insert_token(
    tx: &mut Tx,
    value: Digest,
    code: Digest,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(TokenTable::Name)
        .columns([
            TokenTable::ValueDigest,
            TokenTable::CodeDigest,
            TokenTable::ExpiresAt,
        ])
        .values_panic([
            value.as_bytes().to_vec().into(),
            code.as_bytes().to_vec().into(),
            expires_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_helseid_token", &insert).await
}

/// Takes the tokens of a code away.
pub(crate) async fn revoke(tx: &mut Tx, code: Digest) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(TokenTable::Name)
        .and_where(Expr::col(TokenTable::CodeDigest).eq(code.as_bytes().to_vec()))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}

/// The login behind a token that is valid now.
pub(crate) async fn login_of_token(
    tx: &mut Tx,
    value: Digest,
    now: Timestamp,
) -> Result<Option<Login>, StoreError> {
    let select = Query::select()
        .columns(LOGIN.map(|column| (CodeTable::Name, column)))
        .from(TokenTable::Name)
        .inner_join(
            CodeTable::Name,
            Expr::col((TokenTable::Name, TokenTable::CodeDigest))
                .equals((CodeTable::Name, CodeTable::ValueDigest)),
        )
        .and_where(
            Expr::col((TokenTable::Name, TokenTable::ValueDigest)).eq(value.as_bytes().to_vec()),
        )
        .and_where(Expr::col((TokenTable::Name, TokenTable::ExpiresAt)).gt(now.millis()))
        .to_owned();
    tx.optional(&select).await
}

/// Forgets codes, and by foreign keys their tokens, that ended before this.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(CodeTable::Name)
        .and_where(Expr::col(CodeTable::ExpiresAt).lt(before.millis()))
        .to_owned();
    tx.execute(&delete).await
}
