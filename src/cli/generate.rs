//! `generate`: the synthetic population as FHIR or as tables, in files or in a pipe.

mod modules;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use foundation::Clock;
use foundation::clock::SystemClock;
use synthetic_data::export::{Format, Scenario, Selection, Streams, export};
use synthetic_data::{Dataset, Date, Settings};

use modules::Modules;

/// Write a synthetic population as FHIR or as tables.
#[derive(Debug, Args)]
pub(super) struct Generate {
    #[command(flatten)]
    people: People,
    /// How they are written.
    #[arg(long, value_enum, default_value_t = Written::Ndjson)]
    format: Written,
    /// Only those of these ages: `0-5`, `67-` or `40`.
    #[arg(long, value_name = "AGES", value_parser = ages)]
    age: Option<RangeInclusive<i32>>,
    /// Only those with a part in a scenario, such as `diabetes`, `demens`, `sar` or `hjemmetjeneste`.
    #[arg(long, value_name = "NAME")]
    scenario: Option<Scenario>,
    #[command(flatten)]
    modules: Modules,
    /// Folder for the files, made when missing; `-` writes NDJSON or bundles to standard output.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Which people there are.
#[derive(Debug, Args)]
pub(super) struct People {
    /// Number of people.
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Seed: the same seed gives the same people everywhere.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Municipality where they live, four digits; `0` for the whole country.
    #[arg(long, value_name = "NNNN")]
    municipality: Option<String>,
    /// Tell their histories up to this date; without it, today.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Written {
    /// FHIR, one file for each type of resource.
    Ndjson,
    /// FHIR, one transaction for each person.
    Bundles,
    /// One table for each kind of fact.
    Csv,
}

impl Generate {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let dataset = self.people.dataset(&Settings::default_on)?;
        let selection = Selection {
            ages: self.age,
            scenario: self.scenario,
        };
        let format = match self.format {
            Written::Ndjson => Format::Ndjson,
            Written::Bundles => Format::Bundles,
            Written::Csv => Format::Csv,
        };
        let imported = self.modules.read(format)?;
        let export = |streams: &mut dyn Streams| match &imported {
            Some(imported) => imported.export(&dataset, selection.ages.as_ref(), format, streams),
            None => export(&dataset, &selection, format, streams)
                .map(drop)
                .map_err(anyhow::Error::from),
        };
        if self.out == Path::new("-") {
            if format == Format::Csv {
                bail!("tables are several files; give a folder with --out");
            }
            let mut pipe = Pipe(BufWriter::new(io::stdout().lock()));
            export(&mut pipe)
                .and_then(|()| Ok(pipe.0.flush()?))
                .context("the population cannot be written to standard output")?;
            return Ok(ExitCode::SUCCESS);
        }
        fs::create_dir_all(&self.out)
            .with_context(|| format!("{} cannot be made", self.out.display()))?;
        let mut files = Files::in_folder(&self.out);
        export(&mut files)
            .and_then(|()| Ok(files.finish()?))
            .with_context(|| {
                let out = self.out.display();
                format!("the population cannot be written to {out}")
            })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl People {
    /// The dataset of these people, where what is not given is as in `usual`.
    pub(super) fn dataset(&self, usual: &dyn Fn(Date) -> Settings) -> anyhow::Result<Dataset> {
        let today = SystemClock.now().date().to_string();
        let as_of: Date = self
            .as_of
            .as_deref()
            .unwrap_or(&today)
            .parse()
            .map_err(|error| anyhow!("--as-of: {error}"))?;
        let mut settings = usual(as_of);
        settings.seed = self.seed;
        if let Some(count) = self.count {
            settings.size = count;
        }
        if let Some(municipality) = &self.municipality {
            settings.municipality.clone_from(municipality);
        }
        Dataset::new(settings).map_err(|error| anyhow!("{error}"))
    }
}

/// Ages from the command line: one, from one to another, or from one up.
fn ages(text: &str) -> Result<RangeInclusive<i32>, String> {
    let (from, to) = match text.split_once('-') {
        None => (text, text),
        Some((from, "")) => (from, "130"),
        Some(both) => both,
    };
    let number = |text: &str| text.parse::<u8>().ok().map(i32::from);
    match (number(from), number(to)) {
        (Some(from), Some(to)) if from <= to => Ok(from..=to),
        _ => Err("ages are written as 0-5, 67- or 40".to_owned()),
    }
}

/// Everything in one pipe; progress would only disturb.
struct Pipe<'a>(BufWriter<StdoutLock<'a>>);

impl Streams for Pipe<'_> {
    fn append(&mut self, _name: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn looked_at(&mut self, _done: u32, _of: u32) {}
}

/// One open file per stream.
struct Files<'a> {
    folder: &'a Path,
    open: BTreeMap<String, BufWriter<File>>,
}

impl<'a> Files<'a> {
    fn in_folder(folder: &'a Path) -> Self {
        Self {
            folder,
            open: BTreeMap::new(),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.open.values_mut().try_for_each(Write::flush)
    }
}

impl Streams for Files<'_> {
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if let Some(file) = self.open.get_mut(name) {
            return file.write_all(bytes);
        }
        let mut file = BufWriter::new(File::create(self.folder.join(name))?);
        file.write_all(bytes)?;
        self.open.insert(name.to_owned(), file);
        Ok(())
    }

    #[expect(clippy::print_stderr, reason = "progress for a person at a terminal")]
    fn looked_at(&mut self, done: u32, of: u32) {
        if io::stderr().is_terminal() && (done.is_multiple_of(100) || done == of) {
            eprint!("\r{done} of {of} people");
            if done == of {
                eprintln!();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ages;

    #[test]
    fn ages_are_one_or_a_range() {
        assert_eq!(ages("40"), Ok(40..=40));
        assert_eq!(ages("0-5"), Ok(0..=5));
        assert_eq!(ages("67-"), Ok(67..=130));
        for wrong in ["", "-", "5-0", "x", "1-2-3", "300"] {
            assert!(ages(wrong).is_err(), "{wrong}");
        }
    }
}
