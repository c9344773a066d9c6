//! Twenty-six ways to break a good resource; each has to be caught wherever it applies.

use fhir_r4::validate::Code;
use serde_json::{Map, Value, json};

use crate::examples;

/// A way to break a resource: it gives `None` when it does not apply.
struct Break {
    name: &'static str,
    code: Code,
    /// How many of the examples it has to apply to at least.
    least: usize,
    apply: fn(&mut Map<String, Value>) -> Option<()>,
}

const fn way(
    name: &'static str,
    code: Code,
    least: usize,
    apply: fn(&mut Map<String, Value>) -> Option<()>,
) -> Break {
    Break {
        name,
        code,
        least,
        apply,
    }
}

fn set(resource: &mut Map<String, Value>, name: &str, value: Value) -> Option<()> {
    resource.get_mut(name).map(|old| *old = value)
}

fn of(resource: &Map<String, Value>, types: &[&str]) -> Option<()> {
    let own = resource.get("resourceType")?.as_str()?;
    types.contains(&own).then_some(())
}

/// A reference of the resource, if it has one right below.
fn reference(resource: &mut Map<String, Value>) -> Option<&mut Value> {
    ["subject", "patient", "practitioner", "appointment"]
        .into_iter()
        .find(|name| resource.contains_key(*name))
        .and_then(|name| resource.get_mut(name))
}

fn with_narrative(resource: &mut Map<String, Value>, inner: &str) -> Option<()> {
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
    resource
        .get_mut("text")
        .map(|text| text["div"] = json!(div))
}

fn extension(resource: &mut Map<String, Value>, extension: &Value) -> Option<()> {
    // Only a DomainResource has extensions.
    let has_none = of(resource, &["Bundle", "Binary", "Parameters"]).is_some();
    (!has_none)
        .then(|| resource.insert("extension".to_owned(), json!([extension])))
        .map(|_| ())
}

fn drop_required(
    resource: &mut Map<String, Value>,
    name: &str,
    optional_in: &[&str],
) -> Option<()> {
    if of(resource, optional_in).is_some() {
        return None;
    }
    resource.remove(name).map(|_| ())
}

