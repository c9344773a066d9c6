//! The room's errors, each with a stable code and what the reader can do.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault};
use foundation::store::StoreError;

use crate::domain::client::BadClient;
use crate::domain::token::Reason;

/// Why something could not be done with a sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No sandbox has this name.
    #[error("no sandbox is called {0}")]
    UnknownSandbox(String),
    /// The name cannot be used.
    #[error("{0} cannot be the name of a sandbox")]
    BadName(String),
    /// The name is taken.
    #[error("a sandbox called {0} exists already")]
    NameTaken(String),
    /// The organisation has as many as it may have.
    #[error("your organisation has {0} sandboxes, and may have no more")]
    Sandboxes(u32),
    /// The name of a snapshot cannot be used.
    #[error("{0} cannot be the name of a snapshot")]
    BadSnapshotName(String),
    /// The name of a snapshot is taken.
    #[error("a snapshot called {0} exists already")]
    SnapshotTaken(String),
    /// No snapshot has this name.
    #[error("no snapshot of the sandbox is called {0}")]
    UnknownSnapshot(String),
    /// The sandbox has as many snapshots as it may have.
    #[error("the sandbox has {0} snapshots, and may have no more")]
    Snapshots(usize),
    /// The sandbox has as many clients as it may have.
    #[error("the sandbox has {0} clients, and may have no more")]
    Clients(i64),
    /// No organisation can have this number.
    #[error("{0} is no organisation number")]
    BadOrganisation(String),
    /// The sandbox is shared with as many as it may be.
    #[error("the sandbox is shared with {0} organisations, and may be with no more")]
    Shares(usize),
    /// The sandbox is not shared with this organisation.
    #[error("the sandbox is not shared with {0}")]
    NotShared(String),
    /// Only its owner may.
    #[error("the sandbox is shared with your organisation, and another one owns it")]
    NotOwner,
    /// The demo sandbox stays.
    #[error("the demo sandbox cannot be deleted")]
    DemoStays,
    /// The people cannot be made.
    #[error(transparent)]
    Dataset(#[from] synthetic_data::DatasetError),
    /// No client has this identifier in this sandbox.
    #[error("no client is called {0}")]
    UnknownClient(String),
    /// The client cannot be registered.
    #[error(transparent)]
    Client(#[from] BadClient),
    /// The client registered no launch address.
    #[error("the client {0} registered no launch address")]
    NoLaunchUri(String),
    /// No such person or contact in this sandbox.
    #[error("{kind} {id} is not in this sandbox")]
    UnknownPerson {
        /// `Patient`, `Practitioner` or `Encounter`.
        kind: &'static str,
        /// What was asked for.
        id: String,
    },
    /// A behaviour that cannot be.
    #[error("{0}")]
    Behaviour(&'static str),
    /// A signing key could not be made or read.
    #[error("a signing key cannot be made or read")]
    Key,
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// A page template or message file of ours is wrong.
    #[error("a page cannot be made: {0}")]
    Page(String),
    /// What is kept cannot be read.
    #[error("stored {0} cannot be read")]
    Stored(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Describe for SandboxError {
    fn fault(&self) -> Fault {
        let fault = match self {
            Self::UnknownSandbox(_) => Fault::new(StatusCode::NOT_FOUND, "sandbox-unknown")
                .title("There is no such sandbox")
                .remedy("Use demo, or make a sandbox first."),
            Self::BadName(_) => Fault::new(StatusCode::BAD_REQUEST, "sandbox-name")
                .title("The name cannot be used")
                .remedy(
                    "Use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter.",
                ),
            Self::NameTaken(_) => Fault::new(StatusCode::CONFLICT, "sandbox-name-taken")
                .title("The name is taken")
                .remedy("Choose another name."),
            Self::DemoStays => Fault::new(StatusCode::CONFLICT, "sandbox-demo-stays")
                .title("The demo sandbox stays")
                .remedy("Reset it instead."),
            Self::Sandboxes(_) => Fault::new(StatusCode::CONFLICT, "sandbox-quota")
                .title("Your organisation has all the sandboxes it may have")
                .remedy("Delete one that you do not need, or make it with a lifetime next time."),
            Self::BadSnapshotName(_) => Fault::new(StatusCode::BAD_REQUEST, "snapshot-name")
                .title("The name cannot be used")
                .remedy(
                    "Use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter.",
                ),
            Self::SnapshotTaken(_) => Fault::new(StatusCode::CONFLICT, "snapshot-name-taken")
                .title("The name is taken")
                .remedy("Choose another name, or delete the snapshot that has it."),
            Self::UnknownSnapshot(_) => Fault::new(StatusCode::NOT_FOUND, "snapshot-unknown")
                .title("There is no such snapshot")
                .remedy("Take a name from the sandbox's list of snapshots."),
            Self::Snapshots(_) => Fault::new(StatusCode::CONFLICT, "snapshot-quota")
                .title("The sandbox has all the snapshots it may have")
                .remedy("Delete one that you do not need."),
            Self::Clients(_) => Fault::new(StatusCode::CONFLICT, "client-quota")
                .title("The sandbox has all the clients it may have")
                .remedy("Register under an identifier that is there: it replaces the old one."),
            Self::BadOrganisation(_) => Fault::new(StatusCode::BAD_REQUEST, "organisation-number")
                .title("No organisation can have this number")
                .remedy("Use nine digits; the last one is a control digit."),
            Self::Shares(_) => Fault::new(StatusCode::CONFLICT, "sandbox-share-quota")
                .title("The sandbox is shared with as many as it may be")
                .remedy("End the sharing with one that does not need it."),
            Self::NotShared(_) => Fault::new(StatusCode::NOT_FOUND, "sandbox-not-shared")
                .title("The sandbox is not shared with this organisation")
                .remedy("Take a number from the sandbox's list of shares."),
            Self::NotOwner => Fault::new(StatusCode::FORBIDDEN, "sandbox-not-owner")
                .title("Only its owner may do this")
                .remedy("Clone the sandbox: the clone is your organisation's."),
            Self::Dataset(_) => Fault::new(StatusCode::BAD_REQUEST, "sandbox-people")
                .title("The people of the sandbox cannot be made")
                .remedy("Correct the setting that the detail names."),
            Self::UnknownClient(_) => Fault::new(StatusCode::NOT_FOUND, "client-unknown")
                .title("There is no such client in this sandbox")
                .remedy("Register the client in this sandbox first."),
            Self::Client(_) => Fault::new(StatusCode::BAD_REQUEST, "client-invalid")
                .title("The client cannot be registered")
                .remedy("Correct the member that the detail names."),
            Self::NoLaunchUri(_) => Fault::new(StatusCode::CONFLICT, "client-without-launch")
                .title("The client cannot be launched")
                .remedy("Register a launch_uri, or start the app on its own."),
            Self::UnknownPerson { .. } => {
                Fault::new(StatusCode::NOT_FOUND, "sandbox-person-unknown")
                    .title("Nobody with this id is in the sandbox")
                    .remedy("Take an id from the sandbox's lists.")
            }
            Self::Behaviour(_) => Fault::new(StatusCode::BAD_REQUEST, "behaviour-invalid")
                .title("The behaviour cannot be")
                .remedy("Correct the member that the detail names."),
            Self::Store(error) => return error.fault(),
            Self::Key | Self::Config(_) | Self::Page(_) | Self::Stored(_) => {
                return Fault::internal();
            }
        };
        fault.detail(format!("{self}."))
    }
}

/// Why the token, introspection or revocation endpoint refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the sandbox does not exist")]
    UnknownSandbox,
    #[error("client authentication failed: {0}")]
    Client(ClientRefusal),
    #[error("the parameter {0} is missing or stands twice")]
    Parameter(&'static str),
    #[error("this grant type is not supported")]
    GrantType,
    #[error("none of the scopes asked for is a system scope that the client registered")]
    Scope,
    #[error("the code is refused: {0:?}")]
    Code(Reason),
    #[error("the refresh token is refused: {0:?}")]
    Refresh(Reason),
    #[error("introspection needs a client's secret or assertion, or an access token")]
    IntrospectionDenied,
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Sandbox(SandboxError::Store(error))
    }
}

/// Why a client is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClientRefusal {
    #[error("no client is named")]
    Missing,
    #[error("the client is not registered in this sandbox")]
    Unknown,
    #[error("the client must authenticate in the way it registered")]
    Method,
    #[error("the secret is wrong")]
    Secret,
    #[error("more than one client authentication was sent")]
    Several,
    #[error("the assertion is malformed, or its type is not jwt-bearer")]
    AssertionForm,
    #[error("the assertion's algorithm must be RS384 or ES384")]
    Algorithm,
    #[error("no registered key has the assertion's kid")]
    Key,
    #[error("the assertion's signature does not match")]
    Signature,
    #[error("iss and sub of the assertion must both be the client_id")]
    Subject,
    #[error("aud of the assertion must be the token endpoint or the issuer")]
    Audience,
    #[error("exp of the assertion must lie ahead, by at most five minutes")]
    Expiry,
    #[error("the assertion needs a jti that was not used before")]
    Replay,
}

impl Describe for TokenError {
    fn fault(&self) -> Fault {
        let bad = StatusCode::BAD_REQUEST;
        let fault = match self {
            Self::UnknownSandbox => Fault::new(StatusCode::NOT_FOUND, "sandbox-unknown")
                .remedy("Read the address of the endpoint from smart-configuration."),
            Self::Client(_) => Fault::new(StatusCode::UNAUTHORIZED, "client-refused")
                .oauth("invalid_client")
                .remedy("Authenticate as the client was registered."),
            Self::Parameter(_) => Fault::new(bad, "parameter-missing").remedy("Send it once."),
            Self::GrantType => Fault::new(bad, "grant-type")
                .oauth("unsupported_grant_type")
                .remedy("Use authorization_code, refresh_token or client_credentials."),
            Self::Scope => Fault::new(bad, "system-scope")
                .oauth("invalid_scope")
                .remedy("Ask for system/ scopes, and register them for the client."),
            Self::Code(reason) => Fault::new(bad, "code-refused")
                .oauth("invalid_grant")
                .remedy(code_remedy(*reason)),
            Self::Refresh(Reason::Scope) => Fault::new(bad, "refresh-scope")
                .oauth("invalid_scope")
                .remedy("Ask for no more than was granted, or leave scope out."),
            Self::Refresh(_) => Fault::new(bad, "refresh-refused")
                .oauth("invalid_grant")
                .remedy("Launch the app again."),
            Self::IntrospectionDenied => Fault::new(
                StatusCode::UNAUTHORIZED,
                "introspection-denied",
            )
            .oauth("invalid_client")
            .remedy(
                "Authenticate as a confidential client, or send a valid access token as Bearer.",
            ),
            Self::Sandbox(error) => return error.fault(),
        };
        fault.detail(format!("{self}."))
    }
}

const fn code_remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::Reused => "A code serves once; its tokens were revoked. Launch the app again.",
        Reason::RedirectUri => "Send the same redirect_uri as in the authorization request.",
        Reason::CodeVerifier => "Send the code_verifier whose SHA-256 was the code_challenge.",
        _ => "Launch the app again and redeem the code within a minute.",
    }
}

