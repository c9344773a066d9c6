//! The authorization endpoint: from a request to a code. In an EHR launch the practitioner is logged
//! in to the EPJ and the context was chosen there, so the answer is given at once; a standalone
//! launch lets its user log in, choose a patient and say yes or no.

use std::time::Duration;

use foundation::Timestamp;
use foundation::token::Token;

use super::{Core, people};
use crate::domain::authorization::{self, PageReason, Parameters, RedirectError, Refusal, Request};
use crate::domain::behaviour::{Behaviour, StateBehaviour, altered};
use crate::domain::client::Client;
use crate::domain::exchange::Trace;
use crate::domain::scopes::{self, Limits};
use crate::domain::secret::SecretKind;
use crate::domain::token::Code;
use crate::error::SandboxError;
use crate::store::grants::{self, Authorization};
use crate::store::interactions::{self, Choice, Interaction};
use crate::store::launches::{self, Launch};

/// What the browser is told.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Go there, with a code or an error.
    Redirect(String),
    /// Let the user choose; the token names the interaction.
    Interact(Token),
    /// This cannot be told to the client.
    Page(PageReason),
}

/// Who is logged in, and what is in context.
struct Context {
    /// `Practitioner/{id}` or `Patient/{id}`.
    user: String,
    patient: Option<String>,
    encounter: Option<String>,
    ehr: bool,
    marker: Option<String>,
    behaviour: Behaviour,
    authenticated_at: Timestamp,
}

impl Core {
    /// Answers an authorization request.
    pub(crate) async fn authorize(
        &self,
        sandbox: &str,
        parameters: &Parameters,
        trace: &mut Trace,
    ) -> Result<Answer, SandboxError> {
        self.sandbox(sandbox).await?;
        let client_id = parameters.get("client_id").unwrap_or_default();
        let client = self.client(sandbox, client_id).await?;
        trace.client_id = client.as_ref().map(|client| client.client_id.clone());
        let launch = parameters.get("launch");
        trace.launch = launch.map(|launch| SecretKind::Launch.mark(launch));
        let checked = authorization::check(parameters, client.as_ref(), &self.fhir_base(sandbox));
        let (request, client) = match (checked, client) {
            (Ok(request), Some(client)) => (request, client),
            (Err(Refusal::Redirect(error)), _) => return Ok(Answer::Redirect(error.url(None))),
            (Err(Refusal::Page(reason)), _) => return Ok(Answer::Page(reason)),
            (Ok(_), None) => return Ok(Answer::Page(PageReason::UnknownClient)),
        };
        match request.launch.clone() {
            Some(value) => {
                self.launched(sandbox, &client, &request, &value, trace)
                    .await
            }
            None => self.interact(sandbox, request).await,
        }
    }

    async fn launched(
        &self,
        sandbox: &str,
        client: &Client,
        request: &Request,
        value: &str,
        trace: &mut Trace,
    ) -> Result<Answer, SandboxError> {
        let mut tx = self.database.read().await?;
        let found = launches::find(&mut tx, sandbox, Token::presented(value).digest()).await?;
        drop(tx);
        let usable = found.filter(|launch| {
            launch.client_id == client.client_id && self.now() < launch.expires_at
        });
        let Some(launch) = usable else {
            let text =
                "The launch is unknown, expired or meant for another app. Launch the app again.";
            let error = RedirectError::of(request, "invalid_request", text);
            return Ok(Answer::Redirect(error.url(None)));
        };
        if launch.behaviour.deny {
            return Ok(Answer::Redirect(denied(request)));
        }
        let context = context_of(launch, SecretKind::Launch.mark(value));
        self.grant(sandbox, client, request, context, trace)
            .await
            .map(Answer::Redirect)
    }

    async fn interact(&self, sandbox: &str, request: Request) -> Result<Answer, SandboxError> {
        let ticket = Token::generate("mpi", &*self.entropy);
        let interaction = Interaction {
            request,
            choice: Choice::default(),
            expires_at: self.now().plus(INTERACTION),
        };
        let mut tx = self.database.begin().await?;
        interactions::insert(&mut tx, sandbox, ticket.digest(), &interaction).await?;
        tx.commit().await?;
        Ok(Answer::Interact(ticket))
    }

    /// The interaction that a ticket names, while it lasts.
    pub(crate) async fn interaction(
        &self,
        sandbox: &str,
        ticket: &Token,
    ) -> Result<Option<Interaction>, SandboxError> {
        let mut tx = self.database.read().await?;
        let found = interactions::find(&mut tx, sandbox, ticket.digest()).await?;
        Ok(found.filter(|interaction| self.now() < interaction.expires_at))
    }

    /// Keeps what the user chose: only people who are in the sandbox.
    pub(crate) async fn choose(
        &self,
        sandbox: &str,
        ticket: &Token,
        choice: Choice,
    ) -> Result<(), SandboxError> {
        let dataset = self.dataset(sandbox).await?;
        let user = choice.user.as_deref().and_then(|user| user.split_once('/'));
        let known = match user {
            Some(("Practitioner", id)) => people::practitioners(&dataset)
                .iter()
                .any(|one| one.id == id),
            Some(("Patient", id)) => people::patient(&dataset, id).is_some(),
            _ => choice.user.is_none(),
        };
        let patient = choice.patient.as_deref();
        if !known || patient.is_some_and(|id| people::patient(&dataset, id).is_none()) {
            let id = choice.patient.or(choice.user).unwrap_or_default();
            return Err(SandboxError::UnknownPerson { kind: "Person", id });
        }
        let mut tx = self.database.begin().await?;
        interactions::set_choice(&mut tx, ticket.digest(), &choice).await?;
        Ok(tx.commit().await?)
    }

