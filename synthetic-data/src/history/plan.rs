//! When a person comes, and why. A year's visits depend on the person and the year alone, never on
//! today's date: so what has happened by one date stays as it is on every later one.

use super::Life;
use super::antenatal::{self, Antenatal};
use super::attendance::{self, Attendance};
use super::chronic::Diagnosis;
use super::complaint::Complaint;
use super::palliative::{self, Course};
use super::sick_leave::{self, Absence, Extension};
use crate::date::{Date, Moment};
use crate::draw::Topic;
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
    /// A control of a pregnancy.
    Antenatal(Antenatal),
    /// An incurable illness is found.
    Cancer(Course),
    /// A certificate of sickness is made longer.
    Extension(Extension),
    /// Care of the dying at home begins.
    Palliative(Course),
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
            Self::Cancer(_) | Self::Palliative(_) => 1,
            Self::Antenatal(_) => 2,
            Self::Titration(_) => 3,
            Self::FollowUp => 4,
            Self::Extension(_) => 5,
            Self::Complaint(_) => 6,
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

/// Of a thousand planned controls, how many are by telephone.
const CONTROLS_BY_TELEPHONE: u32 = 215;
/// Of a thousand certificates that are made longer, how many by telephone.
const EXTENSIONS_BY_TELEPHONE: u32 = 250;
/// Of a hundred visits for complaints, how many are by telephone and by video.
const BY_TELEPHONE: u32 = 16;
const BY_VIDEO: u32 = 6;
/// Chances for a complaint in a year: one a week, four from one draw.
const WEEKS: u32 = 52;

/// Plans visits for one person.
pub(crate) struct Planner<'a> {
    pub(crate) life: &'a Life<'a>,
}

