//! An EHR launch: the context that waits for an app, and which address the browser is sent to.

use serde::{Deserialize, Serialize};
use url::Url;

use super::behaviour::Behaviour;

/// A launch to be made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewLaunch {
    /// The registered client.
    pub client_id: String,
    /// Logical id of the patient; `None` launches without one.
    pub patient: Option<String>,
    /// Logical id of the practitioner; the first of the practice when absent.
    pub practitioner: Option<String>,
    /// The contact.
    pub encounter: EncounterChoice,
    /// How the sandbox behaves.
    pub behaviour: Behaviour,
}

/// Which contact is in context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncounterChoice {
    /// None.
    None,
    /// The patient's newest.
    #[default]
    Latest,
    /// The one with this logical id.
    Id(String),
}

/// A launch that was made.
#[derive(Clone, Debug)]
pub struct Launched {
    /// Its identifier.
    pub id: String,
    /// Where to send the browser: the app's launch address with `iss` and `launch`.
    pub url: String,
    /// The `launch` value: a secret until it has served.
    pub launch: String,
    /// The address with the secret mark in place of the `launch` value, for evidence.
    pub marked_url: String,
    /// The secret mark of the `launch` value.
    pub marker: String,
    /// The FHIR base address, as in `iss`.
    pub iss: String,
    /// The patient in context.
    pub patient: Option<PersonSummary>,
    /// The practitioner who is logged in.
    pub practitioner: PersonSummary,
    /// The contact in context.
    pub encounter: Option<String>,
    /// How the sandbox behaves.
    pub behaviour: Behaviour,
}

/// A person, as lists show them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSummary {
    /// Logical id of the Patient or Practitioner resource.
    pub id: String,
    /// Family name.
    pub family: String,
    /// Given names.
    pub given: Vec<String>,
    /// Birth date, YYYY-MM-DD.
    pub birth_date: String,
    /// `female` or `male`.
    pub gender: String,
    /// Synthetic fødselsnummer of a patient, HPR number of a practitioner.
    pub identifier: String,
    /// Profession of a practitioner, in Norwegian.
    pub title: Option<String>,
}

impl PersonSummary {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given.join(" "), self.family)
    }
}

/// A contact, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncounterSummary {
    /// Logical id of the Encounter resource.
    pub id: String,
    /// When it began, as FHIR writes it.
    pub start: String,
    /// What it was, in Norwegian where known.
    pub kind: String,
}

/// The app's launch address with `iss` and `launch` added; its own query stays.
pub(crate) fn launch_url(launch_uri: &str, iss: &str, launch: &str) -> Option<String> {
    let mut url = Url::parse(launch_uri).ok()?;
    url.query_pairs_mut()
        .append_pair("iss", iss)
        .append_pair("launch", launch);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iss_and_launch_are_added_to_the_registered_address() {
        let url = launch_url(
            "https://a.example/l?x=1",
            "http://localhost:8081/demo/fhir",
            "v",
        )
        .unwrap();
        assert_eq!(
            url,
            "https://a.example/l?x=1&iss=http%3A%2F%2Flocalhost%3A8081%2Fdemo%2Ffhir&launch=v"
        );
    }
}
