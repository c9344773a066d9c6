//! What went well and what did not, part by part, for whoever asks how the agent fares.

use std::collections::BTreeMap;

use foundation::Timestamp;
use serde::Serialize;
use verifier::{Code, VerifyError};

use crate::follow::Away;

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// When, in Unix seconds.
    at: i64,
    /// The verifier's code, when it refused what was fetched.
    code: Option<Code>,
    /// What happened.
    detail: String,
    /// What to do about it.
    remedy: &'static str,
}

impl Failure {
    pub(crate) fn refused(at: Timestamp, refused: &VerifyError) -> Self {
        Self {
            at: at.seconds(),
            code: Some(refused.code),
            detail: refused.detail.to_string(),
            remedy: refused.code.remedy(),
        }
    }

    pub(crate) fn away(at: Timestamp, away: &Away) -> Self {
        Self {
            at: at.seconds(),
            code: None,
            detail: away.to_string(),
            remedy: "Check the connection to the registry; it is tried again by itself.",
        }
    }

    pub(crate) fn unsaved(at: Timestamp, error: &std::io::Error) -> Self {
        Self {
            at: at.seconds(),
            code: None,
            detail: format!("the state could not be written: {error}"),
            remedy: "Make room in the state folder, and let the agent write there.",
        }
    }
}

/// One part: the trust repository, a list, a log, the state on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Part {
    /// When it last went well, in Unix seconds; nothing since the start.
    pub(crate) succeeded_at: Option<i64>,
    /// What is wrong now.
    pub(crate) error: Option<Failure>,
}

impl Part {
    fn note(&mut self, now: Timestamp, outcome: Result<(), Failure>) {
        match outcome {
            Ok(()) => {
                self.succeeded_at = Some(now.seconds());
                self.error = None;
            }
            Err(failure) => self.error = Some(failure),
        }
    }
}

/// Which part.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of<'a> {
    Trust,
    State,
    List(&'a str),
    Log(&'a str),
}

/// Every part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    pub(crate) trust: Part,
    pub(crate) state: Part,
    pub(crate) lists: BTreeMap<String, Part>,
    pub(crate) logs: BTreeMap<String, Part>,
    /// The lists that are pushed now.
    pub(crate) pushed: BTreeMap<String, bool>,
    /// The newest failure of any part.
    pub(crate) last_error: Option<Failure>,
}

impl Journal {
    /// Notes how it went with a part.
    pub(crate) fn note(&mut self, part: Of<'_>, now: Timestamp, outcome: Result<(), Failure>) {
        if let Err(failure) = &outcome {
            self.last_error = Some(failure.clone());
        }
        let part = match part {
            Of::Trust => &mut self.trust,
            Of::State => &mut self.state,
            Of::List(uri) => self.lists.entry(uri.to_owned()).or_default(),
            Of::Log(origin) => self.logs.entry(origin.to_owned()).or_default(),
        };
        part.note(now, outcome);
    }
}
