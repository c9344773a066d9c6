//! A passing complaint at the GP's: the problem, what is measured, the course of medicine and the
//! certificate of sickness.

use super::body::Infection;
use super::complaint::{Complaint, Kind};
use super::note::Draft;
use super::plan::Visit;
use super::quantity::What;
use super::sick_leave;
use super::treatment::Prescribed;
use super::visit::{Journal, next};
use super::{Code, Ending, Fact, Onset, Problem, Service};
use crate::date::Date;
use crate::draw::Topic;

impl Journal<'_> {
    pub(super) fn complaint(
        &mut self,
        complaint: &'static Complaint,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) -> (Vec<Code>, Vec<u32>) {
        let today = visit.at.date;
        let step = today.epoch_days().unsigned_abs();
        let number = next(&mut self.counts.problems);
        let code = code_for(complaint);
        let lasts = complaint.days
            + self
                .draws
                .below(Topic::Course, step, 0, complaint.days / 2 + 1);
        let absence = sick_leave::absence(self.person, self.draws, complaint, today);
        // Nobody is away from work longer than the trouble lasts.
        let away = absence.map_or(0, |absence| absence.days + 3);
        let abated = Some(today.plus_days(i32::try_from(lasts.max(away)).unwrap_or(1)));
        self.facts.push(Fact::Problem(Problem {
            service: Service::GeneralPractice,
            number,
            code,
            lasting: false,
            onset: Onset::Day(today),
            recorded: visit.at,
            contact,
            practitioner: visit.practitioner,
            abated,
        }));
        if complaint.code == "B80" {
            self.anaemia_until = abated;
        }
        let infection = match complaint.kind {
            Kind::Bacterial => Infection::Bacterial,
            Kind::Viral => Infection::Viral,
            Kind::Other => Infection::None,
        };
        let checks = self.checks_for(complaint, today);
        self.measure(&checks, visit, contact, infection, draft);
        self.course(complaint, number, visit, contact, draft);
        if complaint.code == "U71" {
            self.urine(code, number, visit, contact);
        }
        if let Some(absence) = absence {
            self.leaves.push((today, code, number));
            self.certify(&absence.first(), code, number, visit, contact, draft);
        }
        self.renew(visit, contact, draft);
        (vec![code], vec![number])
    }

    /// What the complaint calls for, and now and then a blood pressure since the patient is there.
    fn checks_for(&self, complaint: &Complaint, today: Date) -> Vec<What> {
        let mut checks = complaint.checks.to_vec();
        let permille = match self.person.birth_date.age_on(today) {
            ..20 => 20,
            20..40 => 140,
            _ => 380,
        };
        let step = today.epoch_days().unsigned_abs();
        if self.draws.chance(Topic::Note, step, 1, permille)
            && !checks.contains(&What::BloodPressure)
        {
            checks.push(What::BloodPressure);
            if !checks.contains(&What::Pulse) {
                checks.push(What::Pulse);
            }
        }
        checks
    }

    /// The course of medicine that many get for it.
    fn course(
        &mut self,
        complaint: &Complaint,
        problem: u32,
        visit: &Visit,
        contact: u32,
        draft: &mut Draft,
    ) {
        let today = visit.at.date;
        let step = today.epoch_days().unsigned_abs();
        let grown = self.person.birth_date.age_on(today) >= 12;
        if let Some((drug, permille)) = complaint
            .course
            .filter(|(drug, _)| grown && self.may_have(drug))
            && self.draws.chance(Topic::Treatment, step, 900, permille)
        {
            let course = Prescribed {
                drug,
                reason: code_for(complaint),
                problem,
                course: true,
            };
            let days = i32::try_from(complaint.days.clamp(5, 90)).unwrap_or(7);
            let ends = Some((today.plus_days(days), Ending::Finished));
            self.prescribe(&course, visit, contact, ends);
            draft.starts(&drug);
        }
    }
}

fn code_for(complaint: &Complaint) -> Code {
    Code {
        code: complaint.code,
        name: complaint.name,
    }
}
