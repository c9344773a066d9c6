//! `$expand`, `$validate-code` and `$lookup` (R4 `ValueSet` and `CodeSystem` operations) on the terminology
//! that is in the product, HL7's own code systems and value sets, and on what is mounted beside it. What is
//! neither is said not to be known.

use fhir_r4::terminology::{Language, Page, Terminology, Unknown};
use foundation::Timestamp;
use serde_json::{Value, json};

use super::super::error::FhirError;

/// The most codes of one answer.
const MOST_CODES: usize = 1000;

type Pairs = [(String, String)];

fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn needed<'p>(pairs: &'p Pairs, name: &'static str) -> Result<&'p str, FhirError> {
    value(pairs, name).ok_or_else(|| FhirError::BadValue {
        name: name.to_owned(),
        takes: "an address or a code, and is needed",
    })
}

fn number(pairs: &Pairs, name: &'static str) -> Result<Option<usize>, FhirError> {
    let read = |text: &str| {
        text.parse().map_err(|_| FhirError::BadValue {
            name: name.to_owned(),
            takes: "a number",
        })
    };
    value(pairs, name).map(read).transpose()
}

fn unknown(error: Unknown, what: &str) -> FhirError {
    FhirError::Terminology(format!(
        "{}: {error}",
        what.chars().take(120).collect::<String>()
    ))
}

/// The language that names are asked for in (`displayLanguage`).
fn language(pairs: &Pairs) -> Option<Language> {
    Language::of(value(pairs, "displayLanguage")?)
}

/// The name of a code in the language that is asked for.
fn shown(system: &str, code: &str, language: Option<Language>) -> Option<&'static str> {
    Terminology::r4()
        .code_system(system)?
        .name_in(code, language?)
}

/// `ValueSet/$expand?url=…&filter=…&offset=…&count=…`.
pub(super) fn expand(pairs: &Pairs, now: Timestamp) -> Result<Value, FhirError> {
    let url = needed(pairs, "url")?;
    let offset = number(pairs, "offset")?.unwrap_or(0);
    let page = Page {
        filter: value(pairs, "filter").unwrap_or_default(),
        offset,
        count: Some(
            number(pairs, "count")?
                .unwrap_or(MOST_CODES)
                .min(MOST_CODES),
        ),
    };
    let expanded = Terminology::r4()
        .expand(url, page)
        .map_err(|error| unknown(error, url))?;
    let wanted = language(pairs);
    let codes = expanded.concepts.iter().map(|(system, concept)| {
        let display = shown(system, concept.code, wanted).unwrap_or(concept.display);
        json!({"system": system, "code": concept.code, "display": display})
    });
    let codes: Vec<Value> = codes.collect();
    let mut expansion = json!({"identifier": format!("urn:markedsplass:expansion:{offset}"),
        "timestamp": now.rfc3339(), "total": expanded.total, "offset": offset});
    if let (Some(members), false) = (expansion.as_object_mut(), codes.is_empty()) {
        members.insert("contains".to_owned(), json!(codes));
    }
    Ok(json!({"resourceType": "ValueSet", "url": url, "status": "active", "expansion": expansion}))
}

/// `ValueSet/$validate-code?url=…&system=…&code=…`.
pub(super) fn validate_code(pairs: &Pairs) -> Result<Value, FhirError> {
    let url = needed(pairs, "url")?;
    let code = needed(pairs, "code")?;
    let system = value(pairs, "system");
    let found = Terminology::r4()
        .contains(url, system, code)
        .map_err(|error| unknown(error, url))?;
    let mut parameters = vec![json!({"name": "result", "valueBoolean": found})];
    let concept = system.and_then(|system| Terminology::r4().lookup(system, code).ok());
    if let Some(concept) = concept.filter(|_| found) {
        parameters.push(json!({"name": "display", "valueString": concept.display}));
    }
    if !found {
        let message = format!("{code} is not in {url}.");
        parameters.push(json!({"name": "message", "valueString": message}));
    }
    Ok(json!({"resourceType": "Parameters", "parameter": parameters}))
}

/// `CodeSystem/$lookup?system=…&code=…`, with the name in every language that it is known in.
pub(super) fn lookup(pairs: &Pairs) -> Result<Value, FhirError> {
    let system = needed(pairs, "system")?;
    let code = needed(pairs, "code")?;
    let missing = |error| unknown(error, &format!("{system}|{code}"));
    let concept = Terminology::r4().lookup(system, code).map_err(missing)?;
    let known = Terminology::r4().code_system(system);
    let name = known
        .map(|known| known.title)
        .filter(|title| !title.is_empty());
    let display = shown(system, code, language(pairs)).unwrap_or(concept.display);
    let mut parameters = vec![json!({"name": "name", "valueString": name.unwrap_or(system)})];
    let version = known
        .map(|known| known.version)
        .filter(|version| !version.is_empty());
    parameters.extend(version.map(|version| json!({"name": "version", "valueString": version})));
    parameters.push(json!({"name": "display", "valueString": display}));
    for (language, name) in known.into_iter().flat_map(|known| known.names(code)) {
        parameters.push(json!({"name": "designation", "part": [
            {"name": "language", "valueCode": language.tag()},
            {"name": "value", "valueString": name},
        ]}));
    }
    Ok(json!({"resourceType": "Parameters", "parameter": parameters}))
}
