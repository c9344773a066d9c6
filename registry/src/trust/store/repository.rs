//! The trust repository: every version of every document, and every target file, as published. Rows
//! are only ever added.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query};

#[derive(Clone, Copy, Iden)]
enum RegistryTrustMetadata {
    Table,
    Role,
    Version,
    Content,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum RegistryTrustTarget {
    Table,
    Digest,
    Name,
    Content,
    CreatedAt,
}

/// The newest document of a role, byte for byte.
pub(in crate::trust) async fn newest(
    tx: &mut Tx,
    role: &str,
) -> Result<Option<String>, StoreError> {
    let select = Query::select()
        .column(RegistryTrustMetadata::Content)
        .from(RegistryTrustMetadata::Table)
        .and_where(Expr::col(RegistryTrustMetadata::Role).eq(role))
        .order_by(RegistryTrustMetadata::Version, Order::Desc)
        .limit(1)
        .to_owned();
    let found: Option<(String,)> = tx.optional(&select).await?;
    Ok(found.map(|(content,)| content))
}

/// The document of this role and version, byte for byte.
pub(in crate::trust) async fn document(
    tx: &mut Tx,
    role: &str,
    version: i64,
) -> Result<Option<String>, StoreError> {
    let select = Query::select()
        .column(RegistryTrustMetadata::Content)
        .from(RegistryTrustMetadata::Table)
        .and_where(Expr::col(RegistryTrustMetadata::Role).eq(role))
        .and_where(Expr::col(RegistryTrustMetadata::Version).eq(version))
        .to_owned();
    let found: Option<(String,)> = tx.optional(&select).await?;
    Ok(found.map(|(content,)| content))
}

/// Publishes a document; its version must be new.
pub(in crate::trust) async fn insert_document(
    tx: &mut Tx,
    role: &str,
    version: i64,
    content: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryTrustMetadata::Table)
        .columns([
            RegistryTrustMetadata::Role,
            RegistryTrustMetadata::Version,
            RegistryTrustMetadata::Content,
            RegistryTrustMetadata::CreatedAt,
        ])
        .values_panic([
            role.into(),
            version.into(),
            content.into(),
            now.millis().into(),
        ])
        .to_owned();
    tx.execute_one("registry_trust_metadata", &insert).await
}

/// The target file of this name with this digest (hexadecimal).
pub(in crate::trust) async fn target(
    tx: &mut Tx,
    name: &str,
    digest: &str,
) -> Result<Option<String>, StoreError> {
    let select = Query::select()
        .column(RegistryTrustTarget::Content)
        .from(RegistryTrustTarget::Table)
        .and_where(Expr::col(RegistryTrustTarget::Name).eq(name))
        .and_where(Expr::col(RegistryTrustTarget::Digest).eq(digest))
        .to_owned();
    let found: Option<(String,)> = tx.optional(&select).await?;
    Ok(found.map(|(content,)| content))
}

/// Publishes a target file; one that was published before stays as it is.
pub(in crate::trust) async fn insert_target(
    tx: &mut Tx,
    name: &str,
    digest: &str,
    content: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryTrustTarget::Table)
        .columns([
            RegistryTrustTarget::Digest,
            RegistryTrustTarget::Name,
            RegistryTrustTarget::Content,
            RegistryTrustTarget::CreatedAt,
        ])
        .values_panic([
            digest.into(),
            name.into(),
            content.into(),
            now.millis().into(),
        ])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}