/// Why the FHIR server does not let a request in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BearerError {
    #[error("No access token was sent")]
    Missing,
    #[error("The access token is unknown in this sandbox, expired or revoked")]
    Invalid,
}

impl Describe for BearerError {
    fn fault(&self) -> Fault {
        let code = match self {
            Self::Missing => "token-missing",
            Self::Invalid => "token-invalid",
        };
        Fault::new(StatusCode::UNAUTHORIZED, code)
            .title("An access token is needed")
            .detail(format!("{self}."))
            .remedy("Send Authorization: Bearer with a token from this sandbox; refresh it or launch again.")
    }
}

/// Why the EPJ does not launch an app.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EpjError {
    #[error("The registry lists no such version")]
    NotListed,
    #[error("{0}")]
    Refused(verifier::VerifyError),
    #[error("The EPJ has no usable root document of a registry")]
    NoRoot,
    #[error(transparent)]
    Source(crate::approvals::SourceError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl Describe for EpjError {
    fn fault(&self) -> Fault {
        let refused = |code: verifier::Code, detail: String| {
            Fault::new(StatusCode::FORBIDDEN, code.as_str())
                .title("The app may not be launched")
                .detail(detail)
                .remedy(code.remedy())
        };
        match self {
            Self::NotListed => refused(verifier::Code::NotApproved, format!("{self}.")),
            Self::Refused(error) => refused(error.code, format!("{}.", error.detail)),
            Self::NoRoot => refused(verifier::Code::TrustConfig, format!("{self}.")),
            Self::Source(_) => Fault::new(StatusCode::SERVICE_UNAVAILABLE, "registry-unavailable")
                .title("The registry does not answer")
                .detail(format!("{self}."))
                .remedy("Try again; if it fails again, tell the operator."),
            Self::Sandbox(error) => error.fault(),
        }
    }
}
