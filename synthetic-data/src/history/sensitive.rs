//! What is sensitive in a journal: mental illness, drugs, violence and attempts at suicide, with all that
//! was written at the contacts about them; and whether the person has asked that it be closed.

use std::collections::BTreeSet;

use super::{Fact, Service};
use crate::draw::{Draws, Topic};

/// ICPC-2 codes of what is sensitive.
const CODES: [&str; 9] = [
    "P15", "P16", "P19", "P72", "P73", "P77", "P80", "Z12", "Z25",
];
/// Of a thousand people, how many ask that it be closed to others (sperring).
const BLOCKS: u32 = 180;

pub(super) fn blocks(draws: Draws) -> bool {
    draws.chance(Topic::Privacy, 0, 0, BLOCKS)
}

/// The contacts at which something sensitive was dealt with, by service and number.
pub(super) fn contacts(facts: &[Fact]) -> BTreeSet<(Service, u32)> {
    let mut found = BTreeSet::new();
    for fact in facts {
        match fact {
            Fact::Problem(one) if CODES.contains(&one.code.code) => {
                found.insert((one.service, one.contact));
            }
            Fact::Contact(one) if one.reasons.iter().any(|code| CODES.contains(&code.code)) => {
                found.insert((one.service, one.number));
            }
            _ => {}
        }
    }
    found
}

/// True for what belongs to such a contact, and for all of the service that there is for it.
pub(super) fn is_sensitive(fact: &Fact, contacts: &BTreeSet<(Service, u32)>) -> bool {
    let service = fact.service();
    let told = || {
        fact.contact()
            .is_some_and(|number| contacts.contains(&(service, number)))
    };
    service == Service::MentalHealth || (!contacts.is_empty() && told())
}
