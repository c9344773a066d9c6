//! The room's service: what the binary, the conformance stage and the portal may ask of it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use foundation::access::Routes;
use foundation::jobs::{Handler, Job, JobError, NewJob, Worker, enqueue};
use foundation::store::Database;
use foundation::{Clock, Entropy};
use tokio_util::sync::CancellationToken;

use crate::approvals::ApprovalSource;
use crate::config::SandboxConfig;
use crate::domain::client::{Client, NewClient, origin_of};
use crate::domain::exchange::Exchange;
use crate::domain::launch::{EncounterSummary, Launched, NewLaunch, PersonSummary};
use crate::domain::sandbox::{Cast, DEMO, NewSandbox, SandboxInfo};
use crate::domain::snapshot::{NewClone, Snapshot};
use crate::error::SandboxError;
use crate::fhir::{FhirState, Outward, Overlays};
use crate::http::pages::Pages;
use crate::notifications::NotificationSink;
use crate::service::Core;
use crate::service::admission::Admissions;
use crate::service::clients::RegisteredClient;
use crate::service::follow;
use crate::service::keys::Keys;
use crate::service::notify;
use crate::service::people;
use crate::service::recorder::Recorder;
use crate::service::sweep::COLLECT;

/// What the room is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where it keeps its tables.
    pub database: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Settings.
    pub config: SandboxConfig,
    /// The registry, as the EPJ sees it.
    pub approvals: Arc<dyn ApprovalSource>,
    /// How notifications of subscriptions leave.
    pub notifications: Arc<dyn NotificationSink>,
}

/// The sandbox room; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sandbox {
    core: Arc<Core>,
    pages: Arc<Pages>,
}

impl Sandbox {
    /// Puts the room together. Must be called within a tokio runtime, where the recorder runs.
    pub fn new(parts: Parts) -> Result<Self, SandboxError> {
        parts.config.validate()?;
        let recorder = Recorder::start(parts.database.clone());
        let overlays = Overlays::default();
        let outward = Outward::new(parts.notifications, recorder.clone());
        let fhir = FhirState::new(
            parts.database.clone(),
            Arc::clone(&parts.clock),
            Arc::clone(&parts.entropy),
            (overlays.clone(), outward),
        );
        Ok(Self {
            core: Arc::new(Core {
                database: parts.database,
                clock: parts.clock,
                entropy: parts.entropy,
                config: parts.config,
                approvals: parts.approvals,
                keys: Keys::default(),
                recorder,
                admissions: Admissions::default(),
                epj: tokio::sync::Mutex::new(()),
                lists: tokio::sync::watch::Sender::default(),
                casts: std::sync::Mutex::default(),
                fhir,
                overlays,
            }),
            pages: Arc::new(Pages::load()?),
        })
    }

    /// Makes what must be there before the first request: the demo sandbox, the signing keys and
    /// the job that forgets expired things. Safe to repeat.
    pub async fn prepare(&self) -> Result<(), SandboxError> {
        self.core.ensure_demo().await?;
        self.core.key_of(DEMO).await?;
        self.core.helseid_key().await?;
        let mut tx = self.core.database.begin().await?;
        let job = sweep_job(&self.core);
        enqueue(&mut tx, &*self.core.clock, &*self.core.entropy, job).await?;
        Ok(tx.commit().await?)
    }

    /// Writes what was recorded and is still in memory; to be called before the database is closed.
    pub async fn close(&self) {
        self.core.recorder.flush().await;
    }

    /// Every route of the room.
    pub fn routes(&self) -> Routes {
        crate::http::routes(Arc::clone(&self.core), Arc::clone(&self.pages))
    }

    /// Adds the room's jobs to a worker.
    #[must_use]
    pub fn jobs(&self, worker: Worker) -> Worker {
        worker
            .on(SWEEP, Sweep(Arc::clone(&self.core)))
            .on(COLLECT, Collect(Arc::clone(&self.core)))
    }

    /// Keeps the status lists of the sandboxes' EPJs new until `stop`. To be run by every process
    /// that serves sandboxes.
    pub async fn follow_status(&self, stop: CancellationToken) {
        follow::follow(Arc::clone(&self.core), stop).await;
    }

    /// Tells the subscriptions of the sandboxes' FHIR servers what happens, until `stop`. To be run by
    /// every process that serves sandboxes: each event is told by one of them.
    pub async fn notify(&self, stop: CancellationToken) {
        notify::notify(Arc::clone(&self.core), stop).await;
    }

    /// Makes a sandbox.
    pub async fn create(&self, new: NewSandbox) -> Result<SandboxInfo, SandboxError> {
        self.core.create(new).await
    }

    /// The sandbox with this name.
    pub async fn sandbox(&self, name: &str) -> Result<SandboxInfo, SandboxError> {
        self.core.sandbox(name).await
    }

    /// Every sandbox.
    pub async fn sandboxes(&self) -> Result<Vec<SandboxInfo>, SandboxError> {
        self.core.sandboxes().await
    }

    /// Forgets what was written and done in a sandbox; its clients stay.
    pub async fn reset(&self, sandbox: &str) -> Result<(), SandboxError> {
        self.core.reset(sandbox).await
    }

