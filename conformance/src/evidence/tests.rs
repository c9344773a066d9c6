//! The document prints and parses as inverses, refuses everything else, and holds no secret.

use foundation::Digest;
use proptest::prelude::*;

use super::scrub::{Scrubber, SecretKind};
use super::*;
use crate::suite::wit::{
    ConsoleLevel, ConsoleMessage, ConsoleOrigin, Event, Header, Occurrence, Settled, Step, Text,
};

fn header() -> Header {
    Header {
        app: "no.example.app".to_owned(),
        version: "1.0.0".to_owned(),
        client_id: "client".to_owned(),
        launch_url: "https://app.example.no/launch".to_owned(),
        redirect_uris: vec!["https://app.example.no/".to_owned()],
        scope: "launch".to_owned(),
        hosts: Vec::new(),
        origins: vec!["https://app.example.no".to_owned()],
        stage_origins: vec!["http://localhost:8081".to_owned()],
        languages: vec!["nb".to_owned()],
        browser: "Chrome/1".to_owned(),
    }
}

fn document(events: Vec<Event>, interrupted: Option<String>) -> Document {
    Document {
        preamble: Preamble {
            format: FORMAT.to_owned(),
            release: Some(Digest::of(b"release")),
            suite: Digest::of(b"suite"),
            suite_id: "smart-app".to_owned(),
            suite_version: "1.0.0".to_owned(),
            started_at: foundation::testing::START,
            header: header(),
        },
        events,
        interrupted,
    }
}

fn occurrence() -> impl Strategy<Value = Occurrence> {
    prop_oneof![
        Just(Occurrence::StepEnded),
        (any::<u32>(), any::<bool>())
            .prop_map(|(waited_ms, quiet)| Occurrence::Settled(Settled { waited_ms, quiet })),
        (".*", ".*", proptest::option::of(".*")).prop_map(|(id, nb, nn)| {
            let title = Text {
                en: nb.clone(),
                nb,
                nn,
            };
            Occurrence::StepStarted(Step { id, title })
        }),
        (".*", proptest::option::of(any::<u32>())).prop_map(|(text, line)| {
            Occurrence::Console(ConsoleMessage {
                level: ConsoleLevel::Error,
                origin: ConsoleOrigin::Script,
                text,
                url: None,
                line,
            })
        }),
    ]
}

fn numbered(all: Vec<Occurrence>) -> Vec<Event> {
    let event = |(seq, what): (u32, Occurrence)| Event {
        seq,
        at_ms: u64::from(seq) * 10,
        step: "s".to_owned(),
        what,
    };
    (1..).zip(all).map(event).collect()
}

fn problem(bytes: &[u8]) -> EvidenceProblem {
    Document::parse(bytes).unwrap_err().problem
}

