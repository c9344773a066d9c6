//! Exports: every format tells of the same people, and a selection keeps to its word.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;
use synthetic_data::export::{Format, Scenario, Selection, Streams, Written, export};
use synthetic_data::{Dataset, Settings};

/// Streams in memory.
#[derive(Default)]
struct Memory {
    text: BTreeMap<String, String>,
    looked_at: (u32, u32),
}

impl Streams for Memory {
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let text = self.text.entry(name.to_owned()).or_default();
        text.push_str(std::str::from_utf8(bytes).unwrap());
        Ok(())
    }

    fn looked_at(&mut self, done: u32, of: u32) {
        self.looked_at = (done, of);
    }
}

fn dataset() -> Dataset {
    Dataset::new(Settings {
        size: 150,
        ..Settings::default_on("2026-11-21".parse().unwrap())
    })
    .unwrap()
}

fn written(selection: &Selection, format: Format) -> (Memory, Written) {
    let mut memory = Memory::default();
    let written = export(&dataset(), selection, format, &mut memory).unwrap();
    (memory, written)
}

#[test]
fn bundles_hold_what_ndjson_holds() {
    let (lines, by_type) = written(&Selection::default(), Format::Ndjson);
    let (bundles, by_person) = written(&Selection::default(), Format::Bundles);
    assert_eq!(by_type, by_person);
    assert_eq!(lines.looked_at, bundles.looked_at);
    let mut one_by_one: Vec<&str> = lines.text.values().flat_map(|text| text.lines()).collect();
    let mut together = Vec::new();
    for bundle in bundles.text["Bundle.ndjson"].lines() {
        let bundle: Value = serde_json::from_str(bundle).unwrap();
        assert_eq!(bundle["type"], "transaction");
        for entry in bundle["entry"].as_array().unwrap() {
            let resource = &entry["resource"];
            let (kind, id) = (&resource["resourceType"], &resource["id"]);
            let url = format!("{}/{}", kind.as_str().unwrap(), id.as_str().unwrap());
            assert_eq!(entry["request"]["url"], url);
            let address = format!("https://population.example/fhir/{url}");
            assert_eq!(entry["fullUrl"], address);
            together.push(url);
        }
    }
    one_by_one.sort_unstable();
    let mut named: Vec<String> = one_by_one
        .iter()
        .map(|line| {
            let one: Value = serde_json::from_str(line).unwrap();
            let (kind, id) = (&one["resourceType"], &one["id"]);
            format!("{}/{}", kind.as_str().unwrap(), id.as_str().unwrap())
        })
        .collect();
    named.sort();
    together.sort();
    assert_eq!(named, together);
}

#[test]
fn tables_have_a_row_for_each_fact_and_as_many_cells_as_columns() {
    let (memory, _) = written(&Selection::default(), Format::Csv);
    assert_eq!(memory.text.len(), 6);
    for (name, text) in &memory.text {
        assert!(text.lines().count() > 20, "{name}");
        let columns = text.lines().next().unwrap().split(',').count();
        for line in text.lines().filter(|line| !line.contains('"')) {
            assert_eq!(line.split(',').count(), columns, "{name}: {line}");
        }
    }
    let dataset = dataset();
    let alive = dataset.indices().filter_map(|index| dataset.person(index));
    assert_eq!(memory.text["people.csv"].lines().count() - 1, alive.count());
}

#[test]
fn a_selection_keeps_to_ages_and_scenario() {
    let selection = Selection {
        ages: Some(60..=120),
        scenario: Some(Scenario::Diabetes),
    };
    let (memory, written) = written(&selection, Format::Csv);
    assert!(written.people > 0 && written.people < 30, "{written:?}");
    assert_eq!(memory.looked_at.0, memory.looked_at.1);
    for line in memory.text["people.csv"].lines().skip(1) {
        let (index, birth) = (
            line.split(',').next().unwrap(),
            line.split(',').nth(3).unwrap(),
        );
        assert!(birth < "1966-11-22", "{line}");
        let own = format!("{index},GeneralPractice,");
        let problems = memory.text["problems.csv"].lines();
        let mut own = problems.filter(|one| one.starts_with(&own));
        assert!(own.any(|one| one.contains(",T90,") || one.contains(",T89,")));
    }
}

#[test]
fn a_scenario_is_known_by_its_name_alone() {
    for scenario in Scenario::ALL {
        assert_eq!(scenario.name().parse::<Scenario>(), Ok(scenario));
    }
    let error = "hjerte".parse::<Scenario>().unwrap_err().to_string();
    assert!(
        error.contains("hjertesvikt") && error.contains("hjerte»"),
        "{error}"
    );
}
