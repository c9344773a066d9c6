//! When a person comes, and why. A year's visits depend on the person and the year alone, never on
//! today's date: so what has happened by one date stays as it is on every later one.

use super::chronic::{Diagnosis, Trait};
use super::complaint::Complaint;
use crate::date::{Date, Moment};
use crate::draw::{Draws, Topic};
use crate::people::{Person, Sex};
use crate::world::DOCTORS;

/// How a contact takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// At the out-of-hours clinic, without appointment.
    Emergency,
    /// In the person's home.
    HomeVisit,
    /// During a stay in an institution.
    Stay,
    /// Examination of something new.
    Examination,
    /// Planned control.
    Control,
    /// By telephone.
    Telephone,
    /// By video.
    Video,
}

impl Form {
    /// The code in Volven 8432 (type of contact), where the list has one that we know.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Examination => Some("1"),
            Self::Control => Some("3"),
            Self::Video => Some("6"),
            Self::Telephone => Some("7"),
            Self::Emergency | Self::HomeVisit | Self::Stay => None,
        }
    }

    /// Code and name of the encounter's class in HL7's `v3-ActCode`.
    pub fn class(self) -> (&'static str, &'static str) {
        match self {
            Self::Examination | Self::Control => ("AMB", "ambulatory"),
            Self::Emergency => ("EMER", "emergency"),
            Self::HomeVisit => ("HH", "home health"),
            Self::Stay => ("IMP", "inpatient encounter"),
            Self::Telephone | Self::Video => ("VR", "virtual"),
        }
    }

    /// Our word for it, in bokmål.
    pub fn name(self) -> &'static str {
        match self {
            Self::Examination => "Utredning",
            Self::Control => "Kontroll",
            Self::Video => "Videokonsultasjon",
            Self::Telephone => "Telefonkonsultasjon",
            Self::Emergency => "Legevaktkonsultasjon",
            Self::HomeVisit => "Hjemmebesøk",
            Self::Stay => "Tilsyn på institusjon",
        }
    }

    /// True where the patient is in the room.
    pub fn is_in_person(self) -> bool {
        !matches!(self, Self::Telephone | Self::Video)
    }
}

/// Why a person comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    ChildCheck,
    Complaint(&'static Complaint),
    /// A lasting condition is found.
    Found(Diagnosis),
    FollowUp,
    /// An early control after a lasting condition was found.
    Titration(Diagnosis),
}

impl Why {
    /// Which of two reasons on the same day is kept: the lower.
    fn rank(&self) -> u8 {
        match self {
            Self::Found(_) => 0,
            Self::Titration(_) => 1,
            Self::ChildCheck => 2,
            Self::FollowUp => 3,
            Self::Complaint(_) => 4,
        }
    }
}

/// One planned visit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) at: Moment,
    pub(crate) form: Form,
    pub(crate) why: Why,
    pub(crate) practitioner: usize,
}

/// The place of the nurse among the staff.
const NURSE: usize = 4;
/// Consultations a year and hundred people, by age (Statistics Norway, 2023).
const CONSULTATIONS: [(i32, u32); 9] = [
    (5, 190),
    (15, 140),
    (19, 240),
    (29, 260),
    (49, 320),
    (66, 350),
    (79, 390),
    (89, 480),
    (120, 350),
];
/// Ages of well-child checks, in days: 6 weeks, 3, 5, 8, 12, 15 months, 2, 4 and 6 years.
const CHILD_CHECKS: [i32; 9] = [42, 91, 152, 243, 365, 456, 730, 1461, 2191];

/// Plans visits for one person.
pub(crate) struct Planner<'a> {
    pub(crate) person: &'a Person,
    pub(crate) draws: Draws,
    pub(crate) diagnoses: &'a [Diagnosis],
}

