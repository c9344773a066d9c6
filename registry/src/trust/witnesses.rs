//! Witnesses as the log reaches them: over HTTP with the protocol of C2SP tlog-witness. What one
//! answers is believed only as far as its own signatures go.

use std::collections::BTreeMap;
use std::time::Duration;

use foundation::Digest;
use foundation::store::Database;
use reqwest::{Client, StatusCode, header};
use verifier::add_checkpoint::{AddCheckpoint, SIZE_TYPE, parse_size};
use verifier::merkle::{Hash, proof};
use verifier::note::{self, Note, Verdict, VerifierKey};
use verifier::verifier::SKEW;

use super::store::log as store;
use crate::config::WitnessConfig;

/// A witness, as its address and keys are configured.
#[derive(Debug)]
pub(crate) struct Witness {
    name: String,
    url: String,
    keys: Vec<VerifierKey>,
    timeout: Duration,
    client: Client,
    /// What it has seen last of each log, as far as is known. Held while it is asked: it answers
    /// one request after the other anyway.
    seen: tokio::sync::Mutex<BTreeMap<String, u64>>,
}

/// A checkpoint to be cosigned.
#[derive(Debug)]
pub(crate) struct Submission {
    /// Where the proof's hashes are.
    pub(crate) database: Database,
    /// The log's name.
    pub(crate) log: String,
    /// Its origin.
    pub(crate) origin: String,
    /// The checkpoint's size.
    pub(crate) size: u64,
    /// The checkpoint's text.
    pub(crate) text: String,
    /// The text with the log's signatures.
    pub(crate) note: String,
    /// The moment of asking, in seconds since the epoch.
    pub(crate) now: i64,
}

/// A cosignature that has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cosignature {
    /// The key that made it.
    pub(crate) key: VerifierKey,
    /// The signature line.
    pub(crate) line: String,
    /// When it was made, by the witness's clock.
    pub(crate) seconds: i64,
}

/// Why a witness has not cosigned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WitnessError {
    /// It says that it has seen more than it was shown.
    #[error("it has seen size {0}, which is more than it was shown")]
    Ahead(u64),
    /// It answers with something that is no cosignature of its own.
    #[error("its answer is not a cosignature of this checkpoint: {0}")]
    Garbage(&'static str),
    /// Its clock is off, and approvals would look misdated.
    #[error("its clock is {0} seconds off")]
    Clock(i64),
    /// The proof could not be made.
    #[error("the proof could not be made: {0}")]
    Proof(String),
    /// It refuses.
    #[error("it answered {0}")]
    Refused(StatusCode),
    /// It cannot be reached.
    #[error("it does not answer")]
    Unreachable(#[source] reqwest::Error),
}

impl From<reqwest::Error> for WitnessError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error)
    }
}

enum Answer {
    Cosigned(String),
    Seen(u64),
}

