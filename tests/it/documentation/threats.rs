//! The list of threats names tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{page, root};

/// The names of all functions in Rust sources below a folder.
fn functions(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" {
            functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let found = text.split("fn ").skip(1);
            names.extend(found.filter_map(|rest| Some(rest.split('(').next()?.to_owned())));
        }
    }
}

#[test]
fn every_threat_names_tests_that_there_are() {
    let mut known = BTreeSet::new();
    for room in ["conformance", "registry", "sandbox", "tests", "verifier"] {
        functions(&root().join(room), &mut known);
    }
    let text = page("security/threats.md");
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| T"))
        .collect();
    assert_eq!(rows.len(), 29);
    for row in rows {
        let names: Vec<&str> = row
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains('_') && !name.contains('/'))
            .collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(known.contains(name), "{name} is gone: {row}");
        }
    }
}
