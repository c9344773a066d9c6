//! Entrances for `synthetic-data/fuzz`: what must hold of every module that is taken. Here only under
//! test and for the fuzzer; nothing else may use it.

use serde_json::Map;

use crate::{File, Instant, Library, RunError, Sex, Subject};

/// Takes bytes and panics when something does not hold.
pub type Target = fn(&[u8]);

/// Every target under the name of its seeds.
pub const TARGETS: [(&str, Target); 2] = [("module", module), ("lookup_table", lookup_table)];

/// A module: what is taken runs to an end, and twice to the same.
pub fn module(bytes: &[u8]) {
    let file = File::new("it.json", bytes.to_vec());
    if let Ok(library) = Library::from_files(vec![file], Vec::new()) {
        run(&library);
    }
}

/// A lookup table of a module that asks for two of its columns.
pub fn lookup_table(bytes: &[u8]) {
    let module = br#"{"states": {
        "Initial": {"type": "Initial", "lookup_table_transition": [
            {"transition": "A", "default_probability": 0.5, "lookup_table_name": "t.csv"},
            {"transition": "B", "default_probability": 0.5, "lookup_table_name": "t.csv"}]},
        "A": {"type": "Terminal"}, "B": {"type": "Terminal"}}}"#;
    let module = File::new("it.json", module.to_vec());
    let table = File::new("t.csv", bytes.to_vec());
    if let Ok(library) = Library::from_files(vec![module], vec![table]) {
        run(&library);
    }
}

#[expect(
    clippy::panic,
    reason = "how a target says that something does not hold"
)]
fn run(library: &Library) {
    let Some((birth, until)) = Instant::of_day(2000, 1, 1).zip(Instant::of_day(2010, 1, 1)) else {
        panic!("both are days of the calendar");
    };
    let subject = Subject::new("g1", 1, Sex::Female, birth);
    let resources = || -> Result<_, RunError> {
        let life = library.live(&subject, until)?;
        Ok(library.resources(&life, &subject, &Map::new()))
    };
    let first = resources();
    assert!(first == resources(), "the same person had another life");
    for resource in first.iter().flatten() {
        let meta = resource.json.get("meta");
        let tags = meta.and_then(|meta| meta.get("tag"));
        assert!(
            tags.is_some(),
            "a resource does not say where it comes from"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_seed_holds() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
        for (name, target) in TARGETS {
            let folder = fs::read_dir(seeds.join(name)).unwrap();
            let mut number = 0;
            for file in folder {
                target(&fs::read(file.unwrap().path()).unwrap());
                number += 1;
            }
            assert!(number > 0, "{name} has no seed");
        }
    }

    #[test]
    fn the_seed_is_a_module_that_is_taken() {
        let seed = include_bytes!("../../fuzz/seeds/module/illness.json");
        let file = File::new("it.json", seed.to_vec());
        assert!(Library::from_files(vec![file], Vec::new()).is_ok());
    }
}
