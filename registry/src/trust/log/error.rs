//! What can go wrong with the log. None of it publishes anything.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault};
use foundation::failpoint::CutShort;
use foundation::files::FileError;
use foundation::store::StoreError;

use super::LogObstacle;
use crate::trust::keys::KeyError;

/// A failure of the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The log may not be used as it stands.
    #[error(transparent)]
    Obstacle(#[from] LogObstacle),
    /// Every log is frozen.
    #[error("every log is frozen; start a successor with `markedsplass log start`")]
    Frozen,
    /// The log is not frozen.
    #[error("the log {0} is still open; freeze it first with `markedsplass log freeze`")]
    StillOpen(String),
    /// There is no such log.
    #[error("there is no log {0}")]
    Unknown(String),
    /// Another log has followed the one that was named.
    #[error("{named} has a successor already; the last log is {last}")]
    NotLast {
        /// Which log was named.
        named: String,
        /// Which one the next follows.
        last: String,
    },
    /// A log of this name is there.
    #[error("there is a log {0} already")]
    Taken(String),
    /// Too few witnesses have cosigned.
    #[error("too few witnesses have cosigned: {0}")]
    Quorum(String),
    /// Another node has published a larger checkpoint meanwhile.
    #[error("another node was faster")]
    Outpaced,
    /// No witnessed checkpoint covers this yet.
    #[error("no witnessed checkpoint covers this yet")]
    NothingWitnessed,
    /// An entry does not fit a bundle.
    #[error("an entry of {0} bytes is too long for the log")]
    TooLong(usize),
    /// Something of the log is not what the verifier accepts.
    #[error("the log is not right: {0}")]
    Format(String),
    /// The tiles that it is to be restored from are not right.
    #[error("the tiles cannot be restored from: {0}")]
    Tiles(String),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The files failed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A test cut the work short.
    #[error(transparent)]
    CutShort(#[from] CutShort),
}

impl LogError {
    /// For what the verifier's own code refuses.
    pub(super) fn format(reason: impl std::fmt::Display) -> Self {
        Self::Format(reason.to_string())
    }
}

impl Describe for LogError {
    fn fault(&self) -> Fault {
        let unavailable = |code, title: &str, remedy: &str| {
            Fault::new(StatusCode::SERVICE_UNAVAILABLE, code)
                .title(title)
                .detail(self.to_string())
                .remedy(remedy)
        };
        match self {
            Self::Obstacle(obstacle) => unavailable(
                obstacle.code(),
                "The registry does not speak for its log now",
                "Go on with what you have; the operator has to restore the log.",
            ),
            Self::Frozen => unavailable(
                "log-frozen",
                "The log takes no entries",
                "Wait until the operator has started its successor.",
            ),
            Self::Quorum(_) => unavailable(
                "witness-quorum",
                "Too few witnesses answer",
                "Wait: it is tried again until enough of them have cosigned.",
            ),
            Self::NothingWitnessed => unavailable(
                "log-empty",
                "The log has no witnessed checkpoint yet",
                "Wait a little and try again.",
            ),
            Self::Store(error) => error.fault(),
            _ => Fault::internal(),
        }
    }
}
