//! What a unit is: its organisation, its staff, and how many people it looks after.

use crate::date::Date;
use crate::ids::{HerId, Hpr, OrgNr, PersonIdentifier};
use crate::names::Name;
use crate::people::Sex;
use crate::places::{Address, Municipality};

/// The kinds of unit. The numbers are part of the dataset version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum UnitKind {
    /// A GP practice (legekontor).
    Practice = 0,
    /// A home-care zone (hjemmetjeneste).
    HomeCare = 1,
    /// A nursing home (sykehjem).
    NursingHome = 2,
    /// The out-of-hours clinic (legevakt).
    OutOfHours = 3,
    /// A health station (helsestasjon).
    HealthStation = 4,
    /// A physiotherapist's practice (fysikalsk institutt).
    Physiotherapy = 5,
}

impl UnitKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Practice,
        Self::HomeCare,
        Self::NursingHome,
        Self::OutOfHours,
        Self::HealthStation,
        Self::Physiotherapy,
    ];

    /// How many inhabitants one unit looks after: four GPs with lists of 1 200, and our own round
    /// figures for the others (Norway has some 40 000 nursing-home places for 5.5 million).
    pub fn inhabitants(self) -> u32 {
        match self {
            Self::Practice => 4 * 1200,
            Self::HomeCare | Self::Physiotherapy => 6000,
            Self::NursingHome => 8000,
            Self::OutOfHours => u32::MAX,
            Self::HealthStation => 20_000,
        }
    }

    /// What it is called in bokmål.
    pub fn title(self) -> &'static str {
        match self {
            Self::Practice => "Legekontor",
            Self::HomeCare => "Hjemmetjeneste",
            Self::NursingHome => "Sykehjem",
            Self::OutOfHours => "Legevakt",
            Self::HealthStation => "Helsestasjon",
            Self::Physiotherapy => "Fysikalsk institutt",
        }
    }

    pub(super) fn staff(self) -> &'static [(Profession, Sex)] {
        use Profession::{Doctor, HealthSecretary, HealthWorker, Midwife, Nurse, Physiotherapist};
        use Sex::{Female, Male};
        match self {
            Self::Practice => &[
                (Doctor, Female),
                (Doctor, Male),
                (Doctor, Female),
                (Doctor, Male),
                (Nurse, Female),
                (HealthSecretary, Male),
            ],
            Self::HomeCare => &[
                (Nurse, Female),
                (Nurse, Female),
                (Nurse, Male),
                (HealthWorker, Female),
                (HealthWorker, Female),
                (HealthWorker, Male),
            ],
            Self::NursingHome => &[
                (Doctor, Male),
                (Nurse, Female),
                (Nurse, Female),
                (HealthWorker, Male),
                (HealthWorker, Female),
                (HealthWorker, Female),
            ],
            Self::OutOfHours => &[
                (Doctor, Female),
                (Doctor, Male),
                (Nurse, Female),
                (Nurse, Male),
            ],
            Self::HealthStation => &[
                (Doctor, Female),
                (Nurse, Female),
                (Nurse, Female),
                (Midwife, Female),
                (Physiotherapist, Female),
            ],
            Self::Physiotherapy => &[(Physiotherapist, Female), (Physiotherapist, Male)],
        }
    }
}

/// Staff who work in two places, as many do: the second of a practice's doctors is also the nursing
/// home's, and the health station's physiotherapist has a practice. Each place has its own journal, so the
/// same person is there under two ids, with one HPR number. Kinds, and places among the staff from 1.
pub(super) const TWICE: [((UnitKind, u32), (UnitKind, u32)); 2] = [
    ((UnitKind::NursingHome, 1), (UnitKind::Practice, 2)),
    ((UnitKind::HealthStation, 5), (UnitKind::Physiotherapy, 1)),
];

/// Which unit: nothing but its place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitId {
    /// The municipality where it is.
    pub municipality: Municipality,
    /// Its kind.
    pub kind: UnitKind,
    /// Its number among those of its kind there, from 1.
    pub number: u32,
}

/// A unit with its staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Which one it is.
    pub id: UnitId,
    /// The organisation.
    pub organization: Organization,
    /// Those who work there; at a practice, doctors first.
    pub practitioners: Vec<Practitioner>,
}

/// A unit as an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The logical id of the Organization resource.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Organisation number in Enhetsregisteret's synthetic series.
    pub orgnr: OrgNr,
    /// Address for messages.
    pub her_id: HerId,
    /// Telephone, of a form that no subscriber can have.
    pub phone: String,
    /// Visiting address.
    pub address: Address,
}

/// What a person does at a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profession {
    /// Doctor (Volven 9060: LE); at a practice, a fastlege.
    Doctor,
    /// Health secretary (HE).
    HealthSecretary,
    /// Health worker, helsefagarbeider (HF).
    HealthWorker,
    /// Midwife (JO).
    Midwife,
    /// Nurse (SP).
    Nurse,
    /// Physiotherapist (FT).
    Physiotherapist,
}

impl Profession {
    /// The code in Volven 9060 (health personnel category).
    pub fn category(self) -> &'static str {
        match self {
            Self::Doctor => "LE",
            Self::HealthSecretary => "HE",
            Self::HealthWorker => "HF",
            Self::Midwife => "JO",
            Self::Nurse => "SP",
            Self::Physiotherapist => "FT",
        }
    }

    /// The word for it, in bokmål.
    pub fn title(self) -> &'static str {
        match self {
            Self::Doctor => "Lege",
            Self::HealthSecretary => "Helsesekretær",
            Self::HealthWorker => "Helsefagarbeider",
            Self::Midwife => "Jordmor",
            Self::Nurse => "Sykepleier",
            Self::Physiotherapist => "Fysioterapeut",
        }
    }
}

/// One of the staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practitioner {
    /// The logical id of the Practitioner resource.
    pub id: String,
    /// The logical id of the `PractitionerRole` resource.
    pub role_id: String,
    /// HPR number.
    pub hpr: Hpr,
    /// Synthetic fødselsnummer, which no patient has; HelseID calls it `pid`.
    pub identifier: PersonIdentifier,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub birth_date: Date,
    /// Name.
    pub name: Name,
    /// Profession.
    pub profession: Profession,
    /// Address for messages to this person at the unit.
    pub her_id: HerId,
}
