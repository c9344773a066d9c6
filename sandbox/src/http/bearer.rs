//! The layer in front of the FHIR server: whose sandbox, whose token, and which fault the launch asks
//! for. What the token allows is enforced by the FHIR handlers, from the [`Grant`].

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use foundation::Digest;
use foundation::error::{Fault, Outcome};
use foundation::token::Token;
use serde_json::{Value, json};

use super::{authorization, cors, record, sandbox_of};
use crate::domain::behaviour::{FhirFault, PersonName};
use crate::domain::exchange::{Surface, Trace};
use crate::error::{BearerError, SandboxError, TokenError};
use crate::service::Core;
use crate::service::admission::Holder;
use crate::store::{grants, tokens};

/// Middleware of the FHIR server: CORS around the record around the token. One layer and not three,
/// since each would box and copy all that is inside it at every request.
pub(crate) async fn guard(State(core): State<Arc<Core>>, request: Request, next: Next) -> Response {
    let admitted = async |request| require(&core, request, next).await;
    let recorded = async |request| record::recording(&core, request, admitted).await;
    cors::allowing(&core, request, recorded).await
}

/// Lets in what carries a valid access token of this sandbox, and `/metadata`.
async fn require(core: &Core, mut request: Request, next: Next) -> Response {
    let name = sandbox_of(&request);
    let tenant = match core.tenant(&name).await {
        Ok(tenant) => tenant,
        Err(error) => return Outcome::from(error).into_response(),
    };
    request.extensions_mut().insert(tenant);
    if Surface::of(request.uri().path()) == Surface::Metadata {
        return next.run(request).await;
    }
    let header = authorization(request.headers()).map(str::to_owned);
    match admit(core, &name, header.as_deref()).await {
        Ok(holder) => pass(request, next, &holder).await,
        Err(refused) => refused.into_response(),
    }
}

async fn admit(core: &Core, sandbox: &str, header: Option<&str>) -> Result<Arc<Holder>, Outcome> {
    let presented = header
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(|| Outcome::from(BearerError::Missing))?;
    let found = core
        .holder(sandbox, presented)
        .await
        .map_err(|error| match error {
            TokenError::Sandbox(error) => Outcome::from(error),
            other => Outcome::from(other),
        })?;
    let holder = found.ok_or_else(|| Outcome::from(BearerError::Invalid))?;
    if let Some(most) = holder.authorization.behaviour.expire_after
        && holder.token.generation == 0
        && !Box::pin(count(
            core,
            &holder.authorization.id,
            most,
            Token::presented(presented).digest(),
        ))
        .await?
    {
        return Err(Outcome::from(BearerError::Invalid));
    }
    Ok(holder)
}

/// Counts a request of the first access token; the one beyond the limit ends the token.
async fn count(core: &Core, grant: &str, most: u32, token: Digest) -> Result<bool, Outcome> {
    let counted = async {
        let mut tx = core.database.begin().await?;
        let counted = grants::count_request(&mut tx, grant, most).await?;
        if !counted {
            tokens::expire(&mut tx, token, core.now()).await?;
        }
        tx.commit().await?;
        if !counted {
            core.admissions.forget();
        }
        Ok(counted)
    };
    counted
        .await
        .map_err(|error: foundation::store::StoreError| Outcome::from(SandboxError::Store(error)))
}

async fn pass(mut request: Request, next: Next, holder: &Holder) -> Response {
    let authorization = &holder.authorization;
    let behaviour = &authorization.behaviour;
    let trace = Trace {
        client_id: Some(authorization.client_id.clone()),
        launch: authorization.launch.clone(),
        scope: Some(holder.token.scope.clone()),
    };
    let mut response = match &behaviour.fhir_fault {
        Some(fault) if strikes(fault, request.uri().path()) => faulty(fault.status),
        _ => {
            request.extensions_mut().insert(Arc::clone(&holder.grant));
            next.run(request).await
        }
    };
    if let (Some(name), Some(patient)) = (&behaviour.patient_name, &authorization.patient) {
        response = Box::pin(renamed(response, patient, name)).await;
    }
    response.extensions_mut().insert(trace);
    response
}

fn strikes(fault: &FhirFault, path: &str) -> bool {
    let resource = path.split('/').nth(3).unwrap_or_default();
    fault.types.is_empty() || fault.types.iter().any(|name| name == resource)
}

fn faulty(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fault = Fault::new(status, "fault-on-purpose")
        .title("The sandbox was told to fail")
        .detail("This answer is a behaviour of the launch, not of your request.")
        .remedy("Show the user that the data could not be fetched, and let them try again.");
    let mut response = Outcome(fault).into_response();
    if matches!(status.as_u16(), 429 | 503) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// Gives the patient in context the name that the launch asks for, wherever the answer has it.
async fn renamed(response: Response, patient: &str, name: &PersonName) -> Response {
    let (mut head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else {
        return Response::from_parts(head, Body::from(body));
    };
    rename(&mut json, patient, name);
    if let Some(entries) = json.get_mut("entry").and_then(Value::as_array_mut) {
        for resource in entries
            .iter_mut()
            .filter_map(|entry| entry.get_mut("resource"))
        {
            rename(resource, patient, name);
        }
    }
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(json.to_string()))
}

fn rename(resource: &mut Value, patient: &str, name: &PersonName) {
    let is_them = resource.get("resourceType").and_then(Value::as_str) == Some("Patient")
        && resource.get("id").and_then(Value::as_str) == Some(patient);
    if let (true, Some(members)) = (is_them, resource.as_object_mut()) {
        let text = format!("{} {}", name.given.join(" "), name.family);
        let name =
            json!([{"use": "official", "text": text, "family": name.family, "given": name.given}]);
        members.insert("name".to_owned(), name);
    }
}
