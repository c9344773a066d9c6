//! Conformance needs an EPJ for each run; the sandbox makes one.

use async_trait::async_trait;
use conformance::stage as wanted;
use conformance::{AppUnderTest, Stage, StageError, StageId};
use sandbox::{NewClient, NewLaunch, NewSandbox, PersonSummary, Sandbox};

/// Sandboxes as stages: one for each run, taken away after it.
#[derive(Debug)]
pub(crate) struct SandboxStage(Sandbox);

impl SandboxStage {
    /// Makes stages in this sandbox room.
    pub(crate) const fn new(sandbox: Sandbox) -> Self {
        Self(sandbox)
    }
}

#[async_trait]
impl Stage for SandboxStage {
    async fn open(&self, run: &str, app: &AppUnderTest) -> Result<wanted::OpenStage, StageError> {
        let method = &app.token_endpoint_auth_method;
        let auth_method = sandbox::AuthMethod::parse(method).ok_or_else(|| {
            StageError::Unsupported(format!("the client authentication {method}"))
        })?;
        let made = self
            .0
            .create(NewSandbox {
                title: format!("{run}: {} {}", app.app, app.version),
                lifetime: Some(LIFETIME),
                ..NewSandbox::default()
            })
            .await
            .map_err(|error| failed(&error))?;
        let client = NewClient {
            client_id: Some(app.app.clone()),
            name: app.app.clone(),
            token_endpoint_auth_method: auth_method,
            jwks: app.jwks.clone(),
            redirect_uris: app.redirect_uris.clone(),
            launch_uri: Some(app.launch_url.clone()),
            scope: app.scope.clone(),
            origins: app.origins.clone(),
        };
        self.0
            .register_client(&made.name, client)
            .await
            .map_err(|error| failed(&error))?;
        Ok(wanted::OpenStage {
            id: StageId(made.name),
            origins: vec![self.0.origin()],
            client_id: app.app.clone(),
        })
    }

    async fn launch(
        &self,
        stage: &StageId,
        spec: &wanted::LaunchSpec,
    ) -> Result<wanted::Launched, StageError> {
        let cast = self
            .0
            .cast(&stage.0)
            .await
            .map_err(|error| failed(&error))?;
        let patient = pick(&cast.patients, spec.patient)?;
        let practitioner = pick(&cast.practitioners, spec.practitioner)?;
        let launched = self
            .0
            .launch(
                &stage.0,
                NewLaunch {
                    client_id: cast.client_id,
                    patient: Some(patient),
                    practitioner: Some(practitioner),
                    encounter: if spec.encounter {
                        sandbox::EncounterChoice::Latest
                    } else {
                        sandbox::EncounterChoice::None
                    },
                    behaviour: behaviour(&spec.behaviour),
                },
            )
            .await
            .map_err(|error| failed(&error))?;
        Ok(wanted::Launched {
            url: launched.url,
            iss: launched.iss,
            launch: launched.launch,
            patient: launched.patient.map(person),
            user: Some(person(launched.practitioner)),
            encounter: launched.encounter,
        })
    }

    async fn traffic(
        &self,
        stage: &StageId,
        after: i64,
    ) -> Result<Vec<wanted::Exchange>, StageError> {
        let exchanges = self
            .0
            .traffic(&stage.0, after)
            .await
            .map_err(|error| failed(&error))?;
        // What the EPJ sends to an app's endpoint is nothing that the app asked of it.
        let asked = exchanges.into_iter();
        let asked = asked.filter(|one| one.surface != sandbox::Surface::Notification);
        Ok(asked.map(exchange).collect())
    }

    async fn close(&self, stage: &StageId) -> Result<(), StageError> {
        self.0
            .delete(&stage.0)
            .await
            .map_err(|error| failed(&error))
    }
}

/// Twice what a check may take at most: a stage that a killed check left behind goes by itself.
const LIFETIME: u32 = 2 * 3600;

/// Every index is another person, as long as there are people.
fn pick(people: &[String], index: u32) -> Result<String, StageError> {
    usize::try_from(index)
        .ok()
        .and_then(|index| people.get(index))
        .cloned()
        .ok_or_else(|| StageError::Unsupported(format!("a person with index {index}")))
}

fn behaviour(wanted: &wanted::Behaviour) -> sandbox::Behaviour {
    sandbox::Behaviour {
        deny: wanted.deny,
        state: match wanted.state {
            wanted::StateBehaviour::Untouched => sandbox::StateBehaviour::Untouched,
            wanted::StateBehaviour::Altered => sandbox::StateBehaviour::Altered,
            wanted::StateBehaviour::Omitted => sandbox::StateBehaviour::Omitted,
        },
        token_lifetime: wanted.token_lifetime,
        expire_after: wanted.expire_after,
        grant: wanted.grant.clone(),
        fhir_fault: wanted.fhir_fault.as_ref().map(|fault| sandbox::FhirFault {
            status: fault.status,
            types: fault.types.clone(),
        }),
        patient_name: wanted
            .patient_name
            .as_ref()
            .map(|name| sandbox::PersonName {
                family: name.family.clone(),
                given: name.given.clone(),
            }),
        ..sandbox::Behaviour::default()
    }
}

fn person(person: PersonSummary) -> wanted::Person {
    wanted::Person {
        id: person.id,
        family: person.family,
        given: person.given,
        birth_date: (!person.birth_date.is_empty()).then_some(person.birth_date),
        identifier: (!person.identifier.is_empty()).then_some(person.identifier),
    }
}

fn exchange(exchange: sandbox::Exchange) -> wanted::Exchange {
    let pairs = |pairs: Vec<sandbox::Pair>| {
        pairs
            .into_iter()
            .map(|pair| (pair.name, pair.value))
            .collect()
    };
    wanted::Exchange {
        seq: exchange.seq,
        surface: surface(exchange.surface),
        method: exchange.method,
        path: exchange.path,
        query: pairs(exchange.query),
        request_headers: pairs(exchange.request_headers),
        form: pairs(exchange.form),
        status: exchange.status,
        response_headers: pairs(exchange.response_headers),
        error: exchange.error,
        resources: exchange.resources,
        patients: exchange.patients,
        scope_granted: exchange.scope_granted,
        client_id: exchange.client_id,
        launch: exchange.launch,
    }
}

fn surface(surface: sandbox::Surface) -> wanted::Surface {
    match surface {
        sandbox::Surface::Discovery => wanted::Surface::Discovery,
        sandbox::Surface::Authorization => wanted::Surface::Authorization,
        sandbox::Surface::Token => wanted::Surface::Token,
        sandbox::Surface::Introspection => wanted::Surface::Introspection,
        sandbox::Surface::Revocation => wanted::Surface::Revocation,
        sandbox::Surface::Keys => wanted::Surface::Keys,
        sandbox::Surface::Metadata => wanted::Surface::Metadata,
        sandbox::Surface::Fhir => wanted::Surface::Fhir,
        sandbox::Surface::Notification | sandbox::Surface::Other => wanted::Surface::Other,
    }
}

fn failed(error: &sandbox::SandboxError) -> StageError {
    StageError::Failed(error.to_string())
}
