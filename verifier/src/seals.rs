//! What the keys of the trusted policy say about a checkpoint's note: the log's own, and the
//! witnesses'. Whoever asks decides what to make of it.

use std::collections::BTreeSet;

use crate::checkpoint::Checkpoint;
use crate::code::{Code, VerifyError};
use crate::note::{Note, Verdict};
use crate::policy::{Party, Policy};
use crate::trust::Trust;

/// What a log's keys say, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogVerdict {
    /// No log of this origin is in the policy.
    Unknown,
    /// None of its keys has signed.
    Absent,
    /// A signature under one of its keys is wrong, whatever the others say.
    Forged,
    /// At least one of its keys has signed.
    Signed,
}

/// What the keys of the log of this origin say.
pub(crate) fn log_verdict(note: &Note<'_>, origin: &str, policy: &Policy) -> LogVerdict {
    let mut found = LogVerdict::Unknown;
    for log in policy.logs(origin) {
        found = match (note.verdict(&log.key), found) {
            (Verdict::Forged, _) => return LogVerdict::Forged,
            (Verdict::Valid { .. }, _) | (_, LogVerdict::Signed) => LogVerdict::Signed,
            (Verdict::Absent, _) => LogVerdict::Absent,
        };
    }
    found
}

/// What the policy's witnesses say.
#[derive(Clone, Debug)]
pub(crate) struct Witnessed<'p> {
    /// Those that have cosigned, each with its earliest time where it says one.
    pub(crate) cosigned: Vec<(&'p Party, Option<i64>)>,
    /// Those under whose keys a cosignature is wrong.
    pub(crate) forged: Vec<&'p Party>,
    enough: bool,
}

/// What the policy's witnesses say about the note.
pub(crate) fn witnesses<'p>(note: &Note<'_>, policy: &'p Policy) -> Witnessed<'p> {
    let (mut cosigned, mut forged) = (Vec::new(), Vec::new());
    let mut positions = BTreeSet::new();
    for (position, witness) in policy.witnesses().iter().enumerate() {
        match note.verdict(&witness.key) {
            Verdict::Absent => {}
            Verdict::Forged => forged.push(witness),
            Verdict::Valid { timestamp } => {
                let time = timestamp.and_then(|time| i64::try_from(time).ok());
                cosigned.push((witness, time));
                positions.insert(position);
            }
        }
    }
    Witnessed {
        cosigned,
        forged,
        enough: policy.is_met_by(&positions),
    }
}

impl Witnessed<'_> {
    /// The earliest time that a witness has put to the note; what is lacking when the quorum is not
    /// met, or nobody says when.
    pub(crate) fn since(&self) -> Result<i64, String> {
        if !self.enough {
            let many = self.cosigned.len();
            return Err(format!("{many} known keys of witnesses have cosigned"));
        }
        let times = self.cosigned.iter().filter_map(|(_, time)| *time);
        times.min().ok_or_else(|| "no witness says when".to_owned())
    }
}

/// Step 12: a frozen log has no more entries than when it was frozen, and the same ones.
pub(crate) fn check_frozen(checkpoint: &Checkpoint, trust: &Trust) -> Result<(), VerifyError> {
    let Some(end) = trust.frozen(&checkpoint.origin) else {
        return Ok(());
    };
    let Checkpoint { origin, size, root } = checkpoint;
    if *size > end.size {
        let detail = format!("{origin} was frozen at {} entries", end.size);
        return Err(Code::LogUnknown.because(detail));
    }
    if *size == end.size && end.root.as_bytes() != root {
        return Err(Code::LogFork.because(format!("{origin} was frozen with another root")));
    }
    Ok(())
}
