//! The published JSON Schemas, enforced: every violation becomes a finding with its place, what is
//! wrong and what to do.

use std::sync::LazyLock;

use foundation::error::Finding;
use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A published schema.
pub(crate) struct Schema {
    /// The document, as served.
    pub(crate) text: &'static str,
    validator: Option<Validator>,
}

/// The schema of app entries.
pub(crate) static APP: LazyLock<Schema> =
    LazyLock::new(|| Schema::compile(include_str!("../../schemas/app.json")));

/// The schema of version manifests.
pub(crate) static VERSION: LazyLock<Schema> =
    LazyLock::new(|| Schema::compile(include_str!("../../schemas/version.json")));

impl Schema {
    fn compile(text: &'static str) -> Self {
        let schema: Option<Value> = serde_json::from_str(text).ok();
        let validator = schema.and_then(|schema| jsonschema::validator_for(&schema).ok());
        Self { text, validator }
    }

    /// Reads `json` into `T` when it is strict JSON and meets the schema.
    pub(crate) fn read<T: DeserializeOwned>(&self, json: &[u8]) -> Result<T, Vec<Finding>> {
        if let Err(error) = verifier::json::check(json) {
            return Err(vec![unreadable(&error.to_string())]);
        }
        let value: Value =
            serde_json::from_slice(json).map_err(|error| vec![unreadable(&error.to_string())])?;
        let Some(validator) = &self.validator else {
            return Err(vec![unreadable("the schema itself cannot be read")]);
        };
        let findings: Vec<Finding> = validator
            .iter_errors(&value)
            .take(MAX_FINDINGS)
            .map(|error| finding(&error))
            .collect();
        if !findings.is_empty() {
            return Err(findings);
        }
        serde_json::from_value(value).map_err(|error| vec![unreadable(&error.to_string())])
    }
}

fn unreadable(detail: &str) -> Finding {
    Finding {
        code: "json-invalid".to_owned(),
        pointer: String::new(),
        detail: detail.to_owned(),
        remedy: "Send one JSON object in UTF-8, without repeated member names.".to_owned(),
    }
}

fn finding(error: &ValidationError<'_>) -> Finding {
    Finding {
        code: format!("schema-{}", kebab(error.kind().keyword())),
        pointer: error.instance_path().to_string(),
        detail: shortened(&error.to_string()),
        remedy: remedy(error.kind()),
    }
}

fn remedy(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Required { property } => format!("Add the member {property}."),
        ValidationErrorKind::AdditionalProperties { unexpected } => format!(
            "Remove {}, or correct its spelling: the schema lists every member there is.",
            unexpected.join(", ")
        ),
        ValidationErrorKind::Enum { options } => format!("Use one of {options}."),
        ValidationErrorKind::Constant { expected_value } => format!("Write {expected_value}."),
        ValidationErrorKind::MaxLength { limit } => format!("Shorten it to {limit} characters."),
        ValidationErrorKind::MinLength { .. } => "Fill it in.".to_owned(),
        ValidationErrorKind::MaxItems { limit } => format!("Keep at most {limit}."),
        ValidationErrorKind::MinItems { limit } => format!("Give at least {limit}."),
        ValidationErrorKind::UniqueItems => "Remove what is repeated.".to_owned(),
        ValidationErrorKind::Pattern { pattern } => {
            format!(
                "Write it so that it matches {pattern}; the schema's description gives an example."
            )
        }
        ValidationErrorKind::Type { .. } => "Use the type that the schema names.".to_owned(),
        _ => "Compare with the published schema.".to_owned(),
    }
}

/// `maxLength` → `max-length`.
fn kebab(keyword: &str) -> String {
    let mut text = String::with_capacity(keyword.len() + 4);
    for c in keyword.chars() {
        if c.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_DETAIL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

const MAX_FINDINGS: usize = 100;
const MAX_DETAIL: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::app::AppEntry;

    #[test]
    fn the_schemas_are_schemas() {
        assert!(APP.validator.is_some());
        assert!(VERSION.validator.is_some());
    }

    #[test]
    fn every_violation_is_listed_with_its_place_and_a_remedy() {
        let json = br#"{"software_id": "Blodtrykk", "name": {"nb": ""}, "purpose": {"en": "x"},
            "kind": "app", "needs": ["K99"], "languages": [], "contacts": {}, "data_location": "no",
            "colour": "red"}"#;
        let findings = APP.read::<AppEntry>(json).unwrap_err();
        let has = |code: &str, pointer: &str| {
            findings
                .iter()
                .any(|finding| finding.code == code && finding.pointer == pointer)
        };
        assert!(has("schema-pattern", "/software_id"), "{findings:#?}");
        assert!(has("schema-min-length", "/name/nb"), "{findings:#?}");
        assert!(has("schema-required", "/purpose"), "{findings:#?}");
        assert!(has("schema-enum", "/kind"), "{findings:#?}");
        assert!(has("schema-pattern", "/needs/0"), "{findings:#?}");
        assert!(has("schema-min-items", "/languages"), "{findings:#?}");
        assert!(has("schema-required", "/contacts"), "{findings:#?}");
        assert!(has("schema-required", ""), "{findings:#?}");
        assert!(has("schema-additional-properties", ""), "{findings:#?}");
        assert!(findings.iter().all(|finding| !finding.remedy.is_empty()));
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        let findings = APP
            .read::<AppEntry>(br#"{"kind": "portal", "kind": "backend"}"#)
            .unwrap_err();
        assert_eq!(findings[0].code, "json-invalid");
    }
}
