//! Writes what judges of others' making look at: `cargo run -p synthetic-data --example judged -- folder`
//! leaves people of several municipalities there as FHIR, each also as transactions, and `numbers.tsv`
//! with the number of everybody in a larger population.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use synthetic_data::export::{Format, Selection, Streams, export};
use synthetic_data::{Dataset, Settings};

/// People of each place; the named patients come along with each.
const PLACES: [(&str, u32); 4] = [("3405", 70), ("0301", 50), ("5601", 50), ("0", 50)];
/// People whose numbers alone are written.
const NUMBERS: u32 = 6000;
const AS_OF: &str = "2026-11-21";

/// Files in a folder.
struct Files(PathBuf);

impl Streams for Files {
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(self.0.join(name));
        file?.write_all(bytes)
    }

    fn looked_at(&mut self, _done: u32, _of: u32) {}
}

fn dataset(seed: u64, municipality: &str, size: u32) -> Result<Dataset, Box<dyn Error>> {
    Ok(Dataset::new(Settings {
        seed,
        municipality: municipality.to_owned(),
        size,
        ..Settings::default_on(AS_OF.parse()?)
    })?)
}

fn write(
    dataset: &Dataset,
    selection: &Selection,
    format: Format,
    folder: PathBuf,
) -> io::Result<()> {
    fs::create_dir_all(&folder)?;
    export(dataset, selection, format, &mut Files(folder))?;
    Ok(())
}

fn write_numbers(dataset: &Dataset, file: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for person in dataset.indices().filter_map(|index| dataset.person(index)) {
        writeln!(out, "{:?}\t{}", person.identifier.kind(), person.identifier)?;
    }
    out.flush()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("a folder is needed")?;
    let folder = Path::new(&folder);
    for (seed, (municipality, size)) in (1..).zip(PLACES) {
        let people = dataset(seed, municipality, size)?;
        let folder = folder.join(municipality);
        write(&people, &Selection::default(), Format::Ndjson, folder)?;
    }
    // Short journals: a transaction is looked at as a whole.
    let children = Selection {
        ages: Some(0..=5),
        ..Selection::default()
    };
    let few = dataset(9, "4601", 40)?;
    write(
        &few,
        &children,
        Format::Bundles,
        folder.join("transactions"),
    )?;
    write_numbers(&dataset(10, "0", NUMBERS)?, &folder.join("numbers.tsv"))?;
    Ok(())
}
