//! HL7's own code systems and value sets for R4: what the codes are, and whether a code is in a set.
//!
//! Only terminology that HL7 publishes under CC0 is in the product; what others own, whoever runs it can
//! mount (`pack`). A value set that draws on anything else
//! (SNOMED CT, LOINC, ISO 3166, ...) is known by name but cannot be listed: every question about it
//! is answered with [`Unknown::Closed`], never with a guess. `designation`s, properties and concept
//! maps are not here.

mod expand;
mod no_basis;
mod pack;
mod table;

use std::cmp::Ordering;
use std::sync::OnceLock;

pub use expand::{Expanded, Page};
pub use pack::{Fault, Pack, PackError};

const PACKED: &[u8] = include_bytes!("../../definitions/terminology.tsv.gz");

/// A code of a code system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concept {
    /// The code itself.
    pub code: &'static str,
    /// What to show; the code where the system gives nothing.
    pub display: &'static str,
    /// How many concepts it lies under.
    pub depth: u8,
    /// Whether the system says that it groups others and is not to be chosen.
    pub is_abstract: bool,
}

/// A language that names of codes are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Bokmål.
    Bokmal,
    /// Nynorsk.
    Nynorsk,
    /// English.
    English,
}

impl Language {
    /// All of them, first the one that is shown when nobody asks.
    pub const ALL: [Self; 3] = [Self::Bokmal, Self::Nynorsk, Self::English];

    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Bokmal => "nb",
            Self::Nynorsk => "nn",
            Self::English => "en",
        }
    }

    /// The language of a tag, if it is one of these.
    pub fn of(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        match tag.split('-').next()? {
            "nb" | "no" => Some(Self::Bokmal),
            "nn" => Some(Self::Nynorsk),
            "en" => Some(Self::English),
            _ => None,
        }
    }
}

/// The name of a code in a language.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// The code's place in the system.
    concept: u32,
    language: Language,
    text: &'static str,
}

/// A code system with all its codes (R4, `CodeSystem`).
#[derive(Debug)]
pub struct CodeSystem {
    /// The canonical address.
    pub url: &'static str,
    /// The version, or nothing.
    pub version: &'static str,
    /// The title.
    pub title: &'static str,
    /// `complete`, `fragment` or `example` (R4, `CodeSystem.content`).
    pub content: &'static str,
    /// True where it was mounted, and is not in the product.
    pub is_mounted: bool,
    ignores_case: bool,
    concepts: Vec<Concept>,
    /// By place of the code.
    names: Vec<Named>,
    /// Places in `concepts`, in the order of their codes; made when first asked for.
    by_code: OnceLock<Vec<u32>>,
}

/// A value set (R4, `ValueSet`).
#[derive(Debug)]
pub struct ValueSet {
    /// The canonical address.
    pub url: &'static str,
    /// The version, or nothing.
    pub version: &'static str,
    /// The title.
    pub title: &'static str,
    closed: bool,
    parts: Vec<Part>,
}

/// What a value set takes from one system.
#[derive(Clone, Debug)]
struct Part {
    system: &'static str,
    /// The system's place, when its codes are here.
    known: Option<usize>,
    /// `None` is every code of the system.
    codes: Option<Vec<&'static str>>,
    /// True where the codes are in their own order, and can be searched by halves.
    sorted: bool,
}

impl Part {
    fn has(&self, code: &str) -> bool {
        match &self.codes {
            Some(codes) if self.sorted => codes.binary_search(&code).is_ok(),
            Some(codes) => codes.contains(&code),
            None => false,
        }
    }
}

/// Why terminology cannot be mounted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// Somebody has looked at what was there before.
    #[error("terminology is in use already; it can be mounted once, before anything else")]
    InUse,
    /// A file is wrong.
    #[error(transparent)]
    File(#[from] PackError),
}

/// Why a question about terminology has no answer here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The value set draws on a terminology that is not here.
    #[error("the value set draws on a terminology that is not here")]
    Closed,
    /// No code of this name in the system.
    #[error("the code system has no such code")]
    Code,
    /// No code system of this address.
    #[error("the code system is not known here")]
    System,
    /// No value set of this address.
    #[error("the value set is not known here")]
    ValueSet,
}

static R4: OnceLock<Terminology> = OnceLock::new();

