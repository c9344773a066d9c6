//! The faults that documents have: a note written days after the contact, a note that says something
//! else than what happened and is replaced, and a note of somebody else. What is wrong is withdrawn when
//! it is found.

use super::complaint::Complaint;
use super::plan::Visit;
use super::visit::{Journal, next};
use super::{Fact, Note, Service};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Of ten thousand notes, how many are written late, say something else, and are somebody else's.
const LATE: u32 = 200;
const MISTAKEN: u32 = 25;
const MISPLACED: u32 = 15;

impl Journal<'_> {
    /// Files the note of a contact, now and then with a fault.
    pub(super) fn file(&mut self, visit: &Visit, contact: u32, minutes: u16, text: String) {
        let at = visit.at.plus_minutes(minutes);
        let step = at.date.epoch_days().unsigned_abs();
        let drawn = self.draws.below(Topic::Fault, step, 0, 10_000);
        let days = 1 + i32::try_from(self.draws.below(Topic::Fault, step, 1, 20)).unwrap_or(0);
        let later = Moment {
            date: at.date.plus_days(days),
            minute: 15 * 60,
        };
        if drawn < LATE {
            let text = format!("Ført i etterkant, {days} dager etter kontakten.\n{text}");
            self.note(visit, contact, later, text);
        } else if drawn < LATE + MISTAKEN {
            let wrong = self.note(visit, contact, at, self.another(visit, step));
            self.withdraw(wrong, later.date);
            let replaces = self.counts.notes;
            let right = self.note(visit, contact, later, format!("Retter feil notat.\n{text}"));
            if let Some(Fact::Note(note)) = self.facts.get_mut(right) {
                note.replaces = Some(replaces);
            }
        } else {
            self.note(visit, contact, at, text);
            if drawn < LATE + MISTAKEN + MISPLACED {
                let wrong = self.note(visit, contact, at, self.another(visit, step));
                self.withdraw(wrong, later.date);
            }
        }
    }

    /// The text of a visit that was not this one.
    fn another(&self, visit: &Visit, step: u32) -> String {
        let age = self.person.birth_date.age_on(visit.at.date);
        let drawn = Complaint::draw(self.draws, step + 1_000_000, self.person.sex, age);
        let name = drawn.map_or("Attest", |complaint| complaint.name);
        format!(
            "{}: {name}.\nPlan: Tar kontakt ved behov.",
            visit.form.name()
        )
    }

    /// Writes a note; gives its place among the facts.
    fn note(&mut self, visit: &Visit, contact: u32, at: Moment, text: String) -> usize {
        let number = next(&mut self.counts.notes);
        self.facts.push(Fact::Note(Note {
            service: Service::GeneralPractice,
            number,
            at,
            contact: Some(contact),
            practitioner: visit.practitioner,
            text,
            replaces: None,
            withdrawn: None,
        }));
        self.facts.len() - 1
    }

    fn withdraw(&mut self, place: usize, date: Date) {
        if let Some(Fact::Note(note)) = self.facts.get_mut(place) {
            note.withdrawn = Some(date);
        }
    }
}
