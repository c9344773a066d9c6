//! Refusals that follow from who somebody is: reviews, and changes of an approval's standing.

use axum::http::StatusCode;
use foundation::error::Fault;

use super::{invalid, told};
use crate::domain::vendor_key::KeyRefusal;
use crate::service::ports::SigningError;

/// Why a review is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewRefusal {
    /// The reviewer's organisation made the app.
    Conflict,
    /// The reviewer does not have this capacity.
    WrongCapacity,
    /// The same person reviewed already.
    SamePerson,
    /// The other reviewer is of the same organisation.
    SameOrganisation,
    /// Somebody reviewed in this capacity already.
    RoleTaken,
}

/// Why a change of standing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandingRefusal {
    /// Only reviewers may.
    ReviewersOnly,
    /// Only the app's vendor may.
    VendorOnly,
    /// A reviewer may not decide this for their own organisation's app.
    Conflict,
    /// The same person agreed already.
    SamePerson,
    /// Somebody of the same organisation agreed already.
    SameOrganisation,
    /// Another change is being carried out.
    InProgress,
    /// What is to be confirmed is not what waits.
    ProposalGone,
}

impl ReviewRefusal {
    pub(super) fn fault(self) -> Fault {
        let (code, title, remedy) = match self {
            Self::Conflict => (
                "reviewer-conflict",
                "You may not review your own organisation's app",
                "Leave it to a reviewer of another organisation.",
            ),
            Self::WrongCapacity => (
                "review-role",
                "You may not review in this capacity",
                "Review in a capacity that you are registered with.",
            ),
            Self::SamePerson => (
                "reviewer-same-person",
                "You have reviewed this version already",
                "Another person must give the other review.",
            ),
            Self::SameOrganisation => (
                "reviewers-same-organisation",
                "The other reviewer is of your organisation",
                "The two reviewers must be of different organisations.",
            ),
            Self::RoleTaken => (
                "review-role-taken",
                "This version is reviewed in this capacity already",
                "Review in another capacity.",
            ),
        };
        let status = if self == Self::Conflict || self == Self::WrongCapacity {
            403
        } else {
            409
        };
        told(status, code, title, remedy).detail("The review was not recorded.")
    }
}

impl StandingRefusal {
    pub(super) fn fault(self) -> Fault {
        let (status, code, title, remedy) = match self {
            Self::ReviewersOnly => (
                403,
                "standing-reviewers-only",
                "Only reviewers may do this",
                "Ask a reviewer. A vendor may suspend its own app.",
            ),
            Self::VendorOnly => (
                403,
                "standing-vendor-only",
                "Only the vendor may withdraw a version",
                "Return it with reasons instead, or suspend it.",
            ),
            Self::Conflict => (
                403,
                "reviewer-conflict",
                "You may not decide this for your own organisation's app",
                "Leave it to a reviewer of another organisation.",
            ),
            Self::SamePerson => (
                409,
                "standing-same-person",
                "You have agreed to this already",
                "Another reviewer, of another organisation, must agree too.",
            ),
            Self::SameOrganisation => (
                409,
                "standing-same-organisation",
                "Your organisation has agreed to this already",
                "A reviewer of another organisation must agree too.",
            ),
            Self::ProposalGone => (
                409,
                "standing-proposal-gone",
                "What you confirm is not what waits",
                "Read the version's open decisions again, and confirm the one that is there.",
            ),
            Self::InProgress => (
                409,
                "standing-in-progress",
                "Another change is being carried out",
                "Wait a moment, then read the version's state again.",
            ),
        };
        told(status, code, title, remedy).detail("Nothing was changed.")
    }
}

impl KeyRefusal {
    pub(super) fn fault(self) -> Fault {
        let (status, code, title, remedy) = match self {
            Self::Unproved => (
                422,
                "key-unproved",
                "Nobody with a say in it has signed for this key",
                "Sign with your key in force, or with the new key itself.",
            ),
            Self::WrongPredecessor => (
                409,
                "key-predecessor",
                "The key does not follow the one in force",
                "Name the thumbprint of your key in force in `replaces`; leave it out if there is none.",
            ),
            Self::Taken => (
                409,
                "key-taken",
                "This key is known here already",
                "Make a new key; each is for one holder and one use, and is never taken again.",
            ),
            Self::AnotherPending => (
                409,
                "key-another-pending",
                "Another key waits already",
                "Take it back first, or wait until it counts.",
            ),
            Self::Unknown => (
                404,
                "key-unknown",
                "No such key",
                "List your keys to see which there are.",
            ),
            Self::NotPending => (
                409,
                "key-not-pending",
                "The key's state does not allow this",
                "List your keys to see what state each is in.",
            ),
            Self::Spent => (
                409,
                "signed-spent",
                "What you signed was sent before",
                "Sign it again with a new `jti`.",
            ),
        };
        told(status, code, title, remedy).detail("Nothing was changed.")
    }
}

pub(super) fn signing(error: &SigningError) -> Fault {
    match error {
        SigningError::NoKey(_) => Fault::new(StatusCode::CONFLICT, "signing-key-missing")
            .title("There is no key to sign with")
            .detail(error.to_string())
            .remedy("Ask the operator to register a key for you."),
        SigningError::OwnKey => Fault::new(StatusCode::CONFLICT, "signing-own-key")
            .title("You sign this yourself")
            .detail("A key of your own is registered, so nothing is signed for you here.")
            .remedy("Get what is to be signed, sign it with your key, and send the JWS."),
        SigningError::Release(_) => {
            Fault::new(StatusCode::UNPROCESSABLE_ENTITY, "release-signature")
                .title("The signed release is not taken")
                .detail(error.to_string())
                .remedy("Sign what GET …/release gives as an app-release+jwt with your key in force, and send it within five minutes.")
        }
        SigningError::Mismatch(findings) => invalid("release-mismatch", findings),
        SigningError::Refused(_) => {
            Fault::new(StatusCode::UNPROCESSABLE_ENTITY, "review-signature")
                .title("The signed review is not taken")
                .detail(error.to_string())
                .remedy(
                    "Sign an app-review+jwt with your registered key about exactly this release.",
                )
        }
        SigningError::Failed(_) => Fault::internal(),
    }
}
