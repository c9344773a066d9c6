//! The EPJ's side of trust: approvals are taken in once (signatures, reviews, log proof), and looked
//! up at every launch. The verifier's state is the EPJ's own and is kept per sandbox; the root
//! document of the registry's trust repository is pinned when a sandbox first meets it.

use foundation::store::StoreError;
use serde::{Deserialize, Serialize};
use verifier::claims::{Approval, ContentLevel};
use verifier::{
    Code, Environment, Freshness, LaunchRequest, LocalPolicy, ObservedContent, Snapshot, Verifier,
    VerifyError,
};

use super::Core;
use crate::approvals::{ListedApp, SourceError};
use crate::domain::client::{AuthMethod, NewClient};
use crate::domain::launch::{EncounterChoice, Launched, NewLaunch};
use crate::error::{EpjError, SandboxError};
use crate::store::documents;

/// An app as the EPJ sees it.
#[derive(Clone, Debug)]
pub(crate) struct Assessed {
    pub(crate) app: ListedApp,
    pub(crate) verdict: Result<Approved, VerifyError>,
}

/// An approval that a launch may rest on.
#[derive(Clone, Debug)]
pub(crate) struct Approved {
    pub(crate) approval: Approval,
    /// True when the status list is old, though not too old.
    pub(crate) stale: bool,
}

/// What the practitioner wants opened.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EpjLaunch {
    pub(crate) software_id: String,
    pub(crate) version: String,
    pub(crate) practitioner: Option<String>,
    pub(crate) patient: Option<String>,
    pub(crate) encounter: Option<String>,
}

impl Core {
    /// Every listed app with the EPJ's verdict; new approvals are taken in.
    pub(crate) async fn assess(&self, sandbox: &str) -> Result<Vec<Assessed>, EpjError> {
        self.sandbox(sandbox).await?;
        let listed = self.approvals.listed().await?;
        let _turn = self.epj.lock().await;
        let mut kept = self.load(sandbox).await?;
        let mut assessed = Vec::with_capacity(listed.len());
        for app in listed {
            let verdict = self.verify(&mut kept.verifier, &app).await?;
            assessed.push(Assessed { app, verdict });
        }
        self.save(sandbox, &kept).await?;
        Ok(assessed)
    }

    /// Verifies, registers what was approved, and launches; or says why not.
    pub(crate) async fn epj_launch(
        &self,
        sandbox: &str,
        wanted: EpjLaunch,
    ) -> Result<(Launched, Approval), EpjError> {
        self.sandbox(sandbox).await?;
        let listed = self.approvals.listed().await?;
        let app = listed
            .into_iter()
            .find(|app| app.software_id == wanted.software_id && app.version == wanted.version)
            .ok_or(EpjError::NotListed)?;
        let verdict = {
            let _turn = self.epj.lock().await;
            let mut kept = self.load(sandbox).await?;
            let verdict = self.verify(&mut kept.verifier, &app).await?;
            self.save(sandbox, &kept).await?;
            verdict
        };
        let approval = verdict.map_err(EpjError::Refused)?.approval;
        self.register_client(sandbox, client_of(&approval)).await?;
        let launch = NewLaunch {
            client_id: approval.software_id.clone(),
            patient: wanted.patient,
            practitioner: wanted.practitioner,
            encounter: match wanted.encounter {
                Some(id) => EncounterChoice::Id(id),
                None => EncounterChoice::None,
            },
            ..NewLaunch::default()
        };
        Ok((self.launch(sandbox, launch).await?, approval))
    }

    /// Fetches the trust repository and every known status list now.
    pub(crate) async fn refresh_status(&self, sandbox: &str) -> Result<(), EpjError> {
        self.sandbox(sandbox).await?;
        let _turn = self.epj.lock().await;
        let mut kept = self.load(sandbox).await?;
        let update = self
            .approvals
            .trust_update(kept.verifier.root_version())
            .await?;
        let now = self.now().seconds();
        let mut outcome = kept.verifier.update_trust(&update, now);
        for uri in kept.status_lists() {
            let list = self.approvals.status_list(&uri).await?;
            let taken = kept.verifier.update_status_from(&uri, &list, now);
            outcome = outcome.and(taken);
        }
        self.save(sandbox, &kept).await?;
        outcome.map_err(EpjError::Refused)
    }

