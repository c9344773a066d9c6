//! What can go wrong between the runner and Chromium. None of it is ever the app's failure: a
//! check that meets one of these is run again or ends without a verdict.

use std::time::Duration;

/// A failure of the browser or of the conversation with it.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The browser ended while it was needed.
    #[error("the browser ended unexpectedly")]
    Gone,
    /// No Chromium is installed.
    #[error(
        "no Chromium was found; install the package `chromium`, or set `conformance.chromium` to its path"
    )]
    Missing,
    /// A command was refused by the browser.
    #[error("the browser refused {method}: {message}")]
    Refused {
        /// The command.
        method: String,
        /// What the browser said.
        message: String,
    },
    /// The browser did not start.
    #[error("the browser did not start: {0}")]
    Start(String),
    /// An answer did not come in time.
    #[error("the browser did not answer {method} within {limit:?}")]
    Timeout {
        /// The command.
        method: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// An answer lacks what the protocol promises.
    #[error("the browser's answer to {method} lacks {member}")]
    Unexpected {
        /// The command.
        method: &'static str,
        /// What is not there.
        member: &'static str,
    },
}
