//! `db`: the schema of the database.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use foundation::store::Database;

use crate::config::Config;

/// The database.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum Db {
    /// Bring the schema to the newest version (`serve` does it too).
    Migrate,
    /// Say whether the database answers.
    Check,
}

impl Db {
    #[expect(clippy::print_stdout, reason = "the answer of the command")]
    pub(super) fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async move {
            let database = Database::connect(&config.storage.database_url())
                .await
                .context("storage.database")?;
            match self {
                Self::Migrate => {
                    database.migrate().await?;
                    println!("the schema is up to date");
                }
                Self::Check => println!("the database answers ({:?})", database.engine()),
            }
            database.close().await;
            Ok(ExitCode::SUCCESS)
        })
    }
}
