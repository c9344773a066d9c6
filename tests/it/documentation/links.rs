//! Every page is in the table of contents, and every link leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::{book, page, root};

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// What stands between two marks, everywhere in a text.
fn between<'a>(text: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(begin)
        .skip(1)
        .filter_map(move |rest| rest.split_once(end).map(|(inner, _)| inner))
}

#[test]
fn every_page_is_in_the_table_of_contents_and_every_link_leads_somewhere() {
    let mut all = vec![root().join("README.md")];
    pages(&book(), &mut all);
    let contents = page("SUMMARY.md");
    for path in &all {
        let text = fs::read_to_string(path).unwrap();
        let folder = path.parent().unwrap();
        let targets = between(&text, "](", ')').chain(between(&text, "{{#include ", '}'));
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                path.clone()
            } else {
                folder.join(file)
            };
            assert!(file.exists(), "{}: {target} leads nowhere", path.display());
            if !anchor.is_empty() {
                let headings = fs::read_to_string(&file).unwrap().to_lowercase();
                let there = headings
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|line| line.trim_start_matches(['#', ' ']).replace(' ', "-") == anchor);
                assert!(there, "{}: {target} names no heading", path.display());
            }
        }
        if let Ok(name) = path.strip_prefix(book())
            && name != Path::new("SUMMARY.md")
        {
            let name = name.to_str().unwrap();
            assert!(
                contents.contains(&format!("({name})")),
                "{name} is not in SUMMARY.md"
            );
        }
    }
    assert!(all.len() > 20);
}
