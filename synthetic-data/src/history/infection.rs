//! Urinary infection at the GP's: the dipstick, the culture that is answered some days later, and another
//! antibiotic where the bacterium is resistant to the first.

use super::drug;
use super::plan::Visit;
use super::scribe::Subject;
use super::treatment::Prescribed;
use super::visit::{Journal, next};
use super::{Code, Ending, Fact, Finding, Note, Part, PartValue, Service};
use crate::date::Moment;
use crate::draw::Topic;

/// Of a thousand, how many samples are sent to be cultured.
const CULTURED: u32 = 350;
/// Antibiotics with, of a thousand bacteria, how many are resistant (our own rounding of NORM's figures).
const RESISTANT: [(&str, u32); 4] = [
    ("Pivmecillinam", 55),
    ("Nitrofurantoin", 15),
    ("Trimetoprim", 220),
    ("Ciprofloksacin", 90),
];
const DAYS: i32 = 5;

impl Journal<'_> {
    /// What a urinary infection leads to beside the course that many get at once.
    pub(super) fn urine(&mut self, code: Code, problem: u32, visit: &Visit, contact: u32) {
        let step = visit.at.date.epoch_days().unsigned_abs();
        let positive = |number, permille| {
            let found = self.draws.chance(Topic::Infection, step, number, permille);
            PartValue::Text(if found { "positiv" } else { "negativ" })
        };
        if !visit.form.is_in_person() {
            return;
        }
        let strip = [("Leukocytter", 950), ("Nitritt", 600), ("Blod", 450)];
        let parts = (0..).zip(strip).map(|(number, (name, permille))| Part {
            loinc: None,
            name,
            value: Some(positive(number, permille)),
        });
        let parts = parts.collect();
        self.finding(
            &subject("Urinstrimmel", problem),
            parts,
            visit.at.plus_minutes(5),
            visit,
            contact,
        );
        if self.draws.chance(Topic::Infection, step, 10, CULTURED) {
            self.culture(code, problem, visit, contact);
        }
    }

    fn culture(&mut self, code: Code, problem: u32, visit: &Visit, contact: u32) {
        let step = visit.at.date.epoch_days().unsigned_abs();
        let later = 2 + i32::try_from(self.draws.below(Topic::Infection, step, 11, 3)).unwrap_or(0);
        let at = Moment {
            date: visit.at.date.plus_days(later),
            minute: 14 * 60,
        };
        let bacterium = match self.draws.below(Topic::Infection, step, 12, 100) {
            0..78 => "E. coli",
            78..88 => "Klebsiella pneumoniae",
            88..94 => "Enterococcus faecalis",
            _ => "Staphylococcus saprophyticus",
        };
        let mut parts = vec![word("Bakterie", bacterium)];
        let mut first_fails = false;
        for (number, (name, permille)) in (20..).zip(RESISTANT) {
            let resists = self.draws.chance(Topic::Infection, step, number, permille);
            first_fails |= resists && number == 20;
            parts.push(word(name, if resists { "resistent" } else { "følsom" }));
        }
        self.finding(
            &subject("Dyrkning av urin", problem),
            parts,
            at,
            visit,
            contact,
        );
        let given = self.facts.iter().any(|fact| {
            matches!(fact, Fact::Prescription(one) if one.contact == contact && one.drug.atc == drug::PIVMECILLINAM.atc)
        });
        if first_fails && given {
            self.change(code, problem, &Visit { at, ..*visit }, contact);
        }
    }

    /// Another antibiotic than the one that does not work.
    fn change(&mut self, reason: Code, problem: u32, answer: &Visit, contact: u32) {
        let course = Prescribed {
            drug: drug::NITROFURANTOIN,
            reason,
            problem,
            course: true,
        };
        let ends = Some((answer.at.date.plus_days(DAYS), Ending::Finished));
        self.prescribe(&course, answer, contact, ends);
        let number = next(&mut self.counts.notes);
        self.facts.push(Fact::Note(Note {
            service: Service::GeneralPractice,
            number,
            at: answer.at.plus_minutes(15),
            contact: None,
            practitioner: answer.practitioner,
            text: "Svar på dyrkning: resistent mot pivmecillinam. Bytter til nitrofurantoin."
                .to_owned(),
            replaces: None,
            withdrawn: None,
        }));
    }

    fn finding(
        &mut self,
        what: &Subject,
        parts: Vec<Part>,
        at: Moment,
        visit: &Visit,
        contact: u32,
    ) {
        let number = next(&mut self.counts.readings);
        self.facts.push(Fact::Finding(Finding {
            service: Service::GeneralPractice,
            number,
            loinc: what.loinc,
            name: what.name,
            category: what.category,
            total: None,
            parts,
            problem: what.problem,
            site: what.site,
            photo: None,
            at,
            contact,
            practitioner: visit.practitioner,
        }));
    }
}

fn subject(name: &'static str, problem: u32) -> Subject {
    Subject {
        loinc: None,
        name,
        category: "laboratory",
        problem: Some(problem),
        site: None,
    }
}

fn word(name: &'static str, text: &'static str) -> Part {
    Part {
        loinc: None,
        name,
        value: Some(PartValue::Text(text)),
    }
}
