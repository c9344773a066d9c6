//! Whether a condition holds.

use super::person::Person;
use super::record::Reading;
use super::track::Visits;
use crate::names::Name;
use crate::number::Fixed;
use crate::program::{Condition, Kind, Operator, Test, Value};
use crate::random::Random;
use crate::time::Instant;

/// Where a condition is asked.
pub(super) struct Asked<'a, 'p> {
    pub(super) person: &'a Person<'p>,
    pub(super) visits: &'a Visits,
    pub(super) now: Instant,
}

impl Asked<'_, '_> {
    pub(super) fn holds(&self, condition: &Condition, random: &mut Random) -> bool {
        match condition {
            Condition::Constant(value) => *value,
            Condition::All(parts) => parts.iter().all(|one| self.holds(one, random)),
            Condition::Any(parts) => parts.iter().any(|one| self.holds(one, random)),
            Condition::Not(part) => !self.holds(part, random),
            Condition::AtLeast(number, parts) => self.number(parts, random) >= *number,
            Condition::AtMost(number, parts) => self.number(parts, random) <= *number,
            Condition::VitalSign(sign, operator, value) => self
                .person
                .sign(*sign, self.now, random)
                .is_some_and(|measured| operator.holds(&measured, value)),
            _ => self.plain(condition),
        }
    }

    fn number(&self, parts: &[Condition], random: &mut Random) -> usize {
        parts.iter().filter(|one| self.holds(one, random)).count()
    }

    /// A condition that draws nothing.
    fn plain(&self, condition: &Condition) -> bool {
        let person = self.person;
        match condition {
            Condition::Gender(sex) => person.sex == *sex,
            Condition::Age(operator, quantity, unit) => {
                operator.holds(&person.birth.age(self.now, *unit), quantity)
            }
            Condition::Year(operator, year) => operator.holds(&self.now.civil().0, year),
            Condition::Month(operator, month) => operator.holds(&self.now.civil().1, month),
            Condition::Date(operator, date) => operator.holds(&self.now, date),
            Condition::Attribute(name, test) => self.test(person.attribute(*name), test),
            Condition::Word(name, word) => {
                let held = person.attribute(*name);
                matches!(held, Some(Value::Text(text)) if text.eq_ignore_ascii_case(word))
            }
            Condition::Prior {
                state,
                since,
                within,
            } => self.visits.prior(*state, *since, *within, self.now),
            Condition::Active {
                kind,
                codes,
                attribute,
            } => self.active(*kind, codes, *attribute),
            Condition::Observation {
                codes,
                attribute,
                test,
            } => self.observed(codes, *attribute, test),
            Condition::Symptom(symptom, operator, value) => {
                operator.holds(&person.symptom(*symptom), value)
            }
            // The rest is with `holds`.
            _ => false,
        }
    }

    /// True where something goes on: what an attribute holds, or else anything with one of the codes.
    fn active(&self, kind: Kind, codes: &[Name], attribute: Option<Name>) -> bool {
        let record = &self.person.record;
        match attribute.and_then(|name| self.person.attribute(name)) {
            Some(Value::Entry(id)) => {
                let entry = record.get(record.resolve(*id));
                entry.is_some_and(|entry| entry.recorded && entry.end.is_none())
            }
            _ => codes
                .iter()
                .any(|code| record.active(kind, *code).is_some()),
        }
    }

    fn observed(&self, codes: &[Name], attribute: Option<Name>, test: &Test) -> bool {
        let record = &self.person.record;
        let reading = match attribute.and_then(|name| self.person.attribute(name)) {
            Some(Value::Entry(id)) => record.reading((*id, 0)),
            _ => record.last_reading(codes),
        };
        let value = reading.and_then(|reading| match reading {
            Reading::Nothing => None,
            Reading::Number(number) => Some(Value::Number(*number)),
            Reading::Flag(flag) => Some(Value::Flag(*flag)),
            Reading::Text(text) => Some(Value::Text(text.clone())),
            Reading::Codes(codes) => Some(Value::Codes(codes.clone())),
        });
        self.test(value.as_ref(), test)
    }

    fn test(&self, value: Option<&Value>, test: &Test) -> bool {
        match test {
            Test::Nil => value.is_none(),
            Test::NotNil => value.is_some(),
            Test::Compare(operator, other) => {
                value.is_some_and(|value| compare(value, *operator, other))
            }
            Test::Attribute(operator, other) => value
                .zip(self.person.attribute(*other))
                .is_some_and(|(value, other)| compare(value, *operator, other)),
        }
    }
}

/// Values of different kinds are never equal, and neither is more than the other.
fn compare(left: &Value, operator: Operator, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => operator.holds::<Fixed>(left, right),
        (Value::Text(left), Value::Text(right)) => operator.holds(left, right),
        (Value::Flag(left), Value::Flag(right)) => operator.holds(left, right),
        (Value::Codes(left), Value::Codes(right)) => {
            let first = |codes: &crate::program::Concept| codes.first().map(|code| code.name);
            operator.holds(&first(left), &first(right))
        }
        _ => operator == Operator::NotEqual,
    }
}
