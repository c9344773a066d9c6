//! The tables of status: which index was given to which approval, its value, and the list tokens.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};
use verifier::status::StatusValue;

#[derive(Clone, Copy, Iden)]
enum RegistryStatusEntry {
    Table,
    List,
    Position,
    Value,
    Jti,
}

#[derive(Clone, Copy, Iden)]
enum RegistryStatusList {
    Table,
    List,
    Generation,
    Token,
    IssuedAt,
}

/// A list as it was published last.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::trust) struct Published {
    pub(in crate::trust) generation: i64,
    pub(in crate::trust) token: String,
}

/// Gives an index to an approval, as never issued; false when the index is taken.
pub(in crate::trust) async fn allocate(
    tx: &mut Tx,
    list: i64,
    position: i64,
    jti: &str,
) -> Result<bool, StoreError> {
    let insert = Query::insert()
        .into_table(RegistryStatusEntry::Table)
        .columns([
            RegistryStatusEntry::List,
            RegistryStatusEntry::Position,
            RegistryStatusEntry::Value,
            RegistryStatusEntry::Jti,
        ])
        .values_panic([
            list.into(),
            position.into(),
            i64::from(StatusValue::NotIssued.byte()).into(),
            jti.into(),
        ])
        .on_conflict(
            OnConflict::columns([RegistryStatusEntry::List, RegistryStatusEntry::Position])
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&insert).await? == 1)
}

/// The status of an approval, as recorded.
pub(in crate::trust) async fn value(tx: &mut Tx, jti: &str) -> Result<StatusValue, StoreError> {
    let select = Query::select()
        .column(RegistryStatusEntry::Value)
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::Jti).eq(jti))
        .to_owned();
    let row: Option<(i64,)> = tx.optional(&select).await?;
    let (value,) =
        row.ok_or_else(|| StoreError::inconsistent("registry_status_entry", "jti", jti))?;
    Ok(StatusValue::from_byte(value.try_into().unwrap_or(3)))
}

/// Changes the status of an approval.
pub(in crate::trust) async fn set(
    tx: &mut Tx,
    jti: &str,
    value: StatusValue,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryStatusEntry::Table)
        .value(RegistryStatusEntry::Value, i64::from(value.byte()))
        .and_where(Expr::col(RegistryStatusEntry::Jti).eq(jti))
        .to_owned();
    tx.execute_one("registry_status_entry", &update).await
}

/// Every index of a list that was given out, with its value.
pub(in crate::trust) async fn entries(
    tx: &mut Tx,
    list: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let select = Query::select()
        .columns([RegistryStatusEntry::Position, RegistryStatusEntry::Value])
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::List).eq(list))
        .to_owned();
    tx.all(&select).await
}

/// The list as it was published last.
pub(in crate::trust) async fn published(
    tx: &mut Tx,
    list: i64,
) -> Result<Option<Published>, StoreError> {
    let select = Query::select()
        .columns([RegistryStatusList::Generation, RegistryStatusList::Token])
        .from(RegistryStatusList::Table)
        .and_where(Expr::col(RegistryStatusList::List).eq(list))
        .to_owned();
    tx.optional(&select).await
}

/// Publishes a list.
pub(in crate::trust) async fn publish(
    tx: &mut Tx,
    list: i64,
    generation: i64,
    token: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let upsert = Query::insert()
        .into_table(RegistryStatusList::Table)
        .columns([
            RegistryStatusList::List,
            RegistryStatusList::Generation,
            RegistryStatusList::Token,
            RegistryStatusList::IssuedAt,
        ])
        .values_panic([
            list.into(),
            generation.into(),
            token.into(),
            now.millis().into(),
        ])
        .on_conflict(
            OnConflict::column(RegistryStatusList::List)
                .update_columns([
                    RegistryStatusList::Generation,
                    RegistryStatusList::Token,
                    RegistryStatusList::IssuedAt,
                ])
                .to_owned(),
        )
        .to_owned();
    tx.execute_one("registry_status_list", &upsert).await
}
