//! The trust repository: every version of every document, and every target file, as published. Rows
//! are only ever added.

use std::collections::BTreeMap;

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

#[derive(Clone, Copy, Iden)]
enum RegistryTrustFloor {
    Table,
    Role,
    Version,
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

/// The newest version of a role's document, and when it was made, in milliseconds since the epoch.
pub(in crate::trust) async fn newest_version(
    tx: &mut Tx,
    role: &str,
) -> Result<Option<(i64, i64)>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryTrustMetadata::Version,
            RegistryTrustMetadata::CreatedAt,
        ])
        .from(RegistryTrustMetadata::Table)
        .and_where(Expr::col(RegistryTrustMetadata::Role).eq(role))
        .order_by(RegistryTrustMetadata::Version, Order::Desc)
        .limit(1)
        .to_owned();
    tx.optional(&select).await
}

/// By role: the newest version that may have been out when the database was lost.
pub(in crate::trust) async fn floors(tx: &mut Tx) -> Result<BTreeMap<String, u64>, StoreError> {
    let select = Query::select()
        .columns([RegistryTrustFloor::Role, RegistryTrustFloor::Version])
        .from(RegistryTrustFloor::Table)
        .to_owned();
    let rows: Vec<(String, i64)> = tx.all(&select).await?;
    let floor = |(role, version): (String, i64)| (role, u64::try_from(version).unwrap_or(0));
    Ok(rows.into_iter().map(floor).collect())
}

/// Raises the floor of a role; a higher one stays.
pub(in crate::trust) async fn raise_floor(
    tx: &mut Tx,
    role: &str,
    version: u64,
) -> Result<(), StoreError> {
    let known = floors(tx).await?.get(role).copied().unwrap_or(0);
    let version = i64::try_from(Ord::max(version, known)).unwrap_or(i64::MAX);
    let insert = Query::insert()
        .into_table(RegistryTrustFloor::Table)
        .columns([RegistryTrustFloor::Role, RegistryTrustFloor::Version])
        .values_panic([role.into(), version.into()])
        .on_conflict(
            OnConflict::column(RegistryTrustFloor::Role)
                .update_column(RegistryTrustFloor::Version)
                .to_owned(),
        )
        .to_owned();
    tx.execute_one("registry_trust_floor", &insert).await
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
