//! The dialect of FHIR: an OperationOutcome (FHIR R4 §2.32).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{Describe, Fault, Finding, seen};

/// A fault as a FHIR OperationOutcome; every finding becomes an issue of its own.
#[derive(Clone, Debug)]
pub struct Outcome(pub Fault);

impl Outcome {
    /// The resource, also for entries of a batch.
    pub fn resource(&self) -> serde_json::Value {
        let fault = &self.0;
        let issue = |detail: &str, remedy: &str, expression: Option<&str>, code: &str| {
            let mut issue = json!({
                "severity": if fault.status.is_server_error() { "fatal" } else { "error" },
                "code": fault.issue,
                "details": {
                    "coding": [{"system": "urn:markedsplass:problem", "code": code}],
                    "text": fault.title,
                },
                "diagnostics": format!("{detail} {remedy}").trim(),
            });
            if let (Some(members), Some(expression)) = (issue.as_object_mut(), expression) {
                members.insert("expression".to_owned(), json!([expression]));
            }
            issue
        };
        let issues = if fault.errors.is_empty() {
            vec![issue(&fault.detail, &fault.remedy, None, fault.code)]
        } else {
            let of = |finding: &Finding| {
                issue(
                    &finding.detail,
                    &finding.remedy,
                    Some(&finding.pointer),
                    &finding.code,
                )
            };
            fault.errors.iter().map(of).collect()
        };
        json!({"resourceType": "OperationOutcome", "issue": issues})
    }
}

impl<E: Describe> From<E> for Outcome {
    fn from(error: E) -> Self {
        Self(seen(&error))
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let mut response = (self.0.status, self.resource().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/fhir+json; charset=utf-8"),
        );
        if self.0.status.as_u16() == 401 {
            let challenge = if self.0.code == "token-missing" {
                "Bearer"
            } else {
                "Bearer error=\"invalid_token\""
            };
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            );
        }
        response
    }
}