/// All code systems and value sets, each sorted by address.
#[derive(Debug)]
pub struct Terminology {
    systems: Vec<CodeSystem>,
    sets: Vec<ValueSet>,
}

impl Terminology {
    /// HL7's terminology for R4, the code systems of no-basis and what is mounted, read at the first call.
    pub fn r4() -> &'static Self {
        R4.get_or_init(Self::own)
    }

    fn own() -> Self {
        table::read(table::unpack(PACKED))
    }

    /// Adds a pack to what [`Self::r4`] gives from now on. Like everything that R4 says it is one for the
    /// whole process: bindings point into it.
    ///
    /// # Errors
    /// When a value set draws on what is not there, or when it is too late.
    pub fn mount(pack: Pack) -> Result<(), MountError> {
        let mut all = Self::own();
        pack.mount_on(&mut all)?;
        R4.set(all).map_err(|_| MountError::InUse)
    }

    /// Finds for every part of a set the system that its codes are in.
    fn look_up_parts(&mut self) {
        let systems = &self.systems;
        for part in self.sets.iter_mut().flat_map(|set| &mut set.parts) {
            let place = systems.binary_search_by(|system| system.url.cmp(part.system));
            part.known = place.ok();
        }
    }

    /// The code system of this address; a version after `|` is not looked at.
    pub fn code_system(&self, url: &str) -> Option<&CodeSystem> {
        let url = without_version(url);
        let place = self.systems.binary_search_by(|s| s.url.cmp(url)).ok()?;
        self.systems.get(place)
    }

    /// The value set of this address; a version after `|` is not looked at.
    pub fn value_set(&self, url: &str) -> Option<&ValueSet> {
        let url = without_version(url);
        let place = self.sets.binary_search_by(|s| s.url.cmp(url)).ok()?;
        self.sets.get(place)
    }

    /// Whether a code is in a value set (R4, `ValueSet/$validate-code`). Without a system, the code
    /// may come from any system the set draws on, as for an element of type `code`.
    ///
    /// # Errors
    /// When the set is not known, or cannot be listed here.
    pub fn contains(
        &self,
        value_set: &str,
        system: Option<&str>,
        code: &str,
    ) -> Result<bool, Unknown> {
        let set = self.value_set(value_set).ok_or(Unknown::ValueSet)?;
        if set.closed {
            return Err(Unknown::Closed);
        }
        Ok(self.has(set, system, code))
    }

    /// What a code system says of a code (R4, `CodeSystem/$lookup`).
    ///
    /// # Errors
    /// When the system or the code is not known here.
    pub fn lookup(&self, system: &str, code: &str) -> Result<&Concept, Unknown> {
        self.code_system(system)
            .ok_or(Unknown::System)?
            .concept(code)
            .ok_or(Unknown::Code)
    }

    /// The code systems, by address.
    pub fn code_systems(&self) -> &[CodeSystem] {
        &self.systems
    }

    /// The value sets, by address.
    pub fn value_sets(&self) -> &[ValueSet] {
        &self.sets
    }

    /// As [`Self::contains`], for a set that is already found and can be listed.
    pub(crate) fn has(&self, set: &ValueSet, system: Option<&str>, code: &str) -> bool {
        set.parts
            .iter()
            .filter(|part| system.is_none_or(|s| s == part.system))
            .any(|part| {
                let own = part.known.and_then(|place| self.systems.get(place));
                match &part.codes {
                    None => own.is_some_and(|s| s.concept(code).is_some()),
                    Some(codes) if own.is_some_and(|s| s.ignores_case) => {
                        codes.iter().any(|c| c.eq_ignore_ascii_case(code))
                    }
                    Some(_) => part.has(code),
                }
            })
    }
}

impl CodeSystem {
    /// Every code, parents before children.
    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    /// The concept of this code, with regard to upper and lower case only if the system has that.
    pub fn concept(&self, code: &str) -> Option<&Concept> {
        self.at(self.place(code)?)
    }

    fn place(&self, code: &str) -> Option<u32> {
        let order = self.by_code.get_or_init(|| self.sorted());
        let place = order.binary_search_by(|at| self.compare(*at, code)).ok()?;
        order.get(place).copied()
    }

