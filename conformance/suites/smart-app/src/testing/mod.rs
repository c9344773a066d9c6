//! Evidence for tests: a good run, and the tools to spoil it.

mod script;

pub(crate) use script::{APP, REDIRECT, SCOPE, good, pair, request, stored};

use crate::types::{Event, Evidence, Exchange, Occurrence, Snapshot, Surface};

pub(crate) fn is_surface(what: &Occurrence, surface: Surface) -> bool {
    matches!(what, Occurrence::Exchange(exchange) if exchange.surface == surface)
}

/// Takes events out of a step.
pub(crate) fn remove(evidence: &mut Evidence, step: &str, which: impl Fn(&Occurrence) -> bool) {
    evidence
        .events
        .retain(|event| event.step != step || !which(&event.what));
}

/// Puts an event at the end of a step.
pub(crate) fn append(evidence: &mut Evidence, step: &str, what: Occurrence) {
    let at = evidence
        .events
        .iter()
        .rposition(|event| event.step == step)
        .unwrap()
        + 1;
    let event = Event {
        seq: 0,
        at_ms: 0,
        step: step.to_owned(),
        what,
    };
    evidence.events.insert(at, event);
    for (seq, event) in (1..).zip(&mut evidence.events) {
        event.seq = seq;
    }
}

/// Changes the exchanges of one surface in a step; all steps when it is empty.
pub(crate) fn exchanges(
    evidence: &mut Evidence,
    step: &str,
    surface: Surface,
    change: impl Fn(&mut Exchange),
) {
    for event in evidence
        .events
        .iter_mut()
        .filter(|event| step.is_empty() || event.step == step)
    {
        if let Occurrence::Exchange(exchange) = &mut event.what
            && exchange.surface == surface
        {
            change(exchange);
        }
    }
}

/// Changes a parameter of an exchange.
pub(crate) fn set(exchange: &mut Exchange, name: &str, value: &str) {
    for pair in exchange
        .query
        .iter_mut()
        .chain(&mut exchange.form)
        .filter(|pair| pair.name == name)
    {
        value.clone_into(&mut pair.value);
    }
}

/// Changes the snapshots of a step; all steps when it is empty.
pub(crate) fn snapshots(evidence: &mut Evidence, step: &str, change: impl Fn(&mut Snapshot)) {
    for event in evidence
        .events
        .iter_mut()
        .filter(|event| step.is_empty() || event.step == step)
    {
        if let Occurrence::Snapshot(snapshot) = &mut event.what {
            change(snapshot);
        }
    }
}
