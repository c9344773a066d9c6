//! The one practice of a dataset: organisation, staff and their numbers.

use crate::cohort::Cohort;
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::ids::{HerId, Hpr, OrgNr, PersonIdentifier};
use crate::names::Name;
use crate::person::Sex;
use crate::places::{Address, Municipality};

/// A GP practice.
#[derive(Clone, Debug)]
pub struct Practice {
    /// The organisation.
    pub organization: Organization,
    /// Doctors first, then the rest of the staff.
    pub practitioners: Vec<Practitioner>,
}

/// The practice as an organisation.
#[derive(Clone, Debug)]
pub struct Organization {
    /// The logical id of the Organization resource.
    pub id: &'static str,
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

/// What a person does at the practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profession {
    /// Doctor, fastlege (Volven 9060: LE).
    Doctor,
    /// Nurse (SP).
    Nurse,
    /// Health secretary (HE).
    HealthSecretary,
}

impl Profession {
    /// The code in Volven 9060 (health personnel category).
    pub fn category(self) -> &'static str {
        match self {
            Self::Doctor => "LE",
            Self::Nurse => "SP",
            Self::HealthSecretary => "HE",
        }
    }

    /// The word for it, in bokmål.
    pub fn title(self) -> &'static str {
        match self {
            Self::Doctor => "Lege",
            Self::Nurse => "Sykepleier",
            Self::HealthSecretary => "Helsesekretær",
        }
    }
}

/// One of the staff.
#[derive(Clone, Debug)]
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
    /// Address for messages to this person at the practice.
    pub her_id: HerId,
}

const STAFF: [(Profession, Sex); 6] = [
    (Profession::Doctor, Sex::Female),
    (Profession::Doctor, Sex::Male),
    (Profession::Doctor, Sex::Female),
    (Profession::Doctor, Sex::Male),
    (Profession::Nurse, Sex::Female),
    (Profession::HealthSecretary, Sex::Male),
];

/// How many of the staff are GPs with a list.
pub(crate) const DOCTORS: u32 = 4;

impl Practice {
    /// `None` only if a synthetic number series ran dry, which its tests rule out.
    pub(crate) fn build(
        key: [u32; 2],
        cohort: &Cohort,
        municipality: Municipality,
    ) -> Option<Self> {
        let draws = Draws::new(key, u32::MAX - 1);
        let serial = draws.below(Topic::Staff, 0, 0, 9_900_000);
        let organization = Organization {
            id: "practice-1",
            name: "Blåklokka legesenter".to_owned(),
            orgnr: OrgNr::from_serial(serial)?,
            her_id: HerId::from_serial(serial),
            phone: format!("+470000{:04}", draws.below(Topic::Staff, 0, 1, 10_000)),
            address: municipality.address(draws),
        };
        let practitioners = (1_u32..)
            .zip(STAFF)
            .map(|(number, (profession, sex))| {
                let draws = Draws::new(key, u32::MAX - 1 - number);
                let year = 1964 + i32::try_from(draws.below(Topic::Staff, 0, 0, 32)).ok()?;
                let day = i32::try_from(draws.below(Topic::Staff, 0, 1, 365)).ok()?;
                let birth_date = Date::new_year(year).plus_days(day);
                Some(Practitioner {
                    id: format!("practitioner-{number}"),
                    role_id: format!("role-{number}"),
                    hpr: Hpr::from_serial(
                        draws.below(Topic::Staff, 0, 2, 900) * 100 + number * 10,
                    )?,
                    identifier: cohort.spare(birth_date, sex, number)?,
                    sex,
                    birth_date,
                    name: Name::draw(draws),
                    profession,
                    her_id: HerId::from_serial(serial + number),
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            organization,
            practitioners,
        })
    }
}
