//! Terminology that somebody else owns, read from files that whoever runs the product has: code systems
//! and value sets as FHIR JSON (`fhir`) and code systems as tables (`table`). Which folder they lie in is
//! not decided here, and nothing of them is in the product.

mod fault;
mod fhir;
mod table;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use fault::{Fault, PackError};

use super::{CodeSystem, Concept, Named, Part, Terminology, ValueSet};

const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";

/// Files that were read, and can be mounted together.
#[derive(Debug, Default)]
pub struct Pack {
    systems: BTreeMap<&'static str, Given<CodeSystem>>,
    sets: BTreeMap<&'static str, Given<Draft>>,
}

/// Something with the file that it is from.
#[derive(Debug)]
struct Given<T> {
    file: String,
    it: T,
}

/// A value set whose parts are not yet looked up.
#[derive(Debug)]
struct Draft {
    url: &'static str,
    version: &'static str,
    title: &'static str,
    parts: Vec<Source>,
}

/// What a value set takes codes from.
#[derive(Debug)]
enum Source {
    /// Some codes of a system, or all.
    System(&'static str, Option<Vec<&'static str>>),
    /// All codes of another value set.
    Set(&'static str),
}

impl Pack {
    /// Reads a file by the end of its name: `.json` is FHIR, `.tsv` and `.csv` a table.
    ///
    /// # Errors
    /// When the file is not what its name says, or gives what another file has given.
    pub fn read(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), PackError> {
        let wrong = |fault| PackError::new(file, None, fault);
        let text = String::from_utf8(bytes).map_err(|_| wrong(Fault::Encoding))?;
        let text = match text.strip_prefix('\u{feff}') {
            Some(marked) => marked.to_owned(),
            None => text,
        };
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "json" => self.read_fhir(file, &text),
            "tsv" => self.read_table(file, text, '\t'),
            "csv" => self.read_table(file, text, ';'),
            _ => Err(wrong(Fault::Kind)),
        }
    }

    fn add_system(&mut self, file: &str, it: CodeSystem) -> Result<(), PackError> {
        if let Some(other) = self.systems.get(it.url) {
            let fault = Fault::Twice(it.url.to_owned(), other.file.clone());
            return Err(PackError::new(file, None, fault));
        }
        if it.concepts.is_empty() {
            let fault = Fault::Empty(it.url.to_owned());
            return Err(PackError::new(file, None, fault));
        }
        let file = file.to_owned();
        self.systems.insert(it.url, Given { file, it });
        Ok(())
    }

    fn add_set(&mut self, file: &str, it: Draft) -> Result<(), PackError> {
        if let Some(other) = self.sets.get(it.url) {
            let fault = Fault::Twice(it.url.to_owned(), other.file.clone());
            return Err(PackError::new(file, None, fault));
        }
        let file = file.to_owned();
        self.sets.insert(it.url, Given { file, it });
        Ok(())
    }

    /// The set of all codes of a system.
    fn add_whole(&mut self, file: &str, url: &str, system: &CodeSystem) -> Result<(), PackError> {
        let draft = Draft {
            url: kept(url),
            version: system.version,
            title: system.title,
            parts: vec![Source::System(system.url, None)],
        };
        self.add_set(file, draft)
    }

    /// How many code systems there are, with the codes of each, by address.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        let count =
            |(url, given): (&&'static str, &Given<CodeSystem>)| (*url, given.it.concepts.len());
        self.systems.iter().map(count)
    }

    /// Adds everything to a terminology; what is in both is the pack's.
    ///
    /// # Errors
    /// When a value set draws on something that is in neither.
    pub fn mount_on(mut self, terminology: &mut Terminology) -> Result<(), PackError> {
        self.add_known_wholes()?;
        for given in std::mem::take(&mut self.systems).into_values() {
            put(&mut terminology.systems, given.it, |system| system.url);
        }
        terminology.look_up_parts();
        let sets: Vec<&'static str> = self.sets.keys().copied().collect();
        for url in sets {
            self.mount_set(url, terminology, 0)?;
        }
        terminology.look_up_parts();
        Ok(())
    }

    /// SNOMED CT and LOINC have addresses for the set of all their codes (R4, `snomedct.html` and `loinc.html`).
    fn add_known_wholes(&mut self) -> Result<(), PackError> {
        for (system, set) in [
            (SNOMED, "http://snomed.info/sct?fhir_vs"),
            (LOINC, "http://loinc.org/vs"),
        ] {
            let Some(given) = self.systems.get(system) else {
                continue;
            };
            if !self.sets.contains_key(set) {
                let parts = vec![Source::System(given.it.url, None)];
                let (version, title, file) = (given.it.version, given.it.title, given.file.clone());
                let draft = Draft {
                    url: set,
                    version,
                    title,
                    parts,
                };
                self.add_set(&file, draft)?;
            }
        }
        Ok(())
    }

    /// Mounts a set after those that it draws on.
    fn mount_set(
        &mut self,
        url: &'static str,
        terminology: &mut Terminology,
        depth: usize,
    ) -> Result<(), PackError> {
        let Some(Given { file, it }) = self.sets.remove(url) else {
            return Ok(());
        };
        let mut parts = Vec::with_capacity(it.parts.len());
        for source in it.parts {
            match source {
                Source::System(system, codes) => {
                    if codes.is_none() && terminology.code_system(system).is_none() {
                        let fault = Fault::NoSystem(url.to_owned(), system.to_owned());
                        return Err(PackError::new(&file, None, fault));
                    }
                    parts.push(part(system, codes));
                }
                Source::Set(other) => {
                    if depth < MOST_NESTED {
                        self.mount_set(other, terminology, depth + 1)?;
                    }
                    let found = terminology.value_set(other).filter(|set| !set.closed);
                    let Some(found) = found else {
                        let fault = Fault::NoSet(url.to_owned(), other.to_owned());
                        return Err(PackError::new(&file, None, fault));
                    };
                    parts.extend(found.parts.iter().cloned());
                }
            }
        }
        let set = ValueSet {
            url: it.url,
            version: it.version,
            title: it.title,
            closed: false,
            parts,
        };
        put(&mut terminology.sets, set, |set| set.url);
        Ok(())
    }
}

/// Up to so many codes are looked through one by one, in the order of the set.
const FEW: usize = 64;

fn part(system: &'static str, mut codes: Option<Vec<&'static str>>) -> Part {
    let many = codes.as_mut().filter(|codes| codes.len() > FEW);
    let sorted = many.map(|codes| codes.sort_unstable()).is_some();
    Part {
        system,
        known: None,
        codes,
        sorted,
    }
}

/// How deep value sets may draw on each other.
const MOST_NESTED: usize = 16;

/// Puts something in its place by address, instead of what is there.
fn put<T>(all: &mut Vec<T>, one: T, url: impl Fn(&T) -> &'static str) {
    match all.binary_search_by(|other| url(other).cmp(url(&one))) {
        Ok(place) => {
            if let Some(there) = all.get_mut(place) {
                *there = one;
            }
        }
        Err(place) => all.insert(place, one),
    }
}

/// A text that lives as long as the process, as all of the terminology does.
fn kept(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn system(url: &'static str, concepts: Vec<Concept>, names: Vec<Named>) -> CodeSystem {
    CodeSystem {
        url,
        version: "",
        title: "",
        content: "complete",
        is_mounted: true,
        ignores_case: false,
        concepts,
        names,
        by_code: OnceLock::new(),
    }
}
