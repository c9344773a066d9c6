//! How a sandbox behaves in one launch: every fault that a conformance scenario needs, on a switch.
//! The default is an ordinary launch.

use serde::{Deserialize, Serialize};

/// The switches of one launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The authorization request is answered with `access_denied` and the right `state`.
    pub deny: bool,
    /// What happens to `state` on its way back.
    pub state: StateBehaviour,
    /// Lifetime of the access tokens in seconds, instead of the configured one.
    pub token_lifetime: Option<u32>,
    /// The first access token is answered 401 after this many FHIR requests.
    pub expire_after: Option<u32>,
    /// At most these scopes are granted, separated by spaces.
    pub grant: Option<String>,
    /// A fault of the FHIR server.
    pub fhir_fault: Option<FhirFault>,
    /// The name that the patient in context has in every answer.
    pub patient_name: Option<PersonName>,
    /// Whether the app must show who the patient is (`need_patient_banner`).
    pub need_patient_banner: bool,
    /// How `fhirUser` is written.
    pub fhir_user: FhirUserForm,
    /// The form of access tokens.
    pub access_token: AccessTokenForm,
    /// Adds the Norwegian `practitioner` parameter to token responses.
    pub practitioner_parameter: bool,
    /// What is wrong with the `id_token`.
    pub id_token: Option<IdTokenFault>,
    /// No refresh token is given, whatever was asked for.
    pub without_refresh: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            deny: false,
            state: StateBehaviour::Untouched,
            token_lifetime: None,
            expire_after: None,
            grant: None,
            fhir_fault: None,
            patient_name: None,
            need_patient_banner: true,
            fhir_user: FhirUserForm::Absolute,
            access_token: AccessTokenForm::Opaque,
            practitioner_parameter: false,
            id_token: None,
            without_refresh: false,
        }
    }
}

/// What the authorization server does to `state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateBehaviour {
    /// Returns it as it came.
    #[default]
    Untouched,
    /// Returns another value of the same length, with a valid code.
    Altered,
    /// Leaves it out, with a valid code.
    Omitted,
}

/// FHIR requests that are answered with an error. `/metadata` is never struck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FhirFault {
    /// HTTP status, 400 to 599.
    pub status: u16,
    /// Resource types it strikes; empty means all.
    #[serde(default)]
    pub types: Vec<String>,
}

/// A person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: Vec<String>,
}

/// How `fhirUser` is written: SMART allows both, and apps differ in what they understand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FhirUserForm {
    /// With the FHIR base address.
    #[default]
    Absolute,
    /// `Practitioner/{id}`.
    Relative,
}

/// The form of access tokens: apps must treat both as opaque.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessTokenForm {
    /// Random characters.
    #[default]
    Opaque,
    /// A JWT (RFC 9068) signed with RS256.
    Jwt,
}

/// A forged `id_token`; an app that relies on the `id_token` must refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdTokenFault {
    /// The signature is of other bytes.
    Signature,
    /// It is meant for another client.
    Audience,
    /// It comes from another issuer.
    Issuer,
    /// It ended an hour ago.
    Expired,
    /// `alg` is `none`.
    AlgNone,
    /// It carries another `nonce`.
    Nonce,
}

/// Another value of the same length.
pub(crate) fn altered(state: &str) -> String {
    let mut characters: Vec<char> = state.chars().collect();
    if let Some(last) = characters.last_mut() {
        *last = if *last == 'A' { 'B' } else { 'A' };
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_altered_state_differs_and_is_as_long(state in "[ -~]{1,80}") {
            let other = altered(&state);
            prop_assert_ne!(&other, &state);
            prop_assert_eq!(other.len(), state.len());
        }
    }
}
