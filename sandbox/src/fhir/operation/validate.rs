//! `$validate` (R4 Resource operations): says what is wrong with a resource and keeps nothing. The
//! rules are `fhir_r4::validate`'s; here they are asked for, and told.

use fhir_r4::validate::{Options, Severity, Validator};
use foundation::language::Language;
use serde_json::{Value, json};
use verifier::scope::Permission;

use super::super::error::FhirError;
use super::super::flaws;
use super::super::room::Room;
use super::super::rules::told;
use super::super::types::TypeInfo;

/// What is to be validated, and against what.
#[derive(Debug, Default)]
struct Wanted {
    resource: Value,
    profiles: Vec<String>,
}

impl Room {
    /// The `OperationOutcome` for a resource that is sent, by itself or in Parameters.
    pub(super) fn validate_sent(
        &self,
        info: &'static TypeInfo,
        body: &[u8],
        pairs: &[(String, String)],
        language: Language,
    ) -> Result<String, FhirError> {
        self.may_validate(info)?;
        let bad = |error: serde_json::Error| FhirError::BadBody(error.to_string());
        let body: Value = serde_json::from_slice(body).map_err(bad)?;
        let mut wanted = read(body);
        wanted.profiles.extend(profiles(pairs));
        let kind = wanted.resource.get("resourceType").and_then(Value::as_str);
        if kind != Some(info.name) {
            let name = info.name;
            return Err(FhirError::BadBody(format!(
                "it holds no {name} to validate"
            )));
        }
        Ok(outcome(&wanted, language))
    }

    /// The `OperationOutcome` for a resource that is there.
    pub(super) async fn validate_kept(
        &self,
        info: &'static TypeInfo,
        id: &str,
        pairs: &[(String, String)],
        language: Language,
    ) -> Result<String, FhirError> {
        let entry = self.readable(info, id).await?;
        let wanted = Wanted {
            resource: serde_json::from_slice(&entry.json).unwrap_or_default(),
            profiles: profiles(pairs).collect(),
        };
        Ok(outcome(&wanted, language))
    }

    /// Whoever may do anything with the type may ask whether one is right.
    fn may_validate(&self, info: &TypeInfo) -> Result<(), FhirError> {
        let any = [
            Permission::Create,
            Permission::Update,
            Permission::Read,
            Permission::Search,
        ];
        let mut refused = None;
        for permission in any {
            match self.permit(info, permission) {
                Ok(_) => return Ok(()),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        refused.map_or(Ok(()), Err)
    }
}

fn profiles(pairs: &[(String, String)]) -> impl Iterator<Item = String> {
    let named = pairs.iter().filter(|(name, _)| name == "profile");
    named.map(|(_, profile)| profile.clone())
}

/// A resource by itself, or the parameters `resource` and `profile`.
fn read(body: Value) -> Wanted {
    if body.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        return Wanted {
            resource: body,
            profiles: Vec::new(),
        };
    }
    let mut wanted = Wanted::default();
    let parameters = body.get("parameter").and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        match parameter.get("name").and_then(Value::as_str) {
            Some("resource") => {
                wanted.resource = parameter.get("resource").cloned().unwrap_or_default();
            }
            Some("profile") => {
                let profile = ["valueUri", "valueCanonical", "valueString"]
                    .iter()
                    .find_map(|member| parameter.get(*member)?.as_str());
                wanted.profiles.extend(profile.map(str::to_owned));
            }
            _ => {}
        }
    }
    wanted
}

fn outcome(wanted: &Wanted, language: Language) -> String {
    let profiles: Vec<&str> = wanted.profiles.iter().map(String::as_str).collect();
    let options = Options {
        profiles: &profiles,
        least: Severity::Information,
        ..Options::default()
    };
    let found = Validator::r4().validate(&wanted.resource, &options);
    let mut issues: Vec<Value> = found.iter().map(|issue| told(issue, language)).collect();
    if flaws::has_real_number(&wanted.resource) {
        issues.push(json!({"severity": "error", "code": "business-rule",
            "diagnostics": FhirError::RealNumber("The resource").to_string()}));
    }
    if issues.is_empty() {
        let text = match language {
            Language::En => "Nothing is wrong with it.",
            Language::Nb => "Ingenting er galt med den.",
            Language::Nn => "Ingenting er gale med han.",
        };
        issues.push(
            json!({"severity": "information", "code": "informational", "details": {"text": text}}),
        );
    }
    json!({"resourceType": "OperationOutcome", "issue": issues}).to_string()
}
