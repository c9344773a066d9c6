//! Treatment in a journal: when a line is added, when a prescription is renewed, and what the
//! medicines in force do to what is measured.

use super::body::{Infection, State, Thyroid};
use super::drug::{Drug, Effect};
use super::note::Draft;
use super::plan::Visit;
use super::quantity::What;
use super::visit::{Journal, Known, code_of, next};
use super::{Code, Ending, Fact, Prescription, Service};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Renewals are written from this age of a prescription on.
const RENEW_AFTER_DAYS: i32 = 220;

/// A medicine in use for a lasting condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Treatment {
    pub(super) place: u32,
    pub(super) drug: Drug,
    pub(super) since: Date,
    /// Where the prescription in force stands among the facts.
    pub(super) fact: usize,
    pub(super) authored: Date,
}

pub(super) struct Prescribed {
    pub(super) drug: Drug,
    pub(super) reason: Code,
    pub(super) problem: u32,
    pub(super) course: bool,
}

impl Journal<'_> {
    pub(super) fn misses_target(&self, known: &Known, at: Moment) -> bool {
        let waiting = self
            .treatments
            .iter()
            .any(|one| one.place == known.diagnosis.place && at.date.days_since(one.since) < 30);
        if waiting || known.lines == 0 {
            return false;
        }
        let state = self.state(at.date, Infection::None);
        match known.diagnosis.chronic.code {
            "K86" => self.body.blood_pressure(at, &state).0 >= 145,
            "T90" => self.body.reading(What::Hba1c, at, &state) > 56,
            "K77" | "K78" | "R95" | "R96" | "T89" => {
                known.lines == 1 && at.date.days_since(known.diagnosis.onset) > 200
            }
            _ => false,
        }
    }

    pub(super) fn state(&self, today: Date, infection: Infection) -> State {
        let with = |effect: Effect| {
            let count = self
                .treatments
                .iter()
                .filter(|one| one.drug.effect == effect && one.since < today)
                .count();
            i32::try_from(count).unwrap_or(0)
        };
        let since = |codes: &[&str]| {
            let open = self
                .known
                .iter()
                .filter(|known| known.diagnosis.is_open(today));
            open.filter(|known| codes.contains(&known.diagnosis.chronic.code))
                .map(|known| today.days_since(known.diagnosis.onset))
                .max()
        };
        let thyroid = match since(&["T86"]) {
            None => Thyroid::Healthy,
            Some(_)
                if self
                    .treatments
                    .iter()
                    .any(|one| one.drug.atc == "H03AA01" && one.since < today) =>
            {
                Thyroid::Treated
            }
            Some(_) => Thyroid::Untreated,
        };
        State {
            pressure_drugs: with(Effect::Pressure),
            beta_blockers: with(Effect::BetaBlocker),
            glucose_drugs: with(Effect::Glucose),
            lipid_drugs: with(Effect::Lipids),
            diabetes_days: since(&["T90", "T89"]),
            thyroid,
            copd: since(&["R95"]).is_some(),
            heart_failure: since(&["K77"]).is_some(),
            anaemia: self.anaemia_until.is_some_and(|until| until >= today),
            mood_days: since(&["P76", "P74"]),
            dementia_days: since(&["P70"]),
            infection,
            found_high: false,
        }
    }

    /// Begins the lines of treatment that a newly known condition calls for.
    pub(super) fn begin_treatment(
        &mut self,
        known: usize,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) {
        let Some(chronic) = self.known.get(known).map(|one| one.diagnosis.chronic) else {
            return;
        };
        for _ in 0..chronic.at_once {
            self.begin_line(known, visit, contact, draft);
        }
    }

    /// Begins the next line of treatment, if there is one that suits the person and that the person
    /// does not already take.
    pub(super) fn begin_line(
        &mut self,
        known: usize,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) {
        let Some(entry) = self.known.get_mut(known) else {
            return;
        };
        let Some((share, choice)) = entry.diagnosis.chronic.lines.get(entry.lines) else {
            return;
        };
        entry.lines += 1;
        let (diagnosis, problem) = (entry.diagnosis, entry.problem);
        let step = diagnosis.place * 8 + u32::try_from(entry.lines).unwrap_or(0);
        let suits = self.draws.chance(Topic::Treatment, step, 3, *share);
        let drawn = self.draws.pick(Topic::Treatment, step, 2, choice).copied();
        let Some(drug) =
            drawn.filter(|drug| suits && self.may_have(drug) && !self.takes_like(drug))
        else {
            return;
        };
        let fact = Prescribed {
            drug,
            reason: code_of(&diagnosis),
            problem,
            course: false,
        };
        let stops = diagnosis.resolved.map(|date| (date, Ending::Stopped));
        let place = self.prescribe(&fact, visit, contact, stops);
        let today = visit.at.date;
        self.treatments.push(Treatment {
            place: diagnosis.place,
            drug,
            since: today,
            fact: place,
            authored: today,
        });
        draft.starts(&drug);
    }

    /// True where nothing speaks against the medicine.
    pub(super) fn may_have(&self, drug: &Drug) -> bool {
        !self.avoids.iter().any(|group| drug.atc.starts_with(group))
    }

    /// True where the person already takes a medicine of the same subgroup.
    fn takes_like(&self, drug: &Drug) -> bool {
        let group = |drug: &Drug| drug.atc.get(..5);
        self.treatments
            .iter()
            .any(|one| group(&one.drug) == group(drug))
    }

    /// Renews what will soon have run out.
    pub(super) fn renew(&mut self, visit: &Visit, contact: u32, draft: &mut Draft) {
        let today = visit.at.date;
        for at in 0..self.treatments.len() {
            let Some(treatment) = self.treatments.get(at).copied() else {
                continue;
            };
            let owner = self
                .known
                .iter()
                .find(|known| known.diagnosis.place == treatment.place);
            let Some(known) = owner
                .copied()
                .filter(|known| known.diagnosis.is_open(today))
            else {
                continue;
            };
            if today.days_since(treatment.authored) < RENEW_AFTER_DAYS {
                continue;
            }
            if let Some(Fact::Prescription(old)) = self.facts.get_mut(treatment.fact) {
                old.ended = Some((today, Ending::Renewed));
            }
            let reason = code_of(&known.diagnosis);
            let fact = Prescribed {
                drug: treatment.drug,
                reason,
                problem: known.problem,
                course: false,
            };
            let stops = known.diagnosis.resolved.map(|date| (date, Ending::Stopped));
            let place = self.prescribe(&fact, visit, contact, stops);
            if let Some(treatment) = self.treatments.get_mut(at) {
                treatment.fact = place;
                treatment.authored = today;
            }
            draft.renews(&treatment.drug);
        }
    }

    pub(super) fn prescribe(
        &mut self,
        what: &Prescribed,
        visit: &Visit,
        contact: u32,
        ended: Option<(Date, Ending)>,
    ) -> usize {
        let number = next(&mut self.counts.prescriptions);
        self.facts.push(Fact::Prescription(Prescription {
            service: Service::GeneralPractice,
            number,
            drug: what.drug,
            reason: what.reason,
            problem: what.problem,
            authored: visit.at.plus_minutes(10),
            contact,
            practitioner: visit.practitioner,
            course: what.course,
            ended,
        }));
        self.facts.len() - 1
    }
}
