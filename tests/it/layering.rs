//! Who may know whom: the crates' dependencies are those of the architecture and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate may use of ours. `markedsplass` joins them all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("verifier", &[]),
    ("markedsplass-verifier", &["verifier"]),
    ("synthetic-data", &[]),
    ("fhir-r4", &[]),
    // Modules are the user's, and what runs them knows no population.
    ("generic-modules", &[]),
    ("foundation", &[]),
    // A token, whoever's keys are in it.
    ("pkcs11", &[]),
    ("registry", &["foundation", "pkcs11", "verifier"]),
    // Whoever runs a witness needs nothing of the registry.
    ("witness", &["foundation", "verifier"]),
    // Whoever runs a verifier beside an EPJ neither; the sandbox's EPJ follows status lists as it does.
    ("epj-agent", &["foundation", "verifier"]),
    (
        "sandbox",
        &[
            "epj-agent",
            "fhir-r4",
            "foundation",
            "synthetic-data",
            "verifier",
        ],
    ),
    ("conformance", &["foundation", "verifier"]),
    (
        "portal",
        &["conformance", "foundation", "registry", "sandbox"],
    ),
    (
        "markedsplass",
        &[
            "conformance",
            "epj-agent",
            "foundation",
            "generic-modules",
            "portal",
            "registry",
            "sandbox",
            "synthetic-data",
            "verifier",
            "witness",
        ],
    ),
];

/// What must never come into crates that strangers embed.
const STANDS_ALONE: &[&str] = &["tokio", "sqlx", "axum", "reqwest", "jiff"];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |package: &Value| {
        let used = package["dependencies"].as_array().unwrap().iter();
        used.filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["name"].as_str().unwrap().to_owned(), of(package)))
        .collect()
}

#[test]
fn every_crate_knows_only_whom_it_may() {
    let dependencies = dependencies();
    let ours: BTreeSet<_> = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(dependencies.keys().cloned().collect::<BTreeSet<_>>(), ours);
    for (name, allowed) in ALLOWED {
        let allowed: BTreeSet<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let used: BTreeSet<_> = dependencies[*name].intersection(&ours).cloned().collect();
        let forbidden: Vec<_> = used.difference(&allowed).collect();
        assert!(forbidden.is_empty(), "{name} must not know {forbidden:?}");
    }
}

#[test]
fn what_others_embed_stands_alone() {
    let dependencies = dependencies();
    for name in [
        "verifier",
        "markedsplass-verifier",
        "synthetic-data",
        "fhir-r4",
        "generic-modules",
    ] {
        for banned in STANDS_ALONE {
            assert!(
                !dependencies[name].contains(*banned),
                "{name} must not use {banned}"
            );
        }
    }
}
