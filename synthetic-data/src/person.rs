//! Who a person is: what the population register would know. Health is in `history`.

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::ids::PersonIdentifier;
use crate::names::Name;
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
    /// The synthetic fødselsnummer or D-number.
    pub identifier: PersonIdentifier,
    /// Sex.
    pub sex: Sex,
    /// Birth date, the same as in the number.
    pub birth_date: Date,
    /// Name.
    pub name: Name,
    /// Home address.
    pub address: Address,
    /// The municipality that looks after the person.
    pub municipality: Municipality,
    /// The person's number among those who live there, from 0; it tells the person's units.
    pub rank: u32,
    /// The person's GP: a place among the practitioners of the person's practice.
    pub general_practitioner: usize,
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
