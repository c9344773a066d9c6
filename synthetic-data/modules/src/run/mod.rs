//! Takes one person through all modules, from birth to a last day. Time goes in steps of seven days
//! from birth, as in Synthea, because a guard is only looked at then and modules expect that; what
//! expires between two steps happens at its own instant. Steps in which nobody has anything to do are
//! passed over.

mod act;
mod choose;
mod host;
mod logic;
mod observe;
mod person;
mod record;
mod track;
mod write;

use std::collections::BTreeMap;

use crate::error::RunError;
use crate::library::Library;
use crate::number::Fixed;
use crate::program::Program;
use crate::time::{DAY, Instant};

use person::Person;
pub(crate) use record::{Detail, Entry, EntryId, Reading, Record, Sort};
use track::Track;

/// Between two looks at a guard.
const STEP: i64 = 7 * DAY;
/// No life is longer: a date far away would take as many steps.
const LONGEST: i64 = 150 * 365 * DAY;

/// Sex, as modules ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// A woman or girl.
    Female,
    /// A man or boy.
    Male,
}

/// What a host knows of a person beside sex and birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// True or false.
    Flag(bool),
    /// A number.
    Number(Fixed),
    /// A text.
    Text(String),
}

/// The person who is taken through the modules.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Logical id of the Patient; the ids of all else begin with it.
    pub id: String,
    /// The same seed makes the same life.
    pub seed: u64,
    /// Sex.
    pub sex: Sex,
    /// Midnight of the day of birth.
    pub birth: Instant,
    /// When the host has the person die; a module can only make it earlier.
    pub death: Option<Instant>,
    /// Attributes that hold from birth. They go before those that are made up here.
    pub attributes: BTreeMap<String, Fact>,
}

impl Subject {
    /// Somebody alive, of whom nothing else is known.
    pub fn new(id: impl Into<String>, seed: u64, sex: Sex, birth: Instant) -> Self {
        Self {
            id: id.into(),
            seed,
            sex,
            birth,
            death: None,
            attributes: BTreeMap::new(),
        }
    }
}

/// What happened to a person.
#[derive(Debug)]
pub struct Life {
    pub(crate) record: Record,
    pub(crate) death: Option<Instant>,
    pub(crate) until: Instant,
    steps: u64,
}

impl Life {
    /// When the person died, if that has come.
    pub fn death(&self) -> Option<Instant> {
        self.death.filter(|death| *death <= self.until)
    }

    /// How many states were passed.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

impl Library {
    /// Takes a person through all modules from birth until the end of a time. Of two lives that differ
    /// in that end alone, the shorter is the beginning of the longer.
    pub fn live(&self, subject: &Subject, until: Instant) -> Result<Life, RunError> {
        live(&self.program, subject, until)
    }
}

fn live(program: &Program, subject: &Subject, until: Instant) -> Result<Life, RunError> {
    let length = until.seconds().saturating_sub(subject.birth.seconds());
    if !(0..=LONGEST).contains(&length) {
        return Err(RunError::Dates {
            birth: subject.birth.day_text(),
            until: until.day_text(),
        });
    }
    let mut person = Person::new(program, subject);
    let begin = person.begin();
    let tracks = program.tops.iter();
    let mut tracks: Vec<Track> = tracks
        .map(|top| Track::new(program, *top, subject.seed, begin))
        .collect();
    let mut tick = begin;
    while tick <= until {
        let now = person.death.map_or(tick, |death| tick.min(death));
        person.begin_step(now);
        let mut wake = person.wake();
        for track in &mut tracks {
            if track.wake <= now {
                track.advance(&mut person, now)?;
            }
            wake = wake.min(track.wake);
        }
        if person.death.is_some_and(|death| death <= tick) {
            break;
        }
        tick = next_step(begin, tick, wake);
    }
    Ok(Life {
        record: person.record,
        death: person.death,
        until,
        steps: tracks.iter().map(|track| u64::from(track.steps)).sum(),
    })
}

/// The first step after `tick` at which somebody has something to do.
fn next_step(begin: Instant, tick: Instant, wake: Instant) -> Instant {
    let next = tick.plus(STEP);
    if wake <= next {
        return next;
    }
    let away = wake.seconds().saturating_sub(begin.seconds());
    let steps = away / STEP + i64::from(away % STEP > 0);
    begin.plus(steps.saturating_mul(STEP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lie_seven_days_apart_whoever_sleeps() {
        let begin = Instant::from_seconds(0);
        let at = Instant::from_seconds;
        assert_eq!(next_step(begin, at(0), at(1)), at(STEP));
        assert_eq!(next_step(begin, at(0), at(STEP + 1)), at(2 * STEP));
        assert_eq!(next_step(begin, at(STEP), at(9 * STEP)), at(9 * STEP));
        assert_eq!(next_step(begin, at(0), Instant::NEVER), Instant::NEVER);
    }
}
