//! What the FHIR server is told about a request: whose sandbox, and what the access token allows.
//! The bearer middleware puts both into the request's extensions; the FHIR handlers enforce them.

use foundation::Timestamp;
use synthetic_data::Settings;
use verifier::scope::ScopeSet;

use super::sandbox::Validation;

/// The sandbox that a request is about.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    /// The sandbox's name: the first segment of its addresses.
    pub(crate) name: String,
    /// When it was made: tells it from another that had its name.
    pub(crate) made: Timestamp,
    /// What its base population is computed from.
    pub(crate) settings: Settings,
    /// How what apps write is held against the rules.
    pub(crate) validation: Validation,
    /// The public FHIR base address, without a slash at the end.
    pub(crate) base: String,
}

/// What a valid access token allows.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The client that holds the token.
    pub(crate) client_id: String,
    /// The person who is logged in, relative: `Practitioner/practitioner-1` or `Patient/p17`.
    pub(crate) user: String,
    /// The patient in context.
    pub(crate) patient: Option<String>,
    /// The contact in context.
    pub(crate) encounter: Option<String>,
    /// What it may do; to be enforced on every request.
    pub(crate) scopes: ScopeSet,
}
