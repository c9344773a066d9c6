//! Why a FHIR request is refused. Each reason has a stable code, and a text in the reader's
//! language beside the English one (`messages.json`).

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fhir_r4::validate::Issue;
use foundation::error::{Describe, Fault, Outcome, seen};
use foundation::language::Language;
use foundation::store::StoreError;
use serde_json::{Value, json};

use super::rules::told;

/// Why a FHIR request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FhirError {
    #[error("the body cannot be read as a FHIR resource: {0}")]
    BadBody(String),
    #[error("{id} is not an id; use 1 to 64 letters, digits, hyphens and full stops")]
    BadId { id: String },
    #[error("entry {entry} of the Bundle: {reason}")]
    BadBundle { entry: usize, reason: String },
    #[error("the page link cannot be read; it is good only as it was given")]
    BadPage,
    #[error("the parameter {name} has a value that cannot be read; it takes {takes}")]
    BadValue { name: String, takes: &'static str },
    #[error("somebody else changed {0} at the same moment")]
    Conflict(String),
    #[error("{0} was deleted")]
    Deleted(String),
    #[error("the document cannot be put together: {0}")]
    Document(String),
    #[error(transparent)]
    Dataset(#[from] synthetic_data::DatasetError),
    #[error("there are {0} exports of this client already")]
    Exports(usize),
    #[error("an export is not answered at once")]
    ExportWaits,
    #[error("the sandbox holds {0} bytes, which is the most it may")]
    Full(usize),
    #[error("the format {0} is not offered; ask for application/fhir+json")]
    Format(String),
    #[error("the work was interrupted")]
    Interrupted,
    #[error("the resource breaks rules: {}", .0.iter().map(|one| &*one.rule).collect::<Vec<_>>().join("; "))]
    Breaks(Vec<Issue>),
    #[error("the resource cannot be kept: {}", .0.iter().map(|one| one.detail.as_str()).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Flaw>),
    #[error("{0} cannot be changed here")]
    Method(String),
    #[error("the parameter {name} has no modifier {modifier} here")]
    Modifier { name: String, modifier: String },
    #[error("the condition fits {found} resources of {resource_type}, and must fit one")]
    Multiple {
        resource_type: &'static str,
        found: usize,
    },
    #[error("no access token came with the request")]
    NoToken,
    #[error("{what} is not in the compartment of Patient/{patient}, who is in context")]
    OtherPatient { what: String, patient: String },
    #[error("the patch cannot be carried out: {0}")]
    Patch(String),
    #[error("{what} is at version {current}, not {given}")]
    Precondition {
        what: String,
        current: i64,
        given: String,
    },
    #[error("{0} contains an identity number of the series that real people have")]
    RealNumber(&'static str),
    #[error("the token does not hold {needed}; it holds: {granted}")]
    ScopeMissing { needed: String, granted: String },
    #[error("the scopes open other resources of the type, but not {0}")]
    ScopeNarrower(String),
    /// Of everybody whose writes were to be committed together.
    #[error("{0}")]
    Store(Arc<StoreError>),
    #[error("the sandbox has {0} subscriptions, which is the most it may")]
    Crowded(usize),
    #[error("the subscription {0} was asked for with a token that opens more than this one")]
    Wider(String),
    #[error("{0}")]
    Terminology(String),
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("a search with _sort over every patient is too wide")]
    TooWide,
    #[error("{0} is not served here")]
    Type(String),
    #[error("there is no {0}")]
    Unknown(String),
    #[error("the parameter {name} is not known for {resource_type}")]
    UnknownParameter {
        name: String,
        resource_type: &'static str,
    },
    #[error("{0} is not a media type for a resource")]
    UnsupportedMedia(String),
}

/// One thing wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Where, as a `FHIRPath`.
    pub(crate) at: String,
    pub(crate) detail: String,
}

