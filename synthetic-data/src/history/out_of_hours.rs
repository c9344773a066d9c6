//! The out-of-hours clinic (legevakt): acute contacts with vital signs and urgency, for those on the
//! list by age, and once for every visitor.

use super::chronic::Trait;
use super::complaint::{Complaint, Kind};
use super::fall::{self, Fall};
use super::news::Signs;
use super::plan::Form;
use super::scribe::{Meeting, Scribe};
use super::{Code, Fact, Life, Service};
use crate::date::{Date, Moment};
use crate::draw::Topic;

/// Contacts a year and thousand people, by age (Statistics Norway, 2023: 230 over all, 450 up to 5
/// and 380 from 90; the ages between are our own).
const CONTACTS: [(i32, u32); 8] = [
    (5, 450),
    (15, 200),
    (19, 270),
    (29, 250),
    (49, 195),
    (66, 180),
    (79, 210),
    (89, 320),
];
const OLDEST: u32 = 380;
/// Doctors, then nurses, are the clinic's staff.
const DOCTORS: u32 = 2;

/// All that the clinic wrote of a person.
pub(super) fn journal(life: &Life<'_>) -> Vec<Fact> {
    let mut scribe = Scribe::new(Service::OutOfHours, life.last);
    let falls = fall::all(life);
    for date in days(life, &falls) {
        if date <= life.last {
            let fallen = falls.iter().find(|fall| fall.date == date);
            contact(life, date, fallen, &mut scribe);
        }
    }
    scribe.facts
}

/// The days on which a person comes, in order.
fn days(life: &Life<'_>, falls: &[Fall]) -> Vec<Date> {
    let person = life.person;
    if life.story.is_some() {
        return Vec::new(); // the story tells of these itself
    }
    if let Some(arrived) = person.arrived {
        let stay = life.draws.below(Topic::OutOfHours, 0, 0, 7);
        return vec![arrived.plus_days(i32::try_from(stay).unwrap_or(0))];
    }
    // Few come often and most hardly ever, on the average as often as the table says.
    let often = if Trait::CareSeeking.of(life.draws) > 1040 {
        3060
    } else {
        646
    };
    let mut days = Vec::new();
    for year in person.registered.year()..=life.last.year() {
        let begin = Date::new_year(year);
        let age = person.birth_date.age_on(begin.plus_days(182)).max(0);
        let rate = CONTACTS.iter().find(|(to, _)| age <= *to);
        // Falls come beside; the table counts them too.
        let rate = rate.map_or(OLDEST, |(_, rate)| *rate) - fall::rate(age) / 10;
        // A thousandth a year is a 12 000th a month: so many of ten thousand. Every fifth contact
        // leads to another, so there are fewer first ones.
        let monthly = rate * 10 * often / 1000 * 10 / 12 / 12;
        let step = year.unsigned_abs();
        for month in 0..12 {
            if life.draws.below(Topic::OutOfHours, step, month, 10_000) >= monthly {
                continue;
            }
            let day = month * 30 + life.draws.below(Topic::OutOfHours, step, 20 + month, 30);
            let date = begin.plus_days(i32::try_from(day).unwrap_or(0));
            if date < person.registered {
                continue;
            }
            days.push(date);
            let again = life.draws.below(Topic::OutOfHours, step, 50 + month, 10);
            if again < 2 {
                days.push(date.plus_days(1 + i32::try_from(again).unwrap_or(0)));
            }
        }
    }
    days.extend(falls.iter().map(|fall| fall.date));
    days.sort_unstable();
    days.dedup();
    days
}

fn contact(life: &Life<'_>, date: Date, fallen: Option<&Fall>, scribe: &mut Scribe) {
    let step = date.epoch_days().unsigned_abs() + 10_000;
    let below = |number, bound| life.draws.below(Topic::OutOfHours, step, number, bound);
    let age = life.person.birth_date.age_on(date);
    let Some(complaint) = Complaint::draw_acute(life.draws, step, life.person.sex, age) else {
        return;
    };
    let code = fallen.map_or(
        Code {
            code: complaint.code,
            name: complaint.name,
        },
        |fall| fall.code,
    );
    let minute = 16 * 60 + u16::try_from(below(1, 7 * 60)).unwrap_or(0);
    let meeting = Meeting {
        at: Moment { date, minute },
        form: Form::Emergency,
        minutes: 40,
        practitioner: usize::try_from(below(2, DOCTORS)).unwrap_or(0),
    };
    let problem = scribe.coming_problem();
    scribe.meet(meeting, vec![code], vec![problem]);
    let lasts = if fallen.is_some() {
        60
    } else {
        i32::try_from(complaint.days.min(30)).unwrap_or(7)
    };
    scribe.problem(code, false, Some(date.plus_days(lasts)));
    let feverish = fallen.is_none() && complaint.kind != Kind::Other;
    let (ill, score) = assess(life, date, feverish, scribe);
    scribe.note(note(code, score, ill, fallen));
}

/// How ill the person is, from 0 to 3, and the score, which is for adults.
fn assess(life: &Life<'_>, date: Date, feverish: bool, scribe: &mut Scribe) -> (i32, Option<i32>) {
    let step = date.epoch_days().unsigned_abs() + 10_000;
    let ill = match life.draws.below(Topic::OutOfHours, step, 3, 100) {
        0..55 => 0,
        55..83 => 1,
        83..96 => 2,
        _ => 3,
    };
    let lungs = life.has(&["R95"], date);
    let signs = Signs::draw(life.draws, step, ill, feverish, lungs);
    let adult = life.person.birth_date.age_on(date) >= 16;
    let score = adult.then(|| {
        signs.write(scribe);
        signs.score()
    });
    (ill, score)
}

fn note(code: Code, score: Option<i32>, ill: i32, fallen: Option<&Fall>) -> String {
    let urgency = match (score, ill) {
        (Some(7..), _) | (None, 3) => "rød",
        (Some(5..), _) | (None, 2) => "gul",
        _ => "grønn",
    };
    let measured = score.map_or_else(String::new, |score| format!(" NEWS2 {score}."));
    let plan = match urgency {
        _ if code.code == fall::HIP => "Legges inn på sykehus til operasjon.",
        "rød" => "Legges inn på sykehus.",
        "gul" => "Observeres og vurderes på nytt etter en time. Kontroll hos fastlege i morgen.",
        _ => "Hjem med råd. Kontakter fastlege ved behov.",
    };
    let how = if fallen.is_some() {
        " Falt hjemme."
    } else {
        ""
    };
    format!(
        "Legevakt: {}.{how} Hastegrad {urgency}.{measured}\nPlan: {plan}",
        code.name
    )
}
