//! A transaction on either engine, and the four verbs that every query goes through.
//!
//! This is the only file that hands built SQL to a driver: `AssertSqlSafe` appears nowhere else
//! but where tests make their databases, so an audit for injection reads this file and the sea-query builders that feed it.

use std::sync::Arc;

use sea_query::{Func, PostgresQueryBuilder, Query, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Transaction};

use super::{Engine, StoreError};
use crate::Digest;
use crate::failpoint::Failpoints;

/// A row that decodes from either driver; `#[derive(sqlx::FromRow)]` gives it.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A unit of work: rolled back when dropped, kept when committed.
#[derive(Debug)]
pub struct Tx {
    connection: Connection,
    failpoints: Arc<dyn Failpoints>,
}

/// The driver's transaction, for tests that write statements of their own.
#[derive(Debug)]
pub enum Connection {
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
}

impl Tx {
    pub(super) const fn new(connection: Connection, failpoints: Arc<dyn Failpoints>) -> Self {
        Self {
            connection,
            failpoints,
        }
    }

    /// What the driver knows this as. Rooms use the four verbs.
    pub const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Every row of `query`.
    pub async fn all<T: Row>(&mut self, query: &impl SqlxBinder) -> Result<Vec<T>, StoreError> {
        Ok(match &mut self.connection {
            Connection::Postgres(tx) => {
                let (sql, values) = query.build_sqlx(PostgresQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(&mut **tx)
                    .await?
            }
            Connection::Sqlite(tx) => {
                let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_all(&mut **tx)
                    .await?
            }
        })
    }

    /// The row of `query`, if there is one.
    pub async fn optional<T: Row>(
        &mut self,
        query: &impl SqlxBinder,
    ) -> Result<Option<T>, StoreError> {
        Ok(match &mut self.connection {
            Connection::Postgres(tx) => {
                let (sql, values) = query.build_sqlx(PostgresQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_optional(&mut **tx)
                    .await?
            }
            Connection::Sqlite(tx) => {
                let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
                sqlx::query_as_with(AssertSqlSafe(sql), values)
                    .fetch_optional(&mut **tx)
                    .await?
            }
        })
    }

    /// The one row of `query`, for counts and `RETURNING`; absent is an error.
    pub async fn one<T: Row>(&mut self, query: &impl SqlxBinder) -> Result<T, StoreError> {
        self.optional(query)
            .await?
            .ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }

    /// Runs `query` and tells how many rows it changed.
    pub async fn execute(&mut self, query: &impl SqlxBinder) -> Result<u64, StoreError> {
        Ok(match &mut self.connection {
            Connection::Postgres(tx) => {
                let (sql, values) = query.build_sqlx(PostgresQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected()
            }
            Connection::Sqlite(tx) => {
                let (sql, values) = query.build_sqlx(SqliteQueryBuilder);
                sqlx::query_with(AssertSqlSafe(sql), values)
                    .execute(&mut **tx)
                    .await?
                    .rows_affected()
            }
        })
    }

    /// Runs a write that must change exactly one row of `table`.
    pub async fn execute_one(
        &mut self,
        table: &'static str,
        query: &impl SqlxBinder,
    ) -> Result<(), StoreError> {
        match self.execute(query).await? {
            1 => Ok(()),
            rows => Err(StoreError::RowsAffected { table, rows }),
        }
    }

    /// Waits until nobody else is in a transaction that is alone with `what`, and keeps them waiting until
    /// this one ends: for rules over several rows, of which there may be none yet to lock. On SQLite
    /// whoever writes is alone already.
    pub async fn alone_with(&mut self, what: &str) -> Result<(), StoreError> {
        if self.engine() == Engine::Postgres {
            let digest = Digest::of(what.as_bytes());
            let mut key = [0; 8];
            key.copy_from_slice(&digest.as_bytes()[..8]);
            let lock = Func::cust("pg_advisory_xact_lock").arg(i64::from_be_bytes(key));
            self.execute(&Query::select().expr(lock).to_owned()).await?;
        }
        Ok(())
    }

    /// Which engine this runs on.
    pub fn engine(&self) -> Engine {
        match &self.connection {
            Connection::Postgres(_) => Engine::Postgres,
            Connection::Sqlite(_) => Engine::Sqlite,
        }
    }

    /// Makes the work durable: it is on disk when this returns.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Self {
            connection,
            failpoints,
        } = self;
        failpoints.pass(BEFORE_COMMIT)?;
        match connection {
            Connection::Postgres(tx) => tx.commit().await?,
            Connection::Sqlite(tx) => tx.commit().await?,
        }
        Ok(failpoints.pass(AFTER_COMMIT)?)
    }
}

/// Where a unit of work is cut short that nobody will ever see.
pub const BEFORE_COMMIT: &str = "store: before a commit";
/// Where the process is cut short that did the work, and cannot tell.
pub const AFTER_COMMIT: &str = "store: after a commit";