const WAYS: [Break; 26] = [
    way("unknown element", Code::UnknownElement, 30, |r| {
        r.insert("favourite".to_owned(), json!("x"));
        Some(())
    }),
    way("wrong resourceType", Code::ResourceType, 30, |r| {
        set(r, "resourceType", json!("Pasient"))
    }),
    way("missing status", Code::Missing, 15, |r| {
        drop_required(
            r,
            "status",
            &["Location", "ImagingStudy", "Medication", "Group"],
        )
    }),
    way("missing subject", Code::Missing, 5, |r| {
        drop_required(
            r,
            "subject",
            &[
                "Observation",
                "DocumentReference",
                "Composition",
                "QuestionnaireResponse",
                "Encounter",
            ],
        )
    }),
    way("array for scalar", Code::Shape, 15, |r| {
        set(r, "status", json!(["final"]))
    }),
    way("scalar for array", Code::Shape, 3, |r| {
        set(r, "name", json!({"family": "Berg"}))
            .filter(|()| of(r, &["Patient", "Practitioner", "RelatedPerson"]).is_some())
    }),
    way("number for string", Code::Shape, 25, |r| {
        set(r, "id", json!(7))
    }),
    way("text for boolean", Code::Shape, 1, |r| {
        set(r, "active", json!("true"))
    }),
    way("two value[x]", Code::Choice, 1, |r| {
        let has = r.contains_key("valueQuantity");
        has.then(|| r.insert("valueString".to_owned(), json!("x")))
            .map(|_| ())
    }),
    way("null", Code::Empty, 25, |r| set(r, "id", Value::Null)),
    way("empty string", Code::Empty, 25, |r| set(r, "id", json!(""))),
    way("empty array", Code::Empty, 25, |r| {
        of(r, &["Bundle", "Binary", "Parameters"])
            .is_none()
            .then(|| r.insert("extension".to_owned(), json!([])))
            .map(|_| ())
    }),
    way("empty object", Code::Empty, 30, |r| {
        r.insert("meta".to_owned(), json!({}));
        Some(())
    }),
    way("required binding of status", Code::Binding, 15, |r| {
        set(r, "status", json!("ferdig"))
    }),
    way("required binding of gender", Code::Binding, 1, |r| {
        set(r, "gender", json!("kvinne"))
    }),
    way("a date that does not exist", Code::Format, 1, |r| {
        set(r, "birthDate", json!("1970-13-45"))
    }),
    way("a time without zone", Code::Format, 1, |r| {
        set(r, "effectiveDateTime", json!("2024-05-17T08:30:00"))
    }),
    way("bad id", Code::Format, 25, |r| {
        set(r, "id", json!("kari_berg"))
    }),
    way("wrong reference target", Code::Reference, 10, |r| {
        // What these are about may be anything.
        of(r, &["Composition", "QuestionnaireResponse"])
            .is_none()
            .then_some(())?;
        reference(r).map(|target| target["reference"] = json!("Binary/1"))
    }),
    way("script in the narrative", Code::Narrative, 5, |r| {
        with_narrative(r, "<script>alert(1)</script>")
    }),
    way("extension without url", Code::Missing, 25, |r| {
        extension(r, &json!({"valueString": "x"}))
    }),
    way(
        "extension with value and children",
        Code::Extension,
        25,
        |r| {
            let child = json!([{"url": "b", "valueString": "x"}]);
            extension(
                r,
                &json!({"url": "http://example.no/a", "valueString": "x", "extension": child}),
            )
        },
    ),
    way("contained within contained", Code::Contained, 25, |r| {
        of(r, &["Bundle", "Binary", "Parameters"])
            .is_none()
            .then_some(())?;
        let inner = json!([{"resourceType": "Patient", "id": "i", "contained": [{"resourceType": "Patient", "id": "j"}]}]);
        r.insert("contained".to_owned(), inner);
        Some(())
    }),
    way("pat-1", Code::Invariant, 1, |r| {
        of(r, &["Patient"])?;
        r.insert("contact".to_owned(), json!([{"gender": "female"}]));
        Some(())
    }),
    way("obs-6", Code::Invariant, 1, |r| {
        let has = r.contains_key("valueQuantity");
        has.then(|| r.insert("dataAbsentReason".to_owned(), json!({"text": "x"})))
            .map(|_| ())
    }),
    way("per-1", Code::Invariant, 1, |r| {
        let period = r.get_mut("period").or(None)?;
        *period = json!({"start": "2024-05-18", "end": "2024-05-17T08:30:00Z"});
        Some(())
    }),
];

#[test]
fn every_way_to_break_a_resource_is_caught() {
    let mut unseen = Vec::new();
    for way in &WAYS {
        let mut applied = 0;
        for (name, resource) in examples::all() {
            let mut broken = resource.as_object().unwrap().clone();
            if (way.apply)(&mut broken).is_none() {
                continue;
            }
            applied += 1;
            let issues = examples::errors(&Value::Object(broken));
            if !issues.iter().any(|issue| issue.code == way.code) {
                unseen.push(format!("{} in {name}: {issues:?}", way.name));
            }
        }
        assert!(
            applied >= way.least.min(30),
            "{} applied {applied} times only",
            way.name
        );
    }
    assert_eq!(unseen, Vec::<String>::new());
}

