//! Entrances for `conformance/fuzz`: every parser of bytes from strangers, with what must hold of
//! whatever it takes. Here only under test and for the fuzzer; nothing else may use it.

use std::sync::{Arc, LazyLock};

use foundation::{Digest, Timestamp};
use tokio::runtime::Runtime;

pub use crate::evidence::fuzzing::{evidence, scrubbing};
use crate::evidence::{Document, FORMAT, Preamble};
use crate::report::Report;
use crate::suite::wit::{Event, Header, Occurrence};
use crate::suite::{Limits, SMART_APP, Suite, Suites};

/// Takes bytes and panics when something does not hold.
pub type Target = fn(&[u8]);

/// Every target under the name of its seeds.
pub const TARGETS: [(&str, Target); 3] = [
    ("evidence", evidence),
    ("replay", replay),
    ("scrubbing", scrubbing),
];

/// Occurrences, a line each; what is none is left out. The suite judges whatever was recorded without
/// a trap, and judges it alike every time.
pub fn replay(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some((runtime, suite)) = &*STAND else {
        return assert!(STAND.is_some(), "the suite cannot be loaded");
    };
    let document = Document {
        preamble: preamble(suite),
        events: events(text),
        interrupted: None,
    };
    let printed = document.print().unwrap_or_default();
    assert_eq!(Document::parse(&printed).as_ref(), Ok(&document));
    let judged = || runtime.block_on(Report::of(suite, document.clone(), Digest::of(&printed)));
    let (one, other) = (judged(), judged());
    assert!(one.is_ok(), "{one:?}");
    assert_eq!(one.ok(), other.ok());
    let next = runtime.block_on(suite.next(Arc::new(document.clone().into_evidence())));
    assert!(next.is_ok(), "{next:?}");
}

/// The occurrences that a text holds, numbered as on a tape.
pub(crate) fn events(text: &str) -> Vec<Event> {
    let mut step = String::new();
    let occurrences = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Occurrence>(line).ok());
    (1..)
        .zip(occurrences.take(MOST_EVENTS))
        .map(|(seq, what)| {
            if let Occurrence::StepStarted(started) = &what {
                step.clone_from(&started.id);
            }
            Event {
                seq,
                at_ms: u64::from(seq) * 10,
                step: step.clone(),
                what,
            }
        })
        .collect()
}

fn preamble(suite: &Suite) -> Preamble {
    let description = suite.description();
    Preamble {
        format: FORMAT.to_owned(),
        release: None,
        suite: suite.digest(),
        suite_id: description.id.clone(),
        suite_version: description.version.clone(),
        started_at: Timestamp::from_millis(0),
        header: Header {
            app: "no.eksempel.app".to_owned(),
            version: "1.0.0".to_owned(),
            client_id: "no.eksempel.app".to_owned(),
            launch_url: "http://app.localhost:8082/launch.html".to_owned(),
            redirect_uris: vec!["http://app.localhost:8082/index.html".to_owned()],
            scope: "launch patient/Patient.r patient/Observation.rs".to_owned(),
            hosts: Vec::new(),
            origins: vec!["http://app.localhost:8082".to_owned()],
            stage_origins: vec!["http://localhost:8081".to_owned()],
            languages: vec!["nb".to_owned()],
            browser: "Chrome/1".to_owned(),
        },
    }
}

/// Compiling the suite costs a second; it is done once.
static STAND: LazyLock<Option<(Runtime, Suite)>> = LazyLock::new(|| {
    let runtime = Runtime::new().ok()?;
    let suites = Suites::new(Limits::default()).ok()?;
    let suite = runtime.block_on(suites.load(SMART_APP)).ok()?;
    Some((runtime, suite))
});

const MOST_EVENTS: usize = 200;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::TARGETS;

    #[test]
    fn every_seed_of_the_fuzzer_holds() {
        for (name, target) in TARGETS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fuzz/seeds")
                .join(name);
            let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                target(&std::fs::read(seed.unwrap().path()).unwrap());
            }
        }
    }
}
