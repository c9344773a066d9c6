//! Says whether a resource keeps the rules of FHIR R4 and of the profiles it claims.
//!
//! [`Validator::validate`] walks the JSON once, beside the definitions, and gives an
//! [`Issue`] for everything it finds, with the place, the rule and the remedy. Nothing is fetched: a
//! reference is judged by how it is written, and codes by the terminology that is in the crate.

mod addressed;
mod bind;
mod bundle;
mod contained;
mod diagnosis;
mod fault;
mod human;
mod issue;
mod path;
mod primitive;
mod profile;
mod reference;
mod special;
mod spelling;
mod value;
mod walk;
mod xhtml;

use serde_json::Value;

pub use issue::{Code, Issue, Severity, Words};

use crate::definitions::Definitions;
use crate::terminology::Terminology;

/// How to validate.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Profiles to hold the resource to, besides those in its `meta.profile`.
    pub profiles: &'a [&'a str],
    /// The least severity that is wanted; what is below it is not worked out.
    pub least: Severity,
    /// How many issues at most; the walk ends there.
    pub most_issues: usize,
    /// How many JSON values at most.
    pub most_values: usize,
    /// How deep the JSON may be.
    pub deepest: usize,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            profiles: &[],
            least: Severity::Warning,
            most_issues: 200,
            most_values: 2_000_000,
            deepest: 100,
        }
    }
}

/// Validates against R4 and the Norwegian profiles.
#[derive(Debug)]
pub struct Validator {
    definitions: &'static Definitions,
    terminology: &'static Terminology,
}

impl Validator {
    /// The validator of R4; the tables are read at the first call.
    pub fn r4() -> &'static Self {
        static R4: std::sync::OnceLock<Validator> = std::sync::OnceLock::new();
        R4.get_or_init(|| Self {
            definitions: Definitions::r4(),
            terminology: Terminology::r4(),
        })
    }

    /// Everything that is wrong with a resource, in the order of its JSON; profiles come after the base.
    pub fn validate(&self, resource: &Value, options: &Options<'_>) -> Vec<Issue> {
        let mut walk = walk::Walk::new(self.definitions, self.terminology, options);
        walk.whole(resource);
        walk.issues
    }

    /// The profiles that are known here, by canonical address, sorted.
    pub fn profiles(&self) -> Vec<&'static str> {
        profile::known().collect()
    }

    /// Whether no issue is an error.
    pub fn is_valid(issues: &[Issue]) -> bool {
        issues.iter().all(|issue| issue.severity < Severity::Error)
    }
}
