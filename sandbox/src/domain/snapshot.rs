//! What a sandbox was at a moment, to be gone back to and begun from.

use foundation::Timestamp;
use serde::Deserialize;
use synthetic_data::Date;

/// Snapshots that a sandbox may have.
pub(crate) const MOST_SNAPSHOTS: usize = 50;

/// A snapshot of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, unique in the sandbox.
    pub name: String,
    /// How many changes had been written.
    pub changes: i64,
    /// The dataset's today.
    pub as_of: Date,
    /// When it was taken.
    pub created_at: Timestamp,
}

/// A sandbox to be made from another: the same people, clients and rules, and what was written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewClone {
    /// Name in addresses; made up when absent.
    pub name: Option<String>,
    /// What people read; the other's when empty.
    pub title: String,
    /// Organisation number of whom it belongs to; never taken from what a caller sends.
    #[serde(skip)]
    pub owner: Option<String>,
    /// Seconds until it is deleted by itself; it stays when absent.
    pub lifetime: Option<u32>,
    /// The snapshot to begin from; the other's present when absent.
    pub snapshot: Option<String>,
}
