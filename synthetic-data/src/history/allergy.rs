//! Medicines that a person has reacted to. The GP enters them at the first contact, and none of them is
//! prescribed afterwards.

use super::record::Allergy;
use super::visit::{Journal, next};
use super::{Fact, Service};
use crate::draw::{Draws, Topic};
use crate::named::Story;

/// What people react to.
#[derive(Debug)]
pub(super) struct Kind {
    /// The beginning of the ATC code.
    pub(super) atc: &'static str,
    name: &'static str,
    reaction: &'static str,
    severe: bool,
    /// Of a thousand people.
    share: u32,
}

const KINDS: [Kind; 4] = [
    Kind {
        atc: "J01C",
        name: "Penicilliner",
        reaction: "Utslett",
        severe: false,
        share: 52,
    },
    Kind {
        atc: "M01A",
        name: "Betennelsesdempende legemidler",
        reaction: "Pustebesvær",
        severe: true,
        share: 12,
    },
    Kind {
        atc: "J01A",
        name: "Tetrasykliner",
        reaction: "Kvalme og utslett",
        severe: false,
        share: 8,
    },
    Kind {
        atc: "J01E",
        name: "Trimetoprim og sulfa",
        reaction: "Utslett",
        severe: false,
        share: 15,
    },
];

/// What a person reacts to; for a named patient, what the story says.
pub(super) fn of(draws: Draws, index: u32) -> Vec<&'static Kind> {
    let story = Story::of(index);
    (0_u32..)
        .zip(&KINDS)
        .filter(|(number, kind)| match story {
            Some(story) => story.allergies.contains(&kind.atc),
            None => draws.chance(Topic::Allergy, *number, 0, kind.share),
        })
        .map(|(_, kind)| kind)
        .collect()
}

impl Journal<'_> {
    /// Enters what the person reacts to.
    pub(super) fn enter_allergies(&mut self, visit: &super::plan::Visit, contact: u32) {
        for kind in of(self.draws, self.person.index) {
            let number = next(&mut self.counts.allergies);
            self.facts.push(Fact::Allergy(Allergy {
                service: Service::GeneralPractice,
                number,
                atc: kind.atc,
                name: kind.name,
                reaction: kind.reaction,
                severe: kind.severe,
                at: visit.at.plus_minutes(3),
                contact,
                practitioner: visit.practitioner,
            }));
        }
    }
}
