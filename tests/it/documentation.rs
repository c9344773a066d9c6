//! The book says what the product does: its settings, commands, codes, addresses and examples are
//! held against the running code, in both directions where that is possible.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use foundation::access::Role;
use foundation::telemetry::Metrics;
use markedsplass::compose::Role as Part;
use registry::{Organisation, Person, Registry};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::openapi::product;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn book() -> PathBuf {
    root().join("docs/src")
}

fn page(name: &str) -> String {
    let path = book().join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
}

/// What a command of the product says, on both streams.
fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_markedsplass"))
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// The cells of every table row whose first cell is code, by that code.
fn rows(text: &str) -> BTreeMap<String, Vec<String>> {
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

/// The settings that a section knows: a section is asked for one that it cannot know, and names all.
fn settings_of(section: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probe.toml");
    fs::write(&file, format!("{section}\nno_such_setting = 1\n")).unwrap();
    let error = said(&["--config", file.to_str().unwrap(), "db", "check"]);
    let (_, expected) = error
        .split_once("expected")
        .unwrap_or_else(|| panic!("{section} was taken: {error}"));
    let word =
        |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
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
        for (name, value) in defaults.unwrap().as_object().unwrap() {
            if value.is_number() || value.is_boolean() {
                let setting = format!("{room}.{name}");
                assert_eq!(told[&setting][1], value.to_string(), "{setting}");
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared}");
}

/// The words of a help text that begin its lines below a heading.
fn listed(help: &str, heading: &str) -> Vec<String> {
    let after = help.split_once(heading).map_or("", |(_, after)| after);
    after
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|word| word != "help")
        .collect()
}

/// The long flags that a text names, without those of every command.
fn flags(text: &str) -> BTreeSet<String> {
    let known = ["--help", "--version", "--config", "--set"];
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.len() > 3 && word.starts_with("--") && !known.contains(word))
        .map(str::to_owned)
        .collect()
}

/// Only the lines of a help text that begin with a flag: the rest are explanations.
fn flags_of_help(help: &str) -> BTreeSet<String> {
    let begins = |line: &&str| line.trim_start().starts_with('-');
    let lines: Vec<&str> = help
        .lines()
        .filter(begins)
        .filter_map(|line| line.trim_start().split("  ").next())
        .collect();
    flags(&lines.join("\n"))
}

#[test]
fn every_command_and_flag_stands_in_the_book_and_no_other() {
    let text = page("reference/command-line.md");
    let help = said(&["--help"]);
    for flag in ["--config", "--set"] {
        assert!(
            help.contains(flag) && text.contains(&format!("`{flag} ")),
            "{flag}"
        );
    }
    let sections: BTreeMap<&str, &str> = text
        .split("\n## `")
        .skip(1)
        .map(|section| {
            let name = section.split(['`', ' ']).next().unwrap();
            (name, section)
        })
        .collect();
    let commands = listed(&help, "Commands:");
    assert!(commands.len() > 5, "{help}");
    let told: Vec<String> = sections.keys().map(|name| (*name).to_owned()).collect();
    let known: BTreeSet<String> = commands.iter().cloned().collect();
    assert_eq!(told, known.into_iter().collect::<Vec<_>>());
    for command in &commands {
        let section = sections[command.as_str()];
        let help = said(&[command, "--help"]);
        let mut known = flags_of_help(&help);
        for inner in listed(&help, "Commands:") {
            assert!(
                section.contains(&format!("| `{command} {inner}`")),
                "{command} {inner}"
            );
            known.extend(flags_of_help(&said(&[command, &inner, "--help"])));
        }
        let table: Vec<&str> = section
            .lines()
            .filter(|line| line.starts_with('|'))
            .collect();
        let rule = "|---|---|";
        let told = flags(&table.join("\n").replace(rule, ""));
        assert_eq!(told, known, "the flags of {command}");
    }
}

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

#[tokio::test]
async fn every_address_of_the_sandbox_and_every_role_stands_in_the_book() {
    let text = page("reference/api.md");
    let told = rows(&text);
    for role in Role::ALL {
        assert!(told.contains_key(role.as_str()), "{role:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let [_, sandbox] = product(&folder).await.route_tables();
    let served: BTreeSet<String> = sandbox
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let is_address = |name: &&String| name.starts_with(|c: char| c.is_ascii_uppercase());
    let told: BTreeSet<String> = told.keys().filter(is_address).cloned().collect();
    let missing: Vec<_> = served.difference(&told).collect();
    let gone: Vec<_> = told.difference(&served).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing {missing:?}, gone {gone:?}"
    );
}

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

/// The token of a vendor.
async fn vendor(registry: &Registry) -> String {
    let organisation = Organisation {
        orgnr: "310712337".parse().unwrap(),
        name: "Prøve".to_owned(),
        roles: [Role::Vendor].into(),
    };
    let person = Person {
        subject: "person".to_owned(),
        name: "Prøve".to_owned(),
        orgnr: organisation.orgnr.clone(),
        roles: [Role::Vendor].into(),
        review_roles: [].into(),
    };
    registry.save_organisation(&organisation).await.unwrap();
    registry.save_person(&person).await.unwrap();
    let actor = registry
        .sign_in(&person.subject, &person.name, person.orgnr.as_str())
        .await
        .unwrap();
    let made = registry.create_token(&actor, "test", 1).await.unwrap();
    made.secret.expose().to_owned()
}

async fn send(
    router: &Router,
    token: &str,
    path: &str,
    media: &str,
    body: Vec<u8>,
) -> (StatusCode, String) {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, media)
        .body(Body::from(body))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// An archive with the files that the example speaks of.
fn bundle() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["index.html", "launch.html"] {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive
            .write_all(b"<!doctype html><title>x</title>")
            .unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn the_example_in_the_vendors_guide_is_taken() {
    let guide = page("guide/vendors.md");
    let blocks: Vec<&str> = guide
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let [entry, manifest] = blocks[..] else {
        panic!("the guide shows app.json and version.json");
    };
    let folder = tempfile::tempdir().unwrap();
    let product = product(&folder).await;
    let token = vendor(&product.registry).await;
    let surfaces = product.surfaces(&Part::ALL, &Metrics::detached());
    let router = &surfaces[0].router;
    let (status, body) = send(
        router,
        &token,
        "/api/v1/apps",
        "application/json",
        entry.into(),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED, "{body}");

    let mut form = Vec::new();
    let part = |name: &str, file: &str| {
        format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
    };
    form.extend(part("manifest", "; filename=\"version.json\"").into_bytes());
    form.extend(manifest.as_bytes());
    form.extend(b"\r\n");
    form.extend(part("bundle", "; filename=\"bundle.zip\"").into_bytes());
    form.extend(bundle());
    form.extend(b"\r\n--limit--\r\n");
    let entry: Value = serde_json::from_str(entry).unwrap();
    assert_ne!(entry["software_id"], json!(null));
    let path = format!(
        "/api/v1/apps/{}/versions",
        entry["software_id"].as_str().unwrap()
    );
    let media = "multipart/form-data; boundary=limit";
    let (status, body) = send(router, &token, &path, media, form).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}
