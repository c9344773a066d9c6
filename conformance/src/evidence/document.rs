//! The document: JSON Lines with a preamble, the events in order and a last line that says how the
//! run ended. Exactly one text stands for a run, so its SHA-256 is the evidence's name; a text that
//! would not be printed so is refused.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault};
use foundation::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::suite::wit::{Event, Evidence, Header};

/// The first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preamble {
    /// Always [`FORMAT`].
    pub(crate) format: String,
    /// Digest of the release under test; absent when a vendor checks what is not uploaded.
    pub(crate) release: Option<Digest>,
    /// Digest of the suite's component.
    pub(crate) suite: Digest,
    /// Name of the suite.
    pub(crate) suite_id: String,
    /// Version of its requirement set.
    pub(crate) suite_version: String,
    /// When the run began.
    pub(crate) started_at: Timestamp,
    /// What the suite is told before the run.
    pub(crate) header: Header,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// Number of events.
    events: usize,
    /// Code of the limit that ended the run early.
    interrupted: Option<String>,
}

/// A run as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document {
    pub(crate) preamble: Preamble,
    pub(crate) events: Vec<Event>,
    /// Code of the limit that ended the run early.
    pub(crate) interrupted: Option<String>,
}

/// Evidence that cannot be used. `code` tells why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the evidence cannot be used ({}), line {line}: {}", problem.code(), problem.sentence())]
pub struct EvidenceError {
    /// What is wrong.
    pub problem: EvidenceProblem,
    /// The line, counted from 1.
    pub line: usize,
}

/// What can be wrong with a text that claims to be evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceProblem {
    /// Parsed, but not byte for byte what printing gives.
    NotCanonical,
    /// Not UTF-8 text.
    NotText,
    /// The first line is no preamble.
    Preamble,
    /// A later format, or none of ours.
    Format,
    /// A line is no event.
    Line,
    /// The events are not numbered 1, 2, 3 …
    Sequence,
    /// It is larger than is read.
    TooLarge,
    /// The last line is missing or speaks of another number of events.
    Truncated,
}

impl EvidenceProblem {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotCanonical => "evidence-not-canonical",
            Self::NotText => "evidence-not-text",
            Self::Preamble => "evidence-preamble-invalid",
            Self::Format => "evidence-format-unknown",
            Self::Line => "evidence-line-invalid",
            Self::Sequence => "evidence-sequence-broken",
            Self::TooLarge => "evidence-too-large",
            Self::Truncated => "evidence-truncated",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::NotCanonical => "it was printed by something else; fetch it again, unchanged",
            Self::NotText => "it is not UTF-8; fetch it again, unchanged",
            Self::Preamble => "the first line is no preamble; give the file of a check's evidence",
            Self::Format => "its format is unknown; use a program that is as new as the evidence",
            Self::Line => "the line is no event; fetch it again, unchanged",
            Self::Sequence => "an event is missing, doubled or moved; fetch it again, unchanged",
            Self::TooLarge => "it is larger than 64 MiB; give the file of a check's evidence",
            Self::Truncated => "its end is missing; fetch it again, whole",
        }
    }
}

impl Describe for EvidenceError {
    fn fault(&self) -> Fault {
        Fault::new(StatusCode::UNPROCESSABLE_ENTITY, self.problem.code())
            .title("The evidence cannot be used")
            .detail(format!("Line {} is wrong.", self.line))
            .remedy(self.problem.sentence())
    }
}

impl Document {
    /// The text.
    pub(crate) fn print(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut out = Vec::new();
        line(&mut out, &self.preamble)?;
        for event in &self.events {
            line(&mut out, event)?;
        }
        let end = End {
            events: self.events.len(),
            interrupted: self.interrupted.clone(),
        };
        line(&mut out, &end)?;
        Ok(out)
    }

    /// Reads a text back; refuses whatever [`Self::print`] would not have written.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let fail = |problem, line| EvidenceError { problem, line };
        if bytes.len() > MOST_BYTES {
            return Err(fail(EvidenceProblem::TooLarge, 1));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| fail(EvidenceProblem::NotText, 1))?;
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        let first = lines.first().copied().unwrap_or_default();
        let preamble: Preamble =
            serde_json::from_str(first).map_err(|_| fail(EvidenceProblem::Preamble, 1))?;
        if preamble.format != FORMAT {
            return Err(fail(EvidenceProblem::Format, 1));
        }
        let last = lines.len();
        let end: Option<End> = lines
            .last()
            .and_then(|text| serde_json::from_str(text).ok());
        let (Some(end), true) = (end, text.ends_with('\n')) else {
            return Err(fail(EvidenceProblem::Truncated, last));
        };
        let events = events(lines.get(1..last - 1).unwrap_or_default())?;
        if events.len() != end.events {
            return Err(fail(EvidenceProblem::Truncated, last));
        }
        let document = Self {
            preamble,
            events,
            interrupted: end.interrupted,
        };
        match document.print() {
            Ok(printed) if printed == bytes => Ok(document),
            _ => Err(fail(EvidenceProblem::NotCanonical, 1)),
        }
    }

    /// What the suite is given.
    pub(crate) fn into_evidence(self) -> Evidence {
        Evidence {
            header: self.preamble.header,
            events: self.events,
        }
    }
}

fn events(lines: &[&str]) -> Result<Vec<Event>, EvidenceError> {
    let mut events = Vec::with_capacity(lines.len());
    for (index, text) in lines.iter().enumerate() {
        let fail = |problem| EvidenceError {
            problem,
            line: index + 2,
        };
        let event: Event = serde_json::from_str(text).map_err(|_| fail(EvidenceProblem::Line))?;
        if usize::try_from(event.seq).ok() != Some(index + 1) {
            return Err(fail(EvidenceProblem::Sequence));
        }
        events.push(event);
    }
    Ok(events)
}

fn line(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), serde_json::Error> {
    serde_json::to_writer(&mut *out, value)?;
    out.push(b'\n');
    Ok(())
}

/// Names the format and its version.
pub(crate) const FORMAT: &str = "markedsplass-evidence/1";

const MOST_BYTES: usize = 64 * 1024 * 1024;
