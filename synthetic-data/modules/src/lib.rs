//! Runs modules in Synthea's Generic Module Framework (GMF 1 and 2), unchanged, over people whom a host
//! describes, and gives what happened to them as FHIR R4. Modules and lookup tables are the user's: none
//! is here, nor any code of a terminology, and nothing here knows the Norwegian population.
//!
//! No clock, no floating point in any decision: the same modules, person and seed give the same
//! resources on every machine.
//!
//! ```
//! use generic_modules::{File, Instant, Library, Sex, Subject};
//!
//! let module = br#"{"name": "Born", "gmf_version": 2, "states": {
//!     "Initial": {"type": "Initial", "direct_transition": "Seen"},
//!     "Seen": {"type": "Encounter", "encounter_class": "ambulatory", "codes": [],
//!              "direct_transition": "End"},
//!     "End": {"type": "EncounterEnd", "direct_transition": "Terminal"},
//!     "Terminal": {"type": "Terminal"}}}"#;
//! let library = Library::from_files(vec![File::new("born.json", module.to_vec())], Vec::new())?;
//! let birth = Instant::of_day(1980, 2, 29).ok_or("no such day")?;
//! let subject = Subject::new("g1", 7, Sex::Female, birth);
//! let until = Instant::of_day(2026, 11, 21).ok_or("no such day")?;
//! let life = library.live(&subject, until)?;
//! let written = library.resources(&life, &subject, &serde_json::Map::new());
//! assert_eq!(written[1].resource_type, "Encounter");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod fhir;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod library;
mod names;
mod number;
mod parse;
mod program;
mod random;
mod run;
mod time;

pub use error::{Fault, LoadError, RunError};
pub use fhir::{ORIGIN_SYSTEM, Resource};
pub use library::{File, Library};
pub use number::Fixed;
pub use run::{Fact, Life, Sex, Subject};
pub use time::Instant;