    /// When the newest status list was made, in Unix seconds.
    pub(crate) async fn status_time(&self, sandbox: &str) -> Result<Option<i64>, EpjError> {
        let kept = self.load(sandbox).await?;
        Ok(kept.verifier.status_lists().map(|(_, iat)| iat).max())
    }

    /// Takes a status list that was published in for every sandbox that follows it.
    pub(super) async fn take_status(&self, uri: &str, token: &str) -> Result<(), EpjError> {
        let mut tx = self.database.read().await?;
        let kept = documents::named(&mut tx, STATE).await?;
        drop(tx);
        for (sandbox, state) in kept {
            if lists_of(&state).iter().any(|known| known == uri)
                && let Err(refused) = self.take_status_for(&sandbox, uri, token).await
            {
                tracing::warn!(sandbox, %refused, "a published status list was not taken in");
            }
        }
        Ok(())
    }

    async fn take_status_for(&self, sandbox: &str, uri: &str, token: &str) -> Result<(), EpjError> {
        let _turn = self.epj.lock().await;
        // Another process may have changed the state meanwhile: then once more on what is there.
        for _ in 0..ATTEMPTS {
            let mut kept = self.load(sandbox).await?;
            let now = self.now().seconds();
            let mut taken = kept.verifier.update_status_from(uri, token, now);
            let old = [
                Code::TrustExpired,
                Code::TrustConfig,
                Code::Kid,
                Code::StatusRollback,
            ];
            if taken
                .as_ref()
                .is_err_and(|refused| old.contains(&refused.code))
            {
                let known = kept.verifier.root_version();
                let update = self.approvals.trust_update(known).await?;
                taken = kept
                    .verifier
                    .update_trust(&update, now)
                    .and_then(|()| kept.verifier.update_status_from(uri, token, now));
            }
            taken.map_err(EpjError::Refused)?;
            if self.saved(sandbox, &kept).await? {
                return Ok(());
            }
        }
        Err(EpjError::Sandbox(SandboxError::Stored("verifier state")))
    }

    /// Begins to follow the lists that the sandboxes' EPJs know already.
    pub(super) async fn recall_lists(&self) -> Result<(), EpjError> {
        let mut tx = self.database.read().await?;
        let kept = documents::named(&mut tx, STATE).await?;
        self.learn(kept.iter().flat_map(|(_, state)| lists_of(state)));
        Ok(())
    }

    fn learn(&self, uris: impl IntoIterator<Item = String>) {
        let uris: Vec<String> = uris.into_iter().collect();
        self.lists.send_if_modified(|known| {
            let before = known.len();
            known.extend(uris);
            known.len() > before
        });
    }

    /// Takes the approval in if it is new, then looks the launch up. The outer error is the
    /// registry's or ours; the inner one is the verdict.
    async fn verify(
        &self,
        verifier: &mut Verifier,
        app: &ListedApp,
    ) -> Result<Result<Approved, VerifyError>, EpjError> {
        if let Err(refused) = self.trust(verifier).await? {
            return Ok(Err(refused));
        }
        let known = verifier.approval(&app.software_id, &app.version).is_some();
        if let (false, Some(approval)) = (known, &app.approval)
            && let Err(refused) = self
                .take_in(verifier, approval, app.ticket.as_deref())
                .await?
        {
            return Ok(Err(refused));
        }
        let first = look_up(verifier, app, self.now().seconds());
        let old = match &first {
            Ok(approved) => approved.stale,
            Err(refused) => refused.code == Code::StatusStale,
        };
        if !old {
            return Ok(first);
        }
        let uri = verifier
            .approval(&app.software_id, &app.version)
            .map(|approval| approval.status.status_list.uri.clone());
        if let Some(uri) = uri
            && let Err(refused) = self.fetch_status(verifier, &uri).await
        {
            // The old list decides: usable with a warning, or refused as too old.
            tracing::warn!(%refused, "the status list could not be renewed");
        }
        Ok(look_up(verifier, app, self.now().seconds()))
    }

