//! The agent: one verifier in memory, its state on disk, and the registry behind it. Decisions about
//! launches are made in memory alone; taking something in may fetch what it needs.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use foundation::{Clock, Entropy, Timestamp};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use verifier::claims::Approval;
use verifier::uri::WebUri;
use verifier::{Code, LaunchRequest, ObservedContent, Snapshot, Verifier, VerifyError};

use crate::Settings;
use crate::answer::{Launched, Listed, Verified};
use crate::error::{AgentError, StartError};
use crate::http::{self, Hosts};
use crate::journal::{Failure, Journal, Of};
use crate::renew::Trusting;
use crate::request::{Launch, Verify, Wanted};
use crate::source::{Published, Source};
use crate::state::Store;

/// What an agent is made from.
#[derive(Debug)]
pub struct Parts {
    /// How it is set up.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// An agent; clones are the same one.
#[derive(Clone)]
pub struct Agent(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) source: Source,
    pub(crate) started_at: Timestamp,
    verifier: RwLock<Verifier>,
    store: Arc<tokio::sync::Mutex<Store>>,
    journal: Mutex<Journal>,
    /// The status lists that the approvals rely on.
    pub(crate) lists: watch::Sender<BTreeSet<String>>,
    /// Lists have to be read anew.
    pub(crate) unread: Notify,
    /// One look at the trust repository at a time.
    pub(crate) trusting: tokio::sync::Mutex<Trusting>,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("registry", &self.0.settings.registry)
            .finish_non_exhaustive()
    }
}

impl Agent {
    /// An agent that goes on where its state says; nothing is fetched yet.
    pub fn open(parts: Parts) -> Result<Self, StartError> {
        let Parts {
            settings,
            clock,
            entropy,
        } = parts;
        WebUri::parse(&settings.registry, settings.environment)
            .map_err(|bad| StartError::Registry(settings.registry.clone(), bad))?;
        let store = Store::open(&settings.state)?;
        let verifier = restored(&settings, store.content())?;
        let lists = verifier.status_addresses().map(str::to_owned);
        Ok(Self(Arc::new(Inner {
            lists: watch::Sender::new(lists.collect()),
            source: Source::new(&settings.registry).map_err(StartError::Client)?,
            started_at: clock.now(),
            settings,
            clock,
            entropy,
            verifier: RwLock::new(verifier),
            store: Arc::new(tokio::sync::Mutex::new(store)),
            journal: Mutex::default(),
            unread: Notify::new(),
            trusting: tokio::sync::Mutex::default(),
        })))
    }

    /// Keeps what is known fresh until `stop`.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        crate::upkeep::run(&self.0, stop).await;
    }

    /// The answers over HTTP, to those who ask by one of these names.
    pub fn routes(&self, hosts: Hosts) -> foundation::access::Routes {
        http::routes(self.clone(), hosts)
    }

    /// Takes an approval in, and says whether it may be used.
    pub(crate) async fn verify(&self, request: &Verify) -> Result<Verified, AgentError> {
        let outcome = self.verify_quietly(request).await;
        match &outcome {
            Ok(verified) => {
                let (approval, in_force) = (&verified.approval, verified.in_force);
                tracing::info!(?approval, in_force, "an approval was taken in");
            }
            Err(refused) => tracing::warn!(%refused, "an approval was not taken in"),
        }
        outcome
    }

    async fn verify_quietly(&self, request: &Verify) -> Result<Verified, AgentError> {
        let inner = &self.0;
        let (approval, ticket) = match request.wanted()? {
            Wanted::Sent { approval, ticket } => (approval, ticket),
            Wanted::Version(id, version) => {
                let found = inner.source.approval(&id, &version).await?;
                let Published { approval, ticket } = found.ok_or_else(|| {
                    Code::NotApproved.because("the registry has approved no such version")
                })?;
                (approval.trim().to_owned(), Some(ticket))
            }
        };
        let accepted = inner.take_in(&approval, ticket.as_deref()).await?;
        inner.read(|verifier, now| inner.verified(verifier, &accepted, request, now))
    }

    /// Decides about a launch.
    pub(crate) fn launch(&self, launch: &Launch) -> Result<Launched, AgentError> {
        let outcome = self.0.launch(launch);
        let (id, version) = (&launch.software_id, &launch.software_version);
        match &outcome {
            Ok(granted) => {
                let (jti, leaf) = (&granted.jti, granted.leaf.to_string());
                tracing::info!(id, version, jti, leaf, "a launch was granted");
            }
            Err(refused) => tracing::warn!(id, version, %refused, "a launch was refused"),
        }
        outcome
    }

    /// Everything that is approved, with what would be said about it now.
    pub(crate) fn apps(&self) -> Vec<Listed> {
        let inner = &self.0;
        inner.read(|verifier, now| {
            let entry = |approval: &Approval| Listed {
                approval: approval.into(),
                standing: inner.standing(verifier, approval, now).into(),
            };
            verifier.approvals().map(entry).collect()
        })
    }

    /// Why launches cannot be decided at all now: no usable trust configuration, or a clock that has
    /// been put back.
    pub(crate) fn obstacle(&self) -> Option<VerifyError> {
        let nothing = LaunchRequest::new("", "", "", ObservedContent::Unobserved);
        let outcome = self
            .0
            .read(|verifier, now| verifier.launch(&nothing, now).map(|_| ()));
        outcome
            .err()
            .filter(|refused| refused.code != Code::NotApproved)
    }
}

