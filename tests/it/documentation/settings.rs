//! Every setting, and the defaults of numbers and switches.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::{page, rows, said};

/// The settings that a section knows: a section is asked for one that it cannot know, and names all.
fn settings_of(section: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probe.toml");
    fs::write(&file, format!("{section}\nno_such_setting = 1\n")).unwrap();
    let error = said(&["--config", file.to_str().unwrap(), "db", "check"]);
    let (_, expected) = error
        .split_once("expected")
        .unwrap_or_else(|| panic!("{section} was taken: {error}"));
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let word = |text: &&str| !text.is_empty() && text.chars().all(letter);
    expected
        .split('`')
        .filter(word)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_setting_stands_in_the_book_and_no_other() {
    let mut known = BTreeSet::new();
    for section in settings_of("") {
        let names = settings_of(&format!("[{section}]"));
        assert!(!names.is_empty(), "{section}");
        known.extend(names.iter().map(|name| format!("{section}.{name}")));
    }
    for (inner, header) in [
        ("portal.notice", "[portal.notice]"),
        ("registry.keys", "[registry.keys]"),
        ("registry.keys.pkcs11", "[registry.keys.pkcs11]"),
        ("registry.log", "[registry.log]"),
        ("registry.log.witnesses", "[[registry.log.witnesses]]"),
        ("sandbox.helseid", "[sandbox.helseid]"),
        ("sandbox.helseid.clients", "[[sandbox.helseid.clients]]"),
    ] {
        assert!(known.contains(inner), "{inner} is gone");
        let names = settings_of(header);
        known.extend(names.iter().map(|name| format!("{inner}.{name}")));
    }
    let told: BTreeSet<String> = rows(&page("reference/settings.md")).into_keys().collect();
    let missing: Vec<_> = known.difference(&told).collect();
    let gone: Vec<_> = told.difference(&known).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing {missing:?}, gone {gone:?}"
    );
    assert!(known.len() > 50, "only {} settings", known.len());
}

#[test]
fn the_book_tells_the_defaults_of_numbers_and_switches() {
    let rooms = [
        (
            "registry",
            serde_json::to_value(registry::RegistryConfig::default()),
        ),
        (
            "sandbox",
            serde_json::to_value(sandbox::SandboxConfig::default()),
        ),
        (
            "conformance",
            serde_json::to_value(conformance::ConformanceConfig::default()),
        ),
    ];
    let told = rows(&page("reference/settings.md"));
    let mut compared = 0;
    for (room, defaults) in rooms {
        let mut numbers = Vec::new();
        plain(room, &defaults.unwrap(), &mut numbers);
        for (setting, value) in &numbers {
            assert_eq!(told[setting][1], *value, "{setting}");
        }
        compared += numbers.len();
    }
    assert!(compared > 22, "only {compared}");
}

/// Every number and switch, by the setting's whole name.
fn plain(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                plain(&format!("{name}.{member}"), value, found);
            }
        }
        Value::Number(_) | Value::Bool(_) => found.push((name.to_owned(), value.to_string())),
        _ => {}
    }
}
