//! What the rules of R4 and of the national profiles say of a resource, told to a reader. The rules
//! themselves are `fhir_r4::validate`'s.

use fhir_r4::validate::{Issue, Options, Severity, Validator};
use foundation::language::Language;
use serde_json::{Value, json};

/// Every rule that a resource breaks and that nobody may break.
pub(crate) fn broken(resource: &Value) -> Vec<Issue> {
    let options = Options {
        least: Severity::Error,
        ..Options::default()
    };
    Validator::r4().validate(resource, &options)
}

/// An issue, with problem and remedy in the reader's language and in the other.
pub(crate) fn told(issue: &Issue, language: Language) -> Value {
    let severity = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    let nb = format!("{} {}", issue.problem.nb, issue.remedy.nb);
    let en = format!("{} {}", issue.problem.en, issue.remedy.en);
    // The rules are told in bokmål, which readers of nynorsk read.
    let (own, other, tag) = match language {
        Language::En => (en, nb, "nb"),
        Language::Nb | Language::Nn => (nb, en, "en"),
    };
    json!({
        "severity": severity,
        "code": issue.code.issue_type(),
        "details": {
            "coding": [{"system": "urn:markedsplass:validation", "code": issue.code.as_str()}],
            "text": own,
            "_text": {"extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/translation",
                "extension": [{"url": "lang", "valueCode": tag}, {"url": "content", "valueString": other}],
            }]},
        },
        "diagnostics": format!("Rule: {}", issue.rule),
        "expression": [issue.expression],
    })
}
