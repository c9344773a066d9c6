//! The table of keys. Private parts arrive here sealed and leave sealed.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};

#[derive(Clone, Copy, Iden)]
enum RegistryKey {
    Table,
    Kid,
    Purpose,
    Holder,
    PublicKey,
    Sealed,
    Store,
    CreatedAt,
    EndedAt,
    EndReason,
    Follows,
}

/// A key as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::trust) struct StoredKey {
    pub(in crate::trust) kid: String,
    pub(in crate::trust) purpose: String,
    pub(in crate::trust) holder: String,
    pub(in crate::trust) public_key: Vec<u8>,
    pub(in crate::trust) sealed: Vec<u8>,
    /// Where the private part is, spelled.
    pub(in crate::trust) store: String,
    /// The key in whose place this one is to come, until it does.
    pub(in crate::trust) follows: Option<String>,
}

const COLUMNS: [RegistryKey; 7] = [
    RegistryKey::Kid,
    RegistryKey::Purpose,
    RegistryKey::Holder,
    RegistryKey::PublicKey,
    RegistryKey::Sealed,
    RegistryKey::Store,
    RegistryKey::Follows,
];

/// The key of this holder for this purpose.
pub(in crate::trust) async fn find(
    tx: &mut Tx,
    purpose: &str,
    holder: &str,
) -> Result<Option<StoredKey>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Purpose).eq(purpose))
        .and_where(Expr::col(RegistryKey::Holder).eq(holder))
        .to_owned();
    tx.optional(&select).await
}

/// The key of this id.
pub(in crate::trust) async fn by_id(
    tx: &mut Tx,
    kid: &str,
) -> Result<Option<StoredKey>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Kid).eq(kid))
        .to_owned();
    tx.optional(&select).await
}

/// The keys that were made to come in this one's place and have not, newest first, with the time of
/// their making in milliseconds.
pub(in crate::trust) async fn following(
    tx: &mut Tx,
    kid: &str,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryKey::Kid,
            RegistryKey::Holder,
            RegistryKey::CreatedAt,
        ])
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Follows).eq(kid))
        .order_by(RegistryKey::CreatedAt, sea_query::Order::Desc)
        .order_by(RegistryKey::Kid, sea_query::Order::Asc)
        .to_owned();
    tx.all(&select).await
}

/// Gives a key to another holder, in whose place it comes.
pub(in crate::trust) async fn give(tx: &mut Tx, kid: &str, holder: &str) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryKey::Table)
        .value(RegistryKey::Holder, holder)
        .value(RegistryKey::Follows, None::<String>)
        .and_where(Expr::col(RegistryKey::Kid).eq(kid))
        .to_owned();
    tx.execute_one("registry_key", &update).await
}

/// Ends a key: another takes its place, and it is kept under this name.
pub(in crate::trust) async fn end(
    tx: &mut Tx,
    kid: &str,
    holder: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryKey::Table)
        .value(RegistryKey::Holder, holder)
        .value(RegistryKey::EndedAt, now.millis())
        .and_where(Expr::col(RegistryKey::Kid).eq(kid))
        .to_owned();
    tx.execute_one("registry_key", &update).await
}

/// Records why a key was ended.
pub(in crate::trust) async fn say_why(
    tx: &mut Tx,
    kid: &str,
    reason: &str,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryKey::Table)
        .value(RegistryKey::EndReason, reason)
        .and_where(Expr::col(RegistryKey::Kid).eq(kid))
        .to_owned();
    tx.execute_one("registry_key", &update).await
}

/// Says another reason for a key's end, where this one was said.
pub(in crate::trust) async fn change_reason(
    tx: &mut Tx,
    kid: &str,
    (known, now): (&str, &str),
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryKey::Table)
        .value(RegistryKey::EndReason, now)
        .and_where(Expr::col(RegistryKey::Kid).eq(kid))
        .and_where(Expr::col(RegistryKey::EndReason).eq(known))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

