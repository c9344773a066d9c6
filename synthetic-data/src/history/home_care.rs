//! Home care (hjemmetjeneste): the decision, the plan, functional assessments twice a year, a summary
//! of every week, and the single visits of the last ninety days.

use super::plan::Form;
use super::scribe::{Aim, Meeting, Scribe, Subject};
use super::short_stay::{self, Stay};
use super::{Fact, Life, Part, PartValue, Service, dependency, nutrition};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Single visits are told for so many days.
const DETAIL_DAYS: i32 = 90;
/// Contact numbers a day: four planned visits, and one for an assessment.
const SLOTS: u32 = 5;
/// Days between functional assessments.
const ASSESSMENT_DAYS: i32 = 182;
/// Staff of a zone: nurses first.
const NURSES: u32 = 3;
const STAFF: u32 = 6;
/// Minutes since midnight of the day's four visits.
const HOURS: [u16; 4] = [8 * 60, 12 * 60, 17 * 60, 20 * 60 + 30];

/// True for the contact number of a planned visit, not of an assessment.
pub(super) fn is_passing(number: u32) -> bool {
    !number.is_multiple_of(SLOTS)
}

/// How much help a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    TwiceAWeek,
    Daily(u32),
}

impl Level {
    fn of(life: &Life<'_>) -> Self {
        match life.draws.below(Topic::HomeCare, 0, 0, 100) {
            0..40 => Self::TwiceAWeek,
            40..75 => Self::Daily(1),
            75..92 => Self::Daily(2),
            _ => Self::Daily(4),
        }
    }

    /// Visits on a day.
    fn visits(self, day: Date) -> u32 {
        match self {
            Self::TwiceAWeek => u32::from(matches!(day.weekday(), 0 | 3)),
            Self::Daily(visits) => visits,
        }
    }

    /// The score from 1 (copes alone) to 5 (needs all help) that variables lie around.
    fn need(self) -> i32 {
        match self {
            Self::TwiceAWeek | Self::Daily(1) => 2,
            Self::Daily(2) => 3,
            Self::Daily(_) => 4,
        }
    }
}

/// All that home care wrote of a person.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let Some(begin) = dependency::home_care(life) else {
        return Vec::new();
    };
    let moves = dependency::nursing_home(life);
    let end = moves.map_or(life.last, |date| date.plus_days(-1));
    if end < begin {
        return Vec::new();
    }
    let mut zone = Zone {
        life,
        scribe: Scribe::new(Service::HomeCare, begin),
        level: Level::of(life),
        begin,
        stays: short_stay::stays(life),
    };
    let (episode, plan) = zone.open();
    let mut day = begin;
    while day <= end {
        let since = day.days_since(begin);
        if since > 0 && since % ASSESSMENT_DAYS == 0 {
            zone.assess(day, "Ny vurdering av funksjon. Tiltakene fortsetter.");
        }
        if day.weekday() == 6 && since >= 6 {
            zone.sum_up(day);
        }
        if life.last.days_since(day) < DETAIL_DAYS {
            zone.visit(day);
        }
        day = day.plus_days(1);
    }
    if moves.is_some() {
        zone.scribe.end(episode, end);
        zone.scribe.end(plan, end);
    }
    zone.scribe.facts
}

#[derive(Debug)]
struct Zone<'a> {
    life: &'a Life<'a>,
    scribe: Scribe,
    level: Level,
    begin: Date,
    /// Short stays in the nursing home.
    stays: Vec<Stay>,
}

