//! The examples in `tests/examples`: tiny, hand-written, invented, and right.

use std::path::Path;

use fhir_r4::validate::{Issue, Options, Severity, Validator};
use serde_json::Value;

/// Every example with its name, by name.
pub(crate) fn all() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (
                name,
                serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
            )
        })
        .collect();
    all.sort_by(|a: &(String, Value), b| a.0.cmp(&b.0));
    all
}

/// The example of this name.
pub(crate) fn named(name: &str) -> Value {
    all().into_iter().find(|(own, _)| own == name).unwrap().1
}

/// What is wrong with a resource, errors only.
pub(crate) fn errors(resource: &Value) -> Vec<Issue> {
    let options = Options {
        least: Severity::Error,
        ..Options::default()
    };
    Validator::r4().validate(resource, &options)
}
