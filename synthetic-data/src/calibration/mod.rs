//! How like Norway the population is: each published figure that the engine has a part in, beside what
//! the engine gives, with the interval that chance allows and a verdict. What is out is reported as
//! out. Structural rules are counted without tolerance.
//!
//! Floating point is used here and nowhere else: nothing of the population depends on it.

mod check;
mod figure;
mod page;
mod row;
mod tally;
mod target;

use serde_json::{Value, json};

pub use check::Check;
pub use row::{Row, Target, Verdict};

use crate::dataset::Dataset;
use crate::date::Date;
use tally::Tally;

/// The report of one dataset.
#[derive(Clone, Debug)]
pub struct Report {
    /// People looked at.
    pub people: u32,
    /// The dataset's date.
    pub as_of: Date,
    /// The dataset's seed.
    pub seed: u64,
    /// Published figures and ours.
    pub rows: Vec<Row>,
    /// Structural rules.
    pub checks: Vec<Check>,
}

/// What the published figures have and the engine does not make yet; told, so that nobody takes
/// silence for agreement.
const ABSENT: [&str; 6] = [
    "Faste legemidler på sykehjem",
    "Hofte- og kneleddsartrose samlet, og hodepine, etter alder",
    "Opioider, angstdempende, kortison, antihistaminer, B12 og østrogen, 70 år og mer hjemme",
    "Brukerstyrt personlig assistanse og omsorgsstønad",
    "Diagnosegrupper som SSB ikke gir ICPC-koder for",
    "Egenmeldt rus og psykisk helse i kommunen",
];

/// How many rows may be out before continuous integration says no. It only ever falls.
pub const MOST_OUT: usize = 0;

/// Looks at everybody on the list of a dataset. A hundred thousand people take a few minutes on one
/// core.
pub fn report(dataset: &Dataset) -> Report {
    let mut tally = Tally::new(dataset.settings().as_of);
    for person in dataset.people() {
        let history = dataset.history(&person);
        let works = dataset.works(&person);
        tally.add(&person, works, &history);
    }
    Report {
        people: tally.people,
        as_of: dataset.settings().as_of,
        seed: dataset.settings().seed,
        rows: target::rows(&tally),
        checks: tally.checks,
    }
}

impl Report {
    /// Rows whose verdict is `out`.
    pub fn out(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.verdict() == Verdict::Out)
    }

    /// True where no structural rule is broken and at most so many rows are out.
    pub fn passes(&self, most_out: usize) -> bool {
        let broken = self.checks.iter().any(|check| check.broken > 0);
        !broken && self.out().count() <= most_out
    }

    /// The report as JSON.
    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(Row::json).collect();
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|check| {
                json!({
                    "rule": check.rule,
                    "examined": check.examined,
                    "broken": check.broken,
                    "example": check.example,
                })
            })
            .collect();
        json!({
            "datasetVersion": crate::VERSION,
            "seed": self.seed,
            "asOf": self.as_of.to_string(),
            "people": self.people,
            "rows": rows,
            "checks": checks,
            "absent": ABSENT,
        })
    }

    /// The report as one HTML page that needs nothing else, in bokmål.
    pub fn html(&self) -> String {
        page::render(self)
    }
}