impl From<StoreError> for FhirError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl FhirError {
    /// Status, code and FHIR issue code.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        let crowded = StatusCode::TOO_MANY_REQUESTS;
        match self {
            Self::BadBody(_) => (StatusCode::BAD_REQUEST, "fhir-body", "structure"),
            Self::BadId { .. } => (StatusCode::BAD_REQUEST, "fhir-id", "value"),
            Self::BadBundle { .. } => (StatusCode::BAD_REQUEST, "fhir-bundle", "structure"),
            Self::Deleted(_) => (StatusCode::GONE, "fhir-deleted", "deleted"),
            Self::Document(_) => (unprocessable, "fhir-document", "not-found"),
            Self::Exports(_) => (crowded, "fhir-exports", "throttled"),
            Self::ExportWaits => (StatusCode::BAD_REQUEST, "fhir-export-waits", "required"),
            Self::Full(_) => (
                StatusCode::INSUFFICIENT_STORAGE,
                "fhir-sandbox-full",
                "too-costly",
            ),
            Self::Multiple { .. } => (
                StatusCode::PRECONDITION_FAILED,
                "fhir-multiple-matches",
                "multiple-matches",
            ),
            Self::Patch(_) => (unprocessable, "fhir-patch", "processing"),
            Self::BadPage => (StatusCode::BAD_REQUEST, "fhir-page", "value"),
            Self::BadValue { .. } => (StatusCode::BAD_REQUEST, "fhir-parameter-value", "value"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "fhir-conflict", "conflict"),
            Self::Dataset(_) | Self::Interrupted | Self::Store(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "exception")
            }
            Self::Format(_) => (StatusCode::NOT_ACCEPTABLE, "fhir-format", "not-supported"),
            Self::Invalid(_) | Self::Breaks(_) => (unprocessable, "fhir-invalid", "invariant"),
            Self::Method(_) => (
                StatusCode::METHOD_NOT_ALLOWED,
                "fhir-interaction",
                "not-supported",
            ),
            Self::Modifier { .. } => (StatusCode::BAD_REQUEST, "fhir-modifier", "not-supported"),
            Self::NoToken => (StatusCode::UNAUTHORIZED, "token-missing", "login"),
            Self::OtherPatient { .. } => (StatusCode::FORBIDDEN, "fhir-other-patient", "forbidden"),
            Self::Precondition { .. } => {
                (StatusCode::PRECONDITION_FAILED, "fhir-version", "conflict")
            }
            Self::RealNumber(_) => (unprocessable, "fhir-real-identity-number", "business-rule"),
            Self::ScopeMissing { .. } => (StatusCode::FORBIDDEN, "scope-missing", "forbidden"),
            Self::ScopeNarrower(_) => (StatusCode::FORBIDDEN, "scope-narrower", "forbidden"),
            Self::Crowded(_) => (crowded, "fhir-subscriptions", "throttled"),
            Self::Wider(_) => (
                StatusCode::FORBIDDEN,
                "fhir-subscription-wider",
                "forbidden",
            ),
            Self::Terminology(_) => (StatusCode::NOT_FOUND, "fhir-terminology", "not-found"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "fhir-too-large", "too-long"),
            Self::TooWide => (
                StatusCode::BAD_REQUEST,
                "fhir-search-too-wide",
                "too-costly",
            ),
            Self::Type(_) => (StatusCode::NOT_FOUND, "fhir-type", "not-supported"),
            Self::Unknown(_) => (StatusCode::NOT_FOUND, "fhir-unknown", "not-found"),
            Self::UnknownParameter { .. } => (
                StatusCode::BAD_REQUEST,
                "fhir-parameter-unknown",
                "not-supported",
            ),
            Self::UnsupportedMedia(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "fhir-media-type",
                "not-supported",
            ),
        }
    }

    /// The answer, in the reader's language.
    pub(crate) fn respond(&self, language: Language) -> Response {
        let fault = seen(self);
        let findings = match self {
            Self::Invalid(flaws) => flaws.as_slice(),
            _ => &[],
        };
        let body = match self {
            Self::Breaks(rules) => {
                let issues: Vec<Value> = rules.iter().map(|one| told(one, language)).collect();
                json!({"resourceType": "OperationOutcome", "issue": issues})
            }
            _ => outcome(&fault, findings, language),
        };
        let mut response = Outcome(fault).into_response();
        *response.body_mut() = body.to_string().into();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        if let Self::ScopeMissing { needed, .. } = self {
            // RFC 6750 §3.1; every character of a scope may stand in a quoted string.
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, challenge);
            }
        }
        response
    }
}

impl Describe for FhirError {
    fn fault(&self) -> Fault {
        match self {
            Self::Store(error) => error.fault(),
            Self::Dataset(_) | Self::Interrupted => Fault::internal(),
            other => {
                let (status, code, issue) = other.kind();
                let text = text(code, Language::En);
                Fault::new(status, code)
                    .title(text.title)
                    .detail(format!("{other}."))
                    .remedy(text.remedy)
                    .issue(issue)
            }
        }
    }
}

/// The OperationOutcome: title and remedy in the reader's language and in English, the particulars
/// as diagnostics.
fn outcome(fault: &Fault, flaws: &[Flaw], language: Language) -> Value {
    let own = text(fault.code, language);
    let other = if language == Language::En {
        Language::Nb
    } else {
        Language::En
    };
    let translated = text(fault.code, other);
    let severity = if fault.status.is_server_error() {
        "fatal"
    } else {
        "error"
    };
    let issue = |diagnostics: &str, at: Option<&str>| {
        let mut issue = json!({
            "severity": severity,
            "code": fault.issue,
            "details": {
                "coding": [{"system": "urn:markedsplass:problem", "code": fault.code}],
                "text": format!("{}. {}", own.title, own.remedy),
                "_text": {"extension": [{
                    "url": "http://hl7.org/fhir/StructureDefinition/translation",
                    "extension": [
                        {"url": "lang", "valueCode": other.tag()},
                        {"url": "content", "valueString": format!("{}. {}", translated.title, translated.remedy)},
                    ],
                }]},
            },
            "diagnostics": diagnostics,
        });
        if let (Some(members), Some(at)) = (issue.as_object_mut(), at) {
            members.insert("expression".to_owned(), json!([at]));
        }
        issue
    };
    let issues = match flaws {
        [] => vec![issue(&fault.detail, None)],
        flaws => flaws
            .iter()
            .map(|flaw| issue(&flaw.detail, Some(&flaw.at)))
            .collect(),
    };
    json!({"resourceType": "OperationOutcome", "issue": issues})
}

#[derive(Clone, Debug, Default, serde::Deserialize)]
struct Text {
    title: String,
    remedy: String,
}

static MESSAGES: LazyLock<BTreeMap<String, BTreeMap<Language, Text>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("messages.json")).unwrap_or_default());

fn text(code: &str, language: Language) -> Text {
    let found = MESSAGES.get(code).and_then(|texts| texts.get(&language));
    found.cloned().unwrap_or_else(|| Text {
        title: code.to_owned(),
        remedy: String::new(),
    })
}
