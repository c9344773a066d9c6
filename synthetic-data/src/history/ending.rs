//! How facts end: what is not known yet is taken away, and death ends what was going on.

use super::{Ending, Fact};
use crate::date::Date;

/// Takes away an end that lies after the date.
pub(super) fn forget_after(fact: &mut Fact, as_of: Date) {
    match fact {
        Fact::Episode(one) => one.ended = one.ended.filter(|date| *date <= as_of),
        Fact::Plan(one) => one.ended = one.ended.filter(|date| *date <= as_of),
        Fact::Problem(problem) => problem.abated = problem.abated.filter(|date| *date <= as_of),
        Fact::Prescription(prescription) => {
            prescription.ended = prescription.ended.filter(|(date, _)| *date <= as_of);
        }
        Fact::Note(note) => note.withdrawn = note.withdrawn.filter(|date| *date <= as_of),
        Fact::Statement(one) => one.ended = one.ended.filter(|date| *date <= as_of),
        Fact::Alert(_)
        | Fact::Allergy(_)
        | Fact::Contact(_)
        | Fact::Finding(_)
        | Fact::Procedure(_)
        | Fact::Reading(_)
        | Fact::SickLeave(_)
        | Fact::Vaccination(_) => {}
    }
}

/// Ends on the day of death what was going on.
pub(super) fn end_at_death(fact: &mut Fact, date: Date) {
    match fact {
        Fact::Episode(one) => one.ended = one.ended.or(Some(date)),
        Fact::Plan(one) => one.ended = one.ended.or(Some(date)),
        Fact::Statement(one) => one.ended = one.ended.or(Some(date)),
        Fact::Prescription(one) => one.ended = one.ended.or(Some((date, Ending::Stopped))),
        _ => {}
    }
}
