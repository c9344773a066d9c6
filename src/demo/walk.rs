//! Walks a demo app from upload to approval, one step at a time, as a durable job: what a vendor
//! and two reviewers do by hand in the portal. Nothing is taken as given: an app that fails its
//! check is not approved, and the log says which requirements it failed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use bytes::Bytes;
use conformance::{CheckState, Conformance};
use foundation::access::Actor;
use foundation::jobs::{Handler, Job, JobError, NewJob, enqueue};
use foundation::store::Database;
use foundation::{Clock, Entropy};
use registry::{
    Decision, Registry, RegistryError, ReviewRefusal, ReviewRequest, ReviewRole, SubmissionRequest,
    Upload, VersionState,
};
use sandbox::personas;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::apps::{self, DemoApp};
use crate::compose::Product;

/// The kind of job.
pub(crate) const KIND: &str = "demo.walk";

/// Which version is walked.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Walk {
    software_id: String,
    software_version: String,
}

/// Uploads every demo app that is not there yet and sends it on its way.
pub(crate) async fn bring_apps(product: &Product) -> anyhow::Result<()> {
    let vendor = act_as(&product.registry, VENDOR).await?;
    for app in apps::all()? {
        let walk = bring(product, &vendor, &app)
            .await
            .with_context(|| format!("the demo app {}", app.folder))?;
        let demo = DemoWalk::of(product);
        demo.again(&walk, Duration::ZERO).await?;
    }
    Ok(())
}

async fn bring(product: &Product, vendor: &Actor, app: &DemoApp) -> anyhow::Result<Walk> {
    let registry = &product.registry;
    let entry: serde_json::Value = serde_json::from_slice(&app.entry)?;
    let manifest: serde_json::Value = serde_json::from_slice(&app.manifest)?;
    let text = |value: &serde_json::Value, name: &str| {
        let found = value.get(name).and_then(serde_json::Value::as_str);
        found
            .map(str::to_owned)
            .ok_or_else(|| anyhow!("its manifest has no {name}"))
    };
    let walk = Walk {
        software_id: text(&entry, "software_id")?,
        software_version: text(&manifest, "software_version")?,
    };
    match registry.app(Some(vendor), &walk.software_id).await {
        Err(RegistryError::AppUnknown) => {
            registry.create_app(vendor, &app.entry).await?;
        }
        other => drop(other?),
    }
    let upload = Upload {
        manifest: Bytes::from(app.manifest.clone()),
        bundle: Some(Bytes::from(app.bundle.clone())),
        integrity: None,
    };
    match registry.upload(vendor, &walk.software_id, upload).await {
        // A data folder of an older release keeps its own demo apps.
        Ok(_) | Err(RegistryError::VersionReused) => Ok(walk),
        Err(error) => Err(error.into()),
    }
}

/// The handler of the walk's jobs.
#[derive(Clone)]
pub(crate) struct DemoWalk {
    registry: Registry,
    conformance: Conformance,
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// What a step came to.
enum Step {
    Done,
    Waiting,
    Walked,
}

impl DemoWalk {
    /// A walk through this product.
    pub(crate) fn of(product: &Product) -> Self {
        Self {
            registry: product.registry.clone(),
            conformance: product.conformance.clone(),
            database: product.database.clone(),
            clock: Arc::clone(&product.clock),
            entropy: Arc::clone(&product.entropy),
        }
    }

    async fn again(&self, walk: &Walk, pause: Duration) -> anyhow::Result<()> {
        let job = NewJob {
            kind: KIND,
            key: None,
            payload: json!(walk),
            run_at: self.clock.now().plus(pause),
        };
        let mut tx = self.database.begin().await?;
        enqueue(&mut tx, &*self.clock, &*self.entropy, job).await?;
        Ok(tx.commit().await?)
    }

    async fn step(&self, walk: &Walk) -> anyhow::Result<Step> {
        let vendor = act_as(&self.registry, VENDOR).await?;
        let (id, number) = (walk.software_id.as_str(), walk.software_version.as_str());
        let version = self.registry.version(Some(&vendor), id, number).await?;
        match version.state {
            VersionState::Draft => self.check_and_submit(&vendor, walk, &version.release).await,
            VersionState::Submitted => {
                for (key, role) in REVIEWERS {
                    self.review(key, role, walk).await?;
                }
                Ok(Step::Walked)
            }
            VersionState::Issuing => Ok(Step::Waiting),
            _ => Ok(Step::Done),
        }
    }

    async fn check_and_submit(
        &self,
        vendor: &Actor,
        walk: &Walk,
        release: &foundation::Digest,
    ) -> anyhow::Result<Step> {
        let (id, number) = (walk.software_id.as_str(), walk.software_version.as_str());
        let checks = self.conformance.checks(Some(vendor), id, number).await?;
        match checks.iter().find(|check| check.release == *release) {
            None => {
                self.conformance.start(vendor, id, number).await?;
                Ok(Step::Waiting)
            }
            Some(check) if !check.state.is_final() => Ok(Step::Waiting),
            Some(check) if check.state == CheckState::Passed => {
                let request = SubmissionRequest::default();
                self.registry.submit(vendor, id, number, request).await?;
                Ok(Step::Walked)
            }
            Some(check) => {
                tracing::warn!(app = id, check = %check.id, state = check.state.as_str(),
                    "a demo app did not pass its check; the portal shows why");
                Ok(Step::Done)
            }
        }
    }

    async fn review(&self, key: &str, role: ReviewRole, walk: &Walk) -> anyhow::Result<()> {
        let reviewer = act_as(&self.registry, key).await?;
        let request = ReviewRequest::Desk {
            decision: Decision::Approve,
            role,
            reason: String::new(),
        };
        let (id, number) = (&walk.software_id, &walk.software_version);
        match self.registry.review(&reviewer, id, number, request).await {
            // A step that was interrupted between the two reviews begins again with the first.
            Ok(_) | Err(RegistryError::Review(ReviewRefusal::SamePerson)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[async_trait]
impl Handler for DemoWalk {
    async fn run(&self, job: Job) -> Result<(), JobError> {
        let walk: Walk = serde_json::from_value(job.payload)
            .map_err(|error| JobError::Fatal(error.to_string()))?;
        let retry = |error: anyhow::Error| JobError::Retry(format!("{error:#}"));
        let pause = match self.step(&walk).await.map_err(retry)? {
            Step::Done => return Ok(()),
            Step::Waiting => Duration::from_secs(2),
            Step::Walked => Duration::ZERO,
        };
        self.again(&walk, pause).await.map_err(retry)
    }
}

/// The demo person with this short name, logged in.
async fn act_as(registry: &Registry, key: &str) -> anyhow::Result<Actor> {
    let persona = personas::by_key(key).ok_or_else(|| anyhow!("no demo person {key}"))?;
    let actor = registry
        .sign_in(persona.sub, &persona.name(), persona.organisation)
        .await?;
    Ok(actor)
}

const VENDOR: &str = "leverandor-fjord";
const REVIEWERS: [(&str, ReviewRole); 2] = [
    ("sikkerhet-berg", ReviewRole::Security),
    ("klinikk-eng", ReviewRole::Clinical),
];
