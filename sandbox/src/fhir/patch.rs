//! Changing parts of a resource by JSON Patch (RFC 6902; R4 §3.1.0.8). Decimals of a patched resource
//! are written anew, so `5.40` becomes `5.4` there.

use axum::http::HeaderMap;
use serde_json::Value;
use verifier::scope::Permission;

use super::body::{Incoming, media_type};
use super::error::FhirError;
use super::population::Entry;
use super::room::{Room, shown};
use super::selector::Precondition;
use super::types::TypeInfo;
use super::write::Written;

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
        if essence != "application/json-patch+json" {
            return Err(FhirError::UnsupportedMedia(
                essence.chars().take(80).collect(),
            ));
        }
        let precondition = Precondition::of(headers);
        let found = self.find(info, id).await?;
        let before = found.ok_or_else(|| FhirError::Unknown(shown(info, id)))?;
        self.patch_entry(info, &before, content, precondition).await
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
        patch: &[u8],
        precondition: Precondition,
    ) -> Result<Written, FhirError> {
        let permit = self.permit(info, Permission::Update)?;
        precondition.check(info, &before.id, Some(before))?;
        let patched = patched(before, patch)?;
        let incoming = Incoming::parse(info, patched.to_string().as_bytes())?;
        // It was made from this version and may replace no other.
        let same = Precondition::new(Some(format!("W/\"{}\"", before.version)), None);
        match self.put(permit, incoming, &before.id, same).await {
            Err(FhirError::Precondition { what, .. }) => Err(FhirError::Conflict(what)),
            written => written,
        }
    }
}

fn patched(before: &Entry, patch: &[u8]) -> Result<Value, FhirError> {
    let bad = |error: serde_json::Error| FhirError::BadBody(error.to_string());
    let patch: json_patch::Patch = serde_json::from_slice(patch).map_err(bad)?;
    let mut resource: Value = serde_json::from_slice(&before.json).map_err(bad)?;
    json_patch::patch(&mut resource, &patch)
        .map_err(|error| FhirError::Patch(error.to_string()))?;
    Ok(resource)
}