/// A key, as people list them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::trust) struct ListedKey {
    pub(in crate::trust) kid: String,
    pub(in crate::trust) purpose: String,
    pub(in crate::trust) holder: String,
    pub(in crate::trust) store: String,
    pub(in crate::trust) created_at: i64,
}

/// Every key, by what it is for and then by age.
pub(in crate::trust) async fn list(tx: &mut Tx) -> Result<Vec<ListedKey>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryKey::Kid,
            RegistryKey::Purpose,
            RegistryKey::Holder,
            RegistryKey::Store,
            RegistryKey::CreatedAt,
        ])
        .from(RegistryKey::Table)
        .order_by(RegistryKey::Purpose, sea_query::Order::Asc)
        .order_by(RegistryKey::CreatedAt, sea_query::Order::Asc)
        .order_by(RegistryKey::Kid, sea_query::Order::Asc)
        .to_owned();
    tx.all(&select).await
}

/// A key in whose place there is another.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::trust) struct EndedKey {
    pub(in crate::trust) kid: String,
    pub(in crate::trust) public_key: Vec<u8>,
    pub(in crate::trust) created_at: i64,
    pub(in crate::trust) ended_at: i64,
    pub(in crate::trust) end_reason: Option<String>,
}

/// The registry's own ended keys of one purpose; `name` is what their holder's name begins with. A
/// key of somebody else that was ended is told elsewhere.
pub(in crate::trust) async fn ended(
    tx: &mut Tx,
    purpose: &str,
    name: &str,
) -> Result<Vec<EndedKey>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryKey::Kid,
            RegistryKey::PublicKey,
            RegistryKey::CreatedAt,
            RegistryKey::EndedAt,
            RegistryKey::EndReason,
        ])
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Purpose).eq(purpose))
        .and_where(Expr::col(RegistryKey::Holder).like(format!("{name}%")))
        .and_where(Expr::col(RegistryKey::EndedAt).is_not_null())
        .to_owned();
    tx.all(&select).await
}

/// Every key for this purpose, by holder.
pub(in crate::trust) async fn all(
    tx: &mut Tx,
    purpose: &str,
) -> Result<Vec<StoredKey>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Purpose).eq(purpose))
        .order_by(RegistryKey::Holder, sea_query::Order::Asc)
        .to_owned();
    tx.all(&select).await
}

/// The keys for this purpose that were made since then, in milliseconds since the epoch.
pub(in crate::trust) async fn made_since(
    tx: &mut Tx,
    purpose: &str,
    since: i64,
) -> Result<Vec<StoredKey>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Purpose).eq(purpose))
        .and_where(Expr::col(RegistryKey::CreatedAt).gte(since))
        .order_by(RegistryKey::Holder, sea_query::Order::Asc)
        .to_owned();
    tx.all(&select).await
}

/// Whether a key with this thumbprint is kept here, for whatever purpose.
pub(in crate::trust) async fn is_known(tx: &mut Tx, kid: &str) -> Result<bool, StoreError> {
    let select = Query::select()
        .column(RegistryKey::Kid)
        .from(RegistryKey::Table)
        .and_where(Expr::col(RegistryKey::Kid).eq(kid))
        .to_owned();
    let found: Option<(String,)> = tx.optional(&select).await?;
    Ok(found.is_some())
}

/// Keeps a key unless the holder has one for this purpose already: whoever was first wins.
pub(in crate::trust) async fn insert(
    tx: &mut Tx,
    key: &StoredKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryKey::Table)
        .columns(COLUMNS.into_iter().chain([RegistryKey::CreatedAt]))
        .values_panic([
            key.kid.as_str().into(),
            key.purpose.as_str().into(),
            key.holder.as_str().into(),
            key.public_key.clone().into(),
            key.sealed.clone().into(),
            key.store.as_str().into(),
            key.follows.clone().into(),
            now.millis().into(),
        ])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}
