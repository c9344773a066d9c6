//! The histories of versions. There is no update and no delete here.

use foundation::Digest;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query};

use super::parse;
use crate::domain::history::{Head, HistoryEntry};

#[derive(Clone, Copy, Iden)]
enum History {
    #[iden = "registry_history"]
    Name_,
    SoftwareId,
    SoftwareVersion,
    Seq,
    Entry,
    Hash,
}

/// The end of a version's chain; `None` when it has no entry.
pub(crate) async fn head(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
) -> Result<Option<Head>, StoreError> {
    let query = Query::select()
        .columns([History::Seq, History::Hash])
        .from(History::Name_)
        .and_where(Expr::col(History::SoftwareId).eq(software_id))
        .and_where(Expr::col(History::SoftwareVersion).eq(version))
        .order_by(History::Seq, Order::Desc)
        .limit(1)
        .to_owned();
    let row: Option<(i64, String)> = tx.optional(&query).await?;
    row.map(|(seq, hash)| {
        Ok(Head {
            seq,
            hash: parse("registry_history", "hash", software_id, &hash)?,
        })
    })
    .transpose()
}

/// Adds an entry. The primary key refuses a second entry with the same number.
pub(crate) async fn append(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
    entry: &HistoryEntry,
) -> Result<(), StoreError> {
    let table = "registry_history";
    let bytes = entry
        .bytes()
        .map_err(|_| StoreError::inconsistent(table, "entry", software_id))?;
    let hash = Digest::of(&bytes);
    let text = String::from_utf8(bytes)
        .map_err(|_| StoreError::inconsistent(table, "entry", software_id))?;
    let query = Query::insert()
        .into_table(History::Name_)
        .columns([
            History::SoftwareId,
            History::SoftwareVersion,
            History::Seq,
            History::Entry,
            History::Hash,
        ])
        .values_panic([
            software_id.into(),
            version.into(),
            entry.seq.into(),
            text.into(),
            hash.hex().into(),
        ])
        .to_owned();
    tx.execute_one(table, &query).await
}

/// Every entry as stored, with its hash, first to last.
pub(crate) async fn all(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
) -> Result<Vec<(Vec<u8>, Digest)>, StoreError> {
    let query = Query::select()
        .columns([History::Entry, History::Hash])
        .from(History::Name_)
        .and_where(Expr::col(History::SoftwareId).eq(software_id))
        .and_where(Expr::col(History::SoftwareVersion).eq(version))
        .order_by(History::Seq, Order::Asc)
        .to_owned();
    let rows: Vec<(String, String)> = tx.all(&query).await?;
    rows.into_iter()
        .map(|(entry, hash)| {
            let hash = parse("registry_history", "hash", software_id, &hash)?;
            Ok((entry.into_bytes(), hash))
        })
        .collect()
}
