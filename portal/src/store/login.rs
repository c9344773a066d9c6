//! Logins that wait for the issuer's answer; each is taken out once.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};

#[derive(Iden)]
enum PortalLogin {
    Table,
    StateDigest,
    BrowserDigest,
    Nonce,
    CodeVerifier,
    ReturnTo,
    ExpiresAt,
}

/// A login under way.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct PendingLogin {
    /// Digest (hexadecimal) of the cookie of the browser that began it.
    pub(crate) browser_digest: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: String,
    pub(crate) return_to: String,
    pub(crate) expires_at: i64,
}

/// Keeps a login under the digest of its state.
pub(crate) async fn insert(
    tx: &mut Tx,
    state: &Digest,
    login: &PendingLogin,
) -> Result<(), StoreError> {
    let query = Query::insert()
        .into_table(PortalLogin::Table)
        .columns([
            PortalLogin::StateDigest,
            PortalLogin::BrowserDigest,
            PortalLogin::Nonce,
            PortalLogin::CodeVerifier,
            PortalLogin::ReturnTo,
            PortalLogin::ExpiresAt,
        ])
        .values_panic([
            state.hex().into(),
            login.browser_digest.clone().into(),
            login.nonce.clone().into(),
            login.code_verifier.clone().into(),
            login.return_to.clone().into(),
            login.expires_at.into(),
        ])
        .to_owned();
    tx.execute_one("portal_login", &query).await
}

/// Takes the login of this state out, so that an answer can be used once only.
pub(crate) async fn take(tx: &mut Tx, state: &Digest) -> Result<Option<PendingLogin>, StoreError> {
    let query = Query::delete()
        .from_table(PortalLogin::Table)
        .and_where(Expr::col(PortalLogin::StateDigest).eq(state.hex()))
        .returning(Query::returning().columns([
            PortalLogin::BrowserDigest,
            PortalLogin::Nonce,
            PortalLogin::CodeVerifier,
            PortalLogin::ReturnTo,
            PortalLogin::ExpiresAt,
        ]))
        .to_owned();
    tx.optional(&query).await
}

/// Forgets logins that nobody finished.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    let query = Query::delete()
        .from_table(PortalLogin::Table)
        .and_where(Expr::col(PortalLogin::ExpiresAt).lte(now.millis()))
        .to_owned();
    tx.execute(&query).await.map(drop)
}
