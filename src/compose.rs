//! Joins the rooms into the product. It alone knows them all; what one room needs from another goes
//! through a port (`ports`).

use std::fmt;
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use axum::{Router, middleware};
use clap::ValueEnum;
use conformance::Conformance;
use foundation::access::{RouteEntry, Routes};
use foundation::blob::Blobs;
use foundation::failpoint::NoFailpoints;
use foundation::files::Files;
use foundation::http::health::{self, Readiness};
use foundation::jobs::Worker;
use foundation::store::Database;
use foundation::telemetry::Metrics;
use foundation::{Clock, Entropy};
use portal::Portal;
use registry::{Desk, KeySecrets, KeyStores, Keys, LogParts, Registry, TransparencyLog};
use sandbox::Sandbox;

use crate::config::Config;
use crate::{demo, listener, ports, secret};

/// A part of the product that a process can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// The registry's and conformance's API, and the origins of uploaded apps.
    Registry,
    /// The make-believe EPJ.
    Sandbox,
    /// Pages.
    Portal,
    /// Jobs.
    Worker,
}

impl Role {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Registry, Self::Sandbox, Self::Portal, Self::Worker];
}

/// A socket and what is served there.
#[derive(Debug)]
pub struct Surface {
    /// What is served.
    pub router: Router,
    /// Address and port.
    pub socket: String,
    /// The setting that says so, for messages.
    pub setting: &'static str,
}

/// The rooms, joined.
pub struct Product {
    /// The settings in force.
    pub config: Config,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The database that every room keeps its tables in.
    pub database: Database,
    /// Apps and approvals.
    pub registry: Registry,
    /// The make-believe EPJ.
    pub sandbox: Sandbox,
    /// Checks.
    pub conformance: Conformance,
    /// Pages.
    pub portal: Portal,
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Product")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// Reads the terminology that is not the product's own, before anything asks for any.
fn mount_terminology(config: &sandbox::SandboxConfig) -> anyhow::Result<()> {
    if config.terminology.as_os_str().is_empty() {
        return Ok(());
    }
    for (system, codes) in sandbox::terminology::mount(&config.terminology)? {
        tracing::info!(
            system,
            codes,
            "mounted the code system {system} with {codes} codes"
        );
    }
    Ok(())
}

impl Product {
    /// Opens the storage and joins the rooms on it. Nothing is published: for who only looks, or
    /// changes something, and does not know the settings that the service runs with.
    pub async fn compose(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Self::join(config, clock, entropy, false).await
    }

    /// The same, and what the registry publishes is brought up to date with the settings.
    pub async fn prepared(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        Self::join(config, clock, entropy, true).await
    }

    async fn join(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        publishing: bool,
    ) -> anyhow::Result<Self> {
        let storage = &config.storage;
        let database = Database::connect(&storage.database_url())
            .await
            .context("storage.database")?;
        database.migrate().await?;
        let blobs = Blobs::in_folder(&storage.data.join("blobs")).context("storage.data")?;

        // Registry and conformance ask each other; the registry's question is answered once
        // conformance stands.
        let verdicts = Arc::new(OnceLock::new());
        let parts = (database.clone(), blobs.clone());
        let registry = join_registry(&config, parts, (&clock, &entropy), &verdicts)?;
        if publishing {
            registry.prepare().await?;
        }
        // There is none before the first publication, nor where the database is gone.
        let root = registry.first_root().await?;
        mount_terminology(&config.sandbox)?;
        let sandbox = Sandbox::new(sandbox::Parts {
            database: database.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            config: config.sandbox.clone(),
            approvals: Arc::new(ports::RegistryApprovals::new(registry.clone(), root)),
            notifications: Arc::new(ports::Endpoints::new(
                config.conformance.allow_local_addresses,
            )?),
        })?;
        sandbox.prepare().await?;
        let conformance = Conformance::new(conformance::Parts {
            database: database.clone(),
            blobs,
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            config: config.conformance.clone(),
            stage: Arc::new(ports::SandboxStage::new(sandbox.clone())),
            subjects: Arc::new(ports::RegistrySubjects::new(registry.clone())),
        })?;
        if verdicts.set(conformance.clone()).is_err() {
            anyhow::bail!("conformance was joined twice");
        }
        let portal = Portal::new(portal::Parts {
            database: database.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            config: config.portal.clone(),
            registry: registry.clone(),
            conformance: conformance.clone(),
        })?;
        Ok(Self {
            config,
            clock,
            entropy,
            database,
            registry,
            sandbox,
            conformance,
            portal,
        })
    }

    /// The API of registry and conformance, with its authentication.
    fn api(&self) -> Routes {
        self.authenticated(self.registry.routes().merge(self.conformance.routes()))
    }

    /// The sandbox, whose management API takes the same API tokens.
    fn sandbox_routes(&self) -> Routes {
        self.authenticated(self.sandbox.routes())
    }

    fn authenticated(&self, routes: Routes) -> Routes {
        let registry = self.registry.clone();
        routes.authenticated(|router| {
            router.layer(middleware::from_fn_with_state(
                registry,
                registry::authenticate_layer,
            ))
        })
    }

    /// Who may use what: at the portal's address, and at the sandbox's.
    pub fn route_tables(&self) -> [Vec<RouteEntry>; 2] {
        let portal = self.api().merge(self.portal.routes());
        [
            portal.table().to_vec(),
            self.sandbox_routes().table().to_vec(),
        ]
    }

