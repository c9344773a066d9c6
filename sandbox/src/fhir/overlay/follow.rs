//! The log as it is followed by subscriptions: from where one has come, a stretch at a time; and what is
//! done with those that come along when a log goes on from another.

use std::collections::BTreeMap;

use foundation::store::{Database, StoreError, Tx};

use super::super::types::TypeInfo;
use super::log::{Head, Row};
use super::view::Change;
use super::{Overlay, log, parts};

/// A stretch of the log.
#[derive(Debug)]
pub(crate) struct Stretch {
    /// What was written of the type, in order.
    pub(crate) changes: Vec<Change>,
    /// Where it ends.
    pub(crate) end: i64,
}

impl Overlay {
    /// What was written of a type after a place in the log: at most `most` changes, and none where the log
    /// goes no further.
    pub(crate) async fn stretch(
        &self,
        database: &Database,
        after: i64,
        info: &TypeInfo,
        most: u64,
    ) -> Result<Option<Stretch>, StoreError> {
        let mut tx = database.read().await?;
        let head = log::head(&mut tx, &self.sandbox).await?;
        if head.seq <= after {
            return Ok(None);
        }
        let parts = parts::of(&mut tx, head).await?;
        let rows = log::of_type(&mut tx, &parts, (after, info.name), most).await?;
        let full = usize::try_from(most).is_ok_and(|most| rows.len() >= most);
        let last = rows.last().map_or(head.seq, |row| row.seq);
        let end = if full { last } else { head.seq };
        let changes = rows.into_iter().filter_map(|row| self.change(row));
        Ok(Some(Stretch {
            changes: changes.collect(),
            end,
        }))
    }
}

/// Gives each resource of a type that a log holds a next version, where `revise` makes one from its
/// content and the version's number. The log is the sandbox's own, and nobody else's yet.
pub(crate) async fn revise(
    tx: &mut Tx,
    sandbox: &str,
    (head, now): (Head, i64),
    info: &TypeInfo,
    revise: impl Fn(&str, &[u8], i64) -> Option<Vec<u8>> + Send,
) -> Result<(), StoreError> {
    let parts = parts::of(tx, head).await?;
    let rows = log::of_type(tx, &parts, (0, info.name), i64::MAX.unsigned_abs()).await?;
    let newest: BTreeMap<String, Row> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut seq = head.seq;
    let mut revised = Vec::new();
    for (id, row) in newest {
        let version = row.version + 1;
        let content = row.content.as_deref();
        if let Some(content) = content.and_then(|content| revise(&id, content, version)) {
            seq += 1;
            revised.push(Row {
                seq,
                resource_type: row.resource_type,
                id,
                version,
                updated_at: now,
                content: Some(content),
            });
        }
    }
    log::append(tx, sandbox, head.log, revised).await
}
