//! `epj-agent`: the verifier beside an EPJ that embeds nothing. It needs nothing of a registry but its
//! public files, and believes those only by the root document that it is given.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ::epj_agent::{Agent, Hosts, Parts, Policy, Settings};
use anyhow::{Context, bail};
use clap::Args;
use foundation::Clock;
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::http::request_id::Source;
use foundation::telemetry;

use super::verify::Environment;
use crate::{lifecycle, listener};

/// Run the verifier beside an EPJ: fresh trust, status and checkpoints, answers on loopback.
#[derive(Debug, Args)]
pub(super) struct EpjAgent {
    /// The registry's address.
    #[arg(long, value_name = "URL")]
    registry: String,
    /// The root document that is believed; it must have come another way than the rest.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// Address and port to answer on; only this machine's own, unless --allow-remote.
    #[arg(long, default_value = "127.0.0.1:8095", value_name = "ADDRESS:PORT")]
    listen: String,
    /// Folder for what it knows.
    #[arg(long, default_value = "epj-agent", value_name = "DIR")]
    state: PathBuf,
    /// Where approvals are to be used; a test approval is refused in production.
    #[arg(long, value_enum, default_value = "prod")]
    environment: Environment,
    /// The installation's own rules (TOML); without it everything that is approved may be launched.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Seconds until a status list is fetched that was not pushed, and the log's checkpoint.
    #[arg(long, default_value_t = POLL, value_parser = clap::value_parser!(u32).range(1..=i64::from(POLL)), value_name = "SECONDS")]
    poll: u32,
    /// Seconds between two looks at the trust repository.
    #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..=43_200), value_name = "SECONDS")]
    refresh: u32,
    /// Answer on an address that other machines reach. Nobody is asked who they are: put a proxy
    /// before it that does.
    #[arg(long)]
    allow_remote: bool,
    /// A host name besides localhost by which it may be asked; repeat for several.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
}

impl EpjAgent {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        telemetry::start_logging("warn,epj_agent=info,markedsplass=info")?;
        let settings = self.settings()?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(self.serve(settings))?;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let root = std::fs::read(&self.root)
            .with_context(|| format!("--root {} cannot be read", self.root.display()))?;
        let policy = match &self.policy {
            None => Policy::default(),
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("--policy {} cannot be read", file.display()))?;
                Policy::parse(&text).with_context(|| format!("--policy {}", file.display()))?
            }
        };
        Ok(Settings {
            registry: self.registry.trim_end_matches('/').to_owned(),
            root,
            environment: self.environment.into(),
            policy,
            state: self.state.clone(),
            poll: Duration::from_secs(u64::from(self.poll)),
            refresh: Duration::from_secs(u64::from(self.refresh)),
        })
    }

    async fn serve(self, settings: Settings) -> anyhow::Result<()> {
        let stop = lifecycle::stop_on_signal()?;
        self.check_address().await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy = Arc::new(SystemEntropy::default());
        let agent = Agent::open(Parts {
            settings,
            clock: Arc::clone(&clock),
            entropy: entropy.clone(),
        })?;
        let socket = listener::bind(&self.listen, "--listen").await?;
        self.announce(socket.local_addr()?);
        let routes = agent.routes(Hosts::with(self.hosts));
        let router = listener::wrap(routes.into_router(), Source::new(clock, &*entropy), LIMIT);
        let answering = async {
            let served = listener::serve(socket, router, stop.clone()).await;
            stop.cancel();
            served
        };
        let (served, ()) = tokio::join!(answering, agent.keep_fresh(stop.clone()));
        served
    }

    /// Only this machine is answered, unless that was meant otherwise.
    async fn check_address(&self) -> anyhow::Result<()> {
        let found = tokio::net::lookup_host(&self.listen).await;
        let found = found.with_context(|| format!("--listen {}", self.listen))?;
        let remote: Vec<SocketAddr> = found.filter(|found| !found.ip().is_loopback()).collect();
        if let (Some(address), false) = (remote.first(), self.allow_remote) {
            bail!(
                "--listen {address} can be reached from other machines, and the agent asks nobody \
                 who they are: use 127.0.0.1, or --allow-remote with a proxy before it"
            );
        }
        Ok(())
    }

    #[expect(
        clippy::print_stdout,
        reason = "what a person at the terminal needs to begin"
    )]
    fn announce(&self, address: SocketAddr) {
        println!("the EPJ agent answers on http://{address}\n");
        println!("  registry  {}", self.registry);
        println!("  state     {}", self.state.display());
    }
}

/// Taking an approval in may fetch some files first.
const LIMIT: Duration = Duration::from_mins(2);
/// The longest that a status list is not asked for, in seconds, and what is usual.
const POLL: u32 = 300;

#[cfg(test)]
mod tests {
    use clap::Parser;
    use verifier::verifier::SKEW;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        agent: EpjAgent,
    }

    fn poll(more: &[&str]) -> Option<u32> {
        let usual = [
            "epj-agent",
            "--registry",
            "https://a.example",
            "--root",
            "r",
        ];
        let line = Line::try_parse_from(usual.iter().chain(more)).ok()?;
        Some(line.agent.poll)
    }

    #[test]
    fn polling_keeps_the_six_minutes_that_are_promised() {
        let (usual, longest) = (poll(&[]), poll(&["--poll", "300"]));
        for seconds in [usual, longest].map(|seconds| i64::from(seconds.unwrap())) {
            // What a cache between may hold back is no more than clocks may differ.
            assert!(seconds + SKEW <= 360, "{seconds}");
        }
        assert_eq!(poll(&["--poll", "301"]), None);
    }
}
