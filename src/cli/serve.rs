//! `serve`: every room in one process, or only some of them.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::http::request_id::Source;
use foundation::telemetry;
use foundation::{Clock, Entropy};
use futures::future::join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::compose::{Product, Role};
use crate::config::Config;
use crate::{demo, lifecycle, listener};

/// Run the rooms: portal, registry, sandbox and the worker.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Run only these; repeat for several. Without it, everything.
    #[arg(long = "role", value_enum, value_name = "ROLE")]
    roles: Vec<Role>,
    /// Bring demo content at the first start: people with logins, and apps that are checked and
    /// approved as any other.
    #[arg(long, value_enum, value_name = "WHAT", num_args = 0..=1, default_missing_value = "all")]
    demo: Option<Demo>,
}

/// How much demo content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Demo {
    /// Organisations and people who can log in.
    People,
    /// People and apps.
    All,
}

impl Serve {
    pub(super) fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        telemetry::start_logging(&config.log.filter)?;
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(self.serve(config))?;
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(self, mut config: Config) -> anyhow::Result<()> {
        let stop = lifecycle::stop_on_signal()?;
        let metrics = telemetry::Metrics::start()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        // Witnesses answer until everything else has ended.
        let witnessing = CancellationToken::new();
        if self.demo.is_some() || demo::witnesses::are_known(&config) {
            demo::witnesses::start(&mut config, &clock, &entropy, &witnessing).await?;
        } else if config.registry.log.witnesses.is_empty() {
            tracing::warn!(
                "registry.log.witnesses is empty: no EPJ accepts approvals that nobody witnesses"
            );
        }
        let product = Product::prepared(config, clock, entropy).await?;
        if let Some(demo) = self.demo {
            demo::bring_people(&product.registry).await?;
            // The reviewers' keys are believed from the first decision on.
            product.registry.renew_trust_if_possible().await?;
            if demo == Demo::All {
                demo::bring_apps(&product).await?;
            }
        }
        let roles = if self.roles.is_empty() {
            Role::ALL.to_vec()
        } else {
            self.roles.clone()
        };
        let ids = Source::new(Arc::clone(&product.clock), &*product.entropy);
        let limit = Duration::from_secs(product.config.server.request_timeout_seconds);
        let mut running = JoinSet::new();
        for surface in product.surfaces(&roles, &metrics) {
            let socket = listener::bind(&surface.socket, surface.setting).await?;
            let router = listener::wrap(surface.router, ids.clone(), limit);
            running.spawn(listener::serve(socket, router, stop.clone()));
        }
        if roles.contains(&Role::Worker) {
            let working = product.workers().map(|worker| worker.run(stop.clone()));
            let registry = product.registry.clone();
            let stop = stop.clone();
            running.spawn(async move {
                tokio::join!(join_all(working), registry.keep_status_young(stop));
                Ok(())
            });
        }
        if roles.contains(&Role::Sandbox) {
            let sandbox = product.sandbox.clone();
            let stop = stop.clone();
            running.spawn(async move {
                tokio::join!(sandbox.follow_status(stop.clone()), sandbox.notify(stop));
                Ok(())
            });
        }
        // Streams that have no end of their own must not hold up a stop.
        let registry = product.registry.clone();
        running.spawn(async move {
            stop.cancelled().await;
            registry.close_feeds();
            Ok(())
        });
        self.announce(&product);
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        witnessing.cancel();
        product.close().await;
        Ok(())
    }

    #[expect(
        clippy::print_stdout,
        reason = "what a person at the terminal needs to begin"
    )]
    fn announce(&self, product: &Product) {
        let server = &product.config.server;
        println!("markedsplass is ready\n");
        println!("  portal and registry  {}", server.portal_url);
        println!("  sandbox, EPJ page    {}demo/", server.sandbox_url);
        println!("  API description      {}openapi.json", server.portal_url);
        if self.demo.is_some() {
            println!("\nlog in at {}logg-inn as one of", server.portal_url);
            print!("{}", demo::logins());
        }
        println!(
            "\nCtrl-C stops it; the data is in {}",
            product.config.storage.data.display()
        );
    }
}
