//! Every error code, in the words of its own page, and every finding of an audit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{page, root, rows};

/// The sources of a crate, without their tests.
fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            texts.push(
                text.split("#[cfg(test)]")
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            );
        }
    }
}

#[test]
fn every_error_code_stands_in_the_book_in_the_words_of_its_own_page() {
    let told = rows(&page("reference/errors.md"));
    let mut expected = BTreeMap::new();
    for entry in fs::read_dir(root().join("portal/problems")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (code, words) in text.parse::<toml::Table>().unwrap() {
            let word = |index: usize| words["en"][index].as_str().unwrap().to_owned();
            expected.insert(code, (word(0), word(1)));
        }
    }
    let fhir = fs::read_to_string(root().join("sandbox/src/fhir/messages.json")).unwrap();
    let fhir: Value = serde_json::from_str(&fhir).unwrap();
    for (code, texts) in fhir.as_object().unwrap() {
        let word = |member: &str| texts["en"][member].as_str().unwrap().to_owned();
        let words = (word("title"), word("remedy"));
        expected.entry(code.clone()).or_insert(words);
    }
    let mut wrong = String::new();
    for (code, (title, remedy)) in &expected {
        let cells = [format!("`{code}`"), title.clone(), remedy.clone()];
        if told.get(code).is_none_or(|row| *row != cells) {
            writeln!(wrong, "| `{code}` | {title} | {remedy} |").unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "docs/src/reference/errors.md lacks\n{wrong}"
    );

    // Codes that no page explains, because only the command line and reports say them.
    let mut texts = Vec::new();
    sources(&root().join("conformance/src"), &mut texts);
    let mut own = BTreeSet::new();
    for body in texts.iter().flat_map(|text| text.split("fn code(").skip(1)) {
        let body = body.split("\n    }").next().unwrap();
        let literals = body.split('"').skip(1).step_by(2);
        own.extend(
            literals
                .filter(|literal| literal.contains('-'))
                .map(str::to_owned),
        );
    }
    assert!(own.len() > 20, "{own:?}");
    let untold: Vec<_> = own
        .iter()
        .filter(|code| !told.contains_key(*code))
        .collect();
    assert!(
        untold.is_empty(),
        "docs/src/reference/errors.md lacks {untold:?}"
    );
}

#[test]
fn every_finding_of_an_audit_stands_in_the_book() {
    let told = rows(&page("reference/errors.md"));
    let source = fs::read_to_string(root().join("verifier/src/audit/finding.rs")).unwrap();
    let known: BTreeSet<&str> = source
        .split('"')
        .filter(|literal| literal.starts_with("A_"))
        .collect();
    assert!(known.len() > 20, "{known:?}");
    let told: BTreeSet<&str> = told
        .keys()
        .map(String::as_str)
        .filter(|code| code.starts_with("A_"))
        .collect();
    assert_eq!(told, known);
}
