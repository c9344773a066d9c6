//! The two ways to write a person: resource by resource, and as lines in one buffer. And names for codes
//! that the crate has none for.

use std::sync::Arc;

use serde_json::Value;
use synthetic_data::{Dataset, Names, Settings, Sheaf, write_lines};

fn dataset() -> Dataset {
    Dataset::new(Settings::default_on("2026-11-21".parse().unwrap())).unwrap()
}

#[test]
fn lines_in_one_buffer_are_the_resources_byte_for_byte() {
    let dataset = dataset();
    let mut sheaf = Sheaf::new();
    let mut compared = 0;
    for index in dataset.indices().step_by(7) {
        sheaf.clear();
        dataset.write(index, &mut sheaf);
        let resources = dataset.resources(index);
        let mut lines = Vec::new();
        write_lines(&mut lines, &resources).unwrap();
        assert_eq!(sheaf.lines(), lines, "{index}");
        for (written, resource) in sheaf.iter().zip(&resources) {
            let (kind, id, line) = written;
            assert_eq!((kind, id), (resource.resource_type, resource.id.as_str()));
            assert_eq!(line.strip_suffix(b"\n"), Some(&resource.json[..]));
            let value: Value = serde_json::from_slice(line).unwrap();
            assert_eq!(value["id"], resource.id);
            assert_eq!(value["meta"]["lastUpdated"], resource.last_updated);
            assert_eq!(value["meta"]["versionId"], resource.version.to_string());
        }
        compared += resources.len();
    }
    assert!(compared > 20_000, "{compared}");
}

/// Names of one code alone, with a sign that JSON escapes.
#[derive(Debug)]
struct OneName;

impl Names for OneName {
    fn name(&self, system: &str, code: &str, nynorsk: bool) -> Option<&str> {
        let known = system == "http://hl7.org/fhir/sid/icpc-2" && code == "K86";
        known.then_some(if nynorsk {
            "Høgt \"trykk\""
        } else {
            "Høyt \"trykk\""
        })
    }
}

/// How many codings of K86 there are, and their displays under that system.
fn displays(dataset: &Dataset) -> (usize, Vec<String>) {
    let mut displays = Vec::new();
    let mut codings = 0;
    for index in 0..300 {
        for one in dataset.resources(index) {
            let value: Value = serde_json::from_slice(&one.json).unwrap();
            let code = value["code"]["coding"].as_array();
            for coding in code
                .into_iter()
                .flatten()
                .filter(|one| one["code"] == "K86")
            {
                codings += 1;
                displays.extend(coding["display"].as_str().map(str::to_owned));
            }
        }
    }
    (codings, displays)
}

#[test]
fn a_code_gets_the_name_that_is_given_for_it_and_no_other_does() {
    let named = |municipality: &str| {
        let as_of = "2026-11-21".parse().unwrap();
        let municipality = municipality.to_owned();
        let settings = Settings {
            municipality,
            ..Settings::default_on(as_of)
        };
        displays(
            &Dataset::new(settings)
                .unwrap()
                .with_names(Arc::new(OneName)),
        )
    };
    let (codings, found) = named("3405");
    assert!(codings > 20, "{codings}");
    assert_eq!(
        found.len() * 2,
        codings,
        "one of its two systems has the name"
    );
    assert!(found.iter().all(|name| name == "Høyt \"trykk\""));
    let (_, found) = named("4644");
    assert!(!found.is_empty() && found.iter().all(|name| name == "Høgt \"trykk\""));
    assert_eq!(displays(&dataset()).1, Vec::<String>::new());
}
