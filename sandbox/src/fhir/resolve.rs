//! What a search asks of other resources, looked up before it is carried out: chains, reverse chains
//! and lists become sets of names. Every look-up is a search of its own under the same token, so that
//! nobody learns through a chain what they may not search.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use super::condition::{Condition, Resolved};
use super::error::FhirError;
use super::keys::{Key, Keys};
use super::population::Indexed;
use super::room::Room;
use super::types::TypeInfo;

type Names = BTreeSet<(String, String)>;
/// A look-up may need another.
pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, FhirError>> + Send + 'a>>;

impl Room {
    /// Looks up what conditions ask of other resources.
    pub(crate) fn resolve(
        &self,
        info: &'static TypeInfo,
        conditions: Vec<Condition>,
    ) -> Boxed<'_, Vec<Resolved>> {
        Box::pin(async move {
            let mut resolved = Vec::new();
            for condition in conditions {
                resolved.push(self.resolve_one(info, condition).await?);
            }
            Ok(resolved)
        })
    }

    async fn resolve_one(
        &self,
        info: &'static TypeInfo,
        condition: Condition,
    ) -> Result<Resolved, FhirError> {
        Ok(match condition {
            Condition::Own(criterion) => Resolved::Own(criterion),
            Condition::Words { narrative, words } => Resolved::Words { narrative, words },
            Condition::Compartment { of, id } => {
                let codes = info.definition.compartment(of).iter();
                let through = codes.filter_map(|code| info.parameter(code)).collect();
                Resolved::Compartment { through, of, id }
            }
            Condition::Filter(filter) => {
                let tests = self.resolve(info, filter.tests().to_vec()).await?;
                Resolved::Filter(filter.with(tests))
            }
            Condition::Chained { by, through } => {
                let mut to = Names::new();
                for (target, inner) in through {
                    if let Some(target) = TypeInfo::by_name(target) {
                        let inner = self.resolve(target, vec![inner]).await?;
                        to.extend(self.every(target, inner).await?.iter().map(name));
                    }
                }
                let by = info.parameter(by).ok_or(FhirError::Interrupted)?;
                Resolved::Leads { by, to }
            }
            Condition::Has { of, by, inner } => {
                let of = TypeInfo::by_name(of).ok_or(FhirError::Interrupted)?;
                let by = of.parameter(by).ok_or(FhirError::Interrupted)?;
                let inner = self.resolve(of, vec![*inner]).await?;
                let leading = self.every(of, inner).await?;
                Resolved::Among(
                    leading
                        .iter()
                        .flat_map(|one| led_to(&one.keys, by.code, of))
                        .collect(),
                )
            }
            Condition::Listed(id) => {
                let list = TypeInfo::by_name("List").ok_or(FhirError::Interrupted)?;
                let list = self.readable(list, &id).await?;
                Resolved::Among(self.listed(&list.json))
            }
        })
    }

    /// The names in a List's entries.
    fn listed(&self, list: &[u8]) -> Names {
        let list: serde_json::Value = serde_json::from_slice(list).unwrap_or_default();
        let entries = list.get("entry").and_then(serde_json::Value::as_array);
        let references = entries.into_iter().flatten().filter_map(|entry| {
            let reference = entry.pointer("/item/reference")?.as_str()?;
            super::keys::own_reference(reference, &self.tenant.base)
        });
        references
            .map(|(kind, id)| (kind.to_owned(), id.to_owned()))
            .collect()
    }
}

fn name(one: &Indexed) -> (String, String) {
    (one.entry.resource_type.to_owned(), one.entry.id.clone())
}

fn led_to(keys: &Keys, by: &str, info: &TypeInfo) -> Vec<(String, String)> {
    let Some(by) = info.parameter(by) else {
        return Vec::new();
    };
    let names = keys.get(by).filter_map(|key| match key {
        Key::Reference { resource_type, id } => Some((resource_type.clone(), id.clone())),
        _ => None,
    });
    names.collect()
}