impl Zone<'_> {
    fn below(&self, day: Date, number: u32, bound: u32) -> u32 {
        let step = day.epoch_days().unsigned_abs();
        self.life.draws.below(Topic::HomeVisit, step, number, bound)
    }

    fn meet(&mut self, day: Date, slot: u32, minute: u16, practitioner: u32) {
        let since = day.days_since(self.begin).unsigned_abs();
        self.scribe.skip_contacts_to(since * SLOTS + slot);
        let meeting = Meeting {
            at: Moment { date: day, minute },
            form: Form::HomeVisit,
            minutes: 20,
            practitioner: usize::try_from(practitioner).unwrap_or(0),
        };
        self.scribe.meet(meeting, Vec::new(), Vec::new());
    }

    /// Decision and plan: their places among the facts.
    fn open(&mut self) -> (usize, usize) {
        let at = Moment {
            date: self.begin,
            minute: 9 * 60,
        };
        let name = "Helsetjenester i hjemmet";
        let episode = self.scribe.episode(at, name, Some("15"), None);
        self.assess(
            self.begin,
            "Vurderingsbesøk ved oppstart av hjemmesykepleie.",
        );
        let steps: &[&str] = match self.level {
            Level::TwiceAWeek => &["Dosett legges og kontrolleres", "Tilsyn to ganger i uken"],
            Level::Daily(1) => &["Hjelp til legemidler hver morgen", "Tilsyn hver dag"],
            Level::Daily(_) => &[
                "Hjelp til morgenstell og måltider",
                "Hjelp til legemidler",
                "Kveldsstell",
            ],
        };
        let aim = Aim {
            title: "Tiltaksplan for hjemmesykepleie",
            goal: "Bo trygt hjemme",
            steps,
        };
        let plan = self.scribe.plan(&aim, None);
        (episode, plan)
    }

    /// A functional assessment: IPLOS-like variables, scored from 1 to 5.
    fn assess(&mut self, day: Date, text: &str) {
        let nurse = self.below(day, 90, NURSES);
        self.meet(day, SLOTS - 1, 10 * 60, nurse);
        let years = day.days_since(self.begin) / 730;
        let around = self.level.need() + years.min(1);
        let parts: Vec<Part> = (0_u32..)
            .zip(VARIABLES)
            .map(|(number, name)| {
                let own = self.life.draws.below(Topic::HomeCare, 1, number, 3);
                let score = around - 1 + i32::try_from(own).unwrap_or(1);
                score_of(name, score.clamp(1, 5))
            })
            .collect();
        let subject = Subject {
            loinc: None,
            name: "Funksjonsvurdering",
            category: "survey",
            problem: None,
            site: None,
        };
        self.scribe.finding(&subject, parts, None);
        let food = nutrition::screen(self.life, &mut self.scribe);
        self.scribe.note(format!("{text} {food}"));
    }

    /// The summary of the week that ends on this Sunday.
    fn sum_up(&mut self, sunday: Date) {
        let visits: u32 = (0..7)
            .map(|back| sunday.plus_days(-back))
            .filter(|day| !self.is_away(*day))
            .map(|day| self.level.visits(day))
            .sum();
        let at = Moment {
            date: sunday,
            minute: 21 * 60,
        };
        let said = match self.below(sunday, 91, 8) {
            _ if self.is_away(sunday) => "Er på korttidsopphold.",
            0 => "Har spist mindre enn vanlig noen dager. Følges opp.",
            1 => "Var uvel midt i uken, bedre igjen nå.",
            2 => "Har hatt besøk av familien.",
            _ => "Ingen endring.",
        };
        let nurse = self.below(sunday, 92, NURSES);
        let text = format!("Ukesoppsummering: {visits} planlagte besøk. {said}");
        self.scribe
            .note_at(at, usize::try_from(nurse).unwrap_or(0), text);
    }

    /// True on a day of a short stay in the nursing home.
    fn is_away(&self, day: Date) -> bool {
        self.stays.iter().any(|stay| stay.includes(day))
    }

    fn visit(&mut self, day: Date) {
        if self.is_away(day) {
            return;
        }
        for slot in 0..self.level.visits(day).min(SLOTS - 1) {
            let place = usize::try_from(slot).unwrap_or(0);
            let late = u16::try_from(self.below(day, slot, 40)).unwrap_or(0);
            let minute = HOURS.get(place).copied().unwrap_or(600) + late;
            let staff = self.below(day, 10 + slot, STAFF);
            self.meet(day, slot, minute, staff);
        }
    }
}

fn score_of(name: &'static str, value: i32) -> Part {
    Part {
        loinc: None,
        name,
        value: Some(PartValue::Scaled {
            value,
            decimals: 0,
            unit: "{score}",
        }),
    }
}

/// What is assessed: our own words for everyday functions.
const VARIABLES: [&str; 10] = [
    "Vaske seg",
    "Kle seg",
    "Gå på toalettet",
    "Spise",
    "Bevege seg inne",
    "Bevege seg ute",
    "Lage mat",
    "Gjøre innkjøp",
    "Ta legemidler",
    "Huske",
];
