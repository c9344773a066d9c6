//! Small modules, and what they make of a person.

use generic_modules::{Fact, File, Instant, Library, LoadError, RunError, Sex, Subject};
use serde_json::{Map, Value, json};

/// A module's JSON; states that lead nowhere go to `Terminal`, which is added.
pub(crate) fn module(states: &Value) -> Vec<u8> {
    let mut states = states.as_object().unwrap().clone();
    states.insert("Terminal".to_owned(), json!({"type": "Terminal"}));
    for state in states.values_mut() {
        let state = state.as_object_mut().unwrap();
        let leads = state.keys().any(|key| key.ends_with("_transition"));
        if !leads && state["type"] != "Terminal" {
            state.insert("direct_transition".to_owned(), json!("Terminal"));
        }
    }
    serde_json::to_vec(&json!({"name": "Made up", "gmf_version": 2, "states": states})).unwrap()
}

pub(crate) fn library(files: &[(&str, Value)]) -> Result<Library, LoadError> {
    with_tables(files, &[])
}

pub(crate) fn with_tables(
    files: &[(&str, Value)],
    tables: &[(&str, &str)],
) -> Result<Library, LoadError> {
    let files = files
        .iter()
        .map(|(name, states)| File::new(*name, module(states)));
    let tables = tables
        .iter()
        .map(|(name, text)| File::new(*name, text.as_bytes().to_vec()));
    Library::from_files(files.collect(), tables.collect())
}

pub(crate) fn day(text: &str) -> Instant {
    let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap());
    let year = i32::try_from(parts.next().unwrap()).unwrap();
    Instant::of_day(year, parts.next().unwrap(), parts.next().unwrap()).unwrap()
}

/// A woman born in 1980.
pub(crate) fn woman(seed: u64) -> Subject {
    Subject::new("g1", seed, Sex::Female, day("1980-03-01"))
}

pub(crate) fn lived(
    library: &Library,
    subject: &Subject,
    until: &str,
) -> Result<Vec<Value>, RunError> {
    let life = library.live(subject, day(until))?;
    let written = library.resources(&life, subject, &Map::new());
    Ok(written.into_iter().map(|resource| resource.json).collect())
}

/// What one module makes of a woman born in 1980, until 2020.
pub(crate) fn made(states: &Value) -> Vec<Value> {
    let library = library(&[("it.json", states.clone())]).unwrap();
    lived(&library, &woman(1), "2020-01-01").unwrap()
}

pub(crate) fn of<'a>(resources: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let of_kind = resources.iter();
    of_kind
        .filter(|resource| resource["resourceType"] == kind)
        .collect()
}

pub(crate) fn only<'a>(resources: &'a [Value], kind: &str) -> &'a Value {
    let found = of(resources, kind);
    assert_eq!(found.len(), 1, "{kind}: {resources:#?}");
    found[0]
}

/// A made-up code in a made-up system.
pub(crate) fn code(text: &str) -> Value {
    json!({"system": "urn:example:codes", "code": text, "display": format!("The {text}")})
}

pub(crate) fn codes(text: &str) -> Value {
    json!([code(text)])
}

/// A step that is marked by a device with this code, when it is reached.
pub(crate) fn mark(text: &str) -> Value {
    json!({"type": "Device", "code": code(text)})
}

/// Which marks were reached, in order.
pub(crate) fn marks(resources: &[Value]) -> Vec<String> {
    let devices = of(resources, "Device").into_iter();
    devices
        .map(|device| {
            device["type"]["coding"][0]["code"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

/// True when a condition lets somebody with these attributes pass, at the end of 2019.
pub(crate) fn holds_for(attributes: &[(&str, Fact)], before: &Value, condition: &Value) -> bool {
    let mut states = before.as_object().unwrap().clone();
    states.insert(
        "Asked".to_owned(),
        json!({"type": "Simple", "conditional_transition": [
            {"condition": condition, "transition": "Yes"},
            {"transition": "No"},
        ]}),
    );
    states.insert("Yes".to_owned(), mark("yes"));
    states.insert("No".to_owned(), mark("no"));
    let library = library(&[("it.json", Value::Object(states))]).unwrap();
    let mut subject = woman(1);
    let given = attributes.iter().cloned();
    subject.attributes = given.map(|(name, fact)| (name.to_owned(), fact)).collect();
    let marks = marks(&lived(&library, &subject, "2020-01-01").unwrap());
    assert_eq!(marks.len(), 1, "{marks:?}");
    marks[0] == "yes"
}

/// The same, straight after birth and with no attribute.
pub(crate) fn holds(condition: &Value) -> bool {
    let initial = json!({"Initial": {"type": "Initial", "direct_transition": "Asked"}});
    holds_for(&[], &initial, condition)
}
