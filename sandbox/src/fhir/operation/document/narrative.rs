//! The text of a section for people: one line for each of its resources, with what it is, its value and
//! its date.

use serde_json::Value;

/// Members that say what a resource is about.
const NAMES: [&str; 3] = ["code", "vaccineCode", "medicationCodeableConcept"];
/// Members that say when it was.
const TIMES: [&str; 6] = [
    "onsetDateTime",
    "effectiveDateTime",
    "occurrenceDateTime",
    "performedDateTime",
    "authoredOn",
    "recordedDate",
];

/// The narrative of lines of plain text.
pub(super) fn narrative(lines: &[String]) -> String {
    let mut items = String::new();
    for line in lines {
        items.push_str("<li>");
        items.push_str(&escaped(line));
        items.push_str("</li>");
    }
    format!(r#"<div xmlns="http://www.w3.org/1999/xhtml"><ul>{items}</ul></div>"#)
}

/// One line about a resource.
pub(super) fn line(resource: &Value) -> String {
    let name = NAMES.iter().find_map(|name| concept(resource.get(name)?));
    let name = name.or_else(|| {
        let title =
            text(resource, "/title").or_else(|| text(resource, "/medicationReference/display"));
        title.map(str::to_owned)
    });
    let says = |name: &String| {
        name.chars()
            .any(|letter| !letter.is_whitespace() && !letter.is_control())
    };
    let mut line = name.filter(says).unwrap_or_else(|| {
        text(resource, "/resourceType")
            .unwrap_or_default()
            .to_owned()
    });
    let dose =
        text(resource, "/dosageInstruction/0/text").or_else(|| text(resource, "/dosage/0/text"));
    let told = [
        value(resource),
        components(resource),
        dose.map(str::to_owned),
    ];
    for one in told.into_iter().flatten() {
        line.push_str(": ");
        line.push_str(&one);
    }
    let time = TIMES.iter().find_map(|name| resource.get(name)?.as_str());
    let time = time.or_else(|| text(resource, "/performedPeriod/start"));
    let day = time
        .or_else(|| text(resource, "/period/start"))
        .and_then(|time| time.split('T').next());
    if let Some(day) = day {
        line.push_str(" (");
        line.push_str(day);
        line.push(')');
    }
    line
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

/// What a concept is called, or its code where it has no name.
fn concept(value: &Value) -> Option<String> {
    let words = ["/text", "/coding/0/display", "/coding/0/code"];
    words
        .iter()
        .find_map(|at| text(value, at))
        .map(str::to_owned)
}

fn value(resource: &Value) -> Option<String> {
    if let Some(quantity) = resource.get("valueQuantity") {
        let unit = text(quantity, "/unit")
            .or_else(|| text(quantity, "/code"))
            .unwrap_or_default();
        let comparator = text(quantity, "/comparator").unwrap_or_default();
        let number = quantity.get("value").filter(|value| value.is_number())?;
        return Some(format!("{comparator}{number} {unit}").trim_end().to_owned());
    }
    let coded = resource.get("valueCodeableConcept").and_then(concept);
    coded.or_else(|| text(resource, "/valueString").map(str::to_owned))
}

/// The parts of a measurement, such as the two pressures of blood.
fn components(resource: &Value) -> Option<String> {
    let parts = resource.get("component")?.as_array()?.iter();
    let told =
        parts.filter_map(|part| Some(format!("{} {}", concept(part.get("code")?)?, value(part)?)));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Text as XHTML has it. What XML 1.0 cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_how_much_and_when() {
        for (resource, expected) in [
            (
                json!({"code": {"text": "Temperatur"}, "valueQuantity": {"value": 37.6, "unit": "°C"},
                    "effectiveDateTime": "2017-01-02T10:05:00+01:00"}),
                "Temperatur: 37.6 °C (2017-01-02)",
            ),
            (
                json!({"code": {"coding": [{"code": "A77"}]}, "onsetDateTime": "2017-01"}),
                "A77 (2017-01)",
            ),
            (
                json!({"medicationCodeableConcept": {"text": "Paracet"}, "dosageInstruction": [{"text": "1 x 3"}]}),
                "Paracet: 1 x 3",
            ),
            (
                json!({"code": {"text": "Blodtrykk"}, "component": [
                    {"code": {"text": "Over"}, "valueQuantity": {"value": 120, "unit": "mmHg"}},
                    {"code": {"text": "Under"}, "valueQuantity": {"value": 80, "unit": "mmHg"}}]}),
                "Blodtrykk: Over 120 mmHg, Under 80 mmHg",
            ),
            (
                json!({"resourceType": "CarePlan", "title": "Plan", "period": {"start": "2026-01-01"}}),
                "Plan (2026-01-01)",
            ),
            (json!({"resourceType": "Procedure"}), "Procedure"),
            (
                json!({"resourceType": "Procedure", "code": {"text": " "}}),
                "Procedure",
            ),
        ] {
            assert_eq!(line(&resource), expected);
        }
    }

    proptest! {
        #[test]
        fn any_text_makes_a_narrative_that_r4_allows(text in "\\PC{0,40}|[<>&\"'\\x00-\\x1f]{0,20}") {
            let narrative = json!({"resourceType": "Basic", "code": {"text": "x"},
                "text": {"status": "generated", "div": narrative(&[format!("x{text}")])}});
            let validator = fhir_r4::validate::Validator::r4();
            let issues = validator.validate(&narrative, &fhir_r4::validate::Options::default());
            let wrong = issues.iter().find(|issue| issue.severity == fhir_r4::validate::Severity::Error);
            prop_assert!(wrong.is_none(), "{wrong:?}");
        }
    }
}
