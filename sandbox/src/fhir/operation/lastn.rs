//! `Observation/$lastn` (R4): the newest observations of each code, of what a search finds.

use std::collections::BTreeMap;

use super::super::error::FhirError;
use super::super::keys::Key;
use super::super::population::Indexed;
use super::super::query::{Query, Target};
use super::super::room::Room;
use super::super::search::Found;
use super::super::types::TypeInfo;

impl Room {
    /// The newest `max` of each code, newest first within a code.
    pub(super) async fn last_of_each(
        &self,
        info: &'static TypeInfo,
        pairs: Vec<(String, String)>,
    ) -> Result<(Query, Found), FhirError> {
        if info.name != "Observation" {
            return Err(FhirError::Method(format!("$lastn of {}", info.name)));
        }
        let (own, mut pairs): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| name == "max");
        let max: usize = match own.first() {
            Some((_, max)) => max.parse().map_err(|_| FhirError::BadValue {
                name: "max".to_owned(),
                takes: "a number",
            })?,
            None => 1,
        };
        pairs.retain(|(name, _)| !matches!(name.as_str(), "_sort" | "_count" | "_page"));
        pairs.push(("_sort".to_owned(), "-date".to_owned()));
        let target = Target {
            path: "Observation/$lastn".to_owned(),
            ..Target::of_type(info)
        };
        let mut query = Query::parse(target, pairs, true, self)?;
        // Every match is needed before the newest of each code are known.
        query.count = usize::MAX;
        let mut found = self.search(&query).await?;
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        found.page.retain(|one| {
            let counted = seen.entry(code_of(info, one)).or_default();
            *counted += 1;
            *counted <= max
        });
        found.page.sort_by_cached_key(|one| code_of(info, one));
        found.total = Some(found.page.len());
        found.next = None;
        query.pairs.retain(|(name, _)| name != "_sort");
        query.pairs.extend(own);
        Ok((query, found))
    }
}

/// What groups an observation: its first code, or the words that stand for one.
fn code_of(info: &TypeInfo, one: &Indexed) -> String {
    let parameter = info.parameter("code");
    let mut keys = parameter.into_iter().flat_map(|code| one.keys.get(code));
    match keys.next() {
        Some(Key::Token {
            system,
            code,
            display,
        }) if code.is_empty() => format!("{system:?}{display:?}"),
        Some(Key::Token { system, code, .. }) => format!("{system:?}|{code}"),
        _ => String::new(),
    }
}
