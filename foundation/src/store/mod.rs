//! One handle for two databases: SQLite in a file for one process, PostgreSQL for many.
//!
//! To add an aggregate: a migration pair with the next number in `migrations/sqlite` and
//! `migrations/postgres`; in your crate's `store/` one file with an `Iden` enum, a row struct that
//! derives `sqlx::FromRow`, and functions over `&mut Tx` built with sea-query. A transaction is
//! begun in `service/`, never in `store/` or `http/`. `Ok(None)` means absent; a row that cannot be
//! understood is [`StoreError::Inconsistent`]. Integers are `i64`, times milliseconds, ids text.

mod error;
mod migrations;
mod transaction;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::failpoint::{Failpoints, NoFailpoints};

pub use error::StoreError;
pub use transaction::{AFTER_COMMIT, BEFORE_COMMIT, Connection, Row, Tx};

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pool: Pool,
    failpoints: Arc<dyn Failpoints>,
}

#[derive(Clone, Debug)]
enum Pool {
    Postgres(PgPool),
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
}

/// Which engine stands behind a [`Database`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Shared by any number of processes.
    Postgres,
    /// One file, owned by one process.
    Sqlite,
}

impl Database {
    /// Connects to `sqlite:PATH` (the file is created when missing) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = PgPoolOptions::new()
                .max_connections(20)
                .acquire_timeout(Duration::from_secs(5))
                .connect(url)
                .await?;
            Ok(Self::new(Pool::Postgres(pool)))
        } else {
            Err(StoreError::UnknownEngine)
        }
    }

    async fn connect_sqlite(url: &str) -> Result<Self, StoreError> {
        let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
                folder: folder.to_owned(),
                source,
            })?;
        }
        // FULL: an answered write survives a power cut, which approvals must.
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        // SQLite has one writer; a pool of one queues writers here instead of failing them there.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(15))
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        Ok(Self::new(Pool::Sqlite { writer, readers }))
    }

    fn new(pool: Pool) -> Self {
        Self {
            pool,
            failpoints: Arc::new(NoFailpoints),
        }
    }

    /// The same database, for a process that a test cuts short before or after any commit; once
    /// dead, it neither reads nor writes.
    #[must_use]
    pub fn with_failpoints(&self, failpoints: Arc<dyn Failpoints>) -> Self {
        Self {
            pool: self.pool.clone(),
            failpoints,
        }
    }

    /// Brings the schema to the newest version; forward only.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.pool {
            Pool::Postgres(pool) => migrations::POSTGRES.run(pool).await?,
            Pool::Sqlite { writer, .. } => migrations::SQLITE.run(writer).await?,
        }
        Ok(())
    }

    /// Begins a transaction that may write. On SQLite it waits its turn here.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.failpoints.pass(BEGIN)?;
        let connection = match &self.pool {
            Pool::Postgres(pool) => Connection::Postgres(pool.begin().await?),
            Pool::Sqlite { writer, .. } => {
                Connection::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
        };
        Ok(Tx::new(connection, Arc::clone(&self.failpoints)))
    }

    /// Begins a transaction that only reads one consistent state; never waits for writers.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        self.failpoints.pass(READ)?;
        let connection = match &self.pool {
            Pool::Postgres(pool) => Connection::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
            Pool::Sqlite { readers, .. } => Connection::Sqlite(readers.begin().await?),
        };
        Ok(Tx::new(connection, Arc::new(NoFailpoints)))
    }

    /// Which engine this is; for the few places that must know (see [`crate::jobs`]).
    pub fn engine(&self) -> Engine {
        match &self.pool {
            Pool::Postgres(_) => Engine::Postgres,
            Pool::Sqlite { .. } => Engine::Sqlite,
        }
    }

    /// True when the database answers.
    pub async fn is_ready(&self) -> bool {
        match &self.pool {
            Pool::Postgres(pool) => sqlx::query("SELECT 1").execute(pool).await.is_ok(),
            Pool::Sqlite { readers, .. } => sqlx::query("SELECT 1").execute(readers).await.is_ok(),
        }
    }

    /// Finishes what is running and closes every connection.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Postgres(pool) => pool.close().await,
            Pool::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }
}

/// Where a unit of work that may write begins.
const BEGIN: &str = "store: begin";
/// Where one begins that only reads.
const READ: &str = "store: read";
