//! What a JSON body tells about an exchange: which resources it holds, whom they are about, and the
//! first error. Everything else is skipped while parsing.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What was seen in a body.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// `Type/id`.
    pub(super) resources: BTreeSet<String>,
    /// Logical ids of patients.
    pub(super) patients: BTreeSet<String>,
    /// OAuth error, problem code or first issue code.
    pub(super) error: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "resourceType")]
    resource_type: Option<String>,
    id: Option<String>,
    #[serde(default)]
    subject: Option<Reference>,
    #[serde(default)]
    patient: Option<Reference>,
    #[serde(default)]
    entry: Vec<Entry>,
    #[serde(default)]
    issue: Vec<Issue>,
    #[serde(default)]
    error: Option<Text>,
    #[serde(default)]
    code: Option<Text>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Option<Body>,
}

#[derive(Deserialize)]
struct Issue {
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    To { reference: Option<String> },
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Other(serde::de::IgnoredAny),
}

/// Looks into a body; one that cannot be read tells nothing.
pub(super) fn look(body: &[u8]) -> Seen {
    let mut seen = Seen::default();
    if let Ok(body) = serde_json::from_slice::<Body>(body) {
        seen.add(body);
    }
    seen
}

impl Seen {
    fn add(&mut self, body: Body) {
        match body.resource_type.as_deref() {
            Some("Bundle") => {
                for resource in body.entry.into_iter().filter_map(|entry| entry.resource) {
                    self.add(resource);
                }
            }
            Some("OperationOutcome") => {
                let code = body.issue.into_iter().next().and_then(|issue| issue.code);
                self.error = self.error.take().or(code);
            }
            Some(resource_type) => {
                self.add_people(
                    resource_type,
                    body.id.as_deref(),
                    [body.subject, body.patient],
                );
                if let Some(id) = body.id {
                    self.resources.insert(format!("{resource_type}/{id}"));
                }
            }
            None => {
                if let Some(Text::Text(error)) = body.error.or(body.code) {
                    self.error = Some(error);
                }
            }
        }
    }

    fn add_people(
        &mut self,
        resource_type: &str,
        id: Option<&str>,
        references: [Option<Reference>; 2],
    ) {
        if resource_type == "Patient" {
            self.patients.extend(id.map(str::to_owned));
        }
        for reference in references.into_iter().flatten() {
            if let Reference::To {
                reference: Some(reference),
            } = reference
                && let Some((_, id)) = reference.rsplit_once("Patient/")
            {
                self.patients
                    .insert(id.split('/').next().unwrap_or(id).to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_tells_its_resources_and_patients() {
        let bundle = br#"{"resourceType":"Bundle","id":"b","entry":[
            {"resource":{"resourceType":"Patient","id":"p1"}},
            {"resource":{"resourceType":"Observation","id":"p2-o1","code":{"text":"x"},"subject":{"reference":"http://h/fhir/Patient/p2"}}},
            {"resource":{"resourceType":"Immunization","id":"i","patient":{"reference":"Patient/p3/_history/1"}}}]}"#;
        let seen = look(bundle);
        assert_eq!(seen.resources.len(), 3);
        assert_eq!(
            seen.patients.into_iter().collect::<Vec<_>>(),
            ["p1", "p2", "p3"]
        );
        assert_eq!(seen.error, None);
    }

    #[test]
    fn every_dialect_tells_its_error() {
        for (body, error) in [
            (
                r#"{"error":"invalid_grant","error_description":"x"}"#,
                "invalid_grant",
            ),
            (r#"{"type":"/problems/x","code":"x"}"#, "x"),
            (
                r#"{"resourceType":"OperationOutcome","issue":[{"code":"login"},{"code":"x"}]}"#,
                "login",
            ),
        ] {
            assert_eq!(look(body.as_bytes()).error.as_deref(), Some(error));
        }
        assert_eq!(look(b"{").error, None);
        assert_eq!(
            look(br#"{"subject":"text","patient":[1]}"#).resources.len(),
            0
        );
    }
}
