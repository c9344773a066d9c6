//! EHR launches: a context is kept, and the browser is sent to the app with a value that names it.

use std::time::Duration;

use foundation::token::Token;

use super::{Core, people};
use crate::domain::behaviour::Behaviour;
use crate::domain::launch::{EncounterChoice, Launched, NewLaunch, PersonSummary, launch_url};
use crate::domain::secret::SecretKind;
use crate::error::SandboxError;
use crate::store::launches::{self, Launch};

impl Core {
    /// Makes a launch of a registered client.
    pub(crate) async fn launch(
        &self,
        sandbox: &str,
        new: NewLaunch,
    ) -> Result<Launched, SandboxError> {
        check_behaviour(&new.behaviour)?;
        let dataset = self.dataset(sandbox).await?;
        let client = self
            .client(sandbox, &new.client_id)
            .await?
            .ok_or_else(|| SandboxError::UnknownClient(new.client_id.clone()))?;
        let launch_uri = client
            .launch_uri
            .ok_or_else(|| SandboxError::NoLaunchUri(new.client_id.clone()))?;
        let mut patient = new
            .patient
            .map(|id| people::patient(&dataset, &id).ok_or_else(|| unknown("Patient", id)))
            .transpose()?;
        let practitioner = choose_practitioner(&dataset, new.practitioner)?;
        let encounter = choose_encounter(&dataset, patient.as_ref(), new.encounter)?;
        let value = Token::generate("mpl", &*self.entropy);
        let now = self.now();
        let launch = Launch {
            id: foundation::id::generate("launch", &*self.clock, &*self.entropy),
            client_id: new.client_id,
            practitioner: practitioner.id.clone(),
            patient: patient.as_ref().map(|patient| patient.id.clone()),
            encounter: encounter.clone(),
            behaviour: new.behaviour.clone(),
            created_at: now,
            expires_at: now.plus(Duration::from_secs(u64::from(self.config.launch_seconds))),
        };
        let mut tx = self.database.begin().await?;
        launches::insert(&mut tx, sandbox, value.digest(), &launch).await?;
        tx.commit().await?;
        if let (Some(patient), Some(name)) = (&mut patient, &new.behaviour.patient_name) {
            patient.family.clone_from(&name.family);
            patient.given.clone_from(&name.given);
        }
        let iss = self.fhir_base(sandbox);
        let marker = SecretKind::Launch.mark(value.expose());
        let address = |value| launch_url(&launch_uri, &iss, value).unwrap_or_default();
        Ok(Launched {
            id: launch.id,
            url: address(value.expose()),
            launch: value.expose().to_owned(),
            marked_url: address(&marker),
            marker,
            iss: iss.clone(),
            patient,
            practitioner,
            encounter,
            behaviour: new.behaviour,
        })
    }
}

fn unknown(kind: &'static str, id: String) -> SandboxError {
    SandboxError::UnknownPerson { kind, id }
}

fn choose_practitioner(
    dataset: &synthetic_data::Dataset,
    id: Option<String>,
) -> Result<PersonSummary, SandboxError> {
    let all = people::practitioners(dataset);
    let found = match &id {
        Some(id) => all.into_iter().find(|one| one.id == *id),
        None => all.into_iter().next(),
    };
    found.ok_or_else(|| unknown("Practitioner", id.unwrap_or_default()))
}

fn choose_encounter(
    dataset: &synthetic_data::Dataset,
    patient: Option<&PersonSummary>,
    choice: EncounterChoice,
) -> Result<Option<String>, SandboxError> {
    let all = || {
        patient
            .map(|patient| people::encounters(dataset, &patient.id))
            .unwrap_or_default()
    };
    match choice {
        EncounterChoice::None => Ok(None),
        EncounterChoice::Latest => Ok(all().into_iter().next().map(|encounter| encounter.id)),
        EncounterChoice::Id(id) => match all().into_iter().find(|encounter| encounter.id == id) {
            Some(encounter) => Ok(Some(encounter.id)),
            None => Err(unknown("Encounter", id)),
        },
    }
}

fn check_behaviour(behaviour: &Behaviour) -> Result<(), SandboxError> {
    if behaviour.token_lifetime == Some(0) {
        return Err(SandboxError::Behaviour("token_lifetime must be at least 1"));
    }
    match &behaviour.fhir_fault {
        Some(fault) if !(400..=599).contains(&fault.status) => Err(SandboxError::Behaviour(
            "fhir_fault.status must be from 400 to 599",
        )),
        _ => Ok(()),
    }
}
