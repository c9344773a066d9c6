//! Why a witness does not cosign, with the status codes of C2SP tlog-witness.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::error::{Describe, Fault, Problem};
use foundation::signing::SigningFailed;
use foundation::store::StoreError;
use verifier::add_checkpoint::{BadRequest, SIZE_TYPE};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// 400: the request cannot be read.
    #[error(transparent)]
    Request(#[from] BadRequest),
    /// 400: what comes after the proof is no checkpoint.
    #[error("what comes after the proof is not a signed checkpoint")]
    Checkpoint,
    /// 400: the new tree is smaller than the old.
    #[error("the old size {old} is larger than the checkpoint's {new}")]
    Order {
        /// The size that the proof begins with.
        old: u64,
        /// The checkpoint's size.
        new: u64,
    },
    /// 404: a log that this witness does not follow.
    #[error("this witness does not follow the log {0}")]
    UnknownLog(String),
    /// 403: no known key of the log has signed, or a signature under one is wrong.
    #[error("the checkpoint is not signed by the log")]
    LogSignature,
    /// 409: the witness has seen another size; it is in the body.
    #[error("the witness has seen size {0}")]
    Conflict(u64),
    /// 422: the new tree does not continue the one that was seen.
    #[error("the checkpoint does not continue what was seen: {0}")]
    Inconsistent(&'static str),
    /// 500: the signature could not be made.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
    /// 500: it could not be remembered.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Describe for Refusal {
    fn fault(&self) -> Fault {
        let (status, code, remedy) = match self {
            Self::Request(_) | Self::Checkpoint | Self::Order { .. } => (
                StatusCode::BAD_REQUEST,
                "witness-request",
                "Send \"old\" and a size, the proof's lines, an empty line and the checkpoint.",
            ),
            Self::UnknownLog(_) => (
                StatusCode::NOT_FOUND,
                "witness-log-unknown",
                "Ask who runs this witness to follow the log, with the log's verifier key.",
            ),
            Self::LogSignature => (
                StatusCode::FORBIDDEN,
                "witness-log-signature",
                "Sign the checkpoint with the key that this witness was given.",
            ),
            Self::Conflict(_) => (
                StatusCode::CONFLICT,
                "witness-conflict",
                "Make the proof from the size in the body and send it again.",
            ),
            Self::Inconsistent(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "witness-inconsistent",
                "The log has shown another history here. Stop, and find out why.",
            ),
            Self::Signing(_) => return Fault::internal(),
            Self::Store(error) => return error.fault(),
        };
        Fault::new(status, code)
            .title("The witness does not cosign")
            .detail(self.to_string())
            .remedy(remedy)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::Conflict(size) = self {
            let body = format!("{size}\n");
            return (
                StatusCode::CONFLICT,
                [(header::CONTENT_TYPE, SIZE_TYPE)],
                body,
            )
                .into_response();
        }
        Problem::from(self).into_response()
    }
}
