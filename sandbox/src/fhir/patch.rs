//! Changing parts of a resource by JSON Patch (RFC 6902; R4 §3.1.0.8) or by `FHIRPath` Patch
//! ([`fhir_r4::patch`]), as a request or as an entry of a Bundle. Decimals of a patched resource are
//! written anew, so `5.40` becomes `5.4` there.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fhir_r4::patch::PatchError;
use serde_json::Value;
use verifier::scope::Permission;

use super::body::{Incoming, media_type};
use super::error::FhirError;
use super::population::Entry;
use super::room::{Room, shown};
use super::selector::Precondition;
use super::types::TypeInfo;
use super::write::Written;

/// The media type of a JSON Patch.
pub(crate) const JSON_PATCH: &str = "application/json-patch+json";

/// What is to be changed, and how.
#[derive(Debug)]
pub(crate) enum Patch {
    /// A Parameters resource.
    FhirPath(Value),
    Json(json_patch::Patch),
}

impl Patch {
    /// Reads a body by its media type.
    pub(crate) fn read(essence: &str, content: &[u8]) -> Result<Self, FhirError> {
        let bad = |error: serde_json::Error| FhirError::BadBody(error.to_string());
        match essence {
            JSON_PATCH => Ok(Self::Json(serde_json::from_slice(content).map_err(bad)?)),
            "application/fhir+json" | "application/json" => Ok(Self::FhirPath(
                serde_json::from_slice(content).map_err(bad)?,
            )),
            other => Err(FhirError::UnsupportedMedia(
                other.chars().take(80).collect(),
            )),
        }
    }

    /// Reads the resource of a Bundle's entry.
    pub(crate) fn of_entry(resource: &[u8]) -> Result<Self, FhirError> {
        match wrapped(resource)? {
            Some((media, content)) => Self::read(&media, &content),
            None => Self::read("application/fhir+json", resource),
        }
    }

    /// The resource as the patch leaves it.
    pub(crate) fn patched(
        &self,
        info: &'static TypeInfo,
        before: &Entry,
    ) -> Result<Incoming, FhirError> {
        let bad = |error: serde_json::Error| FhirError::BadBody(error.to_string());
        let mut resource: Value = serde_json::from_slice(&before.json).map_err(bad)?;
        match self {
            Self::Json(patch) => json_patch::patch(&mut resource, patch)
                .map_err(|error| FhirError::Patch(error.to_string()))?,
            Self::FhirPath(patch) => {
                let patched = fhir_r4::patch::apply(&resource, patch);
                resource = patched.map_err(|error| match error {
                    PatchError::Form(reason) => FhirError::BadBody(reason),
                    carried @ PatchError::Operation { .. } => FhirError::Patch(carried.to_string()),
                })?;
            }
        }
        Incoming::parse(info, resource.to_string().as_bytes())
    }
}

/// What a Binary holds, with its media type: a Bundle carries a JSON Patch in one (R4 §3.1.0.8).
pub(crate) fn wrapped(resource: &[u8]) -> Result<Option<(String, Vec<u8>)>, FhirError> {
    let bad = |error: serde_json::Error| FhirError::BadBody(error.to_string());
    let value: Value = serde_json::from_slice(resource).map_err(bad)?;
    let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("resourceType") != "Binary" {
        return Ok(None);
    }
    let media = text("contentType").split(';').next().unwrap_or_default();
    let content = STANDARD.decode(text("data"));
    let content = content.map_err(|_| FhirError::BadBody("data is no base64".to_owned()))?;
    Ok(Some((media.trim().to_ascii_lowercase(), content)))
}

impl Room {
    /// Patches a resource.
    pub(crate) async fn patch(
        &self,
        info: &'static TypeInfo,
        id: &str,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let (_, essence) = media_type(headers);
        let patch = Patch::read(&essence, content)?;
        let precondition = Precondition::of(headers);
        let found = self.find(info, id).await?;
        let before = found.ok_or_else(|| FhirError::Unknown(shown(info, id)))?;
        self.patch_entry(info, &before, &patch, precondition).await
    }

    /// Patches the one resource that fits a condition.
    pub(crate) async fn patch_by(
        &self,
        info: &'static TypeInfo,
        condition: &str,
        headers: &HeaderMap,
        content: &[u8],
    ) -> Result<Written, FhirError> {
        let selector = self.selector(info, condition).await?;
        let found = self.overlay().await?.look(|draft| selector.one(draft))?;
        let found = found.ok_or_else(|| FhirError::Unknown(format!("{} that fits", info.name)))?;
        self.patch(info, &found.id, headers, content).await
    }

    async fn patch_entry(
        &self,
        info: &'static TypeInfo,
        before: &Entry,
        patch: &Patch,
        precondition: Precondition,
    ) -> Result<Written, FhirError> {
        let permit = self.permit(info, Permission::Update)?;
        precondition.check(info, &before.id, Some(before))?;
        let incoming = patch.patched(info, before)?;
        let unchanged = Precondition::unchanged(before);
        match self.put(permit, incoming, &before.id, unchanged).await {
            Err(FhirError::Precondition { what, .. }) => Err(FhirError::Conflict(what)),
            written => written,
        }
    }
}
