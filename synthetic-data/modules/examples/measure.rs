//! Takes people of all ages through a folder of modules, and tells how many a second, and what is not
//! valid R4:
//!
//! ```text
//! cargo run --release -p generic-modules --example measure -- <modules> <lookup tables> [people] [validate]
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant as Clock};

use fhir_r4::validate::{Options, Severity, Validator};
use generic_modules::{Instant, Library, Resource, Sex, Subject};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [modules, tables, ..] = arguments.as_slice() else {
        return Err("a folder of modules and a folder of lookup tables are needed".into());
    };
    let people = arguments
        .get(2)
        .map_or(Ok(1000), |text| text.parse::<u64>())?;
    let validates = arguments.get(3).is_some_and(|word| word == "validate");
    let mut out = io::stdout().lock();

    let start = Clock::now();
    let library = Library::read(&PathBuf::from(modules), Some(&PathBuf::from(tables)))?;
    let (count, states) = (library.modules(), library.states());
    writeln!(
        out,
        "{count} modules, {states} states, read in {:?}",
        start.elapsed()
    )?;

    let until = Instant::of_day(2026, 11, 21).ok_or("no such day")?;
    let (mut living, mut writing) = (Duration::ZERO, Duration::ZERO);
    let (mut steps, mut resources, mut bytes, mut dead) = (0, 0, 0, 0);
    let mut types: BTreeMap<&str, (u64, usize)> = BTreeMap::new();
    let mut issues: BTreeMap<String, u64> = BTreeMap::new();
    let mut slowest = Duration::ZERO;
    for number in 0..people {
        let sex = if number % 2 == 0 {
            Sex::Female
        } else {
            Sex::Male
        };
        let birth = until.plus(-i64::try_from(number * 7919 % 36_500)? * 86_400);
        let birth = birth.plus(-(birth_seconds(birth)));
        let subject = Subject::new(format!("g{number}"), number, sex, birth);
        let start = Clock::now();
        let life = library.live(&subject, until)?;
        let took = start.elapsed();
        living += took;
        slowest = slowest.max(took);
        steps += life.steps();
        dead += u32::from(life.death().is_some());
        let start = Clock::now();
        let written = library.resources(&life, &subject, &serde_json::Map::new());
        for resource in &written {
            let text = serde_json::to_vec(&resource.json)?;
            let seen = types.entry(resource.resource_type).or_default();
            seen.0 += 1;
            seen.1 += text.len();
            bytes += text.len();
        }
        writing += start.elapsed();
        resources += written.len();
        if validates {
            count_issues(&written, &mut issues);
        }
    }
    writeln!(
        out,
        "{people} people ({dead} dead), {steps} states passed, {resources} resources, {bytes} bytes"
    )?;
    writeln!(
        out,
        "living {living:?} (slowest {slowest:?}), writing {writing:?}"
    )?;
    let all = (living + writing).as_millis().max(1);
    writeln!(out, "{} people a second", u128::from(people) * 1000 / all)?;
    for (name, (number, bytes)) in types {
        writeln!(out, "{name}\t{number}\t{bytes} bytes")?;
    }
    for (issue, number) in issues {
        writeln!(out, "{number}\t{issue}")?;
    }
    Ok(())
}

/// Seconds of the day, which a birth has none of.
fn birth_seconds(at: Instant) -> i64 {
    let text = at.to_string();
    let part = |range: std::ops::Range<usize>| {
        text.get(range)
            .and_then(|text| text.parse::<i64>().ok())
            .unwrap_or(0)
    };
    part(11..13) * 3600 + part(14..16) * 60 + part(17..19)
}

fn count_issues(written: &[Resource], issues: &mut BTreeMap<String, u64>) {
    let options = Options {
        least: Severity::Error,
        ..Options::default()
    };
    for resource in written {
        for issue in Validator::r4().validate(&resource.json, &options) {
            let kind = resource.resource_type;
            let text = format!(
                "{kind} {} {}: {}",
                issue.rule, issue.expression, issue.problem.en
            );
            *issues.entry(text).or_default() += 1;
        }
    }
}
