//! Three witnesses for a demo: on ports of this machine, each with keys and a database of its own,
//! reached over HTTP as any other. In earnest they are run by others, elsewhere.

use std::sync::Arc;

use anyhow::Context;
use foundation::store::Database;
use foundation::{Clock, Entropy};
use registry::{LogError, WitnessConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use verifier::note::VerifierKey;
use witness::{Identity, Parts, Witness};

use crate::compose::open_log;
use crate::config::Config;
use crate::{listener, secret};

/// True when these witnesses have been started here before: their memory holds the registry to its
/// log from then on.
pub(crate) fn are_known(config: &Config) -> bool {
    config.storage.witnesses_path().is_dir()
}

/// Starts the witnesses and lists them in the settings, unless others are set there.
pub(crate) async fn start(
    config: &mut Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if !config.registry.log.witnesses.is_empty() {
        return Ok(());
    }
    let logs = log_keys(config, clock, entropy).await?;
    for number in 1..=WITNESSES {
        let started = start_one(config, clock, entropy, &logs, number, stop).await;
        let started = started.with_context(|| format!("witness {number}"))?;
        config.registry.log.witnesses.push(started);
    }
    Ok(())
}

async fn start_one(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
    logs: &[VerifierKey],
    number: usize,
    stop: &CancellationToken,
) -> anyhow::Result<WitnessConfig> {
    let folder = config.storage.witnesses_path().join(number.to_string());
    let secret = secret::load_or_make(&folder.join("secret"), &**entropy)?;
    let name = format!("witness-{number}.localhost");
    let identity = Identity::load_or_make(&folder.join("witness.key"), &name, &secret, &**entropy)?;
    let url = format!("sqlite:{}", folder.join("witness.db").display());
    let database = Database::connect(&url).await?;
    database.migrate().await?;
    let keys = identity.keys().map(ToString::to_string).collect();
    let witness = Witness::new(Parts {
        database,
        clock: Arc::clone(clock),
        identity,
        logs: logs.to_vec(),
    });
    let socket = TcpListener::bind("127.0.0.1:0").await?;
    let port = socket.local_addr()?.port();
    // It lives as long as the process: what is still on its way when the others stop is cosigned.
    tokio::spawn(listener::serve(socket, witness.router(), stop.clone()));
    Ok(WitnessConfig {
        name: format!("witness-{number}"),
        url: format!("http://127.0.0.1:{port}"),
        keys,
        unlisted: true,
    })
}

/// The keys of every log of this installation; the first is made when there is none.
async fn log_keys(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Vec<VerifierKey>> {
    let database = Database::connect(&config.storage.database_url())
        .await
        .context("storage.database")?;
    database.migrate().await?;
    let (_, log) = open_log(config, &database, clock, entropy)?;
    match log.prepare().await {
        // The database is gone and the files are there: the witnesses follow nothing and tell what
        // they have seen.
        Ok(()) | Err(LogError::Obstacle(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let keys = log.verifier_keys().await?;
    database.close().await;
    Ok(keys)
}

const WITNESSES: usize = 3;