impl Witness {
    pub(crate) fn new(config: &WitnessConfig, timeout: Duration) -> Result<Self, String> {
        let keys = config
            .keys
            .iter()
            .map(|key| {
                key.parse()
                    .map_err(|error| format!("{}: {error}", config.name))
            })
            .collect::<Result<_, _>>()?;
        let client = Client::builder()
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            name: config.name.clone(),
            url: config.url.trim_end_matches('/').to_owned(),
            keys,
            timeout,
            client,
            seen: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// Has a checkpoint cosigned. A witness that has seen another size than was thought says which,
    /// and is asked again with the proof from there.
    pub(crate) async fn cosign(
        &self,
        submission: &Submission,
    ) -> Result<Vec<Cosignature>, WitnessError> {
        let answer = tokio::time::timeout(self.timeout, self.cosign_in_turn(submission)).await;
        answer.unwrap_or(Err(WitnessError::Garbage("it takes too long")))
    }

    async fn cosign_in_turn(
        &self,
        submission: &Submission,
    ) -> Result<Vec<Cosignature>, WitnessError> {
        let mut seen = self.seen.lock().await;
        let mut old = seen.get(&submission.origin).copied().unwrap_or(0);
        // A later checkpoint went before this one.
        old = old.min(submission.size);
        for _ in 0..TRIES {
            match self.submit(submission, old).await? {
                Answer::Cosigned(lines) => {
                    let cosigned = self.check(submission, &lines)?;
                    seen.insert(submission.origin.clone(), submission.size);
                    return Ok(cosigned);
                }
                Answer::Seen(size) if size > submission.size => {
                    seen.insert(submission.origin.clone(), size);
                    return Err(WitnessError::Ahead(size));
                }
                Answer::Seen(size) => old = size,
            }
        }
        Err(WitnessError::Garbage("another size each time"))
    }

    async fn submit(&self, submission: &Submission, old: u64) -> Result<Answer, WitnessError> {
        let request = AddCheckpoint {
            old,
            proof: consistency(submission, old).await?,
            checkpoint: &submission.note,
        };
        let answer = self
            .client
            .post(format!("{}/add-checkpoint", self.url))
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(request.to_string())
            .send()
            .await?;
        let status = answer.status();
        match status {
            StatusCode::OK => Ok(Answer::Cosigned(bounded(answer).await?)),
            StatusCode::CONFLICT => {
                let typed = answer.headers().get(header::CONTENT_TYPE);
                if typed.is_none_or(|typed| typed != SIZE_TYPE) {
                    return Err(WitnessError::Garbage("a conflict without a size"));
                }
                let size = parse_size(&bounded(answer).await?);
                size.map(Answer::Seen)
                    .ok_or(WitnessError::Garbage("a conflict without a size"))
            }
            other => Err(WitnessError::Refused(other)),
        }
    }

    /// The cosignatures among the lines that this witness's own keys have made; one that is wrong
    /// spoils them all.
    fn check(
        &self,
        submission: &Submission,
        lines: &str,
    ) -> Result<Vec<Cosignature>, WitnessError> {
        let whole = note::assemble(&submission.text, [lines]);
        let note = Note::parse(&whole).map_err(|_| WitnessError::Garbage("no signature lines"))?;
        if note.text != submission.text {
            return Err(WitnessError::Garbage("no signature lines"));
        }
        let mut cosigned = Vec::new();
        for key in &self.keys {
            let seconds = match note.verdict(key) {
                Verdict::Absent => continue,
                Verdict::Forged => return Err(WitnessError::Garbage("a wrong signature")),
                Verdict::Valid { timestamp: None } => {
                    return Err(WitnessError::Garbage("a signature without a time"));
                }
                Verdict::Valid {
                    timestamp: Some(seconds),
                } => i64::try_from(seconds).unwrap_or(i64::MAX),
            };
            let off = seconds.saturating_sub(submission.now);
            if off.abs() > SKEW {
                return Err(WitnessError::Clock(off));
            }
            if let Some(line) = note.line_of(key) {
                cosigned.push(Cosignature {
                    key: key.clone(),
                    line,
                    seconds,
                });
            }
        }
        if cosigned.is_empty() {
            return Err(WitnessError::Garbage("no signature of its own"));
        }
        Ok(cosigned)
    }

    /// The newest checkpoint that it has of a log; `None` when it says that it has none.
    pub(crate) async fn newest(&self, origin: &str) -> Result<Option<String>, WitnessError> {
        let hash = Digest::of(origin.as_bytes()).hex();
        let asked = async {
            let address = format!("{}/{hash}/checkpoint", self.url);
            let answer = self.client.get(address).send().await?;
            if !answer.status().is_success() {
                return Err(WitnessError::Refused(answer.status()));
            }
            bounded(answer).await
        };
        match asked.await {
            Ok(note) => Ok(Some(note)),
            Err(WitnessError::Refused(StatusCode::NOT_FOUND)) => Ok(None),
            Err(error) => {
                tracing::warn!(witness = self.name, %error, "a witness does not tell what it saw");
                Err(error)
            }
        }
    }
}

/// The proof from what the witness has seen to the checkpoint.
async fn consistency(submission: &Submission, old: u64) -> Result<Vec<Hash>, WitnessError> {
    let failed = |error: &dyn std::fmt::Display| WitnessError::Proof(error.to_string());
    let plan = proof::consistency_plan(old, submission.size).map_err(|error| failed(&error))?;
    if plan.is_empty() {
        return Ok(Vec::new());
    }
    let read = submission.database.read().await;
    let mut tx = read.map_err(|error| failed(&error))?;
    let nodes = store::nodes(&mut tx, &submission.log, plan.into_iter().flatten()).await;
    let nodes = nodes.map_err(|error| failed(&error))?;
    proof::consistency(old, submission.size, &nodes).map_err(|error| failed(&error))
}

/// An answer's text, of at most the length of a note.
async fn bounded(mut answer: reqwest::Response) -> Result<String, WitnessError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > note::MAX_LEN {
            return Err(WitnessError::Garbage("more than a note"));
        }
    }
    String::from_utf8(bytes).map_err(|_| WitnessError::Garbage("no text"))
}

/// How often a witness may correct what is thought of it.
const TRIES: usize = 4;
