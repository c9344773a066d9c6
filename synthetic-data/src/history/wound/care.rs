//! The nurse's part: weekly visits to a wound, with measurement every other week, from the day it was
//! found until it has closed.

use super::Wound;
use super::course::{Course, State};
use super::kind::Cause;
use super::photo;
use crate::date::{Date, Moment};
use crate::draw::{Draws, Topic};
use crate::fhir::digits::decimal;
use crate::history::plan::Form;
use crate::history::scribe::{Aim, Meeting, Scribe, Subject};
use crate::history::{Fact, Life, Part, PartValue, Service, Value, What};

/// A wound that is still open after so many weeks is closed by surgery.
const MOST_WEEKS: u32 = 156;
/// Of a thousand measurements, how many are left out or half done.
const MISSING: u32 = 80;
/// Of a thousand measurements, how many are impossible: centimetres written as millimetres. A test of
/// the apps that read them.
const IMPOSSIBLE: u32 = 2;
/// The nurses of a home-care zone are its first practitioners.
const NURSES: u32 = 3;

/// Writes the wound journal of one person.
#[derive(Debug)]
pub(super) struct Nurse<'a> {
    life: &'a Life<'a>,
    scribe: Scribe,
}

/// One wound under treatment.
#[derive(Clone, Copy)]
struct Case<'a> {
    wound: &'a Wound,
    problem: u32,
    week: u32,
    first_area: i32,
    was_infected: bool,
}

impl Case<'_> {
    /// The week's step in draws.
    fn step(&self) -> u32 {
        self.wound.number * 1024 + self.week
    }
}

impl<'a> Nurse<'a> {
    pub(super) fn new(life: &'a Life<'a>) -> Self {
        Self {
            life,
            scribe: Scribe::new(Service::WoundCare, life.last),
        }
    }

    pub(super) fn facts(self) -> Vec<Fact> {
        self.scribe.facts
    }

    fn draws(&self) -> Draws {
        self.life.draws
    }

    /// Treats a wound until it has closed; `None` when that lies after the last known day.
    pub(super) fn treat(&mut self, wound: &Wound) -> Option<Date> {
        let mut course = Course::new(self.draws(), wound.number, wound.kind);
        let mut case = Case {
            wound,
            problem: self.scribe.coming_problem(),
            week: 0,
            first_area: course.state().area(),
            was_infected: false,
        };
        let mut opened = None;
        while case.week < MOST_WEEKS {
            let meeting = self.meeting(&case);
            if meeting.at.date > self.life.last {
                return None;
            }
            let state = course.state();
            let reasons = vec![wound.kind.code];
            self.scribe.meet(meeting, reasons, vec![case.problem]);
            if case.week == 0 {
                opened = Some(self.open(&case));
            }
            self.visit(&case, &state);
            if state.is_closed() {
                break;
            }
            case.was_infected = state.infected;
            case.week += 1;
            course.pass();
        }
        let (problem, episode, plan) = opened?;
        let closed = self.meeting(&case).at.date;
        if closed > self.life.last {
            return None;
        }
        for place in [problem, episode, plan] {
            self.scribe.end(place, closed);
        }
        Some(closed)
    }

    /// When the wound is visited in a week, and by whom.
    fn meeting(&self, case: &Case<'_>) -> Meeting {
        let step = case.step();
        let below = |number, bound| self.draws().below(Topic::WoundReading, step, number, bound);
        let weeks = i32::try_from(case.week).unwrap_or(0) * 7;
        let shift = if case.week == 0 { 0 } else { below(0, 3) };
        let date = case
            .wound
            .found
            .plus_days(weeks + i32::try_from(shift).unwrap_or(0));
        Meeting {
            at: Moment {
                date,
                minute: 9 * 60 + u16::try_from(below(1, 16) * 15).unwrap_or(0),
            },
            form: Form::HomeVisit,
            minutes: 30,
            practitioner: usize::try_from(below(2, NURSES)).unwrap_or(0),
        }
    }

