//! Reads `definitions/profiles.json`.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::fhirpath::Lazy;

const PROFILES: &str = include_str!("../../../definitions/profiles.json");

/// A profile, or the definition of an extension.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) url: &'static str,
    /// The type it constrains.
    #[serde(rename = "type")]
    pub(super) of: &'static str,
    /// The profile it builds on, when that is in the table.
    pub(super) base: Option<&'static str>,
    #[serde(default)]
    pub(super) rules: Vec<Constraint>,
    #[serde(default)]
    pub(super) invariants: Vec<Invariant>,
}

/// What is demanded of an element, or of a slice of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Constraint {
    /// JSON names below the owner, `a.b`; the last may name alternatives, `a.bX|bY`.
    pub(super) path: &'static str,
    pub(super) slice: Option<&'static str>,
    /// What an item has to hold to belong to the slice: path and value.
    #[serde(default, rename = "where")]
    pub(super) belongs: Map<String, Value>,
    #[serde(default)]
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    pub(super) fixed: Option<Value>,
    /// The value set, and whether it is required.
    pub(super) value_set: Option<&'static str>,
    #[serde(default)]
    pub(super) extensible: bool,
    /// The types a reference may point to.
    #[serde(default)]
    pub(super) targets: Vec<&'static str>,
    /// The profile that the value keeps.
    pub(super) profile: Option<&'static str>,
    #[serde(default)]
    pub(super) rules: Vec<Self>,
    /// Invariants of the value, and its type.
    #[serde(default)]
    pub(super) invariants: Vec<Invariant>,
    pub(super) of: Option<&'static str>,
}

/// An invariant of a profile.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invariant {
    pub(super) key: &'static str,
    #[serde(default)]
    pub(super) warning: bool,
    #[serde(deserialize_with = "expression")]
    pub(super) expression: Lazy,
    pub(super) en: &'static str,
    pub(super) nb: &'static str,
}

fn expression<D: serde::Deserializer<'static>>(from: D) -> Result<Lazy, D::Error> {
    <&'static str>::deserialize(from).map(Lazy::new)
}

/// Every profile, sorted by address.
#[derive(Debug)]
pub(super) struct Table(Vec<Profile>);

impl Table {
    pub(super) fn get() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| {
            // The table is part of the program: a test reads it.
            let mut profiles: Vec<Profile> = serde_json::from_str(PROFILES).unwrap_or_default();
            profiles.sort_by_key(|profile| profile.url);
            Self(profiles)
        })
    }

    pub(super) fn profiles(&self) -> &[Profile] {
        &self.0
    }

    pub(super) fn find(&self, url: &str) -> Option<&Profile> {
        let place = self
            .0
            .binary_search_by(|profile| profile.url.cmp(url))
            .ok()?;
        self.0.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definitions::Definitions;

    fn each<'t>(rules: &'t [Constraint], visit: &mut dyn FnMut(&'t Constraint)) {
        for rule in rules {
            visit(rule);
            each(&rule.rules, visit);
        }
    }

    #[test]
    fn the_table_is_read_and_hangs_together() {
        let read: Result<Vec<Profile>, _> = serde_json::from_str(PROFILES);
        assert!(read.is_ok(), "{read:?}");
        let profiles = Table::get().profiles();
        assert!(profiles.len() > 50, "{}", profiles.len());
        for profile in profiles {
            assert!(
                Definitions::r4().find(profile.of).is_some(),
                "{}",
                profile.of
            );
            assert!(
                profile
                    .base
                    .is_none_or(|url| Table::get().find(url).is_some()),
                "{}",
                profile.url
            );
            each(&profile.rules, &mut |rule| {
                assert!(
                    rule.profile
                        .is_none_or(|url| Table::get().find(url).is_some()),
                    "{:?}",
                    rule.profile
                );
                assert!(
                    rule.invariants.iter().all(|i| i.expression.get().is_some()),
                    "{}",
                    rule.path
                );
                assert!(
                    rule.slice.is_none() || !rule.belongs.is_empty(),
                    "{} {:?}",
                    profile.url,
                    rule.slice
                );
            });
            assert!(
                profile
                    .invariants
                    .iter()
                    .all(|i| i.expression.get().is_some()),
                "{}",
                profile.url
            );
        }
    }
}