    /// The names of a code, each with its language; none where the system has but one.
    pub fn names(&self, code: &str) -> impl Iterator<Item = (Language, &'static str)> + '_ {
        let place = self.place(code).unwrap_or(u32::MAX);
        let first = self.names.partition_point(|name| name.concept < place);
        let own = self.names.get(first..).unwrap_or(&[]).iter();
        own.take_while(move |name| name.concept == place)
            .map(|name| (name.language, name.text))
    }

    /// The name of a code in a language; what is shown otherwise where there is none in that.
    pub fn name_in(&self, code: &str, language: Language) -> Option<&'static str> {
        let own = self.names(code).find(|(known, _)| *known == language);
        let display = || self.concept(code).map(|concept| concept.display);
        own.map(|(_, text)| text).or_else(display)
    }

    fn at(&self, place: u32) -> Option<&Concept> {
        self.concepts.get(usize::try_from(place).ok()?)
    }

    fn sorted(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0_u32..).take(self.concepts.len()).collect();
        order.sort_by(|a, b| {
            self.at(*b)
                .map_or(Ordering::Equal, |b| self.compare(*a, b.code))
        });
        order
    }

    fn compare(&self, place: u32, code: &str) -> Ordering {
        let own = self.at(place).map_or("", |c| c.code);
        if self.ignores_case {
            let folded = |s: &'_ str| {
                s.bytes()
                    .map(|b| b.to_ascii_lowercase())
                    .collect::<Vec<_>>()
            };
            return folded(own).cmp(&folded(code));
        }
        own.cmp(code)
    }
}

impl ValueSet {
    /// Whether every code of the set is here.
    pub fn is_enumerable(&self) -> bool {
        !self.closed
    }

    /// The systems the set draws on, when it can be listed.
    pub fn systems(&self) -> impl Iterator<Item = &'static str> {
        self.parts.iter().map(|part| part.system)
    }
}

fn without_version(url: &str) -> &str {
    url.split_once('|').map_or(url, |(url, _)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENDER: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";

    #[test]
    fn a_code_is_in_its_set_and_another_is_not() {
        let r4 = Terminology::r4();
        assert_eq!(r4.contains(GENDER, None, "female"), Ok(true));
        assert_eq!(
            r4.contains(
                GENDER,
                Some("http://hl7.org/fhir/administrative-gender"),
                "female"
            ),
            Ok(true)
        );
        assert_eq!(
            r4.contains(GENDER, Some("http://example.org"), "female"),
            Ok(false)
        );
        assert_eq!(r4.contains(GENDER, None, "kvinne"), Ok(false));
        assert_eq!(
            r4.contains(
                "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1",
                None,
                "male"
            ),
            Ok(true)
        );
    }

    #[test]
    fn what_cannot_be_listed_is_said_to_be_so() {
        let r4 = Terminology::r4();
        let closed = "http://hl7.org/fhir/ValueSet/condition-code";
        assert_eq!(r4.contains(closed, None, "1"), Err(Unknown::Closed));
        assert_eq!(
            r4.contains("http://example.org/none", None, "1"),
            Err(Unknown::ValueSet)
        );
        assert_eq!(
            r4.lookup("http://snomed.info/sct", "1").unwrap_err(),
            Unknown::System
        );
    }

    #[test]
    fn a_filter_on_a_hierarchy_was_worked_out() {
        let r4 = Terminology::r4();
        let encounters = "http://terminology.hl7.org/ValueSet/v3-ActEncounterCode";
        assert_eq!(r4.contains(encounters, None, "AMB"), Ok(true));
        assert_eq!(r4.contains(encounters, None, "OBS"), Ok(false));
    }

    #[test]
    fn lookup_gives_the_display() {
        let found = Terminology::r4().lookup("http://hl7.org/fhir/administrative-gender", "female");
        assert_eq!(found.unwrap().display, "Female");
    }

    #[test]
    fn every_code_is_found_again() {
        for system in Terminology::r4().code_systems() {
            for concept in system.concepts() {
                assert!(
                    system.concept(concept.code).is_some(),
                    "{} {}",
                    system.url,
                    concept.code
                );
            }
        }
    }

    #[test]
    fn the_code_systems_of_no_basis_are_there() {
        let set = "http://hl7.no/fhir/ValueSet/no-basis-family-relation";
        assert_eq!(Terminology::r4().contains(set, None, "søsken"), Ok(true));
        assert_eq!(Terminology::r4().contains(set, None, "nabo"), Ok(false));
    }
}
