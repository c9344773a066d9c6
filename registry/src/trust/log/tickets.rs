//! What approvals carry of the log: the last witnessed tree before they were signed, and their
//! ticket.

use verifier::checkpoint::Checkpoint;
use verifier::claims::{LogAnchor, TreeHead};
use verifier::merkle::proof;
use verifier::note::Note;
use verifier::tlog_proof::TlogProof;

use super::store;
use super::{LogError, Place, TransparencyLog, witnessed};

impl TransparencyLog {
    /// The last witnessed tree of the log that takes entries.
    pub(in crate::trust) async fn anchor(&self) -> Result<LogAnchor, LogError> {
        let newest = self.newest().await?;
        let parsed = Note::parse(&newest.note).map_err(LogError::format)?;
        let checkpoint = Checkpoint::parse(parsed.text).map_err(LogError::format)?;
        Ok(LogAnchor {
            origin: checkpoint.origin,
            after: TreeHead {
                size: checkpoint.size,
                root: verifier::Digest::from_bytes(checkpoint.root),
            },
        })
    }

    /// The ticket of an entry, against its log's newest witnessed checkpoint.
    pub(in crate::trust) async fn ticket(&self, place: &Place) -> Result<String, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let log = store::named(&mut tx, &place.log).await?;
        let newest = log.as_ref().and_then(witnessed);
        let newest = newest.ok_or(LogError::NothingWitnessed)?;
        let plan = proof::inclusion_plan(place.position, newest.size)
            .map_err(|_| LogError::NothingWitnessed)?;
        let nodes = store::nodes(&mut tx, &place.log, plan.into_iter().flatten()).await?;
        let hashes =
            proof::inclusion(place.position, newest.size, &nodes).map_err(LogError::format)?;
        let ticket = TlogProof {
            extra: None,
            index: place.position,
            hashes,
            checkpoint: &newest.note,
        };
        Ok(ticket.to_string())
    }

    /// Where the entry with this key is, if it is in a log.
    pub(in crate::trust) async fn find(&self, key: &str) -> Result<Option<Place>, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let found = store::find(&mut tx, key).await?;
        Ok(found.map(|(log, position)| Place { log, position }))
    }
}
