//! Which state comes next.

use super::host;
use super::logic::Asked;
use crate::number::Chance;
use crate::program::{Bracket, Choice, Key, Row, StateId, Table, Transition, Value, Weight};
use crate::random::Random;
use crate::run::Sex;
use crate::time::Unit;

/// The next state; `None` at the end.
pub(super) fn next(
    transition: &Transition,
    asked: &Asked<'_, '_>,
    random: &mut Random,
) -> Option<StateId> {
    match transition {
        Transition::None => None,
        Transition::Direct(target) => Some(*target),
        Transition::Distributed(options) => draw(options, asked, random),
        Transition::First(options) => {
            let holds = |condition: &Option<_>, random: &mut Random| {
                condition
                    .as_ref()
                    .is_none_or(|condition| asked.holds(condition, random))
            };
            let first = options
                .iter()
                .find(|(condition, _)| holds(condition, random));
            match &first.or_else(|| options.last())?.1 {
                Choice::To(target) => Some(*target),
                Choice::Distributed(options) => draw(options, asked, random),
            }
        }
        Transition::Lookup(table) => look_up(table, asked, random),
        Transition::Care {
            ambulatory,
            emergency,
            telemedicine,
        } => {
            let shares = host::kinds_of_care(asked.now.civil().0);
            let targets = [*ambulatory, *emergency, *telemedicine];
            pick(shares.into_iter().zip(targets), random)
        }
    }
}

fn draw(
    options: &[(Weight, StateId)],
    asked: &Asked<'_, '_>,
    random: &mut Random,
) -> Option<StateId> {
    let chance = |weight: &Weight| match weight {
        Weight::Fixed(chance) => *chance,
        Weight::Attribute(name, default) => match asked.person.attribute(*name) {
            Some(Value::Number(number)) => Chance::from_fixed(*number),
            _ => *default,
        },
    };
    let options = options
        .iter()
        .map(|(weight, target)| (chance(weight), *target));
    pick(options, random)
}

/// Walks up the probabilities; what is left over is the last one's.
fn pick(options: impl Iterator<Item = (Chance, StateId)>, random: &mut Random) -> Option<StateId> {
    let mut left = random.below(Chance::WHOLE);
    let mut last = None;
    for (chance, target) in options {
        last = Some(target);
        if left < chance.get() {
            return last;
        }
        left -= chance.get();
    }
    last
}

fn look_up(table: &Table, asked: &Asked<'_, '_>, random: &mut Random) -> Option<StateId> {
    let keys: Vec<Held> = table.keys.iter().map(|key| held(*key, asked)).collect();
    let unknown = keys.iter().any(|held| matches!(held, Held::Nothing));
    let rows = if unknown { &[][..] } else { &table.rows };
    let row = rows.iter().find(|row| is_of(row, &keys));
    let chances = row.map_or(&table.default, |row| &row.chances);
    let options = chances.iter().copied().zip(table.targets.iter().copied());
    pick(options, random)
}

/// What the person has in the place of a column.
enum Held {
    Number(i64),
    Word(String),
    Nothing,
}

fn held(key: Key, asked: &Asked<'_, '_>) -> Held {
    let person = asked.person;
    match key {
        Key::Age => Held::Number(person.birth.age(asked.now, Unit::Years).floor()),
        // Tables have milliseconds.
        Key::Time => Held::Number(asked.now.seconds().saturating_mul(1000)),
        Key::Gender => Held::Word(
            match person.sex {
                Sex::Female => "F",
                Sex::Male => "M",
            }
            .to_owned(),
        ),
        Key::Attribute(name) => match person.attribute(name) {
            Some(Value::Text(text)) => Held::Word(text.to_string()),
            Some(Value::Flag(flag)) => Held::Word(flag.to_string()),
            Some(Value::Number(number)) => Held::Word(number.to_string()),
            Some(Value::Codes(codes)) => codes
                .first()
                .map_or(Held::Nothing, |code| Held::Word(code.text.to_string())),
            Some(Value::Entry(_)) | None => Held::Nothing,
        },
    }
}

fn is_of(row: &Row, keys: &[Held]) -> bool {
    let pairs = row.brackets.iter().zip(keys);
    pairs
        .into_iter()
        .all(|(bracket, held)| match (bracket, held) {
            (Bracket::Range(low, high), Held::Number(number)) => (low..=high).contains(&number),
            (Bracket::Word(word), Held::Word(held)) => word.eq_ignore_ascii_case(held),
            _ => false,
        })
}
