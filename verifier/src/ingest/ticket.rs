//! Steps 12 to 17: the ticket. The approval must be in a known log, the log's checkpoint seen by
//! enough witnesses, and their time must agree with the approval's.

use crate::checkpoint::Checkpoint;
use crate::claims::Approval;
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::log_view::Seen;
use crate::merkle;
use crate::note::Note;
use crate::policy::Policy;
use crate::seals::{LogVerdict, check_frozen, log_verdict, witnesses};
use crate::tlog_proof::TlogProof;
use crate::verifier::{SKEW, Verifier};

use super::Signed;

/// The longest time from signing to being witnessed.
const MAX_DELAY: i64 = 86_400;

/// A ticket that has been checked.
pub(super) struct Logged {
    pub(super) origin: String,
    pub(super) index: u64,
    pub(super) size: u64,
    pub(super) seen: Seen,
}

/// A refusal, and the evidence when the log has forked: origin, size and note.
pub(super) struct Refusal {
    pub(super) error: VerifyError,
    pub(super) fork: Option<(String, u64, String)>,
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        Self { error, fork: None }
    }
}

impl Verifier {
    /// Steps 12 to 17, except the keys' cutoffs.
    pub(super) fn check_ticket(
        &self,
        signed: &Signed,
        ticket: &str,
        now: i64,
    ) -> Result<Logged, Refusal> {
        let claims = &signed.approval;
        let proof = TlogProof::parse(ticket).map_err(|e| malformed(&e))?;
        let note = Note::parse(proof.checkpoint).map_err(|e| malformed(&e))?;
        let checkpoint = Checkpoint::parse(note.text).map_err(|e| malformed(&e))?;
        let witnessed_at = self.check_note(&note, &checkpoint, proof.checkpoint, now)?;
        if checkpoint.origin != claims.log.origin {
            return Err(Code::LogUnknown
                .because("the approval names another log")
                .into());
        }
        if let Some(view) = self.logs.get(&checkpoint.origin) {
            view.compare(&checkpoint, witnessed_at)
                .map_err(|error| Refusal {
                    fork: (error.code == Code::LogFork).then(|| {
                        (
                            checkpoint.origin.clone(),
                            checkpoint.size,
                            proof.checkpoint.to_owned(),
                        )
                    }),
                    error,
                })?;
        }
        let Checkpoint { origin, size, root } = checkpoint;
        let leaf = signed.leaf.as_bytes();
        merkle::verify_inclusion(leaf, proof.index, size, &proof.hashes, &root)
            .map_err(|error| Code::Inclusion.because(error.to_string()))?;
        self.check_time(claims, proof.index, witnessed_at)?;
        let generation = self.current_trust(now)?.generation;
        Ok(Logged {
            origin,
            index: proof.index,
            size,
            seen: Seen {
                root: Digest::from_bytes(root),
                witnessed_at,
                note: proof.checkpoint.to_owned(),
                generation,
            },
        })
    }

    /// Steps 12 (origin), 13 and 14; returns the earliest witness time. A note that was verified
    /// before, byte for byte and under the same configuration, is not verified again.
    pub(super) fn check_note(
        &self,
        note: &Note<'_>,
        checkpoint: &Checkpoint,
        bytes: &str,
        now: i64,
    ) -> Result<i64, VerifyError> {
        let loaded = self.current_trust(now)?;
        check_frozen(checkpoint, &loaded.trust)?;
        let seen = self
            .logs
            .get(&checkpoint.origin)
            .and_then(|view| view.at(checkpoint.size));
        let unchanged = |seen: &&Seen| seen.generation == loaded.generation && seen.note == bytes;
        if let Some(seen) = seen.filter(unchanged) {
            return Ok(seen.witnessed_at);
        }
        let policy = loaded.trust.policy();
        check_log(note, checkpoint, policy)?;
        let witnessed_at = check_witnesses(note, policy)?;
        if witnessed_at > now.saturating_add(SKEW) {
            let detail = format!("witnessed at {witnessed_at}, now is {now}");
            return Err(Code::IatFuture.because(detail));
        }
        Ok(witnessed_at)
    }

    /// Step 17: not signed before the log had grown to `log.after`, nor long before it was seen.
    fn check_time(
        &self,
        claims: &Approval,
        index: u64,
        witnessed_at: i64,
    ) -> Result<(), VerifyError> {
        let backdated = |what: &'static str| Err(Code::Backdated.because(what));
        let after = claims.log.after;
        if after.size > index {
            return backdated("logged before the checkpoint that it claims to follow");
        }
        if let Some(seen) = self
            .logs
            .get(&claims.log.origin)
            .and_then(|view| view.at(after.size))
        {
            if seen.root != after.root {
                return backdated("log.after is not the log's checkpoint of that size");
            }
            if seen.witnessed_at - SKEW > claims.iat {
                return backdated("dated before the checkpoint that it follows was witnessed");
            }
        }
        if claims.iat > witnessed_at.saturating_add(SKEW) {
            return backdated("dated after it was logged");
        }
        if witnessed_at.saturating_sub(claims.iat) > MAX_DELAY {
            return backdated("logged more than 24 hours after its date");
        }
        Ok(())
    }
}

/// Steps 12 (origin) and 13.
fn check_log(note: &Note<'_>, checkpoint: &Checkpoint, policy: &Policy) -> Result<(), VerifyError> {
    match log_verdict(note, &checkpoint.origin, policy) {
        LogVerdict::Signed => Ok(()),
        LogVerdict::Absent => Err(Code::LogSig.because("not signed by the log")),
        LogVerdict::Forged => Err(Code::LogSig.because("the log's signature is wrong")),
        LogVerdict::Unknown => {
            Err(Code::LogUnknown.because("the log is not in the trusted log policy"))
        }
    }
}

/// Step 14: enough witnesses, and none of the known ones wrong. Gives the earliest time.
fn check_witnesses(note: &Note<'_>, policy: &Policy) -> Result<i64, VerifyError> {
    let witnessed = witnesses(note, policy);
    if let Some(witness) = witnessed.forged.first() {
        let detail = format!("the cosignature of {} is wrong", witness.name);
        return Err(Code::WitnessSig.because(detail));
    }
    witnessed
        .since()
        .map_err(|lack| Code::WitnessQuorum.because(lack))
}

pub(super) fn malformed(error: &dyn std::fmt::Display) -> VerifyError {
    Code::ProofFormat.because(error.to_string())
}