impl Planner<'_> {
    /// All visits from the person's first day to the last under the GP, by time.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        let (begin, end) = (self.life.person.registered, attendance::last_day(self.life));
        let mut visits = Vec::new();
        for diagnosis in self.life.diagnoses {
            self.found(diagnosis, &mut visits);
        }
        self.antenatal(&mut visits);
        self.palliative(&mut visits);
        let certain: Vec<Date> = visits.iter().map(|visit| visit.at.date).collect();
        for year in begin.year()..=end.year() {
            let first = Date::new_year(year);
            let planned = self.planned_visits(first);
            let known = certain.iter().filter(|date| date.year() == year).count();
            let known = u32::try_from(known).unwrap_or(0);
            let attendance = attendance::of_year(self.life, year, planned, known);
            self.follow_ups(first, planned, attendance, &mut visits);
            self.complaints(first, attendance, &mut visits);
        }
        visits.retain(|visit| visit.at.date >= begin && visit.at.date <= end);
        visits.sort_by_key(|visit| (visit.at.date, visit.why.rank(), visit.at.minute));
        // One visit a day: a second reason on the same day is left for another time.
        visits.dedup_by_key(|visit| visit.at.date);
        visits
    }

    fn found(&self, diagnosis: &Diagnosis, visits: &mut Vec<Visit>) {
        visits.push(self.visit(diagnosis.onset, Form::Examination, Why::Found(*diagnosis)));
        if diagnosis.chronic.visits < 2 {
            return;
        }
        for (number, weeks) in [(0, 5), (1, 11)] {
            let jitter = self
                .life
                .draws
                .below(Topic::FollowUp, diagnosis.place, 100 + number, 14);
            let days = weeks * 7 + i32::try_from(jitter).unwrap_or(0);
            let date = diagnosis.onset.plus_days(days).working_day();
            visits.push(self.visit(date, Form::Control, Why::Titration(*diagnosis)));
        }
    }

    fn antenatal(&self, visits: &mut Vec<Visit>) {
        for control in antenatal::controls(self.life) {
            let date = control.date;
            visits.push(self.visit(date, Form::Control, Why::Antenatal(control)));
        }
    }

    fn palliative(&self, visits: &mut Vec<Visit>) {
        let Some(course) = palliative::course(self.life) else {
            return;
        };
        visits.push(self.visit(course.found, Form::Examination, Why::Cancer(course)));
        visits.push(self.visit(course.begin, Form::HomeVisit, Why::Palliative(course)));
    }

    /// The visits at which a long certificate of sickness is made longer.
    fn extensions(&self, absence: Absence, visits: &mut Vec<Visit>) {
        for extension in absence.extensions() {
            let date = extension.from.working_day();
            let step = date.epoch_days().unsigned_abs();
            let by_phone =
                self.life
                    .draws
                    .chance(Topic::SickLeave, step, 9, EXTENSIONS_BY_TELEPHONE);
            let form = if by_phone {
                Form::Telephone
            } else {
                Form::Control
            };
            visits.push(self.visit(date, form, Why::Extension(extension)));
        }
    }

    fn planned_visits(&self, on: Date) -> u32 {
        let open = self
            .life
            .diagnoses
            .iter()
            .filter(|diagnosis| diagnosis.is_open(on));
        open.map(|diagnosis| diagnosis.chronic.visits)
            .max()
            .unwrap_or(0)
    }

    fn follow_ups(
        &self,
        first: Date,
        planned: u32,
        attendance: Attendance,
        visits: &mut Vec<Visit>,
    ) {
        let draws = self.life.draws;
        let step = first.year().unsigned_abs();
        for number in 0..planned {
            if !draws.chance(Topic::FollowUp, step, 50 + number, attendance.kept) {
                continue;
            }
            let slot = 365 / planned.max(1);
            let jitter = draws.below(Topic::FollowUp, step, number, slot * 2 / 3);
            let day = i32::try_from(number * slot + slot / 6 + jitter).unwrap_or(0);
            let date = first.plus_days(day).working_day();
            let by_phone = draws.chance(Topic::FollowUp, step, 80 + number, CONTROLS_BY_TELEPHONE);
            let form = if by_phone {
                Form::Telephone
            } else {
                Form::Control
            };
            visits.push(self.visit(date, form, Why::FollowUp));
        }
    }

    fn complaints(&self, first: Date, attendance: Attendance, visits: &mut Vec<Visit>) {
        let step = first.year().unsigned_abs() * 64;
        for week in 0..WEEKS {
            // Thousandths of a visit a year, over the weeks, in millionths.
            let weekly = attendance.complaints * 1000 / WEEKS;
            if self
                .life
                .draws
                .quarter(Topic::Contact, step, week, 1_000_000)
                < weekly
            {
                self.complaint(first, week, visits);
            }
        }
    }

    fn complaint(&self, first: Date, week: u32, visits: &mut Vec<Visit>) {
        let (life, step) = (self.life, first.year().unsigned_abs() * 64);
        let day = week * 7 + life.draws.below(Topic::Contact, step, 100 + week, 7);
        let date = first
            .plus_days(i32::try_from(day).unwrap_or(0))
            .working_day();
        let age = life.person.birth_date.age_on(date).max(0);
        let drawn = Complaint::draw(life.draws, step + week, life.person.sex, age);
        let Some(complaint) = drawn else { return };
        let form = match life.draws.below(Topic::Contact, step, 200 + week, 100) {
            drawn if drawn < BY_TELEPHONE => Form::Telephone,
            drawn if drawn < BY_TELEPHONE + BY_VIDEO => Form::Video,
            _ => Form::Examination,
        };
        visits.push(self.visit(date, form, Why::Complaint(complaint)));
        if let Some(absence) = sick_leave::absence(life.person, life.draws, complaint, date) {
            self.extensions(absence, visits);
        }
    }

    fn visit(&self, date: Date, form: Form, why: Why) -> Visit {
        let draws = self.life.draws;
        let step = date.epoch_days().unsigned_abs();
        let slot = draws.below(Topic::ClockTime, step, 0, 30);
        let at = Moment {
            date,
            minute: 8 * 60 + u16::try_from(slot * 15).unwrap_or(0),
        };
        let own = self.life.person.general_practitioner.unwrap_or(0);
        let other = draws.below(Topic::ClockTime, step, 1, DOCTORS);
        let stands_in = draws.chance(Topic::ClockTime, step, 2, 150);
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
