//! The health station (helsestasjon) and school health: controls with growth, and the childhood
//! vaccination programme as FHI publishes it. Shares who take a vaccine are near FHI's coverage.

use super::body::{Body, State};
use super::plan::Form;
use super::scribe::{Meeting, Scribe};
use super::{Code, Fact, Life, Service, Value, What};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// A vaccine of the programme: ATC code, our own short name.
type Vaccine = (&'static str, &'static str);

const ROTA: Vaccine = ("J07BH01", "Rotavirus");
const SIX: Vaccine = (
    "J07CA09",
    "Difteri, stivkrampe, kikhoste, polio, Hib og hepatitt B",
);
const PNEUMOCOCCI: Vaccine = ("J07AL02", "Pneumokokk");
const MMR: Vaccine = ("J07BD52", "Meslinger, kusma og røde hunder");
const FOUR: Vaccine = ("J07CA02", "Difteri, stivkrampe, kikhoste og polio");
const HPV: Vaccine = ("J07BM03", "HPV");

/// When: so many days old, or in a school year counted from the year of birth.
#[derive(Clone, Copy, Debug)]
enum When {
    Days(i32),
    /// Years after the year of birth, and the day of that year.
    School(i32, i32),
}

/// A visit of the programme: when, and the vaccines with the number of the dose.
struct Visit {
    when: When,
    vaccines: &'static [(Vaccine, u8)],
}

const fn control(days: i32) -> Visit {
    Visit {
        when: When::Days(days),
        vaccines: &[],
    }
}

/// All visits, by age.
#[rustfmt::skip]
const PROGRAMME: [Visit; 18] = [
    control(9),
    Visit { when: When::Days(43), vaccines: &[(ROTA, 1)] },
    Visit { when: When::Days(92), vaccines: &[(SIX, 1), (PNEUMOCOCCI, 1), (ROTA, 2)] },
    Visit { when: When::Days(153), vaccines: &[(SIX, 2), (PNEUMOCOCCI, 2)] },
    control(184),
    control(244),
    control(305),
    Visit { when: When::Days(367), vaccines: &[(SIX, 3), (PNEUMOCOCCI, 3)] },
    Visit { when: When::Days(458), vaccines: &[(MMR, 1)] },
    control(535),
    control(733),
    control(1465),
    Visit { when: When::School(6, 250), vaccines: &[] },
    Visit { when: When::School(7, 290), vaccines: &[(FOUR, 4)] },
    Visit { when: When::School(11, 290), vaccines: &[(MMR, 2)] },
    Visit { when: When::School(12, 280), vaccines: &[(HPV, 1)] },
    Visit { when: When::School(13, 90), vaccines: &[(HPV, 2)] },
    Visit { when: When::School(15, 290), vaccines: &[(FOUR, 5)] },
];
/// Of a thousand families, how many decline the programme.
const DECLINE: u32 = 20;
/// Of a thousand doses, how many are missed.
const MISSED: u32 = 12;
const MISSED_HPV: u32 = 55;
/// The second dose against measles is given at school, and missed by more.
const MISSED_MMR_AT_SCHOOL: u32 = 30;
/// The doctor is first among the staff; two nurses follow.
const NURSES: u32 = 2;

/// All that the health station wrote of a person.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let person = life.person;
    let mut scribe = Scribe::new(Service::HealthStation, person.birth_date);
    let body = Body::new(life.draws, person.sex, person.birth_date);
    let too_old = person.birth_date.age_on(person.registered) > 16;
    if too_old || person.arrived.is_some() {
        return Vec::new();
    }
    let declines = life.draws.chance(Topic::Vaccine, 0, 0, DECLINE);
    for (number, visit) in (0_u32..).zip(&PROGRAMME) {
        let date = visit.date(life, number);
        if date < person.registered || date > life.last {
            continue;
        }
        let nurse = 1 + life.draws.below(Topic::HealthStation, number, 1, NURSES);
        let minute = 9 * 60 + life.draws.below(Topic::HealthStation, number, 2, 20) * 15;
        let at = Moment {
            date,
            minute: u16::try_from(minute).unwrap_or(600),
        };
        let meeting = Meeting {
            at,
            form: Form::Control,
            minutes: 30,
            practitioner: usize::try_from(nurse).unwrap_or(1),
        };
        let reason = Code {
            code: "A98",
            name: "Helsekontroll av barn",
        };
        scribe.meet(meeting, vec![reason], Vec::new());
        for what in [What::Height, What::Weight] {
            let value = body.reading(what, at, &State::default());
            scribe.reading(what, Value::Scaled(value));
        }
        let offers = (0_u32..)
            .zip(visit.vaccines)
            .filter(|(place, ((atc, _), dose))| {
                let missed = match (*atc == HPV.0, *atc == MMR.0 && *dose == 2) {
                    (true, _) => MISSED_HPV,
                    (_, true) => MISSED_MMR_AT_SCHOOL,
                    _ => MISSED,
                };
                !declines
                    && !life
                        .draws
                        .chance(Topic::Vaccine, number + 1, *place, missed)
            });
        let given: Vec<_> = offers.map(|(_, vaccine)| vaccine).collect();
        for ((atc, name), dose) in &given {
            scribe.vaccination(atc, name, *dose);
        }
        let offered = !visit.vaccines.is_empty();
        scribe.note(note(offered, given.len()));
    }
    scribe.facts
}

impl Visit {
    fn date(&self, life: &Life<'_>, number: u32) -> Date {
        let birth = life.person.birth_date;
        let later = life.draws.below(Topic::HealthStation, number, 0, 12);
        let later = i32::try_from(later).unwrap_or(0);
        let date = match self.when {
            When::Days(days) => birth.plus_days(days + later * days.min(365) / 365),
            When::School(years, day) => Date::new_year(birth.year() + years).plus_days(day + later),
        };
        date.working_day()
    }
}

fn note(offered: bool, given: usize) -> String {
    let vaccines = match (offered, given) {
        (false, _) => "",
        (true, 0) => " Vaksine er ikke gitt.",
        (true, 1) => " En vaksine er gitt.",
        (true, _) => " Vaksiner er gitt etter programmet.",
    };
    format!("Kontroll. Målt og veid.{vaccines}")
}