    /// Deletes a sandbox with everything in it.
    pub async fn delete(&self, sandbox: &str) -> Result<(), SandboxError> {
        self.core.delete(sandbox).await
    }

    /// Takes a snapshot of a sandbox.
    pub async fn take_snapshot(&self, sandbox: &str, name: &str) -> Result<Snapshot, SandboxError> {
        self.core.take_snapshot(sandbox, name).await
    }

    /// Makes a sandbox what it was at a snapshot.
    pub async fn restore(&self, sandbox: &str, snapshot: &str) -> Result<(), SandboxError> {
        self.core.restore(sandbox, snapshot).await
    }

    /// Makes a sandbox from another.
    pub async fn clone_sandbox(
        &self,
        of: &str,
        new: NewClone,
    ) -> Result<SandboxInfo, SandboxError> {
        self.core.clone_sandbox(of, new).await
    }

    /// The FHIR base address of a sandbox, as in `iss` and `aud`.
    pub fn fhir_base(&self, sandbox: &str) -> String {
        self.core.fhir_base(sandbox)
    }

    /// Registers an app; an identifier that is registered already is replaced.
    pub async fn register_client(
        &self,
        sandbox: &str,
        client: NewClient,
    ) -> Result<RegisteredClient, SandboxError> {
        self.core.register_client(sandbox, client).await
    }

    /// The registered apps of a sandbox.
    pub async fn clients(&self, sandbox: &str) -> Result<Vec<Client>, SandboxError> {
        self.core.clients(sandbox).await
    }

    /// Removes an app's registration.
    pub async fn delete_client(&self, sandbox: &str, client_id: &str) -> Result<(), SandboxError> {
        self.core.delete_client(sandbox, client_id).await
    }

    /// Makes an EHR launch of a registered app and gives the address to open in a browser.
    pub async fn launch(&self, sandbox: &str, launch: NewLaunch) -> Result<Launched, SandboxError> {
        self.core.launch(sandbox, launch).await
    }

    /// What was asked of a sandbox after `after` (0 for all), oldest first. Everything that was
    /// answered before this call is there.
    pub async fn traffic(&self, sandbox: &str, after: i64) -> Result<Vec<Exchange>, SandboxError> {
        self.core.traffic(sandbox, after, MOST_TRAFFIC).await
    }

    /// Scheme, host and port under which browsers reach the sandbox.
    pub fn origin(&self) -> String {
        origin_of(&self.core.config.public_url).unwrap_or_default()
    }

    /// Who can play in a launch that a test makes.
    pub async fn cast(&self, sandbox: &str) -> Result<Cast, SandboxError> {
        self.core.cast(sandbox).await
    }

    /// Patients who fit every word of a search (name, fødselsnummer, birth date), at most `limit`.
    pub async fn patients(
        &self,
        sandbox: &str,
        search: &str,
        limit: usize,
    ) -> Result<Vec<PersonSummary>, SandboxError> {
        let dataset = self.core.dataset(sandbox).await?;
        Ok(people::patients(&dataset, search, limit))
    }

    /// Everybody who works at the sandbox's practice.
    pub async fn practitioners(&self, sandbox: &str) -> Result<Vec<PersonSummary>, SandboxError> {
        Ok(people::practitioners(&self.core.dataset(sandbox).await?))
    }

    /// A patient's contacts, newest first.
    pub async fn encounters(
        &self,
        sandbox: &str,
        patient: &str,
    ) -> Result<Vec<EncounterSummary>, SandboxError> {
        Ok(people::encounters(
            &self.core.dataset(sandbox).await?,
            patient,
        ))
    }
}

struct Sweep(Arc<Core>);

#[async_trait]
impl Handler for Sweep {
    async fn run(&self, _job: Job) -> Result<(), JobError> {
        let gone = self.0.sweep().await?;
        tracing::debug!(gone, "expired rows of the sandbox are gone");
        let mut tx = self.0.database.begin().await?;
        enqueue(
            &mut tx,
            &*self.0.clock,
            &*self.0.entropy,
            sweep_job(&self.0),
        )
        .await?;
        Ok(tx.commit().await?)
    }
}

struct Collect(Arc<Core>);

#[async_trait]
impl Handler for Collect {
    async fn run(&self, _job: Job) -> Result<(), JobError> {
        Ok(self.0.collect().await?)
    }
}

fn sweep_job(core: &Core) -> NewJob {
    let run_at = core.now().plus(SWEEP_EVERY);
    // One job per hour, so that the running one can enqueue the next.
    let hour = run_at.seconds() / SWEEP_SECONDS;
    NewJob {
        kind: SWEEP,
        key: Some(hour.to_string()),
        payload: serde_json::Value::Null,
        run_at,
    }
}

/// More than any check makes; a reader with more to read asks again from the last number.
const MOST_TRAFFIC: u64 = 10_000;
const SWEEP: &str = "sandbox.sweep";
const SWEEP_SECONDS: i64 = 3600;
const SWEEP_EVERY: Duration = Duration::from_hours(1);