    /// Problem, episode and plan: their places among the facts.
    fn open(&mut self, case: &Case<'_>) -> (usize, usize, usize) {
        let at = self.meeting(case).at;
        self.scribe.problem(case.wound.kind.code, true, None);
        let problem = self.scribe.written();
        let name = "Sårbehandling i hjemmet";
        let number = Some(case.problem);
        let episode = self.scribe.episode(at, name, Some("15"), number);
        let steps: &[&str] = match case.wound.kind.cause {
            _ if case.wound.kind.compression => &[
                "Sårstell to ganger i uken",
                "Kompresjon med bandasje",
                "Måling av såret annenhver uke",
            ],
            Cause::DiabeticFoot => &[
                "Sårstell to ganger i uken",
                "Avlastning av foten",
                "Måling av såret annenhver uke",
            ],
            Cause::Pressure => &[
                "Sårstell to ganger i uken",
                "Trykkavlastende madrass og snu hver tredje time",
                "Måling av såret annenhver uke",
            ],
            _ => &["Sårstell to ganger i uken", "Måling av såret annenhver uke"],
        };
        let aim = Aim {
            title: "Plan for sårbehandling",
            goal: "Såret skal minke med 40 prosent på fire uker og lukkes",
            steps,
        };
        let plan = self.scribe.plan(&aim, number);
        (problem, episode, plan)
    }

    fn visit(&mut self, case: &Case<'_>, state: &State) {
        let (problem, site) = (Some(case.problem), Some(case.wound.site));
        if !state.is_closed() {
            self.scribe.procedure("Sårstell", problem, site);
            if case.wound.kind.compression {
                self.scribe.procedure("Kompresjonsbandasje", problem, site);
            }
        }
        let measured = if case.week.is_multiple_of(2) || state.is_closed() {
            self.measure(case, state)
        } else {
            None
        };
        if case.week == 0 && site.is_some_and(|site| site.contains("legg")) {
            self.ankle_index(case);
        }
        let new_infection = state.infected && !case.was_infected;
        if new_infection {
            self.fever(case);
        }
        let due = case.week.is_multiple_of(4) || new_infection || state.is_closed();
        if due {
            let text = note(case, state, measured);
            self.scribe.note(text);
        }
    }

    /// Measures length, width and depth with a ruler: each nurse a little to one side, and every
    /// reading with its own error. Gives length and width where both were written.
    fn measure(&mut self, case: &Case<'_>, state: &State) -> Option<(i32, i32)> {
        let step = case.step();
        let draws = self.draws();
        let nurse = u32::try_from(self.meeting(case).practitioner).unwrap_or(0);
        let bias = draws.bell(Topic::WoundReading, nurse, 40) * 30 / 1000;
        // From hundredths of a millimetre to whole millimetres, which is tenths of a centimetre.
        let read = |true_size: i32, number| {
            let error = bias + draws.bell(Topic::WoundReading, step, number) * 60 / 1000;
            (true_size * (1000 + error) / 100_000).max(1)
        };
        let closed = state.is_closed();
        let read = |value, number| if closed { 0 } else { read(value, number) };
        let (length, width) = (read(state.length, 10), read(state.width, 11));
        let (length, width) = (length.max(width), width.min(length));
        let depth = read(state.depth, 12);
        if draws.chance(Topic::WoundReading, step, 13, MISSING / 2) {
            return None;
        }
        let half = draws.chance(Topic::WoundReading, step, 14, MISSING / 2);
        let slip = draws.chance(Topic::WoundReading, step, 15, IMPOSSIBLE);
        // The camera does not slip.
        let size = (length, width);
        let length = if slip { length * 10 } else { length };
        let width = (!half).then_some(width);
        let area = width.map(|width| length * width * 785 / 10_000);
        let mut parts = vec![
            centimetres("39126-8", "Lengde", Some(length)),
            centimetres("39125-0", "Bredde", width),
            centimetres("39127-6", "Dybde", Some(depth)),
            Part {
                loinc: Some("89260-4"),
                name: "Areal",
                value: area.map(|value| scaled(value, 1, "cm2")),
            },
        ];
        parts.extend(self.look(case, state));
        let subject = Subject {
            loinc: Some("72287-6"),
            name: "Sårmåling",
            category: "exam",
            problem: Some(case.problem),
            site: Some(case.wound.site),
        };
        let photo = photo::of((draws, step, case.week), state, size, &parts);
        self.scribe.finding(&subject, parts, None);
        self.scribe.photograph(photo.filter(|_| !half));
        width.map(|width| (length, width))
    }

