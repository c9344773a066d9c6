//! A log's checkpoint on its own: steps 12 to 15 without a ticket. Whoever reads it now and then
//! notices a log that was cut back or tells two stories, also while nothing new is approved.

use crate::checkpoint::Checkpoint;
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::log_view::Seen;
use crate::note::Note;
use crate::verifier::Verifier;

use super::ticket::malformed;

impl Verifier {
    /// Takes in the checkpoint of a log in the trusted policy, and keeps it when it is the largest.
    /// On any error nothing is changed, except that the evidence of a forked log is kept.
    pub fn update_checkpoint(&mut self, bytes: &str, now: i64) -> Result<(), VerifyError> {
        let note = Note::parse(bytes).map_err(|e| malformed(&e))?;
        let checkpoint = Checkpoint::parse(note.text).map_err(|e| malformed(&e))?;
        let witnessed_at = self.check_note(&note, &checkpoint, bytes, now)?;
        let generation = self.current_trust(now)?.generation;
        let view = self.logs.entry(checkpoint.origin.clone()).or_default();
        if let Err(refused) = view.compare(&checkpoint, witnessed_at) {
            if refused.code == Code::LogFork {
                view.remember_fork(checkpoint.size, bytes);
            }
            return Err(refused);
        }
        let seen = Seen {
            root: Digest::from_bytes(checkpoint.root),
            witnessed_at,
            note: bytes.to_owned(),
            generation,
        };
        view.remember_head(checkpoint.size, seen);
        self.raise_floor(witnessed_at);
        Ok(())
    }
}
