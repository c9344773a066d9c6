//! `$document` of a Composition (R4 Composition operations): the Composition and everything that it
//! refers to, in the order in which it does. Nothing is left out: where something cannot be had there is
//! no document.

use serde_json::Value;
use verifier::scope::Permission;

use super::super::super::body::Incoming;
use super::super::super::error::FhirError;
use super::super::super::keys::own_reference;
use super::super::super::population::Entry;
use super::super::super::room::Room;
use super::super::super::types::TypeInfo;
use super::super::super::write::Written;
use super::{Document, urn};

/// Resources of one document.
const MOST_ENTRIES: usize = 2000;

impl Room {
    /// The Bundle of a Composition.
    pub(in super::super) async fn document_of(
        &self,
        info: &'static TypeInfo,
        id: &str,
    ) -> Result<Vec<u8>, FhirError> {
        if info.name != "Composition" {
            return Err(FhirError::Method(format!("$document of {}", info.name)));
        }
        let composition = self.readable(info, id).await?;
        let resource: Value = serde_json::from_slice(&composition.json).unwrap_or_default();
        let mut references = Vec::new();
        gather(&resource, &mut references);
        let mut document = Document::default();
        document.add_entry(&self.tenant.base, &composition);
        for reference in references {
            let entry = self.referred(reference).await?;
            document.add_entry(&self.tenant.base, &entry);
            if document.0.len() > MOST_ENTRIES {
                let reason = format!("it refers to more than {MOST_ENTRIES} resources");
                return Err(FhirError::Document(reason));
            }
        }
        Ok(document.bundle(&urn(&*self.state.entropy), self.state.clock.now()))
    }

    /// What a reference of the Composition leads to, at the version that it names.
    async fn referred(&self, reference: &str) -> Result<Entry, FhirError> {
        let missing = |why: &str| {
            let reference: String = reference.chars().take(120).collect();
            FhirError::Document(format!("{reference} {why}"))
        };
        let named = own_reference(reference, &self.tenant.base);
        let (name, id) = named.ok_or_else(|| missing("leads out of the sandbox"))?;
        let info = TypeInfo::by_name(name).ok_or_else(|| missing("is of no type of R4"))?;
        let found = match reference.split_once("/_history/") {
            Some((_, version)) => self.readable_version(info, id, version).await,
            None => self.readable(info, id).await,
        };
        found.map_err(|error| match error {
            FhirError::Unknown(_) => missing("is not there"),
            FhirError::Deleted(_) => missing("was deleted"),
            other => other,
        })
    }

    /// Keeps a document as a Bundle of the sandbox.
    pub(in super::super) async fn keep_document(
        &self,
        bundle: &[u8],
    ) -> Result<Written, FhirError> {
        let info = TypeInfo::by_name("Bundle").ok_or(FhirError::Interrupted)?;
        let permit = self.permit(info, Permission::Create)?;
        let ready = self
            .ready(permit, Incoming::parse(info, bundle)?, None)
            .await?;
        let id = self.new_id();
        self.write(move |draft| ready.create(draft, &id, None))
            .await
    }
}

/// Every reference out of the resource, in its order.
fn gather<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    // What is contained comes along by itself.
                    Some(text) if name == "reference" && !text.starts_with('#') => {
                        if !found.contains(&text) {
                            found.push(text);
                        }
                    }
                    _ => gather(member, found),
                }
            }
        }
        _ => {}
    }
}
