//! Counts one person after another: everything that a row needs, in one pass.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{self, Check};
use crate::date::Date;
use crate::history::{Fact, Form, History, Service, Value};
use crate::people::{Person, Sex};

/// Sum, sum of squares, how many with at least one, and how many people.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) sum: f64,
    pub(super) squares: f64,
    pub(super) some: u32,
    pub(super) people: u32,
}

impl Sums {
    fn add(&mut self, count: u32) {
        self.sum += f64::from(count);
        self.squares += f64::from(count) * f64::from(count);
        self.some += u32::from(count > 0);
        self.people += 1;
    }
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) part: u32,
    pub(super) all: u32,
}

impl Part {
    fn add(&mut self, counts: bool) {
        self.part += u32::from(counts);
        self.all += 1;
    }
}

/// All counts.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) people: u32,
    /// Rates and means, by name.
    pub(super) sums: BTreeMap<String, Sums>,
    /// Shares, by name.
    pub(super) parts: BTreeMap<String, Part>,
    pub(super) checks: Vec<Check>,
    as_of: Date,
}

/// Upper ages of Statistics Norway's groups for consultations.
pub(super) const AGES: [i32; 9] = [5, 15, 19, 29, 49, 66, 79, 89, 130];
/// Conditions that make a problem list long.
const LASTING: usize = 2;

impl Tally {
    pub(super) fn new(as_of: Date) -> Self {
        Self {
            people: 0,
            sums: BTreeMap::new(),
            parts: BTreeMap::new(),
            checks: check::all(),
            as_of,
        }
    }

    fn sum(&mut self, name: impl Into<String>, count: u32) {
        self.sums.entry(name.into()).or_default().add(count);
    }

    fn part(&mut self, name: impl Into<String>, counts: bool) {
        self.parts.entry(name.into()).or_default().add(counts);
    }

    pub(super) fn add(&mut self, person: &Person, works: bool, history: &History) {
        check::examine(&mut self.checks, person, history);
        let year_ago = self.as_of.plus_days(-365);
        let died = person.deceased.is_some();
        self.part("dead", person.deceased.is_some_and(|date| date > year_ago));
        if died {
            return;
        }
        self.people += 1;
        let age = person.birth_date.age_on(self.as_of);
        self.part("born", person.birth_date > year_ago);
        self.part("women", person.sex == Sex::Female);
        for band in AGES {
            self.part(format!("age {band}"), age <= band);
        }
        self.contacts(person, age, history);
        self.problems(person, age, history);
        if works {
            self.work(history);
        }
        self.care(person, age, history);
        self.medicines(age, history);
        self.vaccines(person, age, history);
    }

    /// Contacts of the last twelve months, of those who were there for all of them.
    fn contacts(&mut self, person: &Person, age: i32, history: &History) {
        let from = self.as_of.plus_days(-365);
        if person.birth_date > from {
            return;
        }
        let recent = |service: Service| {
            history.facts.iter().filter_map(move |fact| match fact {
                Fact::Contact(one) if one.service == service && one.start.date > from => Some(one),
                _ => None,
            })
        };
        let band = AGES.iter().find(|to| age <= **to).copied().unwrap_or(130);
        let sex = person.sex.code();
        for (name, service) in [
            ("gp", Service::GeneralPractice),
            ("out of hours", Service::OutOfHours),
        ] {
            let count = u32::try_from(recent(service).count()).unwrap_or(0);
            self.sum(name, count);
            self.sum(format!("{name} {band}"), count);
            self.sum(format!("{name} {sex}"), count);
        }
        let gp: Vec<_> = recent(Service::GeneralPractice).collect();
        for contact in gp {
            let digital = matches!(contact.form, Form::Telephone | Form::Video);
            self.part("digital", digital);
            let code = contact.reasons.first().map_or("", |reason| reason.code);
            for (group, codes) in super::figure::GROUPS {
                let named = codes.split(' ').any(|prefix| code.starts_with(prefix));
                self.part(format!("group {group}"), named && !code.is_empty());
            }
        }
    }

    fn problems(&mut self, person: &Person, age: i32, history: &History) {
        let mut codes = BTreeSet::new();
        let mut open = 0;
        for fact in &history.facts {
            match fact {
                Fact::Problem(one) if one.service == Service::GeneralPractice && one.lasting => {
                    open += usize::from(one.abated.is_none());
                    codes.insert(one.code.code);
                }
                Fact::Reading(reading) => {
                    if let Value::Pressure { systolic, .. } = reading.value {
                        self.part("digit preference", systolic % 5 == 0);
                    }
                }
                _ => {}
            }
        }
        let has = |code: &str| codes.contains(code);
        let diabetes = has("T90") || has("T89");
        self.part("diabetes", diabetes);
        if age >= 80 {
            self.part("diabetes 80", diabetes);
        }
        if age > 40 {
            self.part("copd 40", has("R95"));
        }
        if age >= 70 {
            self.part("dementia 70", has("P70"));
        }
        if age >= 65 {
            self.part("multimorbid 65", open >= LASTING);
        }
        if (50..80).contains(&age) {
            let (high, sweet) = (has("K86"), has("T90"));
            self.part("K86 50", high);
            self.part("T90 50", sweet);
            self.part("K86 and T90 50", high && sweet);
        }
        let band = match age {
            28..=32 => 30,
            40..=45 => 42,
            58..=61 => 60,
            74..=77 => 75,
            _ => return,
        };
        for code in super::figure::PREVALENT {
            let name = format!("{code} {} {band}", person.sex.code());
            self.part(name, has(code));
        }
    }

