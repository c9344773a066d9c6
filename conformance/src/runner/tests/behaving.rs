//! What a run records of pages that behave.

use std::sync::atomic::Ordering;

use super::*;
use crate::evidence::{SecretKind, marker};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_used_and_seen_as_by_a_person() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let act = |role: &str, name: &str, gesture| {
        Action::Act(wit::Act {
            role: role.to_owned(),
            name: name.to_owned(),
            gesture,
        })
    };
    let script = Script::of([
        vec![Action::Begin(wit::Step {
            id: "bruk".to_owned(),
            title: wit::Text {
                nb: "Bruk".to_owned(),
                nn: None,
                en: "Use".to_owned(),
            },
        })],
        arrive(),
        vec![
            Action::Snapshot,
            act(
                "textbox",
                "navn",
                wit::Gesture::Fill("Åse Ødegård".to_owned()),
            ),
            act("button", " LAGRE ", wit::Gesture::Click),
            Action::AwaitSettled(5000),
            Action::Snapshot,
            act("button", "finnes ikke", wit::Gesture::Click),
            Action::RunAxe,
            Action::Picture("side".to_owned()),
            Action::Resize(viewport(320)),
            Action::Snapshot,
            Action::Visit("https://example.com/".to_owned()),
            Action::Reload,
            Action::Close,
        ],
    ]);
    let began = std::time::Instant::now();
    let recording = run(&site, "/plain", script, limits()).await.unwrap();
    println!("one page used: {:?}", began.elapsed());

    assert_seen(&snapshots(&recording));
    assert_recorded(&recording);
}

fn assert_seen(seen: &[wit::Snapshot]) {
    assert_eq!(seen.len(), 3);
    assert!(seen[0].text.contains("Ingenting er lagret."));
    assert!(
        seen[1].text.contains("Lagret: Åse Ødegård"),
        "{}",
        seen[1].text
    );
    assert_eq!(
        (seen[0].html_lang.as_str(), seen[0].title.as_str()),
        ("nb", "Vanlig")
    );
    assert_eq!(seen[0].announcements, ["Klar"]);
    assert!(
        seen[0]
            .nodes
            .iter()
            .any(|node| node.role == "button" && node.name == "Lagre")
    );
    let stored = |area| {
        seen[0]
            .storage
            .iter()
            .filter(move |stored| stored.area == area)
    };
    assert_eq!(stored(wit::StorageArea::LocalStorage).count(), 1);
    assert_eq!(stored(wit::StorageArea::SessionStorage).count(), 1);
    assert_eq!(stored(wit::StorageArea::Cookie).count(), 1);
    assert_eq!(
        (seen[0].viewport_width, seen[0].document_width),
        (1280, 1280)
    );
    assert!(seen[2].viewport_width == 320 && seen[2].document_width > 600);
}

fn assert_recorded(recording: &Recording) {
    let axe = all(recording, |what| match what {
        Occurrence::Axe(axe) => Some(axe.clone()),
        _ => None,
    });
    assert!(
        axe[0]
            .violations
            .iter()
            .any(|found| found.rule == "image-alt"),
        "{axe:?}"
    );
    assert_eq!(
        failures(recording),
        [
            ("act".to_owned(), "not-found".to_owned()),
            ("visit".to_owned(), "not-supported".to_owned())
        ]
    );
    assert_eq!(recording.pictures.len(), 1);
    assert!(recording.pictures[0].1.starts_with(b"\x89PNG"));
    let logged = all(recording, |what| match what {
        Occurrence::Console(message) => Some(message.text.clone()),
        _ => None,
    });
    assert!(logged.contains(&"hei 7".to_owned()), "{logged:?}");
    let document = &recording.document;
    assert!(document.events.iter().all(|event| event.step == "bruk"));
    let printed = document.print().unwrap();
    assert_eq!(
        &crate::evidence::Document::parse(&printed).unwrap(),
        document
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_never_reach_the_evidence() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let script = Script::of([arrive(), vec![Action::Snapshot]]);
    let recording = run(&site, "/secrets", script, limits()).await.unwrap();
    let text = String::from_utf8(recording.document.print().unwrap()).unwrap();
    for (kind, secret) in [
        (SecretKind::AccessToken, "the-access-token-of-this-test"),
        (SecretKind::CodeVerifier, "the-code-verifier-of-this-test"),
        (SecretKind::Code, "the-code-of-this-very-test"),
        (SecretKind::Launch, "launch-value-0123456789"),
    ] {
        assert!(!text.contains(secret), "{secret} stands in the evidence");
        assert!(
            text.contains(&marker(kind, secret)),
            "{kind:?} has no marker"
        );
    }
    let shown = &snapshots(&recording)[0];
    let token = marker(SecretKind::AccessToken, "the-access-token-of-this-test");
    assert_eq!(shown.text.trim(), format!("Token {token}"));
    let verifier = shown.storage.iter().find(|stored| stored.key == "verifier");
    assert!(verifier.unwrap().value.starts_with("secret:code_verifier:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_declared_places_are_reached_and_the_rest_is_recorded() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let script = Script::of([arrive(), vec![Action::Snapshot]]);
    let recording = run(&site, "/contact", script, limits()).await.unwrap();
    assert_eq!(
        site.reached.load(Ordering::SeqCst),
        0,
        "the canary was reached"
    );
    let refused = all(&recording, |what| match what {
        Occurrence::BrowserFailure(failure) => Some(failure.clone()),
        _ => None,
    });
    let by_guard: Vec<&str> = refused
        .iter()
        .filter(|failure| failure.blocked_by.as_deref() == Some("guard"))
        .map(|failure| failure.url.as_str())
        .collect();
    assert!(
        by_guard.contains(&format!("{}/direct", site.canary).as_str()),
        "{refused:?}"
    );
    assert!(
        by_guard.contains(&"http://localhost:1/pixel"),
        "{refused:?}"
    );
    let asked: Vec<String> = all(&recording, |what| match what {
        Occurrence::BrowserRequest(request) => Some(request.url.clone()),
        _ => None,
    });
    for path in ["/direct", "/beacon", "/worker", "/"] {
        let url = format!("{}{path}", site.canary);
        assert!(asked.contains(&url), "{url} is not recorded: {asked:?}");
    }
    assert!(asked.contains(&"ws://undeclared.invalid/".to_owned()));
    let settled = all(&recording, |what| match what {
        Occurrence::Settled(settled) => Some(*settled),
        _ => None,
    });
    assert!(settled[0].quiet, "{settled:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_that_the_policy_of_the_page_forbids_is_recorded_once() {
    let Some(_turn) = turn().await else { return };
    let site = site::site().await;
    let recording = run(&site, "/strict", Script::of([arrive()]), limits())
        .await
        .unwrap();
    let contact = "https://statistics.invalid/use";
    let asked = all(&recording, |what| match what {
        Occurrence::BrowserRequest(request) if request.url == contact => Some(request.kind.clone()),
        _ => None,
    });
    assert_eq!(asked, ["fetch"]);
    let forbidden = all(&recording, |what| match what {
        Occurrence::BrowserFailure(failure) if failure.url == contact => failure.blocked_by.clone(),
        _ => None,
    });
    assert_eq!(forbidden, ["csp"]);
}
