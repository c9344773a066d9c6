//! What the agent refuses, and why it cannot begin.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault, Finding};
use verifier::{Code, VerifyError};

use crate::follow::Away;
use crate::state::StateError;

/// A request that is not answered with yes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The verifier says no.
    #[error("{0}")]
    Refused(VerifyError),
    /// What is needed has to be fetched, and cannot be.
    #[error("{0}")]
    Away(#[from] Away),
    /// The request lacks something, or contradicts itself.
    #[error("{detail}")]
    Incomplete {
        /// Where: a JSON pointer.
        pointer: &'static str,
        /// What.
        detail: &'static str,
    },
    /// The request was sent to another host name than this agent's.
    #[error("not a name of this agent")]
    Host,
}

impl From<VerifyError> for AgentError {
    fn from(refused: VerifyError) -> Self {
        Self::Refused(refused)
    }
}

impl Describe for AgentError {
    fn fault(&self) -> Fault {
        match self {
            Self::Refused(refused) => Fault::new(StatusCode::FORBIDDEN, refused.code.as_str())
                .title("The verifier says no")
                .detail(refused.detail.clone())
                .remedy(remedy(refused.code)),
            Self::Away(away) => Fault::new(StatusCode::SERVICE_UNAVAILABLE, "registry-away")
                .title("The registry cannot be reached")
                .detail(away.0.clone())
                .remedy("Check the connection to the registry, or send approval and ticket along."),
            Self::Incomplete { pointer, detail } => {
                let remedy = "Compare what you sent with the book's page on the EPJ agent.";
                Fault::new(StatusCode::BAD_REQUEST, "agent-request-incomplete")
                    .title("The request is not complete")
                    .detail(*detail)
                    .remedy(remedy)
                    .errors(vec![Finding {
                        code: "agent-request-incomplete".to_owned(),
                        pointer: (*pointer).to_owned(),
                        detail: (*detail).to_owned(),
                        remedy: remedy.to_owned(),
                    }])
            }
            Self::Host => Fault::new(StatusCode::MISDIRECTED_REQUEST, "agent-host-refused")
                .title("The request was meant for another host")
                .detail("The Host header names no host that this agent answers for.")
                .remedy(
                    "Ask by the name localhost or 127.0.0.1, or start the agent with --host NAME.",
                ),
        }
    }
}

/// What the verifier says, and here also how to have an approval taken in.
const fn remedy(code: Code) -> &'static str {
    match code {
        Code::NotApproved => {
            "Have exactly this version taken in with POST /verify, by software_id and \
             software_version; if the registry has approved no such version, it may not be launched."
        }
        code => code.remedy(),
    }
}

/// An agent that cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The registry's address is not one that approvals of this environment may have.
    #[error("{0} is no address of a registry: {1}")]
    Registry(String, verifier::uri::BadUri),
    /// The pinned root document is refused.
    #[error("the root document is refused: {0}")]
    Root(VerifyError),
    /// The state folder cannot be used.
    #[error("the state folder {0}")]
    Folder(String),
    /// What stands there cannot be gone on from.
    #[error(
        "state.json is refused: {0}. If the pinned root document has been replaced on purpose, move \
         the file away: all is then learnt anew, and what was known about older versions forgotten"
    )]
    State(String),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(reqwest::Error),
}

impl From<StateError> for StartError {
    fn from(error: StateError) -> Self {
        Self::Folder(error.to_string())
    }
}
