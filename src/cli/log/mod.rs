//! `log`: what an operator does with the transparency log, and what anybody does to audit it.

mod audit;
mod trust;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::files::Files;
use foundation::store::Database;
use foundation::{Clock, Entropy};
use registry::{LogError, TransparencyLog, Witnessed};
use tokio_util::sync::CancellationToken;

use crate::compose::{Product, open_log};
use crate::config::Config;
use crate::demo;

/// The transparency log.
#[derive(Debug, Subcommand)]
pub(super) enum Log {
    /// Print the verifier keys of the logs, for witnesses to follow.
    Keys,
    /// Have everything that is durable witnessed and published now.
    Publish,
    /// Write the published files anew, from a database that has everything.
    Files,
    /// Close the open log: what is in it is witnessed and published, and nothing comes after.
    Freeze,
    /// Open the next log, whose first entry is the last checkpoint of the frozen one.
    Start(Start),
    /// Read a log in from its published files, after a backup was restored, and make true again what
    /// it says.
    Restore(Restore),
    /// Audit a log as a stranger: tree, signatures, witnesses, entries, status lists; exit 1 on
    /// findings.
    Audit(audit::Audit),
}

#[derive(Debug, Args)]
pub(super) struct Start {
    /// Name or origin of the frozen log.
    #[arg(long, value_name = "LOG")]
    successor_of: String,
    /// Somebody else has its keys: close it first, where it was last witnessed from here, whatever
    /// the witnesses have been shown since.
    #[arg(long)]
    keys_stolen: bool,
    /// The new log's name; without it log and this year.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// Folder with `checkpoint` and `tile/`.
    #[arg(long, value_name = "TILES")]
    from: PathBuf,
    /// Go on without what the log names and does not contain, as an earlier run has listed it.
    #[arg(long)]
    accept_losses: bool,
}

impl Log {
    pub(super) fn run(
        self,
        load: impl FnOnce() -> anyhow::Result<Config>,
    ) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Runtime::new()?;
        match self {
            Self::Audit(audit) => runtime.block_on(audit.run()),
            other => runtime.block_on(other.operate(load()?)),
        }
    }

    async fn operate(self, mut config: Config) -> anyhow::Result<ExitCode> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let witnessing = CancellationToken::new();
        if demo::witnesses::are_known(&config) {
            demo::witnesses::start(&mut config, &clock, &entropy, &witnessing).await?;
        }
        let database = Database::connect(&config.storage.database_url())
            .await
            .context("storage.database")?;
        database.migrate().await?;
        if let Self::Restore(restore) = self {
            database.close().await;
            let product = Product::compose(config, clock, entropy).await?;
            let done = restore.carry_out(&product).await;
            witnessing.cancel();
            product.close().await;
            say(&done?);
            return Ok(ExitCode::SUCCESS);
        }
        let (_, log) = open_log(&config, &database, &clock, &entropy)?;
        let done = self.carry_out(&log).await;
        witnessing.cancel();
        database.close().await;
        say(&done?);
        Ok(ExitCode::SUCCESS)
    }

    async fn carry_out(&self, log: &TransparencyLog) -> anyhow::Result<String> {
        Ok(match self {
            Self::Keys => {
                log.prepare().await?;
                let keys = log.verifier_keys().await?;
                let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                keys.join("\n") + "\n"
            }
            Self::Publish => {
                log.ensure_fit().await?;
                describe("published", &log.publish().await?)
            }
            Self::Files => {
                log.rewrite_files().await?;
                "the files are written\n".to_owned()
            }
            Self::Freeze => {
                log.ensure_fit().await?;
                let last = log.freeze().await?;
                describe("frozen; pin this size and keep this checkpoint", &last)
            }
            Self::Start(start) => start.carry_out(log).await?,
            // Carried out without a database, and with more than the log.
            Self::Audit(_) | Self::Restore(_) => String::new(),
        })
    }
}

impl Start {
    async fn carry_out(&self, log: &TransparencyLog) -> anyhow::Result<String> {
        let (old, name) = (self.successor_of.as_str(), self.name.as_deref());
        let (ended, name) = if self.keys_stolen {
            let (last, name) = log.replace_stolen(old, name).await?;
            (describe("frozen; keep this checkpoint", &last), name)
        } else {
            log.ensure_fit().await?;
            (String::new(), log.start(old, name).await?)
        };
        let started = match log.publish().await {
            Ok(first) => describe("started", &first),
            // Its witnesses have to learn its keys first.
            Err(error @ LogError::Quorum(_)) => {
                format!("started {name}; give its keys (log keys) to the witnesses: {error}\n")
            }
            Err(error) => return Err(error.into()),
        };
        Ok(ended + &started)
    }
}

impl Restore {
    async fn carry_out(&self, product: &Product) -> anyhow::Result<String> {
        let files = Files::in_folder(&self.from)?;
        let restored = product.registry.restore_log(&files, "", self.accept_losses);
        let restored = restored.await?;
        let mut said = format!(
            "restored {} of {} entries, {} of which were missing\n",
            restored.origin, restored.size, restored.missing
        );
        if !restored.lost.is_empty() {
            said.push_str("\nthe log names these, and the database lacks them:\n");
            for what in &restored.lost {
                said.extend(["  ", what, "\n"]);
            }
            said.push_str(if self.accept_losses {
                "\ntheir loss is accepted; see to it that what they said is decided anew\n"
            } else {
                "\nnothing is served: bring a newer backup, or run this with --accept-losses\n"
            });
        }
        Ok(said)
    }
}

fn describe(what: &str, checkpoint: &Witnessed) -> String {
    let Witnessed {
        origin, size, note, ..
    } = checkpoint;
    format!("{what}: {origin}, {size} entries\n\n{note}")
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn say(text: &str) {
    print!("{text}");
}