    /// What the wound looks like.
    fn look(&self, case: &Case<'_>, state: &State) -> Vec<Part> {
        let step = case.step();
        let below = |number, bound| {
            let drawn = self.draws().below(Topic::WoundReading, step, number, bound);
            i32::try_from(drawn).unwrap_or(0)
        };
        if state.is_closed() {
            return vec![word("Vev", "Dekket av hud")];
        }
        let healing = !state.stalled && !state.infected;
        let slough = below(20, 5) * 5 + if healing { 5 } else { 25 };
        let necrosis = if case.wound.kind.cause == Cause::Arterial {
            below(21, 4) * 5
        } else {
            0
        };
        let skin = if healing { below(22, 4) * 5 } else { 0 };
        let flesh = 100 - slough - necrosis - skin;
        let exudate = match (state.infected, below(23, 3)) {
            (true, _) => "Rikelig",
            (false, 0) => "Sparsom",
            (false, 1) => "Moderat",
            _ => "Lite",
        };
        let percent = |name, value| Part {
            loinc: None,
            name,
            value: Some(scaled(value, 0, "%")),
        };
        let mut parts = vec![
            percent("Granulasjonsvev", flesh),
            percent("Fibrin", slough),
            percent("Nekrose", necrosis),
            percent("Epitel", skin),
            word("Væske", exudate),
            word("Lukt", if state.infected { "Ja" } else { "Nei" }),
            Part {
                loinc: None,
                name: "Smerte ved sårstell",
                value: Some(scaled(
                    below(24, 4) + if state.infected { 4 } else { 0 },
                    0,
                    "{score}",
                )),
            },
        ];
        parts.extend(
            case.wound
                .grade(state.depth)
                .map(|grade| word("Trykksårgrad", grade)),
        );
        parts
    }

    fn ankle_index(&mut self, case: &Case<'_>) {
        let low = matches!(case.wound.kind.cause, Cause::Arterial | Cause::Mixed);
        let usual = if low { 66 } else { 101 };
        let own = self.draws().bell(Topic::WoundReading, case.step(), 30) * 9 / 1000;
        let subject = Subject {
            loinc: None,
            name: "Ankel-arm-indeks",
            category: "exam",
            problem: Some(case.problem),
            site: None,
        };
        let part = Part {
            loinc: None,
            name: "Indeks",
            value: Some(scaled((usual + own).clamp(30, 135), 2, "1")),
        };
        self.scribe.finding(&subject, vec![part], None);
    }

    fn fever(&mut self, case: &Case<'_>) {
        let bell = |number| self.draws().bell(Topic::WoundReading, case.step(), number);
        let (warmth, protein) = (377 + bell(31) * 6 / 1000, 55 + bell(32) * 25 / 1000);
        let temperature = Value::Scaled(warmth.clamp(362, 400));
        self.scribe.reading(What::Temperature, temperature);
        self.scribe
            .reading(What::Crp, Value::Scaled(protein.clamp(12, 180)));
    }
}

fn scaled(value: i32, decimals: u8, unit: &'static str) -> PartValue {
    PartValue::Scaled {
        value,
        decimals,
        unit,
    }
}

fn centimetres(loinc: &'static str, name: &'static str, value: Option<i32>) -> Part {
    Part {
        loinc: Some(loinc),
        name,
        value: value.map(|value| scaled(value, 1, "cm")),
    }
}

fn word(name: &'static str, text: &'static str) -> Part {
    Part {
        loinc: None,
        name,
        value: Some(PartValue::Text(text)),
    }
}

/// A note, told from the same state as the measurements.
fn note(case: &Case<'_>, state: &State, measured: Option<(i32, i32)>) -> String {
    let wound = case.wound;
    let mut lines = vec![format!("{}, {}.", wound.kind.code.name, lower(wound.site))];
    if let Some((length, width)) = measured.filter(|_| !state.is_closed()) {
        let (length, width) = (decimal(length, 1, ','), decimal(width, 1, ','));
        lines.push(format!("Måler {length} x {width} cm."));
    }
    if state.is_closed() {
        lines.push("Såret er lukket. Avslutter sårbehandlingen.".to_owned());
    } else if state.infected && !case.was_infected {
        lines.push("Rødme, væske og lukt: tegn til infeksjon. Tar temperatur og CRP.".to_owned());
    } else if case.week >= 4 {
        let less = (case.first_area - state.area()) * 100 / case.first_area.max(1);
        lines.push(match less {
            40.. => format!("Arealet er {less} prosent mindre enn ved oppstart. Fortsetter."),
            0..40 => "Tilheler langsomt. Vurderer tiltakene på nytt.".to_owned(),
            _ => "Såret er større enn ved oppstart. Vurderer tiltakene på nytt.".to_owned(),
        });
    } else {
        lines.push("Oppstart av sårbehandling, se plan.".to_owned());
    }
    lines.join("\n")
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
