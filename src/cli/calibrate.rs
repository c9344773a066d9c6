//! `calibrate`: how like Norway the synthetic population is, as a page and as JSON.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use synthetic_data::Settings;
use synthetic_data::calibration::{self, MOST_OUT, Report, Verdict};

use super::generate::People;

/// People looked at when no number is given.
const PEOPLE: u32 = 100_000;

/// Compare the synthetic population with published figures; exit 1 when a structural rule is broken or
/// more figures are out than is known.
#[derive(Debug, Args)]
pub(super) struct Calibrate {
    #[command(flatten)]
    people: People,
    /// How many figures may be out.
    #[arg(long, value_name = "N", default_value_t = MOST_OUT)]
    most_out: usize,
    /// Folder for `calibration.html` and `calibration.json`, made when missing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Calibrate {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let dataset = self.people.dataset(&|as_of| Settings {
            size: PEOPLE,
            ..Settings::country_on(as_of)
        })?;
        let report = calibration::report(&dataset);
        fs::create_dir_all(&self.out)
            .with_context(|| format!("{} cannot be made", self.out.display()))?;
        for (name, text) in [
            ("calibration.json", report.json().to_string()),
            ("calibration.html", report.html()),
        ] {
            let path = self.out.join(name);
            fs::write(&path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        tell(&report);
        Ok(ExitCode::from(u8::from(!report.passes(self.most_out))))
    }
}

/// Says in a few lines what the report says.
#[expect(clippy::print_stdout, reason = "what a program says to a person")]
fn tell(report: &Report) {
    let count = |verdict| {
        let rows = report.rows.iter().filter(|row| row.verdict() == verdict);
        rows.count()
    };
    println!(
        "{} people: {} figures within, {} near, {} out, {} with too few to say",
        report.people,
        count(Verdict::Within),
        count(Verdict::Near),
        count(Verdict::Out),
        count(Verdict::Unsure)
    );
    for row in report.out() {
        println!(
            "out: {}, {}: {:.2} against {:?}",
            row.group,
            row.name,
            row.value.unwrap_or_default(),
            row.target
        );
    }
    for check in report.checks.iter().filter(|check| check.broken > 0) {
        let example = check.example.as_deref().unwrap_or_default();
        println!(
            "broken: «{}» {} times, as by {example}",
            check.rule, check.broken
        );
    }
}
