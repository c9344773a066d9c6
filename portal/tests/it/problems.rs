//! Reads the sources of every room for problem codes: each must have its explanation.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::world;

/// What stands right before a code in the rooms' sources.
const BEFORE: [&str; 3] = ["Fault::new(", "code: \"", "finding("];

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.ends_with("fuzzing.rs") {
            // Entrances for fuzzers, with made-up ids in them.
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            texts.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
}

/// Quoted words of lower-case letters, digits and hyphens, shortly after one of [`BEFORE`].
fn codes(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for before in BEFORE {
        for after in text.split(before).skip(1) {
            let head: String = after.chars().take(90).collect();
            let literal = if before.ends_with('"') {
                head.split('"').next()
            } else {
                head.split(';')
                    .next()
                    .and_then(|head| head.split('"').nth(1))
            };
            if let Some(word) = literal
                && word.contains('-')
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            {
                found.insert(word.to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn every_problem_code_of_the_product_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut wanted = BTreeSet::new();
    for room in [
        "foundation",
        "registry",
        "conformance",
        "sandbox",
        "portal",
        "verifier/agent",
    ] {
        let mut texts = Vec::new();
        sources(&root.join(room).join("src"), &mut texts);
        wanted.extend(texts.iter().flat_map(|text| codes(text)));
    }
    let verifier = std::fs::read_to_string(root.join("verifier/src/code.rs")).unwrap();
    let errors = verifier
        .split("= \"E_")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    wanted.extend(errors.map(|rest| format!("E_{rest}")));
    assert!(wanted.len() > 120, "{}", wanted.len());

    let world = world().await;
    let list = world.browser().get("/problems").await.expect(200).text;
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|code| !list.contains(&format!("href=\"/problems/{code}\"")))
        .collect();
    assert!(
        missing.is_empty(),
        "explain these in portal/problems: {missing:?}"
    );
    let page = world
        .browser()
        .get("/en/problems/archive-symlink")
        .await
        .expect(200);
    assert!(page.text.contains("symbolic link"));
}
