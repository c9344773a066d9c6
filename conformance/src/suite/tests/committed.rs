//! The component that is committed: it is what its digest says, it judges, and its source gives it.

use std::process::Command;
use std::sync::Arc;

use foundation::Digest;

use super::evidence;
use crate::requirement::{Severity, catalogue};
use crate::suite::wit::{
    Action, Event, Evidence, Exchange, Occurrence, Outcome, Pair, Step, Surface, Text,
};
use crate::suite::{Limits, SMART_APP, Suite, Suites, passes, wrap_suite};

const SUITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/suites");

async fn smart_app() -> Suite {
    Suites::new(Limits::default())
        .unwrap()
        .load(SMART_APP)
        .await
        .unwrap()
}

#[test]
fn the_digest_beside_the_component_is_its_digest() {
    let said =
        std::fs::read_to_string(format!("{SUITES}/built/smart-app.component.wasm.sha256")).unwrap();
    assert_eq!(
        said.split_whitespace().next(),
        Some(Digest::of(SMART_APP).hex().as_str())
    );
}

#[tokio::test]
async fn the_catalogue_has_every_requirement_with_its_texts() {
    let catalogue = catalogue(&smart_app().await);
    assert_eq!(
        (catalogue.suite.as_str(), catalogue.component),
        ("smart-app", Digest::of(SMART_APP))
    );
    assert!(catalogue.requirements.len() >= 24);
    for requirement in &catalogue.requirements {
        assert!(!requirement.title.nb.is_empty() && !requirement.title.en.is_empty());
        assert!(requirement.sources.len() > 1, "{}", requirement.id);
    }
    assert!(
        catalogue
            .requirements
            .iter()
            .any(|r| r.id == "SMA-02.2" && r.severity == Severity::Blocking)
    );
    assert_eq!(catalogue.requirements[0].catalogue_id(), "SMA-01");
}

#[tokio::test]
async fn it_begins_with_an_ordinary_launch_and_judges_what_it_is_given() {
    let suite = smart_app().await;
    let actions = suite.next(evidence()).await.unwrap().value;
    assert!(matches!(actions.first(), Some(Action::Begin(step)) if step.id == "oppstart"));
    assert!(
        actions
            .iter()
            .any(|action| matches!(action, Action::Launch(spec) if !spec.behaviour.deny))
    );

    let answer = suite.judge(Arc::new(launched(1))).await.unwrap();
    let outcome = |id: &str| {
        answer
            .value
            .iter()
            .find(|finding| finding.requirement == id)
            .unwrap()
            .outcome
    };
    assert_eq!(outcome("SMA-02.2"), Outcome::Failed);
    assert_eq!(outcome("HID-04.1"), Outcome::Failed);
    assert_eq!(outcome("SMA-02.3"), Outcome::NotAssessed);
    assert!(!passes(suite.description(), &answer.value));
}

#[tokio::test]
async fn a_long_run_costs_little_and_always_the_same() {
    let suite = smart_app().await;
    let long = Arc::new(launched(5_000));
    let one = suite.judge(Arc::clone(&long)).await.unwrap();
    let other = suite.judge(long).await.unwrap();
    assert_eq!(one, other);
    assert!(one.fuel < Limits::default().fuel / 2, "{} units", one.fuel);
}

/// A step with this many FHIR requests, after an authorization request that leaves much to be wished.
fn launched(requests: u32) -> Evidence {
    let mut evidence = Arc::unwrap_or_clone(evidence());
    let title = Text {
        nb: String::new(),
        nn: None,
        en: String::new(),
    };
    let mut all = vec![Occurrence::StepStarted(Step {
        id: "oppstart".to_owned(),
        title,
    })];
    let query = [("response_type", "code"), ("state", "1234")];
    all.push(Occurrence::Exchange(exchange(
        Surface::Authorization,
        "/demo/auth/authorize".to_owned(),
        &query,
    )));
    for number in 0..requests {
        let path = format!("/demo/fhir/Observation/{number}");
        all.push(Occurrence::Exchange(exchange(Surface::Fhir, path, &[])));
    }
    evidence.events = (1..)
        .zip(all)
        .map(|(seq, what)| Event {
            seq,
            at_ms: 0,
            step: "oppstart".to_owned(),
            what,
        })
        .collect();
    evidence
}

fn exchange(surface: Surface, path: String, query: &[(&str, &str)]) -> Exchange {
    Exchange {
        seq: 0,
        surface,
        method: "GET".to_owned(),
        path,
        query: query
            .iter()
            .map(|(name, value)| Pair {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
        request_headers: Vec::new(),
        form: Vec::new(),
        status: 200,
        response_headers: Vec::new(),
        error: None,
        resources: Vec::new(),
        patients: vec!["p1".to_owned()],
        scope_granted: None,
        client_id: None,
        launch: None,
    }
}

/// The source gives the committed bytes, where this machine can build it with the same compiler.
#[test]
fn the_source_gives_the_committed_component() {
    let built_by =
        std::fs::read_to_string(format!("{SUITES}/built/smart-app.component.wasm.rustc")).unwrap();
    let here = Command::new("rustc").arg("--version").output().unwrap();
    let here = String::from_utf8_lossy(&here.stdout).into_owned();
    if built_by.trim() != here.trim() {
        println!(
            "NOT COMPARED: smart-app was built by {}, this is {}",
            built_by.trim(),
            here.trim()
        );
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let build = Command::new(format!("{SUITES}/build.sh"))
        .arg(out.path())
        .env("CORE_ONLY", "1")
        .output()
        .unwrap();
    if build.status.code() == Some(3) {
        println!(
            "NOT COMPARED: {}",
            String::from_utf8_lossy(&build.stderr).trim()
        );
        return;
    }
    assert!(
        build.status.success(),
        "{}",
        String::from_utf8_lossy(&build.stderr)
    );
    let core = std::fs::read(out.path().join("smart-app.core.wasm")).unwrap();
    let rebuilt = Digest::of(&wrap_suite(&core).unwrap());
    assert_eq!(
        rebuilt.hex(),
        Digest::of(SMART_APP).hex(),
        "run conformance/suites/build.sh and commit built/"
    );
}