    /// Certificates of sickness of those at work: today's, and those of the year's visits.
    fn work(&mut self, history: &History) {
        let (from, today) = (self.as_of.plus_days(-365), self.as_of);
        let away = history.facts.iter().any(
            |fact| matches!(fact, Fact::SickLeave(one) if one.from <= today && today <= one.to),
        );
        self.part("certified", away);
        for fact in &history.facts {
            let Fact::Problem(one) = fact else { continue };
            let recent = one.recorded.date > from && one.recorded.date < today.plus_days(-30);
            let group = match one.code.code.chars().next() {
                Some('L') => "L",
                Some('R') => "R",
                _ => continue,
            };
            if one.lasting || !recent || one.service != Service::GeneralPractice {
                continue;
            }
            let own = history.facts.iter().filter_map(|fact| match fact {
                Fact::SickLeave(leave) if leave.problem == one.number => Some(leave),
                _ => None,
            });
            let days: i32 = own.map(|one| one.to.days_since(one.from) + 1).sum();
            self.part(format!("certified {group}"), days > 0);
            self.part(format!("certified {group} long"), days > 16);
        }
    }

    fn care(&mut self, person: &Person, age: i32, history: &History) {
        let open = |service: Service| {
            history.facts.iter().any(|fact| {
                matches!(fact, Fact::Episode(one)
                    if one.service == service && one.ended.is_none())
            })
        };
        let wound = open(Service::WoundCare);
        let (home, nursing) = (open(Service::HomeCare), open(Service::NursingHome));
        self.part("wound", wound);
        self.part("home care", home);
        self.part("nursing home", nursing);
        self.part("short stay", open(Service::ShortStay));
        let years = u32::try_from(age).unwrap_or(0);
        if age >= 80 {
            self.part("home care 80", home);
        }
        if home {
            self.part("home care women", person.sex == Sex::Female);
            self.part("home care under 67", age < 67);
        }
        if nursing {
            self.sum("nursing home age", years);
            self.part("nursing home women", person.sex == Sex::Female);
        }
        if wound {
            self.sum("wound age", years);
        }
        for fact in &history.facts {
            if let Fact::Problem(one) = fact
                && one.service == Service::WoundCare
            {
                self.part("venous", one.code.name.starts_with("Venøst"));
                let weeks = one.abated.map(|end| end.days_since(one.recorded.date) / 7);
                if one.code.name.starts_with("Venøst")
                    && one.recorded.date < self.as_of.plus_days(-200)
                {
                    self.part(
                        "venous open at 24 weeks",
                        weeks.is_none_or(|weeks| weeks > 24),
                    );
                }
            }
        }
    }

    /// Medicines of those of 70 and more who live at home, with a prescription in force.
    fn medicines(&mut self, age: i32, history: &History) {
        let in_home = history.facts.iter().any(|fact| {
            matches!(fact, Fact::Episode(one)
                if one.service == Service::NursingHome && one.ended.is_none())
        });
        if age < 70 || in_home {
            return;
        }
        let from = self.as_of.plus_days(-365);
        let mut taken = BTreeSet::new();
        for fact in &history.facts {
            if let Fact::Prescription(one) = fact
                && one.authored.date > from
            {
                taken.insert(one.drug.atc);
            }
        }
        for (name, prefix, _) in super::figure::MEDICINES {
            let takes = taken.iter().any(|atc| atc.starts_with(prefix));
            self.part(format!("drug {name}"), takes);
        }
    }

    fn vaccines(&mut self, person: &Person, age: i32, history: &History) {
        if person.moved.is_some() {
            return; // given elsewhere, and not in the journal here
        }
        let has = |atc: &str, dose: u8| {
            history.facts.iter().any(
                |fact| matches!(fact, Fact::Vaccination(one) if one.atc == atc && one.dose == dose),
            )
        };
        match age {
            2 => {
                self.part("six at 2", has("J07CA09", 3));
                self.part("mmr at 2", has("J07BD52", 1));
            }
            16 => {
                self.part("mmr at 16", has("J07BD52", 2));
                if person.sex == Sex::Female {
                    self.part("hpv at 16", has("J07BM03", 2));
                }
            }
            _ => {}
        }
    }
}