impl Inner {
    /// Looks something up.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Verifier, i64) -> T) -> T {
        let now = self.clock.now().seconds();
        look(
            &self.verifier.read().unwrap_or_else(PoisonError::into_inner),
            now,
        )
    }

    /// Changes what is known, and saves it when it is something else than before. What was learnt
    /// before a refusal is kept too.
    pub(crate) async fn change<T>(&self, change: impl FnOnce(&mut Verifier, i64) -> T) -> T {
        let now = self.clock.now().seconds();
        let outcome = {
            let mut verifier = self
                .verifier
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            change(&mut verifier, now)
        };
        self.save().await;
        self.learn();
        outcome
    }

    async fn save(&self) {
        let mut store = Arc::clone(&self.store).lock_owned().await;
        let snapshot = self.read(|verifier, _| serde_json::to_string(&verifier.snapshot()));
        let written = match snapshot {
            Ok(state) => tokio::task::spawn_blocking(move || store.save(state))
                .await
                .unwrap_or_else(|panicked| Err(std::io::Error::other(panicked))),
            Err(error) => Err(error.into()),
        };
        let now = self.clock.now();
        match written {
            Ok(false) => {}
            Ok(true) => self.journal().note(Of::State, now, Ok(())),
            Err(error) => {
                tracing::error!(%error, "the state could not be written");
                let failure = Failure::unsaved(now, &error);
                self.journal().note(Of::State, now, Err(failure));
            }
        }
    }

    /// Begins to follow the lists that have become known.
    fn learn(&self) {
        let known = self.read(|verifier, _| {
            let lists = verifier.status_addresses().map(str::to_owned);
            lists.collect::<BTreeSet<_>>()
        });
        self.lists.send_if_modified(|followed| {
            let before = followed.len();
            followed.extend(known);
            followed.len() > before
        });
    }

    /// How the parts fare.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The verifier as it was saved, or one that knows the root document alone.
fn restored(settings: &Settings, saved: Option<&str>) -> Result<Verifier, StartError> {
    let local = settings.policy.local(settings.environment);
    // A wrong root document is to be told apart from a wrong state.
    let fresh = Verifier::new(&settings.root, local.clone()).map_err(StartError::Root)?;
    let Some(saved) = saved else {
        return Ok(fresh);
    };
    let snapshot: Snapshot =
        serde_json::from_str(saved).map_err(|error| StartError::State(error.to_string()))?;
    let trusted = snapshot.has_trust();
    let verifier = Verifier::restore(&settings.root, local, snapshot)
        .map_err(|refused| StartError::State(refused.to_string()))?;
    if trusted && verifier.trust().is_none() {
        tracing::warn!(
            "the root document ends what the state believed: everything is fetched anew, and \
             approvals have to be taken in again"
        );
    }
    Ok(verifier)
}
