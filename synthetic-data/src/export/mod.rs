//! Everything of a dataset written out: who is chosen, in which format, to which stream. Files and
//! folders are the caller's; here are names and bytes alone.

mod bundle;
mod scenario;
mod table;

use std::io;
use std::ops::RangeInclusive;

pub use scenario::{Scenario, ScenarioError};

use crate::dataset::Dataset;
use crate::fhir::Sheaf;
use crate::people::Person;

/// How people are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One resource a line, one stream a type, named as in the Bulk Data specification.
    Ndjson,
    /// One transaction a line: one for each unit, then one for each person. Each can be posted as it is.
    Bundles,
    /// One table a kind of fact, comma-separated (RFC 4180).
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Bundles, Self::Csv];

    /// The word for it on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Bundles => "bundles",
            Self::Csv => "csv",
        }
    }
}

/// Who of a dataset is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those of these ages on the dataset's date.
    pub ages: Option<RangeInclusive<i32>>,
    /// Only those with a part in this.
    pub scenario: Option<Scenario>,
}

impl Selection {
    /// True where the person is chosen.
    pub fn has(&self, dataset: &Dataset, person: &Person) -> bool {
        let as_of = dataset.settings().as_of;
        let age = person.birth_date.age_on(as_of);
        self.ages.as_ref().is_none_or(|ages| ages.contains(&age))
            && self
                .scenario
                .is_none_or(|scenario| scenario.has(person, &dataset.history(person), as_of))
    }
}

/// Where an export goes.
pub trait Streams {
    /// Adds bytes to the stream with this name; the first time, a new one.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Told after each person: how many have been looked at, of how many.
    fn looked_at(&mut self, done: u32, of: u32);
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// People.
    pub people: u32,
    /// Resources, or rows of tables.
    pub records: u64,
}

/// Writes the chosen people of a dataset, one after another: memory is one person's.
pub fn export(
    dataset: &Dataset,
    selection: &Selection,
    format: Format,
    streams: &mut (impl Streams + ?Sized),
) -> io::Result<Written> {
    let mut written = Written::default();
    if format == Format::Csv {
        table::begin(streams)?;
    }
    written.records += write_units(dataset, format, streams)?;
    let mut sheaf = Sheaf::new();
    let of = u32::try_from(dataset.indices().count()).unwrap_or(u32::MAX);
    for (done, index) in (1..).zip(dataset.indices()) {
        let person = dataset.person(index);
        if let Some(person) = person.filter(|person| selection.has(dataset, person)) {
            written.people += 1;
            written.records += write_person(dataset, &person, format, &mut sheaf, streams)?;
        }
        streams.looked_at(done, of);
    }
    Ok(written)
}

fn write_units(
    dataset: &Dataset,
    format: Format,
    streams: &mut (impl Streams + ?Sized),
) -> io::Result<u64> {
    let mut count = 0;
    if format == Format::Csv {
        return Ok(count);
    }
    let mut sheaf = Sheaf::new();
    for municipality in dataset.municipalities() {
        for unit in dataset.units(municipality) {
            sheaf.clear();
            dataset.write_unit(unit, &mut sheaf);
            count += write_sheaf(&sheaf, format, streams)?;
        }
    }
    Ok(count)
}

fn write_person(
    dataset: &Dataset,
    person: &Person,
    format: Format,
    sheaf: &mut Sheaf,
    streams: &mut (impl Streams + ?Sized),
) -> io::Result<u64> {
    if format == Format::Csv {
        return table::write(person, &dataset.history(person), streams);
    }
    sheaf.clear();
    dataset.write(person.index, sheaf);
    write_sheaf(sheaf, format, streams)
}

fn write_sheaf(
    sheaf: &Sheaf,
    format: Format,
    streams: &mut (impl Streams + ?Sized),
) -> io::Result<u64> {
    match format {
        Format::Bundles => bundle::write(sheaf, streams),
        _ => write_types(sheaf, streams),
    }
}

/// Each resource to the stream of its type.
fn write_types(sheaf: &Sheaf, streams: &mut (impl Streams + ?Sized)) -> io::Result<u64> {
    for (kind, _, line) in sheaf.iter() {
        streams.append(kind.stream(), line)?;
    }
    Ok(u64::try_from(sheaf.len()).unwrap_or(u64::MAX))
}