impl Planner<'_> {
    /// All visits from `begin` to `end`, by time.
    pub(crate) fn visits(&self, begin: Date, end: Date) -> Vec<Visit> {
        let mut visits = self.child_checks();
        for diagnosis in self.diagnoses {
            self.found(diagnosis, &mut visits);
        }
        for year in begin.year()..=end.year() {
            self.follow_ups(year, &mut visits);
            self.complaints(year, &mut visits);
        }
        visits.retain(|visit| visit.at.date >= begin && visit.at.date <= end);
        visits.sort_by_key(|visit| (visit.at.date, visit.why.rank(), visit.at.minute));
        // One visit a day: a second reason on the same day is left for another time.
        visits.dedup_by_key(|visit| visit.at.date);
        visits
    }

    fn child_checks(&self) -> Vec<Visit> {
        let checks = CHILD_CHECKS.iter().map(|age| {
            let date = self.person.birth_date.plus_days(*age).working_day();
            Visit {
                practitioner: NURSE,
                ..self.visit(date, Form::Control, Why::ChildCheck)
            }
        });
        checks.collect()
    }

    fn found(&self, diagnosis: &Diagnosis, visits: &mut Vec<Visit>) {
        visits.push(self.visit(diagnosis.onset, Form::Examination, Why::Found(*diagnosis)));
        if diagnosis.chronic.visits < 2 {
            return;
        }
        for (number, weeks) in [(0, 5), (1, 11)] {
            let jitter = self
                .draws
                .below(Topic::FollowUp, diagnosis.place, 100 + number, 14);
            let days = weeks * 7 + i32::try_from(jitter).unwrap_or(0);
            let date = diagnosis.onset.plus_days(days).working_day();
            visits.push(self.visit(date, Form::Control, Why::Titration(*diagnosis)));
        }
    }

    fn planned_visits(&self, on: Date) -> u32 {
        let open = self
            .diagnoses
            .iter()
            .filter(|diagnosis| diagnosis.is_open(on));
        open.map(|diagnosis| diagnosis.chronic.visits)
            .max()
            .unwrap_or(0)
    }

    fn follow_ups(&self, year: i32, visits: &mut Vec<Visit>) {
        let begin = Date::new_year(year);
        let step = year.unsigned_abs();
        let planned = self.planned_visits(begin);
        for number in 0..planned {
            if self.draws.chance(Topic::FollowUp, step, 50 + number, 120) {
                continue; // not everybody comes
            }
            let slot = 365 / planned.max(1);
            let jitter = self
                .draws
                .below(Topic::FollowUp, step, number, slot * 2 / 3);
            let day = i32::try_from(number * slot + slot / 6 + jitter).unwrap_or(0);
            let date = begin.plus_days(day).working_day();
            let by_phone = self.draws.chance(Topic::FollowUp, step, 80 + number, 80);
            let form = if by_phone {
                Form::Telephone
            } else {
                Form::Control
            };
            visits.push(self.visit(date, form, Why::FollowUp));
        }
    }

    fn complaints(&self, year: i32, visits: &mut Vec<Visit>) {
        let begin = Date::new_year(year);
        let age = self.person.birth_date.age_on(begin.plus_days(182)).max(0);
        let yearly = self.complaints_a_year(age, begin);
        let step = year.unsigned_abs() * 32;
        for half_month in 0..24 {
            // Hundredths of a visit a year, over 24 half months, in thousandths.
            if !self
                .draws
                .chance(Topic::Contact, step, half_month, yearly * 10 / 24)
            {
                continue;
            }
            let day =
                half_month * 15 + self.draws.below(Topic::Contact, step, 100 + half_month, 15);
            let date = begin
                .plus_days(i32::try_from(day).unwrap_or(0))
                .working_day();
            let complaint = Complaint::draw(self.draws, step + half_month, self.person.sex, age);
            let Some(complaint) = complaint else { continue };
            let form = match self
                .draws
                .below(Topic::Contact, step, 200 + half_month, 100)
            {
                0..=9 => Form::Telephone,
                10..=13 => Form::Video,
                _ => Form::Examination,
            };
            visits.push(self.visit(date, form, Why::Complaint(complaint)));
        }
    }

    /// Visits a year for passing complaints, in hundredths: the national figure for the age, less
    /// what is planned, more for women of working age and for those who seek care easily.
    fn complaints_a_year(&self, age: i32, begin: Date) -> u32 {
        let national = CONSULTATIONS
            .iter()
            .find(|(to, _)| age <= *to)
            .map_or(350, |(_, rate)| *rate);
        let left = national
            .saturating_sub(self.planned_visits(begin) * 88)
            .max(70);
        let by_sex = match (age, self.person.sex) {
            (16..=66, Sex::Female) => 125,
            (16..=66, Sex::Male) => 75,
            _ => 100,
        };
        let seeking = (1000 + Trait::CareSeeking.of(self.draws) * 45 / 100).clamp(200, 2400);
        (left * by_sex / 100 * seeking.unsigned_abs() / 1000).min(1100)
    }

    fn visit(&self, date: Date, form: Form, why: Why) -> Visit {
        let step = date.epoch_days().unsigned_abs();
        let slot = self.draws.below(Topic::ClockTime, step, 0, 30);
        let at = Moment {
            date,
            minute: 8 * 60 + u16::try_from(slot * 15).unwrap_or(0),
        };
        let own = self.person.general_practitioner.unwrap_or(0);
        let other = self.draws.below(Topic::ClockTime, step, 1, DOCTORS);
        let stands_in = self.draws.chance(Topic::ClockTime, step, 2, 150);
        let practitioner = if stands_in {
            usize::try_from(other).unwrap_or(own)
        } else {
            own
        };
        Visit {
            at,
            form,
            why,
            practitioner,
        }
    }
}