    /// Portal and API on one address.
    pub fn portal_router(&self, roles: &[Role]) -> Router {
        let mut routes = Routes::new();
        if roles.contains(&Role::Registry) {
            routes = routes.merge(self.api());
        }
        if roles.contains(&Role::Portal) {
            routes = routes.merge(self.portal.routes());
        }
        routes.into_router()
    }

    /// The sockets that these roles need, each with what is served there.
    pub fn surfaces(&self, roles: &[Role], metrics: &Metrics) -> Vec<Surface> {
        let server = &self.config.server;
        let probes = |needed: Option<Arc<dyn Readiness>>| {
            health::router(self.database.clone(), metrics.clone(), needed)
        };
        let log: Arc<dyn Readiness> = Arc::new(self.registry.log().clone());
        let speaks = roles.contains(&Role::Registry);
        let mut surfaces = Vec::new();
        if roles.contains(&Role::Registry) || roles.contains(&Role::Portal) {
            surfaces.push(Surface {
                router: self
                    .portal_router(roles)
                    .merge(probes(speaks.then_some(log)))
                    .fallback_service(self.portal.not_found()),
                socket: server.portal_listen.clone(),
                setting: "server.portal_listen",
            });
        }
        if roles.contains(&Role::Sandbox) {
            surfaces.push(Surface {
                router: self
                    .sandbox_routes()
                    .into_router()
                    .merge(probes(None))
                    .fallback(listener::unknown),
                socket: server.sandbox_listen.clone(),
                setting: "server.sandbox_listen",
            });
        }
        if roles.contains(&Role::Registry) {
            surfaces.push(Surface {
                router: self.registry.apps_router(),
                socket: server.apps_listen.clone(),
                setting: "server.apps_listen",
            });
        }
        surfaces
    }

    /// Workers for the jobs of every room. Each has turns of its own, so that a suspension does not
    /// wait behind a vendor's checks, nor a check behind an app's server that does not answer.
    pub fn workers(&self) -> [Worker; 3] {
        let worker = |parallel| {
            let clock = Arc::clone(&self.clock);
            Worker::new(self.database.clone(), clock, &*self.entropy, parallel)
        };
        let rooms = self.sandbox.jobs(worker(PARALLEL_JOBS));
        let rooms = self.conformance.jobs(rooms);
        [
            self.registry.jobs(worker(PARALLEL_JOBS)),
            self.registry.hosted_jobs(worker(1)),
            rooms.on(demo::KIND, demo::DemoWalk::of(self)),
        ]
    }

    /// Closes the database in good order.
    pub async fn close(&self) {
        self.sandbox.close().await;
        self.database.close().await;
    }
}

/// The registry by itself, for commands that need no other room. Nothing is prepared: its trust
/// repository may not be there yet.
pub(crate) async fn open_registry(
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> anyhow::Result<(Database, Registry)> {
    let storage = &config.storage;
    let database = Database::connect(&storage.database_url())
        .await
        .context("storage.database")?;
    database.migrate().await?;
    let blobs = Blobs::in_folder(&storage.data.join("blobs")).context("storage.data")?;
    let parts = (database.clone(), blobs);
    let registry = join_registry(&config, parts, (&clock, &entropy), &Arc::default())?;
    Ok((database, registry))
}

fn join_registry(
    config: &Config,
    (database, blobs): (Database, Blobs),
    (clock, entropy): (&Arc<dyn Clock>, &Arc<dyn Entropy>),
    verdicts: &Arc<OnceLock<Conformance>>,
) -> anyhow::Result<Registry> {
    let (keys, log) = open_log(config, &database, clock, entropy)?;
    let hosted = ports::HostedFiles::new(
        config.registry.environment == verifier::Environment::Test,
        Arc::clone(entropy),
    )?;
    Ok(Registry::new(registry::Parts {
        database,
        blobs,
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        config: config.registry.clone(),
        verdicts: Arc::new(ports::CheckVerdicts::new(Arc::clone(verdicts))),
        hosted: Arc::new(hosted),
        signing: Arc::new(Desk::new(keys.clone(), config.registry.clone())),
        keys,
        log,
    }))
}

/// The keys and the logs of this installation.
pub(crate) fn open_log(
    config: &Config,
    database: &Database,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<(Keys, TransparencyLog)> {
    let storage = &config.storage;
    let secret = secret::load_or_make(&storage.secret_path(), &**entropy)?;
    let chosen = &config.registry.keys;
    let token = &chosen.pkcs11;
    let secrets = KeySecrets {
        secret,
        passphrase: secret::read(
            chosen.passphrase_file.as_deref(),
            chosen.passphrase_variable.as_deref(),
        )
        .context("registry.keys.passphrase_file")?,
        pin: secret::read(token.pin_file.as_deref(), token.pin_variable.as_deref())
            .context("registry.keys.pkcs11.pin_file")?,
        folder: storage.data.join("keys"),
    };
    let stores = KeyStores::open(chosen, secrets, Arc::clone(entropy))?;
    let times = (Arc::clone(clock), Arc::clone(entropy));
    let keys = Keys::in_stores(database.clone(), times, stores);
    let parts = LogParts {
        database: database.clone(),
        clock: Arc::clone(clock),
        keys: keys.clone(),
        files: Files::in_folder(&storage.log_path()).context("storage.data")?,
        failpoints: Arc::new(NoFailpoints),
    };
    Ok((keys, TransparencyLog::new(parts, &config.registry)?))
}

const PARALLEL_JOBS: usize = 4;
