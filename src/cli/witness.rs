//! `witness`: a witness of transparency logs (C2SP tlog-witness), for whoever wants to hold a log to
//! one history. It needs nothing of a registry but the log's verifier keys.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::http::request_id::Source;
use foundation::store::Database;
use foundation::telemetry;
use foundation::{Clock, Entropy};
use secrecy::SecretString;
use verifier::note::VerifierKey;
use witness::{Identity, Parts};

use crate::{lifecycle, listener, secret};

/// Run a witness of logs, apart from any registry.
#[derive(Debug, Args)]
pub(super) struct Witness {
    /// Address and port to answer on; put TLS before it.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS:PORT")]
    listen: String,
    /// Folder for its key file, secret and database.
    #[arg(long, default_value = "witness", value_name = "DIR")]
    data: PathBuf,
    /// Its name, such as w1.example.no: a part of its keys, and never to be changed.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A verifier key of a log that it follows, or a file with one on each line; repeat for more.
    #[arg(long = "log", value_name = "VKEY|FILE")]
    logs: Vec<String>,
    /// `sqlite:PATH` or `postgres://…`; without it a file in the data folder.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// File with the secret that seals the key file; without it `secret` in the data folder, made
    /// at the first start.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The secret itself, where no file can be.
    #[arg(
        long,
        env = "MARKEDSPLASS_WITNESS_SECRET",
        hide_env_values = true,
        value_name = "SECRET",
        conflicts_with = "secret_file",
        value_parser = |text: &str| Ok::<_, Infallible>(SecretString::from(text))
    )]
    secret: Option<SecretString>,
    /// Print its verifier keys, for registries and EPJs to list, and stop.
    #[arg(long)]
    keys: bool,
}

impl Witness {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let identity = self.identity(&*entropy)?;
        if self.keys {
            print_keys(&identity);
            return Ok(ExitCode::SUCCESS);
        }
        telemetry::start_logging("warn,witness=info,markedsplass=info")?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(self.serve(identity, entropy))?;
        Ok(ExitCode::SUCCESS)
    }

    fn identity(&self, entropy: &dyn Entropy) -> anyhow::Result<Identity> {
        let secret = if let Some(secret) = &self.secret {
            secret.clone()
        } else {
            let file = self.secret_file.clone();
            let file = file.unwrap_or_else(|| self.data.join("secret"));
            secret::load_or_make(&file, entropy)?
        };
        let file = self.data.join("witness.key");
        Ok(Identity::load_or_make(&file, &self.name, &secret, entropy)?)
    }

    async fn serve(self, identity: Identity, entropy: Arc<dyn Entropy>) -> anyhow::Result<()> {
        let stop = lifecycle::stop_on_signal()?;
        let logs = log_keys(&self.logs)?;
        if logs.is_empty() {
            anyhow::bail!("--log is needed: a witness follows only the logs that it is given");
        }
        let url = self
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.join("witness.db").display()));
        let database = Database::connect(&url).await.context("--database")?;
        database.migrate().await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        announce(&identity, &self.listen, &logs);
        let witness = witness::Witness::new(Parts {
            database: database.clone(),
            clock: Arc::clone(&clock),
            identity,
            logs,
        });
        let socket = listener::bind(&self.listen, "--listen").await?;
        let ids = Source::new(clock, &*entropy);
        let router = listener::wrap(witness.router(), ids, LIMIT);
        listener::serve(socket, router, stop).await?;
        database.close().await;
        Ok(())
    }
}

/// Keys given as such or in files.
fn log_keys(given: &[String]) -> anyhow::Result<Vec<VerifierKey>> {
    let mut keys = Vec::new();
    for text in given {
        if let Ok(key) = text.parse() {
            keys.push(key);
            continue;
        }
        let file = std::fs::read_to_string(Path::new(text))
            .with_context(|| format!("{text} is neither a verifier key nor a file of them"))?;
        for line in file.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key = line.parse();
            keys.push(key.with_context(|| format!("{text}: {line}"))?);
        }
    }
    Ok(keys)
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print_keys(identity: &Identity) {
    for key in identity.keys() {
        println!("{key}");
    }
}

#[expect(
    clippy::print_stdout,
    reason = "what a person at the terminal needs to begin"
)]
fn announce(identity: &Identity, listen: &str, logs: &[VerifierKey]) {
    println!(
        "the witness {} answers on {listen}; its keys:\n",
        identity.name()
    );
    for key in identity.keys() {
        println!("  {key}");
    }
    println!("\nit follows:\n");
    for key in logs {
        println!("  {} ({:08x})", key.name(), key.id());
    }
}

/// A request is small and its answer quick.
const LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        witness: Witness,
    }

    #[test]
    fn the_secret_is_not_in_what_is_printed_of_the_command() {
        let given = ["witness", "--name", "w", "--secret", "do-not-print-me"];
        let read = Alone::try_parse_from(given).unwrap();
        assert!(!format!("{read:?}").contains("do-not-print-me"));
        assert!(read.witness.secret.is_some());
    }
}
