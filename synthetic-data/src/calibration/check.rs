//! Structural rules, which hold for everybody or are broken.

use crate::date::Date;
use crate::history::{Fact, History, Onset, Value, What};
use crate::people::{Person, Sex};

/// A rule with how often it was looked at and how often it was broken.
#[derive(Clone, Debug)]
pub struct Check {
    /// The rule, in bokmål.
    pub rule: &'static str,
    /// How many were examined.
    pub examined: u64,
    /// How many broke it.
    pub broken: u64,
    /// The first person who broke it.
    pub example: Option<String>,
}

/// A rule for one fact of a person's history: `None` where it has nothing to say.
type Rule = fn(&Person, &History, &Fact) -> Option<bool>;

const RULES: [(&str, Rule); 9] = [
    ("Ingenting skjer etter døden", |person, _, fact| {
        let date = person.deceased?;
        Some(fact.at().date < date)
    }),
    ("Ingenting skjer før fødselen", |person, _, fact| {
        Some(fact.at().date >= person.birth_date)
    }),
    ("Slutt kommer ikke før begynnelse", |_, _, fact| {
        let (begin, end) = span(fact)?;
        Some(end >= begin)
    }),
    ("Koder for ett kjønn står bare hos det", of_own_sex),
    ("Koder for en alder står bare i den", of_own_age),
    ("Besøk ligger i et tjenesteforløp", in_episode),
    ("Blodtrykk er mulige", |_, _, fact| match fact {
        Fact::Reading(reading) => match reading.value {
            Value::Pressure {
                systolic,
                diastolic,
            } => Some(systolic > diastolic + 10 && (60..=250).contains(&systolic)),
            Value::Scaled(_) => None,
        },
        _ => None,
    }),
    (
        "Resept og problem hører til en kontakt",
        |_, history, fact| {
            let number = match fact {
                Fact::Prescription(one) => one.contact,
                Fact::Problem(one) => one.contact,
                _ => return None,
            };
            Some(history.facts.iter().any(|other| {
                matches!(other, Fact::Contact(contact)
                if contact.service == fact.service() && contact.number == number)
            }))
        },
    ),
    (
        "Problem begynner ikke før fødselen",
        |person, _, fact| match fact {
            Fact::Problem(problem) => Some(match problem.onset {
                Onset::Day(date) => date >= person.birth_date,
                Onset::Year(year) => year >= person.birth_date.year(),
            }),
            _ => None,
        },
    ),
];

/// The rules before anybody is examined.
pub(super) fn all() -> Vec<Check> {
    let names = RULES.iter().map(|(rule, _)| *rule);
    let over_time = ["Barn blir ikke kortere", "Vekt endrer seg under 3 % i uken"];
    names
        .chain(over_time)
        .map(|rule| Check {
            rule,
            examined: 0,
            broken: 0,
            example: None,
        })
        .collect()
}

/// Examines one person.
pub(super) fn examine(checks: &mut [Check], person: &Person, history: &History) {
    let (own, series) = checks.split_at_mut(RULES.len().min(checks.len()));
    for (check, (_, rule)) in own.iter_mut().zip(RULES) {
        for fact in &history.facts {
            if let Some(kept) = rule(person, history, fact) {
                check.record(kept, person);
            }
        }
    }
    let [growth, weight] = series else { return };
    for (earlier, later) in pairs(history, What::Height) {
        growth.record(later.1 >= earlier.1, person);
    }
    for (earlier, later) in pairs(history, What::Weight) {
        let grown = person.birth_date.age_on(earlier.0) >= 18;
        let days = later.0.days_since(earlier.0).max(7);
        let change = (later.1 - earlier.1).abs() * 1000 / earlier.1.max(1);
        if grown {
            // Two scales and clothes are worth two percent.
            weight.record(change <= 30 * days / 7 + 20, person);
        }
    }
}

impl Check {
    fn record(&mut self, kept: bool, person: &Person) {
        self.examined += 1;
        if !kept {
            self.broken += 1;
            self.example.get_or_insert_with(|| person.patient_id());
        }
    }
}

type Point = (Date, i32);

/// Each measurement of a kind with the one after it.
fn pairs(history: &History, what: What) -> Vec<(Point, Point)> {
    let points: Vec<Point> = history
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Reading(reading) if reading.what == what => match reading.value {
                Value::Scaled(value) => Some((reading.at.date, value)),
                Value::Pressure { .. } => None,
            },
            _ => None,
        })
        .collect();
    points
        .iter()
        .copied()
        .zip(points.iter().copied().skip(1))
        .collect()
}

fn span(fact: &Fact) -> Option<(Date, Date)> {
    let end = match fact {
        Fact::Problem(one) => one.abated?,
        Fact::Prescription(one) => one.ended?.0,
        Fact::Plan(one) => one.ended?,
        Fact::Episode(one) => one.ended?,
        _ => return None,
    };
    Some((fact.at().date, end))
}

fn of_own_sex(person: &Person, _: &History, fact: &Fact) -> Option<bool> {
    let Fact::Problem(problem) = fact else {
        return None;
    };
    match problem.code.code.chars().next()? {
        'W' | 'X' => Some(person.sex == Sex::Female),
        'Y' => Some(person.sex == Sex::Male),
        _ => None,
    }
}

fn of_own_age(person: &Person, _: &History, fact: &Fact) -> Option<bool> {
    let Fact::Problem(problem) = fact else {
        return None;
    };
    let age = person.birth_date.age_on(problem.recorded.date);
    match problem.code.code {
        "P70" => Some(age >= 45),
        "H71" | "R77" => Some(age <= 7),
        "W11" => Some((15..=46).contains(&age)),
        "Y85" => Some(age >= 30),
        _ => None,
    }
}

/// Visits of services that work by decision lie in an episode of theirs.
fn in_episode(_: &Person, history: &History, fact: &Fact) -> Option<bool> {
    use crate::history::Service::{
        HomeCare, MentalHealth, NursingHome, Palliative, ShortStay, WoundCare,
    };
    let Fact::Contact(contact) = fact else {
        return None;
    };
    if !matches!(
        contact.service,
        HomeCare | MentalHealth | NursingHome | Palliative | ShortStay | WoundCare
    ) {
        return None;
    }
    let day = contact.start.date;
    Some(history.facts.iter().any(|other| {
        matches!(other, Fact::Episode(episode)
            if episode.service == contact.service
            && episode.at.date <= day
            && episode.ended.is_none_or(|end| day <= end))
    }))
}
