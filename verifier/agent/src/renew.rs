//! Fetching what is newer, and taking it in: approvals, the trust repository, status lists, the logs'
//! checkpoints. When that is done is decided in [`crate::upkeep`], or by what somebody asks for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use verifier::claims::Approval;
use verifier::{Accepted, Code, VerifyError};

use crate::agent::Inner;
use crate::follow::Away;
use crate::journal::{Failure, Of};

/// When the trust repository was looked at.
#[derive(Debug, Default)]
pub(crate) struct Trusting {
    /// When that last went well.
    renewed: Option<Instant>,
    /// When somebody sent something that made it necessary.
    asked: Option<Instant>,
}

impl Inner {
    /// Takes an approval in. What it needs and is not known, or not new enough, is fetched once: the
    /// trust repository when a key or log is unknown, the status list when all else is right.
    pub(crate) async fn take_in(
        &self,
        approval: &str,
        ticket: Option<&str>,
    ) -> Result<Accepted, VerifyError> {
        let (mut trusted, mut listed) = (false, false);
        loop {
            let outcome = self
                .change(|verifier, now| match ticket {
                    Some(ticket) => verifier.ingest(approval, ticket, now),
                    None => verifier.ingest_without_ticket(approval, now),
                })
                .await;
            let Err(refused) = outcome else {
                return outcome;
            };
            let again = match refused.code {
                Code::TrustConfig
                | Code::TrustExpired
                | Code::Kid
                | Code::ReviewSig
                | Code::LogUnknown
                | Code::WitnessQuorum
                    if !std::mem::replace(&mut trusted, true) =>
                {
                    self.renew_trust().await
                }
                // Signatures, reviews and ticket are right by then: the address is the registry's.
                Code::StatusStale | Code::NotIssued if !std::mem::replace(&mut listed, true) => {
                    match claimed_status_uri(approval) {
                        Some(uri) => self.renew_status(&uri).await,
                        None => false,
                    }
                }
                _ => false,
            };
            if !again {
                return Err(refused);
            }
        }
    }

    /// Fetches the trust repository because something unknown has come, unless that was done just
    /// now: whoever sends nonsense must not make the agent ask the registry each time.
    async fn renew_trust(&self) -> bool {
        let began = Instant::now();
        let mut trusting = self.trusting.lock().await;
        if trusting.renewed.is_some_and(|at| at >= began) {
            return true;
        }
        if trusting.asked.is_some_and(|at| at.elapsed() < BETWEEN) {
            return false;
        }
        trusting.asked = Some(began);
        self.refresh_in_turn(&mut trusting).await
    }

    /// Fetches the trust repository and takes it in; false when either failed.
    pub(crate) async fn refresh_trust(&self) -> bool {
        let began = Instant::now();
        let mut trusting = self.trusting.lock().await;
        trusting.renewed.is_some_and(|at| at >= began) || self.refresh_in_turn(&mut trusting).await
    }

    async fn refresh_in_turn(&self, trusting: &mut Trusting) -> bool {
        let known = self.read(|verifier, _| verifier.root_version());
        let outcome = match self.source.trust_update(known).await {
            Ok(update) => {
                let taken = self
                    .change(|verifier, now| verifier.update_trust(&update, now))
                    .await;
                if taken.is_err() {
                    self.source.forget_trust();
                }
                taken.map_err(|refused| self.refused(&refused))
            }
            Err(away) => Err(self.away(&away)),
        };
        let well = self.note(Of::Trust, outcome);
        if well {
            trusting.renewed = Some(Instant::now());
            let forgotten = self.forgotten();
            for uri in &forgotten {
                self.source.forget_status(uri);
            }
            if !forgotten.is_empty() {
                self.unread.notify_one();
            }
        }
        well
    }

    /// The lists that a change of the trust repository has made the verifier forget, because the key
    /// that signed them was withdrawn. Nothing that relies on them is launched until they are read
    /// anew.
    fn forgotten(&self) -> Vec<String> {
        self.read(|verifier, _| {
            let known = verifier.status_addresses();
            let forgotten = known.filter(|uri| verifier.status_list(uri).is_none());
            forgotten.map(str::to_owned).collect()
        })
    }

    /// Reads them anew; false when one could not be.
    pub(crate) async fn read_forgotten(&self) -> bool {
        let mut all = true;
        for uri in self.forgotten() {
            all &= self.renew_status(&uri).await;
        }
        all
    }

    /// Takes in a status list; when the trust configuration may be too old for it, that is renewed
    /// first. A list that goes back may be the registry's, after a thief's that went ahead.
    pub(crate) async fn take_status(&self, uri: &str, token: &str) -> bool {
        let take = || self.change(|verifier, now| verifier.update_status_from(uri, token, now));
        let mut taken = take().await;
        let old = [
            Code::TrustExpired,
            Code::TrustConfig,
            Code::Kid,
            Code::StatusRollback,
        ];
        let is_old = |refused: &VerifyError| old.contains(&refused.code);
        if taken.as_ref().is_err_and(is_old) && self.refresh_trust().await {
            taken = take().await;
        }
        if taken.is_err() {
            self.source.forget_status(uri);
        }
        let outcome = taken.map_err(|refused| self.refused(&refused));
        self.note(Of::List(uri), outcome)
    }

