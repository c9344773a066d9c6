//! How much a run may take. A run that meets a limit ends there; the suite judges what was recorded
//! and the report names the limit, so it can never pass.

use std::time::Duration;

/// The limits of one run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Actions that a suite may ask for.
    pub(crate) actions: usize,
    /// Time for one action.
    pub(crate) action: Duration,
    /// Time for the run.
    pub(crate) total: Duration,
    /// Events on the tape.
    pub(crate) events: usize,
    /// Bytes that the browser may receive.
    pub(crate) received: u64,
}

/// Which limit ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    Actions,
    Events,
    Received,
    Time,
}

impl Interruption {
    /// The stable code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Actions => "limit-actions",
            Self::Events => "limit-events",
            Self::Received => "limit-received",
            Self::Time => "limit-time",
        }
    }
}
