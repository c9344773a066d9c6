//! Nutrition (ernæring) of those who are cared for: a short screening in our own words, and a plan where
//! somebody is at risk.

use super::chronic::Trait;
use super::scribe::{Aim, Scribe, Subject};
use super::{Life, Part, PartValue};
use crate::draw::Topic;

/// From this sum on, a person is at risk.
const AT_RISK: i32 = 3;

/// Screens at the contact that is being written; gives what the note says of it.
pub(super) fn screen(life: &Life<'_>, scribe: &mut Scribe) -> &'static str {
    let step = scribe.today().epoch_days().unsigned_abs();
    let frail = Trait::Frailty.of(life.draws) / 2;
    let score = |number: u32, of: &[i32; 2]| {
        let value = frail + life.draws.bell(Topic::Nutrition, step, number);
        of.iter()
            .map(|limit| i32::from(value > *limit))
            .sum::<i32>()
    };
    let answers = [
        ("Spiser mindre enn vanlig", score(0, &[400, 1500])),
        ("Vansker med å tygge eller svelge", score(1, &[1000, 2000])),
        ("Trenger hjelp til å spise", score(2, &[700, 1700])),
        ("Kvalme eller dårlig matlyst", score(3, &[800, 1800])),
    ];
    let parts = answers.iter().map(|(name, value)| Part {
        loinc: None,
        name,
        value: Some(PartValue::Scaled {
            value: *value,
            decimals: 0,
            unit: "{score}",
        }),
    });
    let total: i32 = answers.iter().map(|(_, value)| value).sum();
    let subject = Subject {
        loinc: None,
        name: "Ernæringsscreening",
        category: "survey",
        problem: None,
        site: None,
    };
    scribe.finding(&subject, parts.collect(), Some(total));
    if total < AT_RISK {
        return "Ernæring: ikke i risiko.";
    }
    let aim = Aim {
        title: "Ernæringsplan",
        goal: "Dekke behovet for energi og væske",
        steps: &[
            "Tilby mellommåltid tre ganger daglig",
            "Registrere mat og drikke i tre dager",
            "Ny screening om en måned",
        ],
    };
    scribe.plan(&aim, None);
    "Ernæring: i risiko, plan er laget."
}
