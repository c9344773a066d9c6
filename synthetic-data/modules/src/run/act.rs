//! What states do that write nothing into the record, and how long each keeps its module waiting.

use super::logic::Asked;
use super::person::Person;
use super::track::Frame;
use super::write;
use crate::names::Name;
use crate::number::Chance;
use crate::number::Fixed;
use crate::program::{Action, Assigned, At, Condition, ModuleId, Span, Value};
use crate::random::{Amount, Random};
use crate::time::Instant;

/// What comes of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is over since this instant.
    Done(Instant),
    /// It cannot be over before this instant.
    Wait(Instant),
    Call(ModuleId),
    /// The module is over.
    End,
}

/// Where a state acts.
pub(super) struct Scene<'a, 'p> {
    pub(super) person: &'a mut Person<'p>,
    pub(super) frame: &'a mut Frame,
    pub(super) random: &'a mut Random,
    /// The wellness visit that the module has been at.
    pub(super) visited: &'a mut Option<Instant>,
    pub(super) top: ModuleId,
    pub(super) at: At,
    pub(super) name: Name,
    pub(super) clock: Instant,
}

pub(super) fn act(scene: &mut Scene<'_, '_>, action: &Action) -> Outcome {
    match action {
        Action::Pass | Action::Physiology(_) => {}
        Action::Terminal => return Outcome::End,
        Action::Call(module) => return Outcome::Call(*module),
        Action::Delay(span) => return scene.last(Some(span), |_| ()),
        Action::Guard(condition) => return scene.guard(condition),
        Action::Encounter(order) => return write::encounter(scene, order),
        Action::Procedure {
            codes,
            reason,
            span,
            assign,
        } => {
            return scene.last(span.as_ref(), |scene| {
                write::procedure(scene, codes, *reason, *assign);
            });
        }
        Action::Set(name, assigned) => scene.set(*name, assigned),
        Action::Count(name, amount) => scene.count(*name, *amount),
        Action::Symptom {
            symptom,
            cause,
            probability,
            amount,
        } => scene.symptom(*symptom, *cause, *probability, amount),
        Action::VitalSign(sign, amount) => scene.person.set_sign(*sign, *amount),
        other => write::write(scene, other),
    }
    Outcome::Done(scene.clock)
}

impl Scene<'_, '_> {
    /// Does something, and then lasts for a time.
    fn last(&mut self, span: Option<&Span>, begin: impl FnOnce(&mut Self)) -> Outcome {
        let until = if let Some(until) = self.frame.until {
            until
        } else {
            let seconds = span.map_or(0, |span| self.seconds(span));
            let until = self.clock.plus(seconds);
            self.frame.until = Some(until);
            begin(self);
            until
        };
        if until <= self.clock {
            Outcome::Done(until)
        } else {
            Outcome::Wait(until)
        }
    }

    pub(super) fn seconds(&mut self, span: &Span) -> i64 {
        span.unit.times(span.amount.draw(self.random))
    }

    fn guard(&mut self, condition: &Condition) -> Outcome {
        let asked = Asked {
            person: self.person,
            visits: &self.frame.visits,
            now: self.clock,
        };
        if asked.holds(condition, self.random) {
            Outcome::Done(self.clock)
        } else {
            Outcome::Wait(self.clock.plus(1))
        }
    }

    fn set(&mut self, name: Name, assigned: &Assigned) {
        let value = match assigned {
            Assigned::Nothing => None,
            Assigned::Value(value) => Some(value.clone()),
            Assigned::Amount(amount) => Some(Value::Number(amount.draw(self.random))),
            Assigned::Attribute(other) => self.person.attribute(*other).cloned(),
        };
        self.person.set(name, value);
    }

    fn count(&mut self, name: Name, amount: Fixed) {
        let before = match self.person.attribute(name) {
            Some(Value::Number(number)) => *number,
            _ => Fixed::default(),
        };
        self.person
            .set(name, Some(Value::Number(before.plus(amount))));
    }

    fn symptom(&mut self, symptom: Name, cause: Name, probability: Chance, amount: &Amount) {
        let severity = if self.random.chance(probability) {
            amount.draw(self.random).rounded(0)
        } else {
            Fixed::default()
        };
        self.person.set_symptom(symptom, cause, severity);
    }
}
