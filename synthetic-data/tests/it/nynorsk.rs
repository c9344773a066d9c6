//! Documents in nynorsk: the same facts, in the language that the municipality writes.

use std::collections::BTreeSet;

use serde_json::Value;
use synthetic_data::{Dataset, Settings};

/// Words that are bokmål and not nynorsk.
const BOKMAL: [&str; 24] = [
    "ikke",
    "fra",
    "jeg",
    "uke",
    "uken",
    "uker",
    "hjem",
    "hjemme",
    "hjemmet",
    "noen",
    "hver",
    "flere",
    "sykehus",
    "ganger",
    "en",
    "et",
    "videre",
    "pårørende",
    "hjemmetjenesten",
    "daglig",
    "kommer",
    "fortsetter",
    "øvelser",
    "dager",
];

fn dataset(municipality: &str) -> Dataset {
    Dataset::new(Settings {
        size: 700,
        municipality: municipality.to_owned(),
        ..Settings::default_on("2026-11-21".parse().unwrap())
    })
    .unwrap()
}

/// Every document's language and text.
fn documents(dataset: &Dataset) -> Vec<(String, String)> {
    let resources = dataset.indices().flat_map(|index| dataset.resources(index));
    resources
        .filter(|one| one.resource_type.name() == "DocumentReference")
        .map(|one| {
            let value: Value = serde_json::from_slice(&one.json).unwrap();
            let attachment = &value["content"][0]["attachment"];
            let data = decoded(attachment["data"].as_str().unwrap());
            (attachment["language"].as_str().unwrap().to_owned(), data)
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let six = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 6 | u32::from(six(*byte)));
        let word = word << (6 * (4 - chunk.len()));
        let whole = chunk.len() * 6 / 8;
        bytes.extend(&word.to_be_bytes()[1..=whole]);
    }
    String::from_utf8(bytes).unwrap()
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.map(str::to_lowercase).collect()
}

#[test]
fn a_municipality_that_writes_nynorsk_has_documents_in_nynorsk_and_others_in_bokmal() {
    let (luster, lillehammer) = (documents(&dataset("4644")), documents(&dataset("3405")));
    assert!(luster.len() > 5000);
    let mut seen = BTreeSet::new();
    for (language, text) in &luster {
        assert_eq!(language, "nn-NO");
        let words = words(text);
        let left = BOKMAL.iter().find(|word| words.contains(**word));
        assert_eq!(left, None, "{text}");
        seen.extend(words);
    }
    for word in ["ikkje", "veke", "heim", "kvar", "frå", "legevakt"] {
        assert!(seen.contains(word), "{word}");
    }
    assert!(lillehammer.iter().all(|(language, _)| language == "nb-NO"));
    assert!(lillehammer.iter().any(|(_, text)| text.contains("ikke")));
}

/// What of ours stands in a resource beside the documents.
fn said(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let ours = ["text", "title", "description", "valueString"].contains(&name.as_str());
                match member {
                    Value::String(text) if ours => found.push(text.clone()),
                    other => said(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| said(item, found)),
        _ => {}
    }
}

#[test]
fn names_plans_and_findings_are_in_nynorsk_too() {
    let more = [
        "annenhver",
        "bredde",
        "dybde",
        "hvert",
        "hverdag",
        "høyre",
        "lindres",
        "mulig",
        "sykdom",
        "sykehjem",
        "søvnvansker",
        "tegnet",
        "undersøkelse",
        "veiledning",
    ];
    let dataset = dataset("4644");
    let mut texts = Vec::new();
    for index in dataset.indices() {
        for one in dataset.resources(index) {
            let value: Value = serde_json::from_slice(&one.json).unwrap();
            let mut found = Vec::new();
            said(&value, &mut found);
            // The names of kinds of document are Volven's, and those of people are theirs.
            let others = ["DocumentReference", "Patient", "RelatedPerson"];
            if !others.contains(&one.resource_type.name()) {
                texts.extend(found);
            }
        }
    }
    let texts: BTreeSet<String> = texts.into_iter().collect();
    for text in &texts {
        let words = words(text);
        let left = BOKMAL
            .iter()
            .chain(&more)
            .find(|word| words.contains(**word));
        assert_eq!(left, None, "{text}");
    }
    for text in ["Breidd", "Bu trygt heime"] {
        assert!(texts.contains(text), "{text}");
    }
}

#[test]
fn the_numbers_in_a_note_are_those_of_the_facts() {
    use synthetic_data::history::Fact;
    let dataset = dataset("4644");
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let mut compared = 0;
    for person in dataset.people().take(200) {
        let facts = dataset.history(&person).facts;
        let notes: BTreeSet<String> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Note(note) => Some(digits(&note.text)),
                _ => None,
            })
            .collect();
        for one in dataset.resources(person.index) {
            let value: Value = serde_json::from_slice(&one.json).unwrap();
            if value["type"]["coding"][0]["code"] == "B02-2" {
                let data = value["content"][0]["attachment"]["data"].as_str();
                assert!(notes.contains(&digits(&decoded(data.unwrap()))));
                compared += 1;
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}
