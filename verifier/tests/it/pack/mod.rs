//! The vector pack in `verifier/vectors`: made here from fixed keys and a fixed clock, held byte for
//! byte against the files, and run against this verifier. Other verifiers run the files.

#![expect(clippy::too_many_lines, reason = "tables of cases")]
#![expect(
    clippy::string_slice,
    reason = "tokens and signed JSON of the tests' own, all of it ASCII"
)]

mod confusion;
mod form;
mod grants;
mod hashes;
mod headers;
mod histories;
mod launches;
mod lists;
mod parts;
mod payloads;
mod quantum;
mod replay;
mod repository;
mod reviews;
mod scene;
mod seals;
mod statuses;
mod tickets;
mod trusts;
mod withdrawals;
mod witnesses;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use verifier::Code;

use self::scene::{Case, Pack};

fn generated() -> Pack {
    let mut pack = Pack::default();
    form::fill(&mut pack);
    parts::fill(&mut pack);
    payloads::fill(&mut pack);
    words::fill(&mut pack);
    reviews::fill(&mut pack);
    tickets::fill(&mut pack);
    hashes::fill(&mut pack);
    quantum::fill(&mut pack);
    statuses::fill(&mut pack);
    histories::fill(&mut pack);
    launches::fill(&mut pack);
    confusion::fill(&mut pack);
    repository::fill(&mut pack);
    pack
}

/// The files of the pack, by name.
fn files(pack: &Pack) -> BTreeMap<String, String> {
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap() + "\n";
    let trust = json!({
        "format": FORMAT,
        "pinned_root": pack.pinned_root,
        "configurations": pack.trusts,
    });
    let mut files = BTreeMap::from([
        ("trust.json".to_owned(), text(&trust)),
        ("mutations.json".to_owned(), text(&pack.mutations())),
    ]);
    let mut groups: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &pack.cases {
        let (group, _) = case.name.split_once('/').unwrap();
        groups.entry(group).or_default().push(case);
    }
    for (group, cases) in groups {
        let name = format!("cases/{group}.json");
        files.insert(name, text(&json!({ "format": FORMAT, "cases": cases })));
    }
    files
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The names of the files that are there.
fn committed() -> BTreeSet<String> {
    let names = |folder: PathBuf, prefix: &'static str| {
        let entries = fs::read_dir(folder).unwrap();
        let name = move |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let names = entries.map(move |entry| name(entry.unwrap()));
        names
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "json"))
            .map(move |name| format!("{prefix}{name}"))
    };
    names(folder(), "")
        .chain(names(folder().join("cases"), "cases/"))
        .collect()
}

#[test]
fn the_pack_is_what_is_committed() {
    let files = files(&generated());
    assert_eq!(files.keys().cloned().collect::<BTreeSet<_>>(), committed());
    for (name, text) in files {
        let committed = fs::read_to_string(folder().join(&name)).unwrap();
        // Not assert_eq: nobody reads two megabytes.
        assert!(
            text == committed,
            "{name} differs; make it anew with `cargo test -p verifier --test it -- --ignored write_the_pack`"
        );
    }
}

#[test]
#[ignore = "writes the files that the other tests read"]
fn write_the_pack() {
    fs::create_dir_all(folder().join("cases")).unwrap();
    let files = files(&generated());
    for name in committed() {
        if !files.contains_key(&name) {
            fs::remove_file(folder().join(name)).unwrap();
        }
    }
    for (name, text) in files {
        fs::write(folder().join(name), text).unwrap();
    }
}

#[test]
fn every_case_ends_as_it_says() {
    let read = |name: &str| -> Value {
        let text = fs::read_to_string(folder().join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let trust = read("trust.json");
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    let mut names = BTreeSet::new();
    for name in committed().iter().filter(|name| name.contains('/')) {
        for case in read(name)["cases"].as_array().unwrap() {
            let verdict = replay::run(case, &trust);
            let name = case["name"].as_str().unwrap().to_owned();
            if verdict != case["expected"] {
                wrong.push(format!("{name}: {verdict}, not {}", case["expected"]));
            }
            found.insert(verdict);
            assert!(names.insert(name.clone()), "{name} is there twice");
            assert!(case["why"].as_str().unwrap().ends_with('.'), "{name}");
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
    let silent = Code::ALL
        .iter()
        .filter(|code| !found.contains(code.as_str()));
    assert_eq!(silent.collect::<Vec<_>>(), [] as [&Code; 0]);
    assert!(found.contains("accepted"));
    assert!(names.len() >= 150, "{}", names.len());
    assert_eq!(
        replay::accepted_mutations(&read("mutations.json"), &trust),
        0
    );
}

#[test]
fn the_book_names_every_code_in_order() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/vectors.md");
    let text = fs::read_to_string(book).unwrap();
    let named = text.lines().filter_map(|line| line.strip_prefix("| `E_"));
    let named: Vec<_> = named
        .map(|rest| format!("E_{}", rest.split_once('`').unwrap().0))
        .collect();
    let all: Vec<_> = Code::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(named, all);
}

/// The version of the files' form.
const FORMAT: u32 = 1;
