//! What the story of a named patient adds to the journals. Its entries are numbered from far above what
//! a journal reaches, so that neither disturbs the other.

use std::collections::BTreeMap;

use super::news::Signs;
use super::scribe::{Meeting, Scribe, Subject};
use super::{Code, Fact, Life, Service, Value};
use crate::date::Moment;
use crate::named::{Done, Entry};

/// Numbers of what a story adds begin above this.
const FROM: u32 = 9000;
/// Contacts of a story are so far apart in number: those of home care count as assessments, which are
/// told for ever.
const STEP: u32 = 5;

/// All that the person's story adds.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let Some(story) = life.story else {
        return Vec::new();
    };
    let mut scribes: BTreeMap<Service, Scribe> = BTreeMap::new();
    let known = story.script.iter().filter(|one| one.date() <= life.last);
    for (number, entry) in (1..).zip(known) {
        let scribe = scribes
            .entry(entry.service)
            .or_insert_with(|| Scribe::numbered_from(entry.service, entry.date(), FROM));
        scribe.skip_contacts_to(FROM + number * STEP - 1);
        write(life, entry, scribe);
    }
    scribes
        .into_values()
        .flat_map(|scribe| scribe.facts)
        .collect()
}

fn write(life: &Life<'_>, entry: &Entry, scribe: &mut Scribe) {
    let at = Moment {
        date: entry.date(),
        minute: entry.hour * 60,
    };
    let meeting = Meeting {
        at,
        form: entry.form,
        minutes: 30,
        practitioner: entry.by,
    };
    let number = entry.problem.map(|_| scribe.coming_problem());
    scribe.meet(
        meeting,
        entry.problem.into_iter().collect(),
        number.into_iter().collect(),
    );
    if let Some(code) = entry.problem {
        scribe.problem(code, false, None);
    }
    for done in entry.done {
        carry_out(life, done, entry.problem.zip(number), scribe);
    }
    scribe.note(entry.note.to_owned());
}

fn carry_out(life: &Life<'_>, done: &Done, problem: Option<(Code, u32)>, scribe: &mut Scribe) {
    let step = scribe.today().epoch_days().unsigned_abs();
    match done {
        Done::Course(drug, days) => {
            if let Some((reason, number)) = problem {
                scribe.course(*drug, reason, number, *days);
            }
        }
        Done::Found(name, parts) => {
            let subject = Subject {
                loinc: None,
                name,
                category: "laboratory",
                problem: problem.map(|(_, number)| number),
                site: None,
            };
            scribe.finding(&subject, parts.to_vec(), None);
        }
        Done::Measured(what, value) => scribe.reading(*what, Value::Scaled(*value)),
        Done::News(ill) => {
            let lungs = life.has(&["R95"], scribe.today());
            Signs::draw(life.draws, step, *ill, *ill > 0, lungs).write(scribe);
        }
        Done::Says(drug) => scribe.says(*drug),
        Done::Procedure(name) => scribe.procedure(name, problem.map(|(_, number)| number), None),
    }
}
