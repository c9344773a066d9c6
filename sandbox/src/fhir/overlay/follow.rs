//! The log as it is followed by subscriptions: from where one has come, a part at a time.

use foundation::store::{Database, StoreError};

use super::super::types::TypeInfo;
use super::view::Change;
use super::{Overlay, log};

/// A part of the log.
#[derive(Debug)]
pub(crate) struct Part {
    /// What was written of the type, in order.
    pub(crate) changes: Vec<Change>,
    /// Where the part ends.
    pub(crate) end: i64,
}

impl Overlay {
    /// What was written of a type after a place in the log: at most `most` changes, and none where the log
    /// goes no further.
    pub(crate) async fn part(
        &self,
        database: &Database,
        after: i64,
        info: &TypeInfo,
        most: u64,
    ) -> Result<Option<Part>, StoreError> {
        let mut tx = database.read().await?;
        let head = log::head(&mut tx, &self.sandbox).await?;
        if head.seq <= after {
            return Ok(None);
        }
        let rows = log::of_type(&mut tx, &self.sandbox, (after, info.name), most).await?;
        let full = usize::try_from(most).is_ok_and(|most| rows.len() >= most);
        // More may have come since the head was read; it is found again the next time.
        let last = rows.last().map_or(head.seq, |row| row.seq);
        let end = if full { last } else { last.max(head.seq) };
        let changes = rows.into_iter().filter_map(|row| self.change(row));
        Ok(Some(Part {
            changes: changes.collect(),
            end,
        }))
    }
}
