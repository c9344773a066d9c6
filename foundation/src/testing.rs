//! What the tests of every room start from: a fresh, migrated database of each engine, a clock
//! that stands still and entropy that repeats.
//!
//! SQLite is always tested. PostgreSQL is tested when `TEST_POSTGRES_URL` is set, which `make test`
//! always does.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use tempfile::TempDir;

use crate::clock::{ManualClock, Timestamp};
use crate::entropy::SeededEntropy;
use crate::store::{Database, StoreError};

/// 2026-11-21T09:00:00Z, where every test begins.
pub const START: Timestamp = Timestamp::from_seconds(1_795_251_600);

/// A fresh database that is gone when the last of its clones is dropped.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    /// The migrated database.
    pub database: Database,
    /// `sqlite` or `postgres`, for messages.
    pub engine: &'static str,
    /// Where it is, for a connection of one's own.
    pub url: String,
    _folder: Arc<TempDir>,
}

impl TestDatabase {
    /// The same one, on another connection to it.
    #[must_use]
    pub fn reached_by(mut self, database: Database) -> Self {
        self.database = database;
        self
    }
}

/// A fresh database on every engine there is: run the test once for each.
pub async fn databases() -> Result<Vec<TestDatabase>, StoreError> {
    let mut all = vec![sqlite().await?];
    if let Some(url) = postgres_url() {
        all.push(postgres(&url).await?);
    }
    Ok(all)
}

/// A fresh SQLite database in a temporary folder.
pub async fn sqlite() -> Result<TestDatabase, StoreError> {
    let folder = temporary_folder()?;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let database = Database::connect(&url).await?;
    database.migrate().await?;
    Ok(TestDatabase {
        database,
        engine: "sqlite",
        url,
        _folder: Arc::new(folder),
    })
}

async fn postgres(url: &str) -> Result<TestDatabase, StoreError> {
    let name = format!(
        "test_{}",
        crate::id::generate(
            "db",
            &crate::clock::SystemClock,
            &crate::entropy::SystemEntropy::default()
        )
    );
    let server = PgPool::connect(url).await?;
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&server)
        .await?;
    server.close().await;
    let own = url.rsplit_once('/').map_or(url, |(base, _)| base);
    let url = format!("{own}/{name}");
    let database = Database::connect(&url).await?;
    database.migrate().await?;
    Ok(TestDatabase {
        database,
        engine: "postgres",
        url,
        _folder: Arc::new(temporary_folder()?),
    })
}

/// The URL of a PostgreSQL server where databases may be made.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of their server by the environment"
)]
pub fn postgres_url() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok()
}

/// Keeps a FHIR body for the judges in `tests/judges`: a line, or several when it is NDJSON, in the file
/// of this name in the folder that `TEST_JUDGED` names, which `make test` sets. Other bodies are left.
#[expect(
    clippy::expect_used,
    reason = "a test that cannot keep what it was asked to keep must fail"
)]
pub fn keep_for_judges(name: &str, media: &str, body: &[u8]) {
    let Some(folder) = std::env::var_os("TEST_JUDGED").map(PathBuf::from) else {
        return;
    };
    if body.is_empty() || !media.starts_with("application/fhir+") {
        return;
    }
    let mut lines = body.to_vec();
    if media.starts_with("application/fhir+json") {
        // Within JSON's texts a line cannot end; between them it means nothing.
        for byte in lines.iter_mut().filter(|byte| **byte == b'\n') {
            *byte = b' ';
        }
        lines.push(b'\n');
    }
    std::fs::create_dir_all(&folder).expect("the folder for judges can be made");
    let path = folder.join(format!("{name}.ndjson"));
    let file = OpenOptions::new().create(true).append(true).open(path);
    // Written at once: other tests write to the same file.
    file.and_then(|mut file| file.write_all(&lines))
        .expect("the file for judges can be written");
}

/// A clock at [`START`].
pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(START))
}

/// Entropy that repeats.
pub fn entropy() -> Arc<SeededEntropy> {
    Arc::new(SeededEntropy::new(42))
}

fn temporary_folder() -> Result<TempDir, StoreError> {
    tempfile::tempdir().map_err(|source| StoreError::Folder {
        folder: std::env::temp_dir(),
        source,
    })
}
