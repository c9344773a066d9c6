//! `add-checkpoint`: the log's signature and the consistency proof are checked, what is seen is
//! remembered, and only then is anything signed given away.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::Router;
use foundation::store::{Database, StoreError};
use foundation::{Clock, Digest};
use verifier::add_checkpoint::AddCheckpoint;
use verifier::checkpoint::Checkpoint;
use verifier::merkle::{Hash, empty_root, verify_consistency};
use verifier::note::{self, Note, Verdict, VerifierKey};

use crate::store::{self, Evidence, Seen};
use crate::{Identity, Refusal, http};

/// What a witness is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where it remembers.
    pub database: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Its name and keys.
    pub identity: Identity,
    /// The keys of the logs that it follows; a log may have several.
    pub logs: Vec<VerifierKey>,
}

/// A witness; cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Arc<dyn Clock>,
    identity: Identity,
    /// By origin.
    logs: BTreeMap<String, Vec<VerifierKey>>,
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Witness({})", self.0.identity.name())
    }
}

impl Witness {
    /// A witness made of these parts.
    pub fn new(parts: Parts) -> Self {
        let mut logs: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
        for key in parts.logs {
            logs.entry(key.name().to_owned()).or_default().push(key);
        }
        Self(Arc::new(Inner {
            database: parts.database,
            clock: parts.clock,
            identity: parts.identity,
            logs,
        }))
    }

    /// Its name and keys.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// The protocol over HTTP, and `/healthz`.
    pub fn router(&self) -> Router {
        http::router(self.clone())
    }

    /// Answers `add-checkpoint`: cosignature lines, or why not.
    pub async fn add_checkpoint(&self, body: &str) -> Result<String, Refusal> {
        let request = AddCheckpoint::parse(body)?;
        let note = Note::parse(request.checkpoint).map_err(|_| Refusal::Checkpoint)?;
        let checkpoint = Checkpoint::parse(note.text).map_err(|_| Refusal::Checkpoint)?;
        let signatures = self.check_log(&note, &checkpoint.origin)?;
        if request.old > checkpoint.size {
            return Err(Refusal::Order {
                old: request.old,
                new: checkpoint.size,
            });
        }

        let origin_hash = Digest::of(checkpoint.origin.as_bytes()).hex();
        let now = self.0.clock.now().seconds();
        let mut tx = self.0.database.begin().await?;
        let newest = store::newest(&mut tx, &checkpoint.origin).await?;
        let (size, root) = newest.unwrap_or_else(|| (0, empty_root()));
        let seen = |note| Seen {
            origin: &checkpoint.origin,
            origin_hash: &origin_hash,
            size: checkpoint.size,
            root: &checkpoint.root,
            note,
            at: now,
        };
        let contradicts = contradicts((size, &root), &checkpoint);
        if contradicts {
            let own = store::note(&mut tx, &origin_hash)
                .await?
                .unwrap_or_default();
            store::keep_evidence(&mut tx, &seen(request.checkpoint), &own).await?;
            tx.commit().await?;
            tracing::warn!(origin = %checkpoint.origin, size = checkpoint.size,
                "a log has signed another tree of this size than was seen");
            tx = self.0.database.begin().await?;
        }
        if size != request.old {
            return Err(Refusal::Conflict(size));
        }
        continues((size, &root), &checkpoint, &request.proof)?;
        let seconds = u64::try_from(now).unwrap_or(0);
        let lines = self.0.identity.cosign(seconds, note.text)?;
        let whole = note::assemble(note.text, signatures.iter().chain(&lines));
        if !store::advance(&mut tx, request.old, &seen(&whole)).await? {
            let moved = store::newest(&mut tx, &checkpoint.origin).await?;
            return Err(Refusal::Conflict(moved.map_or(0, |(size, _)| size)));
        }
        // Nothing that is signed leaves before it is remembered.
        tx.commit().await?;
        Ok(lines.concat())
    }

    /// The newest checkpoint of the log whose origin has this SHA-256, in hexadecimal.
    pub async fn newest(&self, origin_hash: &str) -> Result<Option<String>, StoreError> {
        let mut tx = self.0.database.read().await?;
        store::note(&mut tx, origin_hash).await
    }

    /// What a log has signed against what was seen of it.
    pub async fn evidence(&self, origin: &str) -> Result<Vec<Evidence>, StoreError> {
        let mut tx = self.0.database.read().await?;
        store::evidence(&mut tx, origin).await
    }

    /// True when it can remember.
    pub async fn is_ready(&self) -> bool {
        self.0.database.is_ready().await
    }

    /// The lines of the log's own signatures: at least one must be right, and none wrong.
    fn check_log(&self, note: &Note<'_>, origin: &str) -> Result<Vec<String>, Refusal> {
        let keys = self.0.logs.get(origin);
        let keys = keys.ok_or_else(|| Refusal::UnknownLog(origin.to_owned()))?;
        let mut lines = Vec::new();
        for key in keys {
            match note.verdict(key) {
                Verdict::Absent => {}
                Verdict::Forged => return Err(Refusal::LogSignature),
                Verdict::Valid { .. } => {
                    lines.extend(note.line_of(key));
                }
            }
        }
        if lines.is_empty() {
            return Err(Refusal::LogSignature);
        }
        Ok(lines)
    }
}

/// Whether the log's signature alone proves that it has told two histories. A proof of consistency
/// that fails does not: it is the sender's, and anybody can send a wrong one with an honest
/// checkpoint.
fn contradicts((size, root): (u64, &Hash), checkpoint: &Checkpoint) -> bool {
    let empty = checkpoint.size == 0 && checkpoint.root != empty_root();
    empty || (checkpoint.size == size && checkpoint.root != *root)
}

/// Whether the checkpoint continues what was seen last.
fn continues(
    (size, root): (u64, &Hash),
    checkpoint: &Checkpoint,
    proof: &[Hash],
) -> Result<(), Refusal> {
    if checkpoint.size == 0 && checkpoint.root != empty_root() {
        return Err(Refusal::Inconsistent(
            "a tree without entries has another root",
        ));
    }
    verify_consistency(size, checkpoint.size, proof, root, &checkpoint.root)
        .map_err(|_| Refusal::Inconsistent("the proof does not lead from the one to the other"))
}
