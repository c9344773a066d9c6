//! The stage's words as records of evidence, and the suite's wishes as the stage's words.

use super::stage::{
    Behaviour, Exchange, FhirFault, LaunchSpec, Launched, Person, PersonName, StateBehaviour,
    Surface,
};
use crate::evidence::{SecretKind, marker};
use crate::suite::wit;

impl From<&wit::LaunchSpec> for LaunchSpec {
    fn from(spec: &wit::LaunchSpec) -> Self {
        Self {
            patient: spec.patient,
            practitioner: spec.practitioner,
            encounter: spec.encounter,
            behaviour: Behaviour::from(&spec.behaviour),
        }
    }
}

impl From<&wit::Behaviour> for Behaviour {
    fn from(behaviour: &wit::Behaviour) -> Self {
        Self {
            deny: behaviour.deny,
            state: match behaviour.state {
                wit::StateBehaviour::Untouched => StateBehaviour::Untouched,
                wit::StateBehaviour::Altered => StateBehaviour::Altered,
                wit::StateBehaviour::Omitted => StateBehaviour::Omitted,
            },
            token_lifetime: behaviour.token_lifetime,
            expire_after: behaviour.expire_after,
            grant: behaviour.grant.clone(),
            fhir_fault: behaviour.fhir_fault.as_ref().map(|fault| FhirFault {
                status: fault.status,
                types: fault.types.clone(),
            }),
            patient_name: behaviour.patient_name.as_ref().map(|name| PersonName {
                family: name.family.clone(),
                given: name.given.clone(),
            }),
        }
    }
}

impl Launched {
    /// The record of this launch.
    pub(crate) fn record(&self, behaviour: &wit::Behaviour) -> wit::Launched {
        wit::Launched {
            url: self.url.clone(),
            iss: self.iss.clone(),
            launch: marker(SecretKind::Launch, &self.launch),
            patient: self.patient.as_ref().map(Person::record),
            user: self.user.as_ref().map(Person::record),
            encounter: self.encounter.clone(),
            behaviour: behaviour.clone(),
        }
    }
}

impl Person {
    fn record(&self) -> wit::Person {
        wit::Person {
            id: self.id.clone(),
            family: self.family.clone(),
            given: self.given.clone(),
            birth_date: self.birth_date.clone(),
            identifier: self.identifier.clone(),
        }
    }
}

impl Exchange {
    /// The record of this exchange.
    pub(crate) fn record(self) -> wit::Exchange {
        wit::Exchange {
            seq: u64::try_from(self.seq).unwrap_or(0),
            surface: self.surface.record(),
            method: self.method,
            path: self.path,
            query: pairs(self.query),
            request_headers: pairs(self.request_headers),
            form: pairs(self.form),
            status: self.status,
            response_headers: pairs(self.response_headers),
            error: self.error,
            resources: self.resources,
            patients: self.patients,
            scope_granted: self.scope_granted,
            client_id: self.client_id,
            launch: self.launch,
        }
    }
}

impl Surface {
    const fn record(self) -> wit::Surface {
        match self {
            Self::Discovery => wit::Surface::Discovery,
            Self::Authorization => wit::Surface::Authorization,
            Self::Token => wit::Surface::Token,
            Self::Introspection => wit::Surface::Introspection,
            Self::Revocation => wit::Surface::Revocation,
            Self::Keys => wit::Surface::Keys,
            Self::Metadata => wit::Surface::Metadata,
            Self::Fhir => wit::Surface::Fhir,
            Self::Other => wit::Surface::Other,
        }
    }
}

fn pairs(pairs: Vec<(String, String)>) -> Vec<wit::Pair> {
    pairs
        .into_iter()
        .map(|(name, value)| wit::Pair { name, value })
        .collect()
}