/// A place in an example, what is put there as JSON (nothing removes it), and the rule that is broken
/// (none when that is allowed).
const DETAILS: [(&str, &str, &str, &str); 27] = [
    (
        "medication-request",
        "/medicationReference/reference",
        "\"#n\"",
        "ref-1",
    ),
    (
        "medication-request",
        "/contained/0/meta",
        r#"{"versionId": "1"}"#,
        "dom-4",
    ),
    (
        "medication-request",
        "/contained/0/meta",
        r#"{"security": [{"code": "R"}]}"#,
        "dom-5",
    ),
    ("medication-request", "/contained/0/id", r#""n""#, "dom-3"),
    (
        "medication-request",
        "/dosageInstruction/0/timing/repeat/periodUnit",
        r#""dag""#,
        STRENGTH,
    ),
    (
        "medication-request",
        "/dosageInstruction/0/doseAndRate/0/doseQuantity/comparator",
        r#""<""#,
        "sqty-1",
    ),
    ("questionnaire", "/item/0/item/0/linkId", r#""1""#, "que-2"),
    ("appointment", "/end", "null", "R4 json.html"),
    ("appointment", "/end", "", "app-2"),
    ("bundle-transaction", "/entry/0/request", "", "bdl-3"),
    (
        "bundle-transaction",
        "/entry/1/fullUrl",
        r#""urn:uuid:c757873d-ec9a-4326-a141-556f43239520""#,
        "bdl-7",
    ),
    (
        "bundle-transaction",
        "/entry/1/fullUrl",
        r#""Observation/1""#,
        "R4 bundle.html#bundle-unique",
    ),
    (
        "bundle-transaction",
        OF_OBSERVATION,
        r#""urn:uuid:c757873d-ec9a-4326-a141-556f43239521""#,
        "R4 references.html",
    ),
    (
        "bundle-transaction",
        "/entry/0/resource/name/0/_given",
        "[null]",
        "R4 json.html#primitive",
    ),
    ("patient", "/_birthDate", r#"{"id": "x"}"#, ""),
    ("patient", "/_birthDate", "{}", "R4 json.html"),
    ("patient", "/_birthDate", r#"[{"id": "x"}]"#, "R4 json.html"),
    (
        "patient",
        "/extension",
        r#"[{"url": "relative", "valueString": "x"}]"#,
        "R4 extensibility.html#Extension",
    ),
    (
        "location",
        "/position/latitude",
        r#""59.91""#,
        "R4 json.html",
    ),
    (
        "binary",
        "/data",
        r#""SGVp=""#,
        "R4 datatypes.html#base64Binary",
    ),
    (
        "condition",
        "/verificationStatus/coding/0/code",
        r#""entered-in-error""#,
        "con-5",
    ),
    (
        "condition",
        "/category/0/coding/0/code",
        r#""problem""#,
        "R4 datatypes.html#Coding",
    ),
    (
        "condition",
        "/code/coding/0/system",
        r#""ICPC""#,
        "R4 datatypes.html#Coding",
    ),
    (
        "care-plan",
        "/activity/0/reference",
        r#"{"reference": "ServiceRequest/1"}"#,
        "cpl-3",
    ),
    ("composition", "/section/0", r#"{"title": "Tom"}"#, "cmp-1"),
    (
        "observation-absent",
        "/referenceRange/0",
        r#"{"appliesTo": [{"text": "x"}]}"#,
        "obs-3",
    ),
    ("organization", "/telecom/0/use", r#""home""#, "org-3"),
];
const STRENGTH: &str = "R4 terminologies.html#strength";
const OF_OBSERVATION: &str = "/entry/1/resource/subject/reference";

#[test]
fn what_is_only_in_the_details_is_caught_too() {
    for (example, pointer, json, rule) in DETAILS {
        let mut resource = examples::named(example);
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let value = serde_json::from_str(json).ok();
        match (resource.pointer_mut(parent), value) {
            (Some(Value::Object(own)), None) => drop(own.remove(name)),
            (Some(Value::Object(own)), Some(value)) => drop(own.insert(name.to_owned(), value)),
            (Some(Value::Array(own)), Some(value)) => own[name.parse::<usize>().unwrap()] = value,
            other => assert_eq!(other, (None, None), "{example} {pointer}"),
        }
        let issues = examples::errors(&resource);
        if rule.is_empty() {
            assert_eq!(issues, [], "{example} {pointer}");
        } else {
            let found = issues.iter().any(|issue| issue.rule == rule);
            assert!(found, "{example} {pointer} {rule}: {issues:?}");
        }
    }
}
