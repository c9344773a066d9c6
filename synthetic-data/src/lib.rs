//! A synthetic Norwegian population, one municipality or the country, as a pure function of (dataset version, seed, index).
//!
//! No I/O, no clock, no floating point in any decision: the same settings give the same bytes on
//! every machine. A person is made alone, in well under a millisecond, and found by identity
//! number without an index, because number and index map to each other one to one.
//!
//! ```
//! use synthetic_data::{Dataset, Settings};
//!
//! let dataset = Dataset::new(Settings::default_on("2026-11-21".parse()?))?;
//! let person = dataset.person(17).ok_or("nobody")?;
//! assert_eq!(dataset.index_of(&person.identifier), Some(17));
//! assert_eq!(dataset.resources(17)[0].id, "p17");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atlas;
pub mod calibration;
mod cohort;
mod dataset;
mod date;
mod draw;
pub mod export;
pub mod fhir;
pub mod history;
pub mod ids;
mod named;
mod names;
mod nynorsk;
mod people;
mod philox;
mod places;
mod world;

pub use dataset::{DEFAULT_SIZE, Dataset, DatasetError, Settings, VERSION, write_lines};
pub use date::{Date, DateError, Moment};
pub use fhir::{Names, Owner, Resource, ResourceType, Sheaf};
pub use names::Name;
pub use people::{Kin, Move, Person, Protection, Relation, Sex};
pub use places::{Address, Municipality, Place, PlaceError};
pub use world::{Organization, Practitioner, Profession, Unit, UnitId, UnitKind};
