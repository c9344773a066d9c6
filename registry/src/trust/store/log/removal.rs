//! Taking entries out: before a log is read in again, and where one ends before what was sequenced.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Order, Query};

use super::{LogRow, RegistryLog, RegistryLogEntry, nodes, resize, signed};

/// Forgets a log's entries, so that they can be read in anew.
pub(in crate::trust) async fn empty(tx: &mut Tx, log: &str) -> Result<(), StoreError> {
    nodes::empty(tx, log).await?;
    let entries = Query::delete()
        .from_table(RegistryLogEntry::Table)
        .and_where(Expr::col(RegistryLogEntry::Log).eq(log))
        .to_owned();
    tx.execute(&entries).await?;
    let update = Query::update()
        .table(RegistryLog::Table)
        .value(RegistryLog::TreeSize, 0i64)
        .value(RegistryLog::NoteSize, 0i64)
        .and_where(Expr::col(RegistryLog::Name).eq(log))
        .to_owned();
    tx.execute_one("registry_log", &update).await
}

/// Takes the entries from `size` on out of a log that [`super::lock_open`] has given; gives their keys and
/// contents, in order.
pub(in crate::trust) async fn cut(
    tx: &mut Tx,
    log: &LogRow,
    size: u64,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let beyond = Expr::col(RegistryLogEntry::Log)
        .eq(log.name.as_str())
        .and(Expr::col(RegistryLogEntry::Position).gte(signed(size)));
    let select = Query::select()
        .columns([RegistryLogEntry::EntryKey, RegistryLogEntry::Content])
        .from(RegistryLogEntry::Table)
        .and_where(beyond.clone())
        .order_by(RegistryLogEntry::Position, Order::Asc)
        .to_owned();
    let taken = tx.all(&select).await?;
    let delete = Query::delete()
        .from_table(RegistryLogEntry::Table)
        .and_where(beyond)
        .to_owned();
    tx.execute(&delete).await?;
    nodes::cut(tx, &log.name, size).await?;
    resize(tx, &log.name, log.size(), size).await?;
    Ok(taken)
}
