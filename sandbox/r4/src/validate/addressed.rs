//! The resources that others in the same JSON can point to, found by what is written in a reference.

use serde_json::Value;

/// Resources by address, sorted.
#[derive(Debug)]
pub(super) struct Addressed<'v>(Vec<(&'v str, &'v Value)>);

impl<'v> Addressed<'v> {
    /// The resources of a bundle by `fullUrl`.
    pub(super) fn of_bundle(bundle: &'v Value) -> Self {
        let named =
            |entry: &'v Value| Some((entry.get("fullUrl")?.as_str()?, entry.get("resource")?));
        Self::sorted(items(bundle, "entry").filter_map(named))
    }

    /// The contained resources of a resource by id.
    pub(super) fn of_contained(resource: &'v Value) -> Self {
        let named = |inner: &'v Value| Some((inner.get("id")?.as_str()?, inner));
        Self::sorted(items(resource, "contained").filter_map(named))
    }

    fn sorted(all: impl Iterator<Item = (&'v str, &'v Value)>) -> Self {
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(address, _)| *address);
        Self(all)
    }

    pub(super) fn find(&self, address: &str) -> Option<&'v Value> {
        let place = self
            .0
            .binary_search_by(|(own, _)| (*own).cmp(address))
            .ok()?;
        self.0.get(place).map(|(_, resource)| *resource)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'v str, &'v Value)> {
        self.0.iter()
    }
}

/// The items of an array property; none when it is not there or is something else.
fn items<'v>(owner: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    owner
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
