//! Profiles: what they demand beyond R4, from a table, and how a resource is held to it.
//!
//! `definitions/profiles.json` has HL7's vital signs, no-basis 2.2 and no-domain vital signs. A profile
//! is switched on by `meta.profile` or by the caller; an extension's definition by its url.

mod apply;
mod table;

use serde_json::{Map, Value};

use self::table::{Profile, Table};
use super::fault;
use super::path::Path;
use super::walk::{Frame, Walk};
use crate::definitions::{Kind, Type};

const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// The canonical addresses of the profiles in the table, sorted.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    Table::get().profiles().iter().map(|profile| profile.url)
}

impl Walk<'_> {
    /// The profiles that a resource claims, and for the outermost those that are asked for.
    pub(super) fn profiles<'v>(
        &mut self,
        described: &'static Type,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let claimed = properties
            .get("meta")
            .and_then(|m| m.get("profile"))
            .and_then(Value::as_array);
        let claimed: Vec<&str> = claimed
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for url in &claimed {
            self.claim(described, url, false, properties, path, frame);
        }
        let is_outermost = path.depth() == 1;
        let asked = self
            .options
            .profiles
            .iter()
            .filter(|url| is_outermost && !claimed.contains(url));
        for url in asked {
            self.claim(described, url, true, properties, path, frame);
        }
    }

    fn claim<'v>(
        &mut self,
        described: &'static Type,
        url: &str,
        asked: bool,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let url = url.split_once('|').map_or(url, |(url, _)| url);
        if let Some(profile) = Table::get().find(url) {
            if profile.of == described.name {
                self.profile(profile, properties, path, frame);
            } else {
                self.report(
                    path,
                    fault::profile_of_other_type(url, profile.of, described.name),
                );
            }
            return;
        }
        let base = url
            .strip_prefix(CORE)
            .and_then(|name| self.definitions.find(name));
        match base
            .and_then(|id| self.definitions.get(id))
            .filter(|t| t.kind == Kind::Resource)
        {
            Some(base)
                if self
                    .definitions
                    .find(described.name)
                    .is_some_and(|id| self.definitions.is_a(id, base.name)) => {}
            Some(base) => self.report(
                path,
                fault::profile_of_other_type(url, base.name, described.name),
            ),
            None => self.report(path, fault::unknown_profile(url, asked)),
        }
    }

    /// The profile and those it builds on.
    fn profile<'v>(
        &mut self,
        profile: &'static Profile,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        if let Some(base) = profile.base.and_then(|url| Table::get().find(url)) {
            self.profile(base, properties, path, frame);
        }
        self.constraints(profile.url, &profile.rules, properties, path, frame);
        self.profile_invariants(&profile.invariants, profile.of, frame.resource, path, frame);
    }

    /// The definition of an extension, where it is known.
    pub(super) fn known_extension<'v>(
        &mut self,
        url: &str,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        // Only Norwegian extensions are in the table.
        if !url.starts_with("http://hl7.no/") {
            return;
        }
        if let Some(known) = Table::get()
            .find(url)
            .filter(|profile| profile.of == "Extension")
        {
            self.constraints(known.url, &known.rules, properties, path, frame);
        }
    }
}
