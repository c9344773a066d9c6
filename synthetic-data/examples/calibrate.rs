//! Writes the calibration report: `cargo run --release -p synthetic-data --example calibrate -- 100000
//! folder` looks at so many people over the whole country and leaves `calibration.json` and
//! `calibration.html` there. It exits with 1 when a rule is broken or more figures are out than may be.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use synthetic_data::{Dataset, Settings, calibration};

#[expect(clippy::print_stdout, reason = "what a program says to a person")]
fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let as_of = "2026-11-21".parse()?;
    let dataset = Dataset::new(Settings {
        size,
        ..Settings::country_on(as_of)
    })?;
    let report = calibration::report(&dataset);
    let folder = Path::new(&folder);
    std::fs::write(folder.join("calibration.json"), report.json().to_string())?;
    std::fs::write(folder.join("calibration.html"), report.html())?;
    for row in &report.rows {
        println!(
            "{:7} {}: {:?} against {:?}",
            row.verdict().code(),
            row.name,
            row.value,
            row.target
        );
    }
    for check in &report.checks {
        println!(
            "{} of {} break «{}» {}",
            check.broken,
            check.examined,
            check.rule,
            check.example.as_deref().unwrap_or("")
        );
    }
    let passes = report.passes(calibration::MOST_OUT);
    Ok(ExitCode::from(u8::from(!passes)))
}