    /// Fetches the trust repository when none is known, or when what is known is about to expire. As
    /// long as it may still be used, a registry that is away is no reason to refuse.
    async fn trust(&self, verifier: &mut Verifier) -> Result<Result<(), VerifyError>, EpjError> {
        let now = self.now().seconds();
        let expires = verifier.trust_expires();
        if expires.is_some_and(|expires| now < expires - RENEWED_WITH_LEFT) {
            return Ok(Ok(()));
        }
        match self.approvals.trust_update(verifier.root_version()).await {
            Ok(update) => {
                let taken = verifier.update_trust(&update, now);
                Ok(taken.or_else(|refused| match expires {
                    Some(expires) if now < expires => Ok(()),
                    _ => Err(refused),
                }))
            }
            Err(away) if expires.is_none() => Err(away.into()),
            Err(away) => {
                tracing::warn!(%away, "the trust repository could not be fetched");
                Ok(Ok(()))
            }
        }
    }

    /// A new approval needs its status list; one that is not yet released there is asked for once
    /// more (trust design §2.5).
    async fn take_in(
        &self,
        verifier: &mut Verifier,
        approval: &str,
        ticket: Option<&str>,
    ) -> Result<Result<(), VerifyError>, EpjError> {
        let uri = claimed_status_uri(approval);
        let known = uri
            .as_deref()
            .is_some_and(|uri| verifier.status_lists().any(|(known, _)| known == uri));
        if let (false, Some(uri)) = (known, &uri)
            && let Err(refused) = self.fetch_status(verifier, uri).await
        {
            return refused.into_verdict();
        }
        let ticket = ticket.unwrap_or_default();
        let first = verifier.ingest(approval, ticket, self.now().seconds());
        let again = [Code::NotIssued, Code::StatusStale];
        match (first, &uri) {
            (Err(refused), Some(uri)) if known && again.contains(&refused.code) => {
                if let Err(refused) = self.fetch_status(verifier, uri).await {
                    return refused.into_verdict();
                }
                Ok(verifier
                    .ingest(approval, ticket, self.now().seconds())
                    .map(|_| ()))
            }
            (other, _) => Ok(other.map(|_| ())),
        }
    }

    async fn fetch_status(&self, verifier: &mut Verifier, uri: &str) -> Result<(), EpjError> {
        let list = self.approvals.status_list(uri).await?;
        let taken = verifier.update_status_from(uri, &list, self.now().seconds());
        taken.map_err(EpjError::Refused)
    }

    async fn load(&self, sandbox: &str) -> Result<Kept, EpjError> {
        let mut tx = self.database.read().await?;
        let kept = documents::all(&mut tx, sandbox).await?;
        drop(tx);
        let document = |name| kept.iter().find(|document| document.name == name);
        let root = match document(ROOT) {
            Some(pinned) => pinned.content.clone(),
            None => self.pin_root(sandbox).await?,
        };
        let local = LocalPolicy {
            min_content_level: self.config.min_content_level,
            ..LocalPolicy::new(Environment::Test)
        };
        let Some(state) = document(STATE) else {
            return Ok(Kept {
                verifier: Verifier::new(root.as_bytes(), local).map_err(|_| EpjError::NoRoot)?,
                before: None,
            });
        };
        let broken = || EpjError::Sandbox(SandboxError::Stored("verifier state"));
        let snapshot: Snapshot = serde_json::from_str(&state.content).map_err(|_| broken())?;
        Ok(Kept {
            verifier: Verifier::restore(root.as_bytes(), local, snapshot).map_err(|_| broken())?,
            before: Some(state.content.clone()),
        })
    }

