//! The witness of the first cut, in this process but with a key and a memory of its own: it checks
//! the log's signature and that the new tree continues the one it saw, remembers, and only then
//! signs (C2SP tlog-witness). The order matters: what was signed must have been remembered.

use verifier::checkpoint::Checkpoint;
use verifier::merkle::{Hash, verify_consistency};
use verifier::note::{Note, SignatureType, Verdict};

use super::Trust;
use super::error::{TrustError, WitnessRefusal};
use super::keys::NotePurpose;
use super::store::witness;

/// What the witness answers.
#[derive(Clone, Debug)]
pub(super) struct Cosignature {
    /// The signature line.
    pub(super) line: String,
    /// When, in seconds since the epoch.
    pub(super) seconds: i64,
}

impl Trust {
    /// The size that the witness saw last; 0 before the first.
    pub(super) async fn witness_size(&self, origin: &str) -> Result<u64, TrustError> {
        let mut tx = self.database.read().await?;
        let newest = witness::newest(&mut tx, origin).await?;
        Ok(newest.map_or(0, |(size, _)| size))
    }

    /// `add-checkpoint` of C2SP tlog-witness.
    pub(super) async fn add_checkpoint(
        &self,
        old: u64,
        consistency: &[Hash],
        signed: &str,
    ) -> Result<Cosignature, TrustError> {
        let refuse = |refusal| Err(TrustError::Witness(refusal));
        let Ok(note) = Note::parse(signed) else {
            return refuse(WitnessRefusal::Malformed);
        };
        let Ok(checkpoint) = Checkpoint::parse(note.text) else {
            return refuse(WitnessRefusal::Malformed);
        };
        let log = self.keys.note_signer(NotePurpose::Log).await?;
        let log = log.verifier(&checkpoint.origin, SignatureType::Ed25519)?;
        if checkpoint.origin != self.log_origin() {
            return refuse(WitnessRefusal::UnknownLog);
        }
        if !matches!(note.verdict(&log), Verdict::Valid { .. }) {
            return refuse(WitnessRefusal::LogSignature);
        }

        let mut tx = self.database.begin().await?;
        let newest = witness::newest(&mut tx, &checkpoint.origin).await?;
        let seen = newest.map_or(0, |(size, _)| size);
        if seen != old {
            return refuse(WitnessRefusal::Conflict);
        }
        if let Some((size, root)) = newest {
            let continues =
                verify_consistency(size, checkpoint.size, consistency, &root, &checkpoint.root);
            if continues.is_err() {
                return refuse(WitnessRefusal::Inconsistent);
            }
        }
        let moved = witness::advance(
            &mut tx,
            &checkpoint.origin,
            old,
            checkpoint.size,
            &checkpoint.root,
        )
        .await?;
        if !moved {
            return refuse(WitnessRefusal::Conflict);
        }
        tx.commit().await?;

        let signer = self.keys.note_signer(NotePurpose::Witness).await?;
        let key = signer.verifier(&self.witness_name(), SignatureType::CosignatureV1)?;
        let seconds = self.clock.now().seconds();
        let stamp = u64::try_from(seconds).unwrap_or(0);
        let line = signer.cosignature_line(&key, stamp, note.text)?;
        Ok(Cosignature { line, seconds })
    }
}
