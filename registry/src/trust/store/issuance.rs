//! The table of approvals on their way.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Query};

#[derive(Clone, Copy, Iden)]
enum RegistryIssuance {
    Table,
    SoftwareId,
    SoftwareVersion,
    Jti,
    Jws,
    StatusList,
    StatusPosition,
    IssuedAt,
    ExpiresAt,
}

/// An approval that was signed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::trust) struct Issuance {
    pub(in crate::trust) jti: String,
    pub(in crate::trust) jws: String,
    pub(in crate::trust) status_list: i64,
    pub(in crate::trust) status_position: i64,
    /// Seconds since the epoch.
    pub(in crate::trust) issued_at: i64,
    /// Seconds since the epoch.
    pub(in crate::trust) expires_at: i64,
}

/// The approval that was signed for this version, if one was.
pub(in crate::trust) async fn find(
    tx: &mut Tx,
    software_id: &str,
    software_version: &str,
) -> Result<Option<Issuance>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryIssuance::Jti,
            RegistryIssuance::Jws,
            RegistryIssuance::StatusList,
            RegistryIssuance::StatusPosition,
            RegistryIssuance::IssuedAt,
            RegistryIssuance::ExpiresAt,
        ])
        .from(RegistryIssuance::Table)
        .and_where(Expr::col(RegistryIssuance::SoftwareId).eq(software_id))
        .and_where(Expr::col(RegistryIssuance::SoftwareVersion).eq(software_version))
        .to_owned();
    tx.optional(&select).await
}

/// Keeps a signed approval; a version has one.
pub(in crate::trust) async fn insert(
    tx: &mut Tx,
    software_id: &str,
    software_version: &str,
    issuance: &Issuance,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryIssuance::Table)
        .columns([
            RegistryIssuance::SoftwareId,
            RegistryIssuance::SoftwareVersion,
            RegistryIssuance::Jti,
            RegistryIssuance::Jws,
            RegistryIssuance::StatusList,
            RegistryIssuance::StatusPosition,
            RegistryIssuance::IssuedAt,
            RegistryIssuance::ExpiresAt,
        ])
        .values_panic([
            software_id.into(),
            software_version.into(),
            issuance.jti.as_str().into(),
            issuance.jws.as_str().into(),
            issuance.status_list.into(),
            issuance.status_position.into(),
            issuance.issued_at.into(),
            issuance.expires_at.into(),
        ])
        .to_owned();
    tx.execute_one("registry_issuance", &insert).await
}

/// Forgets an approval that was signed and went nowhere.
pub(in crate::trust) async fn remove(tx: &mut Tx, jti: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(RegistryIssuance::Table)
        .and_where(Expr::col(RegistryIssuance::Jti).eq(jti))
        .to_owned();
    tx.execute_one("registry_issuance", &delete).await
}