    async fn pin_root(&self, sandbox: &str) -> Result<String, EpjError> {
        let key = self.approvals.pinned_root().ok_or(EpjError::NoRoot)?;
        let mut tx = self.database.begin().await?;
        documents::save(&mut tx, sandbox, ROOT, &key, self.now()).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Keeps what was learnt. When another process learnt something at the same moment, this is
    /// forgotten and learnt again at the next look: nothing that is known is ever taken back.
    async fn save(&self, sandbox: &str, kept: &Kept) -> Result<(), EpjError> {
        if !self.saved(sandbox, kept).await? {
            tracing::debug!(
                sandbox,
                "another process changed the verifier's state first"
            );
        }
        Ok(())
    }

    /// Writes the state if it changed; false when another process changed it first.
    async fn saved(&self, sandbox: &str, kept: &Kept) -> Result<bool, EpjError> {
        let broken = |_| SandboxError::Stored("verifier state");
        let state = serde_json::to_string(&kept.verifier.snapshot()).map_err(broken)?;
        let before = kept.before.as_deref();
        if before == Some(state.as_str()) {
            return Ok(true);
        }
        let mut tx = self.database.begin().await?;
        let change = (before, state.as_str());
        let won = documents::replace(&mut tx, sandbox, STATE, change, self.now()).await?;
        tx.commit().await?;
        if won {
            self.learn(kept.status_lists());
        }
        Ok(won)
    }
}

/// A verifier, and the state that it was loaded from.
struct Kept {
    verifier: Verifier,
    before: Option<String>,
}

impl Kept {
    fn status_lists(&self) -> Vec<String> {
        let lists = self.verifier.status_addresses();
        lists.map(str::to_owned).collect()
    }
}

/// The addresses of the lists in a kept state.
fn lists_of(state: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct State {
        lists: Vec<List>,
    }
    #[derive(Deserialize)]
    struct List {
        uri: String,
    }
    serde_json::from_str::<State>(state)
        .map(|state| state.lists.into_iter().map(|list| list.uri).collect())
        .unwrap_or_default()
}

impl EpjError {
    /// What the verifier said is a verdict about the app; the rest is a failure of the EPJ.
    fn into_verdict(self) -> Result<Result<(), VerifyError>, Self> {
        match self {
            Self::Refused(refused) => Ok(Err(refused)),
            other => Err(other),
        }
    }
}

impl From<StoreError> for EpjError {
    fn from(error: StoreError) -> Self {
        Self::Sandbox(SandboxError::Store(error))
    }
}

impl From<SourceError> for EpjError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

fn look_up(verifier: &Verifier, app: &ListedApp, now: i64) -> Result<Approved, VerifyError> {
    let content = observed(app);
    let organisation = format!("NO:ORGNR:{}", app.organisation);
    let mut request = LaunchRequest::new(&app.software_id, &app.version, &organisation, content);
    request.launch_uri = Some(&app.launch_uri);
    let granted = verifier.launch(&request, now)?;
    Ok(Approved {
        approval: granted.approval.clone(),
        stale: granted.freshness == Freshness::Stale,
    })
}

/// What is known about the bytes that would run.
fn observed(app: &ListedApp) -> ObservedContent {
    let bundle = app.content.as_deref().and_then(|text| text.parse().ok());
    let manifest = app.observed.as_ref();
    let manifest = manifest.and_then(|(text, at)| Some((text.parse().ok()?, *at)));
    match (bundle, manifest) {
        (Some(digest), _) => ObservedContent::Bundle(digest),
        (None, Some((digest, observed_at))) => ObservedContent::Manifest {
            digest,
            observed_at,
        },
        (None, None) => ObservedContent::Unobserved,
    }
}

/// The registration is what was approved, not what the listing says.
fn client_of(approval: &Approval) -> NewClient {
    let method = AuthMethod::parse(&approval.token_endpoint_auth_method).unwrap_or_default();
    let jwks = approval
        .jwks
        .as_ref()
        .and_then(|jwks| serde_json::to_value(jwks).ok());
    NewClient {
        client_id: Some(approval.software_id.clone()),
        name: approval.client_name.clone(),
        token_endpoint_auth_method: method,
        jwks,
        redirect_uris: approval.redirect_uris.clone(),
        launch_uri: approval.launch_uri.clone(),
        scope: approval.scope.clone(),
        origins: approval.origins.clone(),
    }
}

/// Where an approval says that its status is; only used to fetch the list, which ingest checks.
fn claimed_status_uri(approval: &str) -> Option<String> {
    let payload = verifier::base64url::decode(approval.split('.').nth(1)?)?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims
        .pointer("/status/status_list/uri")?
        .as_str()
        .map(str::to_owned)
}

/// The level's plain name for people.
pub(crate) const fn content_level(level: ContentLevel) -> &'static str {
    match level {
        ContentLevel::Bundle => "bundle",
        ContentLevel::Manifest => "manifest",
        ContentLevel::Origin => "origin",
    }
}

const ROOT: &str = "root.json";
const STATE: &str = "verifier";
/// The trust repository is fetched again when it holds for less than this: half a day.
const RENEWED_WITH_LEFT: i64 = 43_200;
/// How often a change is tried when others change the same.
const ATTEMPTS: usize = 5;