    /// Ends an interaction with the user's yes or no; `None` when it is not there or not complete.
    pub(crate) async fn conclude(
        &self,
        sandbox: &str,
        ticket: &Token,
        allow: bool,
        trace: &mut Trace,
    ) -> Result<Option<String>, SandboxError> {
        let Some(interaction) = self.interaction(sandbox, ticket).await? else {
            return Ok(None);
        };
        let Some(user) = interaction.choice.user else {
            return Ok(None);
        };
        let request = interaction.request;
        let Some(client) = self.client(sandbox, &request.client_id).await? else {
            return Ok(None);
        };
        let mut tx = self.database.begin().await?;
        if !interactions::take(&mut tx, ticket.digest()).await? {
            return Ok(None);
        }
        tx.commit().await?;
        trace.client_id = Some(client.client_id.clone());
        if !allow {
            return Ok(Some(denied(&request)));
        }
        let encounter = match &interaction.choice.patient {
            Some(id)
                if request
                    .scope
                    .split(' ')
                    .any(|scope| scope == "launch/encounter") =>
            {
                let dataset = self.dataset(sandbox).await?;
                people::encounters(&dataset, id)
                    .into_iter()
                    .next()
                    .map(|encounter| encounter.id)
            }
            _ => None,
        };
        let context = Context {
            user,
            patient: interaction.choice.patient,
            encounter,
            ehr: false,
            marker: None,
            behaviour: Behaviour::default(),
            authenticated_at: self.now(),
        };
        self.grant(sandbox, &client, &request, context, trace)
            .await
            .map(Some)
    }

    /// Keeps the authorization and gives the address with its code.
    async fn grant(
        &self,
        sandbox: &str,
        client: &Client,
        request: &Request,
        context: Context,
        trace: &mut Trace,
    ) -> Result<String, SandboxError> {
        let scope = negotiated(client, request, &context);
        if scope.is_empty() {
            let text = "None of the scopes asked for is registered for the app and possible here.";
            return Ok(RedirectError::of(request, "invalid_scope", text).url(None));
        }
        trace.scope = Some(scope.clone());
        let in_context = !context.ehr || scope.split(' ').any(|scope| scope == "launch");
        let state = context.behaviour.state;
        let now = self.now();
        let authorization = Authorization {
            id: foundation::id::generate("grant", &*self.clock, &*self.entropy),
            sandbox: sandbox.to_owned(),
            client_id: client.client_id.clone(),
            launch: context.marker,
            fhir_user: context.user,
            patient: context.patient.filter(|_| in_context),
            encounter: context.encounter.filter(|_| in_context),
            scope,
            nonce: request.nonce.clone(),
            behaviour: context.behaviour,
            authenticated_at: context.authenticated_at,
            created_at: now,
            requests: 0,
            revoked: false,
        };
        let value = Token::generate("mpc", &*self.entropy);
        let code = Code {
            client_id: client.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.code_challenge.clone(),
            expires_at: now.plus(Duration::from_secs(u64::from(self.config.code_seconds))),
            redeemed: false,
        };
        let mut tx = self.database.begin().await?;
        grants::insert(&mut tx, &authorization).await?;
        grants::insert_code(&mut tx, value.digest(), &authorization.id, &code).await?;
        tx.commit().await?;
        let forged = altered(&request.state);
        let mut answer = vec![("code", value.expose())];
        match state {
            StateBehaviour::Untouched => answer.push(("state", &request.state)),
            StateBehaviour::Altered => answer.push(("state", &forged)),
            StateBehaviour::Omitted => {}
        }
        Ok(authorization::with_answer(&request.redirect_uri, &answer))
    }
}

fn context_of(launch: Launch, marker: String) -> Context {
    Context {
        user: format!("Practitioner/{}", launch.practitioner),
        patient: launch.patient,
        encounter: launch.encounter,
        ehr: true,
        marker: Some(marker),
        behaviour: launch.behaviour,
        authenticated_at: launch.created_at,
    }
}

/// Without the scope `launch` an EHR launch gives no context, and so no patient's data.
fn negotiated(client: &Client, request: &Request, context: &Context) -> String {
    let limits = Limits {
        registered: &client.scope,
        at_most: context.behaviour.grant.as_deref(),
        ehr: context.ehr,
        patient: context.patient.is_some(),
        user_is_patient: context.user.starts_with("Patient/"),
        backend: false,
    };
    let scope = scopes::negotiate(&request.scope, limits);
    if !context.ehr || scope.split(' ').any(|scope| scope == "launch") {
        return scope;
    }
    scopes::negotiate(
        &request.scope,
        Limits {
            patient: false,
            ..limits
        },
    )
}

fn denied(request: &Request) -> String {
    RedirectError::of(request, "access_denied", "The user or the EPJ said no.").url(None)
}

const INTERACTION: Duration = Duration::from_mins(10);
