//! What the register knows of one person.

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::ids::PersonIdentifier;
use crate::names::Name;
use crate::people::{Move, Protection};
use crate::places::{Address, Municipality};
use crate::world::{UnitId, UnitKind, World};

/// Sex, in the words of FHIR's administrative gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// A woman or girl.
    Female,
    /// A man or boy.
    Male,
}

impl Sex {
    /// The code in FHIR's `administrative-gender`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The person's number in the dataset, from 0.
    pub index: u32,
    /// The synthetic fødselsnummer, D-number or help number.
    pub identifier: PersonIdentifier,
    /// Sex.
    pub sex: Sex,
    /// Birth date, the same as in a number that has one.
    pub birth_date: Date,
    /// Name.
    pub name: Name,
    /// Home address on the dataset's date. The protection says whether it may be told.
    pub address: Address,
    /// The municipality that looks after the person.
    pub municipality: Municipality,
    /// The person's number among those who live there, from 0; it tells the person's units.
    pub rank: u32,
    /// The person's GP: a place among the practitioners of the person's practice. Visitors have none.
    pub general_practitioner: Option<usize>,
    /// The day from which the person is known here: birth, the beginning of the journals, or the move of
    /// somebody who had another GP before; a visitor's arrival.
    pub registered: Date,
    /// Protection of the address.
    pub protection: Option<Protection>,
    /// The latest move, where it has happened.
    pub moved: Option<Move>,
    /// The day of death, where it has come.
    pub deceased: Option<Date>,
    /// For a visitor, the day of arrival; `None` for those on the list.
    pub arrived: Option<Date>,
}

impl Person {
    /// The logical id of the person's Patient resource.
    pub fn patient_id(&self) -> String {
        format!("p{}", self.index)
    }

    /// The unit of a kind that looks after the person.
    pub fn unit(&self, kind: UnitKind) -> UnitId {
        World::unit_for(self.municipality, kind, self.rank)
    }
}
