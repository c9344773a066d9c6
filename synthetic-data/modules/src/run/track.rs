//! One module that everybody runs, with the submodules that it has called: where it stands, and how it
//! goes on until it has to wait.

use std::collections::BTreeMap;

use super::act::{Outcome, Scene, act};
use super::choose;
use super::logic::Asked;
use super::person::Person;
use super::record::EntryId;
use crate::error::RunError;
use crate::names::Name;
use crate::program::{At, ModuleId, Program, StateId};
use crate::random::Random;
use crate::time::Instant;

/// States that may follow each other in one instant.
const MOST_STILL: u32 = 10_000;
/// States that one module may pass in one life.
const MOST_STEPS: u32 = 500_000;
/// Entries in one record.
const MOST_ENTRIES: usize = 100_000;
/// Pictures in all its studies.
const MOST_PICTURES: usize = 500_000;

/// When watched states were left, as far as it can matter: the last time of each.
#[derive(Debug, Default)]
pub(super) struct Visits(BTreeMap<Name, (u32, Instant)>);

impl Visits {
    /// True where a state has been left: not before another was, and not longer ago than a time.
    pub(super) fn prior(
        &self,
        state: Name,
        since: Option<Name>,
        within: Option<i64>,
        now: Instant,
    ) -> bool {
        let Some((order, left)) = self.0.get(&state) else {
            return false;
        };
        let other = since.and_then(|since| self.0.get(&since));
        other.is_none_or(|(other, _)| other < order)
            && within.is_none_or(|within| *left > now.plus(-within))
    }
}

/// A module that is being run.
#[derive(Debug)]
pub(super) struct Frame {
    module: ModuleId,
    state: StateId,
    /// When the state that is waited in is over.
    pub(super) until: Option<Instant>,
    pub(super) encounter: Option<EntryId>,
    pub(super) visits: Visits,
    /// Onsets that wait for their encounter.
    pub(super) pending: Vec<(EntryId, Name)>,
}

pub(super) struct Track {
    top: ModuleId,
    stack: Vec<Frame>,
    random: Random,
    /// When it goes on at the earliest.
    pub(super) wake: Instant,
    pub(super) steps: u32,
    still: u32,
    /// The wellness visit that it has been at.
    visited: Option<Instant>,
}

fn frame(program: &Program, module: ModuleId, encounter: Option<EntryId>) -> Frame {
    Frame {
        module,
        state: program
            .module(module)
            .map_or(StateId(0), |module| module.initial),
        until: None,
        encounter,
        visits: Visits::default(),
        pending: Vec::new(),
    }
}

impl Track {
    pub(super) fn new(program: &Program, top: ModuleId, seed: u64, begin: Instant) -> Self {
        let path = program.module(top).map_or("", |module| &*module.path);
        Self {
            top,
            stack: vec![frame(program, top, None)],
            random: Random::named(seed, path),
            wake: begin,
            steps: 0,
            still: 0,
            visited: None,
        }
    }

    /// Goes on until it has to wait beyond `now`. What was over before happens at its own instant.
    pub(super) fn advance(
        &mut self,
        person: &mut Person<'_>,
        now: Instant,
    ) -> Result<(), RunError> {
        let mut clock = now;
        self.still = 0;
        loop {
            let dead = person.death.is_some_and(|death| death <= clock);
            let Some((at, outcome)) = self.act(person, clock).filter(|_| !dead) else {
                self.wake = Instant::NEVER;
                return Ok(());
            };
            self.count(person, at)?;
            match outcome {
                Outcome::Done(instant) => {
                    if instant != clock {
                        self.still = 0;
                    }
                    clock = instant;
                    self.leave(person, clock);
                }
                Outcome::Wait(_) if clock < now => clock = now,
                Outcome::Wait(wake) => {
                    self.wake = wake;
                    return Ok(());
                }
                Outcome::Call(module) => {
                    let encounter = self.stack.last().and_then(|frame| frame.encounter);
                    self.stack.push(frame(person.program, module, encounter));
                }
                Outcome::End => self.give_back(person, clock),
            }
        }
    }

    /// Lets the state that it stands in do what it does; `None` when there is none left.
    fn act(&mut self, person: &mut Person<'_>, clock: Instant) -> Option<(At, Outcome)> {
        let frame = self.stack.last_mut()?;
        let at = At {
            module: frame.module,
            state: frame.state,
        };
        let state = person.program.state(at)?;
        let mut scene = Scene {
            person,
            frame,
            random: &mut self.random,
            visited: &mut self.visited,
            top: self.top,
            at,
            name: state.name,
            clock,
        };
        Some((at, act(&mut scene, &state.action)))
    }

    fn count(&mut self, person: &Person<'_>, at: At) -> Result<(), RunError> {
        self.steps += 1;
        self.still += 1;
        let record = &person.record;
        let full = record.entries.len() > MOST_ENTRIES || record.pictures > MOST_PICTURES;
        if self.still <= MOST_STILL && self.steps <= MOST_STEPS && !full {
            return Ok(());
        }
        let (module, state) = person.program.place(at);
        Err(if full {
            let entries = MOST_ENTRIES;
            RunError::TooMuchWritten {
                module,
                state,
                entries,
            }
        } else if self.still > MOST_STILL {
            let steps = MOST_STILL;
            RunError::NoTimePasses {
                module,
                state,
                steps,
            }
        } else {
            let steps = MOST_STEPS;
            RunError::TooManySteps {
                module,
                state,
                steps,
            }
        })
    }

    /// Leaves a state for the next one.
    fn leave(&mut self, person: &Person<'_>, now: Instant) {
        let order = self.steps;
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let at = At {
            module: frame.module,
            state: frame.state,
        };
        let Some(state) = person.program.state(at) else {
            return;
        };
        if state.watched {
            frame.visits.0.insert(state.name, (order, now));
        }
        let asked = Asked {
            person,
            visits: &frame.visits,
            now,
        };
        let next = choose::next(&state.next, &asked, &mut self.random);
        frame.until = None;
        match next {
            Some(next) => frame.state = next,
            None => self.stack.clear(),
        }
    }

    /// Returns from a submodule: what it knows is its caller's from then on.
    fn give_back(&mut self, person: &Person<'_>, now: Instant) {
        let Some(done) = self.stack.pop() else {
            return;
        };
        if let Some(caller) = self.stack.last_mut() {
            caller.visits.0.extend(done.visits.0);
            caller.pending.extend(done.pending);
            caller.encounter = done.encounter;
            self.leave(person, now);
        }
    }
}
