//! Home care's own list of medicines. It is made from the GP's prescriptions and follows them when the
//! next roll of multidose comes, a week or two later; now and then a message is not read, and what the GP
//! stopped stays on the list until the next assessment. So the two sources differ for a while.

use std::collections::BTreeMap;

use super::record::{Source, Statement};
use super::{Ending, Fact, Life, Prescription, Service};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Of a thousand whom home care helps, how many have their medicines as multidose.
const MULTIDOSE: u32 = 550;
/// Of a thousand changes, how many are not read until the next assessment.
const UNREAD: u32 = 150;
const ASSESSMENT_DAYS: i32 = 182;

/// One medicine as the GP prescribed it, over all renewals.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    prescription: &'a Prescription,
    /// The day on which the GP stopped it.
    stopped: Option<Date>,
}

impl Line<'_> {
    /// From when, and until when, it is on the list of a service with these first and last days.
    fn stands(
        &self,
        life: &Life<'_>,
        begin: Date,
        end: Option<Date>,
    ) -> Option<(Date, Option<Date>)> {
        let authored = self.prescription.authored.date;
        let stopped = self.stopped.map(|date| roll(life, date, 1));
        let since = if authored <= begin {
            begin
        } else {
            roll(life, authored, 0)
        };
        let over = stopped.is_some_and(|date| date <= since) || end.is_some_and(|end| end < since);
        let ended = match (stopped, end) {
            (Some(stopped), Some(end)) => Some(stopped.min(end)),
            (stopped, end) => stopped.or(end),
        };
        (since <= life.last && !over).then_some((since, ended))
    }
}

/// Home care's list of medicines.
pub(super) fn journal(life: &Life<'_>, facts: &[Fact]) -> Vec<Fact> {
    let episode = facts.iter().find_map(|fact| match fact {
        Fact::Episode(one) if one.service == Service::HomeCare => Some((one.at.date, one.ended)),
        _ => None,
    });
    let Some((begin, end)) = episode else {
        return Vec::new();
    };
    let multidose = life.draws.chance(Topic::MedicineList, 0, 0, MULTIDOSE);
    let mut list = Vec::new();
    // Every line has its number, on the list or not yet: so that none changes when another comes.
    for (number, line) in (1..).zip(lines(facts)) {
        let Some((since, ended)) = line.stands(life, begin, end) else {
            continue;
        };
        let tablet = line.prescription.drug.form.contains("tablett");
        let source = if multidose && tablet {
            Source::Multidose
        } else {
            Source::HomeCare
        };
        let at = Moment {
            date: since,
            minute: 13 * 60,
        };
        list.push(Fact::Statement(Statement {
            service: Service::HomeCare,
            number,
            drug: line.prescription.drug,
            source,
            at,
            ended,
        }));
    }
    list
}

/// The day on which a change reaches the list.
fn roll(life: &Life<'_>, changed: Date, number: u32) -> Date {
    let step = changed.epoch_days().unsigned_abs();
    let unread = life
        .draws
        .chance(Topic::MedicineList, step, 10 + number, UNREAD);
    let days =
        3 + i32::try_from(life.draws.below(Topic::MedicineList, step, number, 12)).unwrap_or(0);
    changed.plus_days(if unread { ASSESSMENT_DAYS } else { days })
}

/// The GP's lasting medicines, each from its first prescription on, by the day of that.
fn lines(facts: &[Fact]) -> Vec<Line<'_>> {
    let mut open: BTreeMap<&str, Line<'_>> = BTreeMap::new();
    let mut all = Vec::new();
    for fact in facts {
        let Fact::Prescription(one) = fact else {
            continue;
        };
        if one.course || one.service != Service::GeneralPractice {
            continue;
        }
        let stopped = one.ended.filter(|(_, ending)| *ending == Ending::Stopped);
        let line = open.entry(one.drug.atc).or_insert(Line {
            prescription: one,
            stopped: None,
        });
        line.stopped = stopped.map(|(date, _)| date);
        if line.stopped.is_some() {
            all.extend(open.remove(one.drug.atc));
        }
    }
    all.extend(open.into_values());
    all.sort_by_key(|line| (line.prescription.authored.date, line.prescription.number));
    all
}