    /// The status list at this address; none when it is known.
    pub(crate) async fn fetch_status(&self, uri: &str) -> Result<Option<String>, Away> {
        let fetched = self.source.status_list(uri).await;
        match &fetched {
            Ok(Some(_)) => {}
            Ok(None) => {
                self.note(Of::List(uri), Ok(()));
            }
            Err(away) => {
                self.note(Of::List(uri), Err(self.away(away)));
            }
        }
        fetched
    }

    async fn renew_status(&self, uri: &str) -> bool {
        match self.fetch_status(uri).await {
            Ok(Some(token)) => self.take_status(uri, &token).await,
            Ok(None) | Err(_) => false,
        }
    }

    /// Reads the checkpoint of every log that takes entries; false when one could not be.
    pub(crate) async fn refresh_checkpoints(&self) -> bool {
        let mut all = true;
        for (origin, url) in self.open_logs() {
            let outcome = match self.source.checkpoint(&url).await {
                Ok(note) => {
                    let taken = self.change(|verifier, now| verifier.update_checkpoint(&note, now));
                    taken.await.map_err(|refused| self.refused(&refused))
                }
                Err(away) => Err(self.away(&away)),
            };
            all &= self.note(Of::Log(&origin), outcome);
        }
        all
    }

    /// Origin and address of every log that is not frozen.
    fn open_logs(&self) -> BTreeMap<String, String> {
        self.read(|verifier, _| {
            let trust = verifier.trust();
            let logs = trust.into_iter().flat_map(|trust| {
                let frozen = &trust.anchors().frozen_logs;
                let is_open = |origin: &str| frozen.iter().all(|log| log.origin != origin);
                let logs = trust.policy().all_logs().iter();
                logs.filter(move |log| is_open(&log.name))
            });
            let otherwise = || format!("{}/log", self.source.base());
            logs.map(|log| (log.name.clone(), log.url.clone().unwrap_or_else(otherwise)))
                .collect()
        })
    }

    /// Fetches the approvals anew that have ended, will soon, or were signed with a key that has been
    /// withdrawn since: the registry signs again.
    pub(crate) async fn renew_approvals(&self) {
        for (id, version, jti) in self.due() {
            let published = match self.source.approval(&id, &version).await {
                Ok(Some(published)) => published,
                Ok(None) => continue,
                Err(away) => {
                    tracing::warn!(%away, id, version, "an approval could not be fetched again");
                    continue;
                }
            };
            let approval = published.approval.trim();
            let same = claims(approval)
                .is_some_and(|claims| claims.get("jti").and_then(Value::as_str) == Some(&jti));
            if same {
                continue;
            }
            match self.take_in(approval, Some(&published.ticket)).await {
                Ok(_) => tracing::info!(id, version, "a new approval took the place of the old"),
                Err(refused) => tracing::warn!(%refused, id, version, "a new approval is refused"),
            }
        }
    }

    fn due(&self) -> Vec<(String, String, String)> {
        self.read(|verifier, now| {
            let is_due = |approval: &&Approval| {
                let standing = self.standing(verifier, approval, now);
                approval.exp.saturating_sub(now) < RENEWED_WITH_LEFT
                    || standing.is_err_and(|refused| refused.code == Code::KeyRevoked)
            };
            let name = |approval: &Approval| {
                let Approval {
                    software_id,
                    software_version,
                    jti,
                    ..
                } = approval.clone();
                (software_id, software_version, jti)
            };
            verifier.approvals().filter(is_due).map(name).collect()
        })
    }

    /// Notes how it went; true when it went well.
    fn note(&self, part: Of<'_>, outcome: Result<(), Failure>) -> bool {
        if let Err(failure) = &outcome {
            tracing::warn!(?part, ?failure, "not renewed");
        }
        let well = outcome.is_ok();
        self.journal().note(part, self.clock.now(), outcome);
        well
    }

    fn refused(&self, refused: &VerifyError) -> Failure {
        Failure::refused(self.clock.now(), refused)
    }

    fn away(&self, away: &Away) -> Failure {
        Failure::away(self.clock.now(), away)
    }
}

/// What something that says it is an approval claims.
fn claims(approval: &str) -> Option<Value> {
    let payload = verifier::base64url::decode(approval.split('.').nth(1)?)?;
    serde_json::from_slice(&payload).ok()
}

/// Where an approval says that its status is.
fn claimed_status_uri(approval: &str) -> Option<String> {
    let claims = claims(approval)?;
    let uri = claims.pointer("/status/status_list/uri")?.as_str()?;
    Some(uri.to_owned())
}

/// The trust repository is fetched because of what somebody sent at most this often.
const BETWEEN: Duration = Duration::from_secs(30);
/// An approval that holds for less than this is looked for anew: 30 days.
const RENEWED_WITH_LEFT: i64 = 30 * 86_400;
