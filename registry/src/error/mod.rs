//! What can go wrong in the registry, and how each is told: stable code, what happened, what to do.

mod refusal;

use axum::http::StatusCode;
use foundation::blob::BlobError;
use foundation::error::{Describe, Fault, Finding};
use foundation::store::StoreError;

use crate::domain::archive::ArchiveError;
use crate::domain::vendor_key::KeyRefusal;
use crate::domain::version::IllegalTransition;
use crate::service::ports::{PortError, SigningError};
use crate::trust::log::LogError;
pub use refusal::{ReviewRefusal, StandingRefusal};

/// A refusal or failure of the registry.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No such app, or none that the caller may see.
    #[error("the app is unknown")]
    AppUnknown,
    /// The identifier belongs to another vendor.
    #[error("the software_id belongs to another vendor")]
    SoftwareIdTaken,
    /// The vendor has this entry already.
    #[error("the app entry exists already")]
    AppExists,
    /// The entry was changed by somebody else since it was read.
    #[error("the app entry has another revision by now")]
    EntryStale,
    /// The archive is refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The query cannot be read.
    #[error("{} parameters are not understood", .0.len())]
    Query(Vec<Finding>),
    /// The blob store failed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A hosted app does not serve what its integrity manifest says.
    #[error("{0}")]
    ContentDiffers(String),
    /// A hosted app cannot be reached.
    #[error("{0}")]
    ContentUnreachable(String),
    /// The bundle was uploaded for another app.
    #[error("the bundle belongs to another app")]
    BundleOfAnotherApp,
    /// Another room could not answer.
    #[error(transparent)]
    Port(#[from] PortError),
    /// What was sent breaks rules; every broken rule is listed.
    #[error("{} findings", .findings.len())]
    Invalid {
        /// Which kind of document.
        code: &'static str,
        /// Every broken rule.
        findings: Vec<Finding>,
    },
    /// The upload cannot be read.
    #[error("the upload cannot be read: {detail}")]
    Upload {
        /// Which rule it breaks.
        code: &'static str,
        /// What is wrong.
        detail: String,
        /// What to do.
        remedy: &'static str,
    },
    /// More was sent than is taken.
    #[error("the {part} is larger than {limit} bytes")]
    TooLarge {
        /// Which part.
        part: &'static str,
        /// The most that is taken.
        limit: u64,
    },
    /// No such version, or none that the caller may see.
    #[error("the version is unknown")]
    VersionUnknown,
    /// The version exists with other bytes.
    #[error("the version exists with other bytes")]
    VersionReused,
    /// The version's state does not allow it.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// Somebody changed the version at the same moment.
    #[error("the version was changed at the same moment")]
    Raced,
    /// Nothing was checked yet.
    #[error("there is no finished check of this release")]
    CheckMissing,
    /// The newest check failed.
    #[error("the newest check of this release found errors")]
    CheckFailed {
        /// The requirements that failed.
        findings: Vec<Finding>,
    },
    /// A rule about reviewers refuses the review.
    #[error("the review is refused: {0:?}")]
    Review(ReviewRefusal),
    /// A rule about who may change an approval's standing.
    #[error("the change of standing is refused: {0:?}")]
    Standing(StandingRefusal),
    /// A reason is needed.
    #[error("a reason is needed")]
    ReasonMissing,
    /// A signature could not be made or is not taken.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log failed, or may not be used; nothing was published.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Keys or status list failed; nothing was published.
    #[error("the signing half failed: {0}")]
    Trust(Box<dyn std::error::Error + Send + Sync>),
    /// There is no status list with this number.
    #[error("there is no such status list")]
    StatusListUnknown,
    /// Too many follow the status lists.
    #[error("too many follow the status lists already")]
    FeedFull,
    /// A rule about keys refuses the key, or what was signed.
    #[error("the key is refused: {0:?}")]
    Key(KeyRefusal),
    /// The key cannot be read.
    #[error("{0}")]
    KeyInvalid(String),
    /// What was signed to register a key is not right.
    #[error("{0}")]
    Rotation(String),
    /// Nobody with this subject reviews.
    #[error("the reviewer is unknown")]
    ReviewerUnknown,
    /// The approval is not there (yet).
    #[error("there is no approval")]
    ApprovalMissing,
    /// The organisation number is not one.
    #[error("the organisation number is not valid")]
    OrganisationInvalid,
    /// The organisation takes no part.
    #[error("the organisation is unknown")]
    OrganisationUnknown,
    /// The organisation has not let this person in.
    #[error("the person is unknown in the organisation")]
    PersonUnknown,
    /// No such token of the caller.
    #[error("the token is unknown")]
    TokenUnknown,
    /// A document of ours could not be written.
    #[error("a document could not be written: {0}")]
    Document(#[from] serde_json::Error),
}

impl RegistryError {
    fn detailed(&self, detail: &str) -> Fault {
        let (status, code, title, remedy) = match self {
            Self::KeyInvalid(_) => (
                422,
                "key-invalid",
                "The key cannot be read",
                "Give a public P-256 key as a JWK with kty, crv, x and y.",
            ),
            Self::Rotation(_) => (
                422,
                "key-signature",
                "The signed request for a key is not taken",
                "Sign an app-key-rotation+jwt about your own key, and send it within five minutes.",
            ),
            Self::ContentDiffers(_) => (
                422,
                "content-differs",
                "Your server serves something else than the integrity manifest says",
                "Publish the manifest and exactly the files that it names, then submit again.",
            ),
            _ => (
                503,
                "content-unreachable",
                "Your server cannot be reached",
                "See that the app's address answers from the open network, then submit again.",
            ),
        };
        told(status, code, title, remedy).detail(detail)
    }

    /// Several broken rules about one document.
    pub(crate) fn invalid(code: &'static str, findings: Vec<Finding>) -> Self {
        Self::Invalid { code, findings }
    }
}

impl Describe for RegistryError {
    fn fault(&self) -> Fault {
        match self {
            Self::Archive(error) => error.fault(),
            Self::Blob(error) => error.fault(),
            Self::Store(error) => error.fault(),
            Self::Log(error) => error.fault(),
            Self::Port(_) | Self::Document(_) | Self::Trust(_) => Fault::internal(),
            Self::Review(refusal) => refusal.fault(),
            Self::Standing(refusal) => refusal.fault(),
            Self::Signing(error) => refusal::signing(error),
            Self::Key(refusal) => refusal.fault(),
            Self::KeyInvalid(detail)
            | Self::Rotation(detail)
            | Self::ContentDiffers(detail)
            | Self::ContentUnreachable(detail) => self.detailed(detail),
            Self::Invalid { code, findings } => invalid(code, findings),
            Self::Upload {
                code,
                detail,
                remedy,
            } => Fault::new(StatusCode::BAD_REQUEST, code)
                .title("The upload cannot be read")
                .detail(detail)
                .remedy(*remedy),
            Self::Query(findings) => Fault::new(StatusCode::BAD_REQUEST, "query-invalid")
                .title("The query cannot be read")
                .detail("At least one parameter is not understood.")
                .remedy("Correct the parameters in `errors`.")
                .errors(findings.clone()),
            Self::TooLarge { part, limit } => too_large(part, *limit),
            Self::Illegal(error) => illegal(*error),
            Self::CheckFailed { findings } => Fault::new(StatusCode::CONFLICT, "check-failed")
                .title("The newest check found errors")
                .detail(
                    "A version can be submitted when the newest check of exactly its bytes passed.",
                )
                .remedy("Read the findings of the check, upload a new version and check that.")
                .errors(findings.clone()),
            Self::FeedFull => Fault::new(StatusCode::SERVICE_UNAVAILABLE, "status-feed-full")
                .title("Too many follow the status lists already")
                .detail("Every place is taken at this moment.")
                .remedy("Fetch the list instead, every five minutes, and try again later."),
            Self::AppUnknown
            | Self::VersionUnknown
            | Self::StatusListUnknown
            | Self::ReviewerUnknown
            | Self::ApprovalMissing
            | Self::OrganisationInvalid
            | Self::OrganisationUnknown
            | Self::PersonUnknown
            | Self::TokenUnknown => self.absent(),
            Self::SoftwareIdTaken
            | Self::AppExists
            | Self::EntryStale
            | Self::BundleOfAnotherApp
            | Self::VersionReused
            | Self::Raced
            | Self::CheckMissing
            | Self::ReasonMissing => self.conflict(),
        }
    }
}

impl RegistryError {
    fn absent(&self) -> Fault {
        let (status, code, title, remedy) = match self {
            Self::AppUnknown => (
                404,
                "app-unknown",
                "No such app",
                "Check the software_id. Apps that are not approved are seen by their vendor only.",
            ),
            Self::VersionUnknown => (
                404,
                "version-unknown",
                "No such version",
                "Check the version. Versions that are not approved are seen by their vendor only.",
            ),
            Self::ReviewerUnknown => (
                404,
                "reviewer-unknown",
                "Nobody with this subject reviews",
                "Register the person with a review role first.",
            ),
            Self::StatusListUnknown => (
                404,
                "status-list-unknown",
                "No such status list",
                "Take the address from an approval's `status` claim.",
            ),
            Self::ApprovalMissing => (
                404,
                "approval-unknown",
                "There is no approval of this version",
                "Wait until it is approved; the version's state tells.",
            ),
            Self::TokenUnknown => (
                404,
                "token-unknown",
                "No such token",
                "List your tokens to see which there are.",
            ),
            Self::OrganisationInvalid => (
                422,
                "orgnr-invalid",
                "The organisation number is not valid",
                "Nine digits, the last of which is the check digit (modulus 11).",
            ),
            Self::OrganisationUnknown => (
                403,
                "organisation-unknown",
                "Your organisation takes no part yet",
                "Ask the operator to register the organisation.",
            ),
            _ => (
                403,
                "person-unknown",
                "Your organisation has not let you in yet",
                "Ask your organisation's administrator to add you.",
            ),
        };
        told(status, code, title, remedy).detail(self.to_string())
    }

    fn conflict(&self) -> Fault {
        let (status, code, title, remedy) = match self {
            Self::SoftwareIdTaken => (
                409,
                "software-id-taken",
                "The software_id belongs to another vendor",
                "Choose an identifier under a domain name of your own, such as no.yourcompany.app.",
            ),
            Self::AppExists => (
                409,
                "app-exists",
                "You have an entry with this software_id already",
                "Change it with PUT, or add a version to it.",
            ),
            Self::EntryStale => (
                412,
                "entry-stale",
                "The entry was changed since you read it",
                "Read it again, make your change to that, and send its ETag in If-Match.",
            ),
            Self::BundleOfAnotherApp => (
                409,
                "bundle-of-another-app",
                "Exactly this archive was uploaded for another app",
                "Upload your own build; each app is served from an origin named after its archive.",
            ),
            Self::VersionReused => (
                409,
                "version-reused",
                "This version exists with other bytes",
                "A version never changes. Raise software_version and upload again.",
            ),
            Self::CheckMissing => (
                409,
                "check-missing",
                "This version has not been checked",
                "Start a check (POST …/checks), wait until it has passed, then submit.",
            ),
            Self::ReasonMissing => (
                422,
                "reason-missing",
                "A reason is needed",
                "Say why in `reason`; those concerned will read it.",
            ),
            _ => (
                409,
                "version-changed",
                "Somebody changed the version at the same moment",
                "Read the version again and decide on what it is now.",
            ),
        };
        told(status, code, title, remedy).detail(self.to_string())
    }
}

fn told(status: u16, code: &'static str, title: &str, remedy: &str) -> Fault {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Fault::new(status, code).title(title).remedy(remedy)
}

fn invalid(code: &'static str, findings: &[Finding]) -> Fault {
    Fault::new(StatusCode::UNPROCESSABLE_ENTITY, code)
        .title("What you sent breaks rules")
        .detail(format!(
            "{} findings; each says where and what to do.",
            findings.len()
        ))
        .remedy("Correct every finding in `errors` and send it again; nothing was stored.")
        .errors(findings.to_vec())
}

fn too_large(part: &str, limit: u64) -> Fault {
    Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large")
        .title("The upload is too large")
        .detail(format!("The {part} may have at most {limit} bytes."))
        .remedy("Leave out what the app does not need at run time, such as source maps and media.")
}

fn illegal(error: IllegalTransition) -> Fault {
    Fault::new(StatusCode::CONFLICT, "state-conflict")
        .title("The version's state does not allow this")
        .detail(error.to_string())
        .remedy(
            "Read the version's state and history; upload a new version if this one is decided.",
        )
}
