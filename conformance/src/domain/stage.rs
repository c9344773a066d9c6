//! The stage: the EPJ that the app under test meets. This room only knows what it must be able to
//! do; the binary fills it in with the sandbox, a test with an EPJ of its own.

use async_trait::async_trait;

use super::subject::AppUnderTest;

/// An EPJ for one run.
#[async_trait]
pub trait Stage: Send + Sync {
    /// Makes an EPJ of its own for the run `run`, with the app registered as a client.
    async fn open(&self, run: &str, app: &AppUnderTest) -> Result<OpenStage, StageError>;
    /// Makes a launch; its URL is what the browser visits.
    async fn launch(&self, stage: &StageId, launch: &LaunchSpec) -> Result<Launched, StageError>;
    /// What the EPJ answered after the exchange numbered `after`, in order. Secrets are marked.
    async fn traffic(&self, stage: &StageId, after: i64) -> Result<Vec<Exchange>, StageError>;
    /// Takes the EPJ away.
    async fn close(&self, stage: &StageId) -> Result<(), StageError>;
}

/// Names an open stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StageId(pub String);

/// A stage that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStage {
    /// Its name.
    pub id: StageId,
    /// Origins of its authorization and FHIR servers.
    pub origins: Vec<String>,
    /// The client identifier that the app has there.
    pub client_id: String,
}

/// Why a stage did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// It failed; trying again may help.
    #[error("the sandbox failed: {0}")]
    Failed(String),
    /// It cannot do this at all.
    #[error("the sandbox cannot do this: {0}")]
    Unsupported(String),
}

/// A launch to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchSpec {
    /// Which patient, counted from 0; every index is another one.
    pub patient: u32,
    /// Which practitioner, counted from 0.
    pub practitioner: u32,
    /// With an encounter in context.
    pub encounter: bool,
    /// How the EPJ behaves.
    pub behaviour: Behaviour,
}

/// How the EPJ behaves in one launch. The default is an ordinary launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behaviour {
    /// The authorization request is answered with `access_denied`.
    pub deny: bool,
    /// What happens to `state` on its way back.
    pub state: StateBehaviour,
    /// Lifetime of the access token in seconds.
    pub token_lifetime: Option<u32>,
    /// The first access token is answered 401 after this many FHIR requests.
    pub expire_after: Option<u32>,
    /// At most these scopes are granted.
    pub grant: Option<String>,
    /// A fault of the FHIR server.
    pub fhir_fault: Option<FhirFault>,
    /// The name that the patient in context bears in this launch.
    pub patient_name: Option<PersonName>,
}

/// What the authorization server does to `state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateBehaviour {
    /// Returns another value with a valid code.
    Altered,
    /// Leaves it out.
    Omitted,
    /// Returns it as it came.
    #[default]
    Untouched,
}

/// FHIR requests that are answered with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FhirFault {
    /// HTTP status.
    pub status: u16,
    /// Resource types that it strikes; empty means all.
    pub types: Vec<String>,
}

/// A person's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName {
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: Vec<String>,
}

/// A launch that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// The URL to visit, with the true `launch` value.
    pub url: String,
    /// The FHIR base, exactly as in `iss`.
    pub iss: String,
    /// The true `launch` value; evidence gets its marker.
    pub launch: String,
    /// The patient in context.
    pub patient: Option<Person>,
    /// The practitioner who is logged in.
    pub user: Option<Person>,
    /// Identifier of the encounter in context.
    pub encounter: Option<String>,
}

/// A synthetic person as the FHIR server shows them in this launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// FHIR logical id.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: Vec<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Synthetic national identity number or HPR number.
    pub identifier: Option<String>,
}

/// One request that the EPJ answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Rises with time within a stage.
    pub seq: i64,
    /// Which part answered.
    pub surface: Surface,
    /// HTTP method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// The query.
    pub query: Vec<(String, String)>,
    /// Chosen request headers, names in lower case.
    pub request_headers: Vec<(String, String)>,
    /// The form of a form post.
    pub form: Vec<(String, String)>,
    /// HTTP status.
    pub status: u16,
    /// Chosen response headers, names in lower case.
    pub response_headers: Vec<(String, String)>,
    /// OAuth error code, or code of the first issue of an OperationOutcome.
    pub error: Option<String>,
    /// Resources in the request or answer, as `Type/id`.
    pub resources: Vec<String>,
    /// Logical ids of the patients whom they are about.
    pub patients: Vec<String>,
    /// Scopes of the token in use, or just granted.
    pub scope_granted: Option<String>,
    /// The client, where known.
    pub client_id: Option<String>,
    /// Marker of the launch it belongs to, where known.
    pub launch: Option<String>,
}

/// Which part of the EPJ answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// `.well-known` documents.
    Discovery,
    /// The authorization endpoint.
    Authorization,
    /// The token endpoint.
    Token,
    /// Token introspection.
    Introspection,
    /// Token revocation.
    Revocation,
    /// The key set.
    Keys,
    /// The `CapabilityStatement`.
    Metadata,
    /// Any other FHIR interaction.
    Fhir,
    /// Pages and everything else.
    Other,
}
