//! The book says what the product does: its settings, commands, codes, addresses and examples are
//! held against the running code, in both directions where that is possible.

mod addresses;
mod codes;
mod commands;
mod example;
mod links;
mod settings;
mod threats;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn book() -> PathBuf {
    root().join("docs/src")
}

pub(super) fn page(name: &str) -> String {
    let path = book().join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

/// What a command of the product says, on both streams.
pub(super) fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_markedsplass"))
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// The cells of every table row whose first cell is code, by that code.
pub(super) fn rows(text: &str) -> BTreeMap<String, Vec<String>> {
    let row = |line: &str| {
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect();
        let name = cells[0].strip_prefix('`')?.strip_suffix('`')?.to_owned();
        Some((name, cells))
    };
    text.lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(row)
        .collect()
}
