//! `generate`: the synthetic population as FHIR NDJSON, one file per resource type.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use foundation::Clock;
use foundation::clock::SystemClock;
use synthetic_data::{Dataset, Date, Resource, Settings, write_lines};

/// Write a synthetic population as FHIR NDJSON, one file per resource type.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// Number of people.
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Seed: the same seed gives the same people everywhere.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Municipality where they live, four digits.
    #[arg(long, value_name = "NNNN")]
    municipality: Option<String>,
    /// Tell their histories up to this date; without it, today.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Folder for the files; it is made when missing.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Generate {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let dataset = Dataset::new(self.settings()?).map_err(|error| anyhow!("{error}"))?;
        fs::create_dir_all(&self.out)
            .with_context(|| format!("{} cannot be made", self.out.display()))?;
        let mut files = Files::in_folder(&self.out);
        files.write(&dataset.practice_resources())?;
        let size = dataset.settings().size;
        for index in 0..size {
            files.write(&dataset.resources(index))?;
            progress(index + 1, size);
        }
        files.finish()?;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(&self) -> anyhow::Result<Settings> {
        let today = SystemClock.now().date().to_string();
        let as_of: Date = self
            .as_of
            .as_deref()
            .unwrap_or(&today)
            .parse()
            .map_err(|error| anyhow!("--as-of: {error}"))?;
        let mut settings = Settings::default_on(as_of);
        settings.seed = self.seed;
        if let Some(count) = self.count {
            settings.size = count;
        }
        if let Some(municipality) = &self.municipality {
            settings.municipality.clone_from(municipality);
        }
        Ok(settings)
    }
}

/// One open file per resource type, named as in the Bulk Data specification.
struct Files<'a> {
    folder: &'a Path,
    open: BTreeMap<&'static str, BufWriter<File>>,
}

impl<'a> Files<'a> {
    fn in_folder(folder: &'a Path) -> Self {
        Self {
            folder,
            open: BTreeMap::new(),
        }
    }

    fn write(&mut self, resources: &[Resource]) -> anyhow::Result<()> {
        for resource in resources {
            let name = resource.resource_type.name();
            if !self.open.contains_key(name) {
                let path = self.folder.join(format!("{name}.ndjson"));
                let file = File::create(&path)
                    .with_context(|| format!("{} cannot be written", path.display()))?;
                self.open.insert(name, BufWriter::new(file));
            }
            if let Some(file) = self.open.get_mut(name) {
                write_lines(file, std::slice::from_ref(resource))?;
            }
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<()> {
        for (name, mut file) in self.open {
            file.flush()
                .with_context(|| format!("{name}.ndjson cannot be written"))?;
        }
        Ok(())
    }
}

#[expect(clippy::print_stderr, reason = "progress for a person at a terminal")]
fn progress(done: u32, of: u32) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(100) || done == of) {
        eprint!("\r{done} of {of} people");
        if done == of {
            eprintln!();
        }
    }
}
