//! The list of threats names tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{page, root};

/// The names of all tests in Rust sources below a folder.
fn tests(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" {
            tests(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            tests_in(&fs::read_to_string(path).unwrap(), names);
        }
    }
}

/// The names of the functions that `cargo test` runs: marked as tests and not as ignored.
fn tests_in(text: &str, names: &mut BTreeSet<String>) {
    let (mut marked, mut ignored) = (false, false);
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        }
        ignored |= line.starts_with("#[ignore");
        let function = ["fn ", "async fn "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        if let Some(rest) = function {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if marked && !ignored {
                names.insert(name.to_owned());
            }
            (marked, ignored) = (false, false);
        }
    }
}

#[test]
fn only_what_runs_counts_as_a_test() {
    let mut found = BTreeSet::new();
    let text = "#[test]\nfn one() {}\nfn helper() {}\n\
        #[tokio::test(start_paused = true)]\n#[cfg(unix)]\nasync fn two() {}\n\
        #[test]\n#[ignore = \"by hand\"]\nfn by_hand() {}\nasync fn also_none() {}\n\
        proptest! {\n    #[test]\n    fn three(x: u8) {}\n}";
    tests_in(text, &mut found);
    let expected = ["one", "three", "two"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn every_threat_names_tests_that_there_are() {
    let mut known = BTreeSet::new();
    for room in ["conformance", "registry", "sandbox", "tests", "verifier"] {
        tests(&root().join(room), &mut known);
    }
    let text = page("security/threats.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| T"))
        .collect();
    assert_eq!(rows.len(), 29);
    for row in rows {
        let quoted = row.split('`').skip(1).step_by(2);
        let (files, names): (Vec<&str>, Vec<&str>) = quoted
            .filter(|name| name.contains(['_', '/']))
            .partition(|name| name.contains('/'));
        for file in files {
            assert!(root().join(file).is_file(), "{file} is gone: {row}");
        }
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(known.contains(name), "{name} is no test that runs: {row}");
        }
    }
}
