//! The tape of a running check: everything that happens, in one order, whoever saw it. Raw values
//! stay in memory; what is read from the tape is scrubbed with every secret learnt so far, also
//! where the secret stood before it was known as one.

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;

use super::learn;
use super::scrub::{Scrubber, Secret};
use crate::suite::wit::{Event, Occurrence};

/// Records; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Tape(Arc<Mutex<Reel>>);

/// A place on the tape that may still be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(usize);

#[derive(Debug)]
struct Reel {
    began: Instant,
    step: String,
    raw: Vec<Event>,
    /// Scrubbed copies of the first events; thrown away when a secret is learnt or a mark amended.
    clean: Vec<Event>,
    scrubber: Scrubber,
    limit: usize,
    bytes: usize,
    full: bool,
}

impl Tape {
    /// An empty tape that takes at most `limit` events.
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Reel {
            began: Instant::now(),
            step: String::new(),
            raw: Vec::new(),
            clean: Vec::new(),
            scrubber: Scrubber::default(),
            limit,
            bytes: 0,
            full: false,
        })))
    }

    /// Records what happened now.
    pub(crate) fn push(&self, what: Occurrence) -> Mark {
        let mut reel = self.reel();
        if reel.raw.len() >= reel.limit || reel.bytes >= MOST_BYTES {
            reel.full = true;
            return Mark(usize::MAX);
        }
        if let Occurrence::StepStarted(step) = &what {
            reel.step.clone_from(&step.id);
        }
        let index = reel.raw.len();
        let event = Event {
            seq: u32::try_from(index + 1).unwrap_or(u32::MAX),
            at_ms: u64::try_from(reel.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            step: reel.step.clone(),
            what,
        };
        reel.learn_from(&event.what);
        reel.bytes += serde_json::to_vec(&event).map_or(0, |bytes| bytes.len());
        reel.raw.push(event);
        Mark(index)
    }

    /// Completes what was recorded before, for details that arrive later.
    pub(crate) fn amend(&self, mark: Mark, change: impl FnOnce(&mut Occurrence)) {
        let mut reel = self.reel();
        let Some(event) = reel.raw.get_mut(mark.0) else {
            return;
        };
        change(&mut event.what);
        let what = event.what.clone();
        reel.clean.truncate(mark.0);
        reel.learn_from(&what);
    }

    /// Learns a secret that was seen elsewhere.
    pub(crate) fn learn(&self, secret: &Secret) {
        self.reel().learn(secret);
    }

    /// Learns the secrets of a token response.
    pub(crate) fn learn_from_body(&self, body: &str) {
        let mut found = Vec::new();
        learn::from_body(body, &mut found);
        let mut reel = self.reel();
        for secret in &found {
            reel.learn(secret);
        }
    }

    /// Everything so far, without secrets.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut reel = self.reel();
        let done = reel.clean.len();
        let rest: Vec<Event> = reel
            .raw
            .iter()
            .skip(done)
            .map(|event| reel.scrubber.cleaned(event))
            .collect();
        reel.clean.extend(rest);
        reel.clean.clone()
    }

    /// True when something was lost because the tape is full.
    pub(crate) fn is_full(&self) -> bool {
        self.reel().full
    }

    fn reel(&self) -> MutexGuard<'_, Reel> {
        match self.0.lock() {
            Ok(reel) => reel,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

impl Reel {
    fn learn_from(&mut self, what: &Occurrence) {
        for secret in learn::secrets_of(what) {
            self.learn(&secret);
        }
    }

    fn learn(&mut self, secret: &Secret) {
        if self.scrubber.learn(secret) {
            self.clean.clear();
        }
    }
}

impl Scrubber {
    fn cleaned(&self, event: &Event) -> Event {
        let cleaned = serde_json::to_value(event).and_then(|mut value| {
            self.clean(&mut value);
            serde_json::from_value(value)
        });
        match cleaned {
            Ok(event) => event,
            // Rather no record than one with a secret in it.
            Err(error) => {
                tracing::error!(%error, "an event could not be scrubbed");
                Event {
                    what: Occurrence::StepEnded,
                    ..event.clone()
                }
            }
        }
    }
}

/// Well below what a document may have, so that every recorded run can be read back.
const MOST_BYTES: usize = 32 * 1024 * 1024;