proptest! {
    #[test]
    fn what_is_printed_parses_back(
        all in proptest::collection::vec(occurrence(), 0..20),
        interrupted in proptest::option::of("[a-z-]{1,20}"),
    ) {
        let document = document(numbered(all), interrupted);
        let printed = document.print().unwrap();
        prop_assert_eq!(Document::parse(&printed).unwrap(), document);
    }

    #[test]
    fn no_other_bytes_parse(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Document::parse(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_never_goes_unseen(
        all in proptest::collection::vec(occurrence(), 1..6),
        at in any::<prop::sample::Index>(),
        other in any::<u8>(),
    ) {
        let document = document(numbered(all), None);
        let mut printed = document.print().unwrap();
        let at = at.index(printed.len());
        prop_assume!(printed[at] != other);
        printed[at] = other;
        // It is refused, or it is another document with another digest: never taken for this one.
        if let Ok(parsed) = Document::parse(&printed) {
            prop_assert_ne!(parsed, document);
        }
    }

    #[test]
    fn a_learnt_secret_is_gone_from_any_text(
        secret in "[A-Za-z0-9._~-]{16,80}",
        before in "[^A-Za-z0-9]{0,20}",
        after in "[^A-Za-z0-9]{0,20}",
    ) {
        let mut scrubber = Scrubber::default();
        let secret = Secret { kind: SecretKind::AccessToken, value: secret };
        prop_assert!(scrubber.learn(&secret));
        let mut value = serde_json::json!({"a": [format!("{before}{}{after}", secret.value)]});
        scrubber.clean(&mut value);
        let text = value["a"][0].as_str().unwrap();
        prop_assert_eq!(text, format!("{before}{}{after}", marker(secret.kind, &secret.value)));
    }
}

#[test]
fn garbage_truncated_doubled_and_oversized_texts_have_their_own_codes() {
    let document = document(
        numbered(vec![
            Occurrence::StepEnded,
            Occurrence::StepEnded,
            Occurrence::StepEnded,
        ]),
        None,
    );
    let printed = String::from_utf8(document.print().unwrap()).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    let joined = |lines: &[&str]| format!("{}\n", lines.join("\n"));

    assert_eq!(problem(b"\xff\xfe"), EvidenceProblem::NotText);
    assert_eq!(problem(b""), EvidenceProblem::Preamble);
    assert_eq!(problem(b"{}\n"), EvidenceProblem::Preamble);
    let later = printed.replacen(FORMAT, "markedsplass-evidence/9", 1);
    assert_eq!(problem(later.as_bytes()), EvidenceProblem::Format);
    assert_eq!(
        problem(joined(&lines[..4]).as_bytes()),
        EvidenceProblem::Truncated
    );
    assert_eq!(
        problem(printed.trim_end().as_bytes()),
        EvidenceProblem::Truncated
    );
    let without_last = joined(&[lines[0], lines[1], lines[2], lines[4]]);
    assert_eq!(problem(without_last.as_bytes()), EvidenceProblem::Truncated);
    let without_second = joined(&[lines[0], lines[1], lines[3], lines[4]]);
    assert_eq!(
        problem(without_second.as_bytes()),
        EvidenceProblem::Sequence
    );
    let doubled = joined(&[lines[0], lines[1], lines[1], lines[2], lines[3], lines[4]]);
    assert_eq!(problem(doubled.as_bytes()), EvidenceProblem::Sequence);
    let garbled = joined(&[lines[0], "{\"seq\":1}", lines[2], lines[3], lines[4]]);
    assert_eq!(problem(garbled.as_bytes()), EvidenceProblem::Line);
    let spaced = printed.replacen("\"seq\":1", "\"seq\": 1", 1);
    assert_eq!(problem(spaced.as_bytes()), EvidenceProblem::NotCanonical);
    let large = vec![b' '; 64 * 1024 * 1024 + 1];
    assert_eq!(problem(&large), EvidenceProblem::TooLarge);
}

#[test]
fn a_short_secret_is_replaced_as_a_parameter_only() {
    let mut scrubber = Scrubber::default();
    let secret = Secret {
        kind: SecretKind::Code,
        value: "abc".to_owned(),
    };
    assert!(scrubber.learn(&secret));
    assert!(!scrubber.learn(&secret));
    let mut value = serde_json::json!(["https://a/?code=abc", "abc is the alphabet"]);
    scrubber.clean(&mut value);
    let marked = marker(SecretKind::Code, "abc");
    assert_eq!(value[0], format!("https://a/?code={marked}"));
    assert_eq!(value[1], "abc is the alphabet");
}

#[test]
fn a_secret_is_gone_also_from_what_was_recorded_before_it_was_known() {
    let tape = Tape::new(10);
    let secret = "abcdefghijklmnopqrstuvwxyz";
    let message = |text: &str| {
        Occurrence::Console(ConsoleMessage {
            level: ConsoleLevel::Info,
            origin: ConsoleOrigin::Script,
            text: text.to_owned(),
            url: None,
            line: None,
        })
    };
    tape.push(message(secret));
    assert!(format!("{:?}", tape.events()).contains(secret));
    tape.learn_from_body(&format!(
        "{{\"refresh_token\":\"{secret}\",\"state\":\"kept\"}}"
    ));
    tape.push(message("state kept"));
    let events = format!("{:?}", tape.events());
    assert!(!events.contains(secret) && events.contains("state kept"));
    assert!(events.contains(&marker(SecretKind::RefreshToken, secret)));
}
