//! What can go wrong between us and the database, told apart by what the caller can do about it.

use std::path::PathBuf;

use axum::http::StatusCode;

use crate::error::{Describe, Fault};
use crate::failpoint::CutShort;

/// A failure of the store. Drivers' messages stay in the log; callers hear the remedy.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed a statement, or is not there.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A test has ended the process that asks.
    #[error(transparent)]
    CutShort(#[from] CutShort),
    /// The folder of the SQLite file cannot be made.
    #[error("the folder {folder} of the database cannot be made: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// A stored row cannot be understood.
    #[error("row {row} of {table} has an unreadable {column}")]
    Inconsistent {
        /// Table of the row.
        table: &'static str,
        /// Column that cannot be read.
        column: &'static str,
        /// Key of the row.
        row: String,
    },
    /// The schema could not be brought up to date.
    #[error("the database schema could not be updated: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A write that must change exactly one row changed another number of rows.
    #[error("a write to {table} changed {rows} rows instead of one")]
    RowsAffected {
        /// Table written to.
        table: &'static str,
        /// Rows it changed.
        rows: u64,
    },
    /// The URL names neither SQLite nor PostgreSQL.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownEngine,
}

impl StoreError {
    /// A row that cannot be understood, for `map_err` in `store/` modules.
    pub fn inconsistent(table: &'static str, column: &'static str, row: impl Into<String>) -> Self {
        Self::Inconsistent {
            table,
            column,
            row: row.into(),
        }
    }

    /// True when a unique constraint refused the row: somebody was first.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Database(
                sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::Io(_)
                    | sqlx::Error::WorkerCrashed
            )
        )
    }
}

impl Describe for StoreError {
    fn fault(&self) -> Fault {
        if self.is_unavailable() {
            Fault::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable")
                .title("The database does not answer")
                .detail("The connection to the database broke, or none was free in time.")
                .remedy("Wait a few seconds and try again; nothing was changed.")
                .issue("transient")
                .oauth("temporarily_unavailable")
        } else {
            Fault::internal()
        }
    }
}
