//! One request as every handler sees it, and the adapter that makes a handler of a function that may
//! refuse: a refusal becomes an OperationOutcome in the reader's language, in one place.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Path, Request};
use axum::handler::Handler;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use foundation::language::Language;
use serde::de::DeserializeOwned;

use super::super::FhirState;
use super::super::error::FhirError;
use super::super::room::Room;
use super::super::types::TypeInfo;
use super::answer;
use crate::domain::grant::{Grant, Tenant};

/// The largest body: a document of about 7 MB, in base64.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// What is asked of a sandbox, of whom, and by which token.
#[derive(Debug)]
pub(in crate::fhir) struct Asked {
    pub(in crate::fhir) state: FhirState,
    pub(in crate::fhir) tenant: Arc<Tenant>,
    pub(in crate::fhir) headers: HeaderMap,
    grant: Option<Arc<Grant>>,
    uri: Uri,
    /// Locked by nobody: a body may not be shared between threads otherwise, as what is awaited must be.
    body: Mutex<Body>,
}

impl Asked {
    /// The room of the request; refused without a token.
    pub(in crate::fhir) fn room(&self) -> Result<Room, FhirError> {
        Room::new(
            self.state.clone(),
            Arc::clone(&self.tenant),
            self.grant.clone(),
        )
    }

    /// The room of the request, and the type that its address names.
    pub(in crate::fhir) fn enter(
        &self,
        name: &str,
    ) -> Result<(Room, &'static TypeInfo), FhirError> {
        let room = self.room()?;
        let unknown = || FhirError::Type(name.chars().take(64).collect());
        Ok((room, TypeInfo::by_name(name).ok_or_else(unknown)?))
    }

    /// The query of the address, as it was written.
    pub(in crate::fhir) fn query(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }

    /// The query of the address as pairs.
    pub(in crate::fhir) fn pairs(&self) -> Result<Vec<(String, String)>, FhirError> {
        super::pairs(self.query().as_bytes())
    }

    /// Refuses a client that can read no JSON.
    pub(in crate::fhir) fn acceptable(&self) -> Result<(), FhirError> {
        answer::acceptable(&self.headers, self.query())
    }

    /// Whether the client prefers this (RFC 7240).
    pub(in crate::fhir) fn prefers(&self, preference: &str) -> bool {
        answer::prefers(&self.headers, preference)
    }

    /// The language that the reader asks for.
    pub(in crate::fhir) fn language(&self) -> Language {
        language(&self.headers)
    }

    /// The whole body. There is none the second time.
    pub(in crate::fhir) async fn content(&mut self) -> Result<Bytes, FhirError> {
        let body = self.body.get_mut().unwrap_or_else(PoisonError::into_inner);
        to_bytes(std::mem::take(body), MOST_BYTES)
            .await
            .map_err(|_| FhirError::TooLarge(MOST_BYTES))
    }
}

/// The language that the reader asks for.
pub(in crate::fhir) fn language(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    accepted.map_or(Language::Nb, Language::negotiate)
}

/// A function of what is asked and of the parts of the address, the sandbox's name first, as a handler.
pub(in crate::fhir) fn answering<F>(answer: F) -> Answering<F> {
    Answering(answer)
}

/// See [`answering`].
#[derive(Clone, Copy, Debug)]
pub(in crate::fhir) struct Answering<F>(F);

impl<F, P, A> Handler<(P,), FhirState> for Answering<F>
where
    F: FnOnce(Asked, P) -> A + Clone + Send + Sync + 'static,
    P: DeserializeOwned + Send + 'static,
    A: Future<Output = Result<Response, FhirError>> + Send + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, state: FhirState) -> Self::Future {
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let place = Path::<P>::from_request_parts(&mut parts, &state).await;
            let place = match place {
                Ok(Path(place)) => place,
                Err(refused) => return refused.into_response(),
            };
            let language = language(&parts.headers);
            // The layer in front ([`crate::http`]) knows the sandbox, or lets nobody in.
            let Some(tenant) = parts.extensions.remove() else {
                return FhirError::Interrupted.respond(language);
            };
            let asked = Asked {
                state,
                tenant,
                headers: parts.headers,
                grant: parts.extensions.remove(),
                uri: parts.uri,
                body: Mutex::new(body),
            };
            let answered = (self.0)(asked, place).await;
            answered.unwrap_or_else(|error| error.respond(language))
        })
    }
}
