//! The services whose journals a person can have. Each numbers its own resources, so a new one
//! changes no id of another.

use crate::world::UnitKind;

/// A service (tjeneste) that keeps a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The GP (fastlege).
    GeneralPractice,
    /// Wound care, by home care.
    WoundCare,
    /// Home care (hjemmetjeneste).
    HomeCare,
    /// The nursing home (sykehjem).
    NursingHome,
    /// The out-of-hours clinic (legevakt).
    OutOfHours,
    /// The health station (helsestasjon).
    HealthStation,
    /// The midwife at the health station (svangerskapsomsorg).
    Maternity,
    /// Care of the dying at home (palliativ omsorg), by home care.
    Palliative,
    /// Mental health and addiction (psykisk helse og rus), by a team of home care.
    MentalHealth,
    /// The physiotherapist's practice (fysikalsk institutt).
    Physiotherapy,
    /// A short stay in the nursing home (korttidsopphold).
    ShortStay,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::GeneralPractice,
        Self::WoundCare,
        Self::HomeCare,
        Self::NursingHome,
        Self::OutOfHours,
        Self::HealthStation,
        Self::Maternity,
        Self::Palliative,
        Self::MentalHealth,
        Self::Physiotherapy,
        Self::ShortStay,
    ];

    /// The kind of unit that gives it.
    pub fn unit(self) -> UnitKind {
        match self {
            Self::GeneralPractice => UnitKind::Practice,
            Self::WoundCare | Self::HomeCare | Self::Palliative | Self::MentalHealth => {
                UnitKind::HomeCare
            }
            Self::NursingHome | Self::ShortStay => UnitKind::NursingHome,
            Self::Physiotherapy => UnitKind::Physiotherapy,
            Self::OutOfHours => UnitKind::OutOfHours,
            Self::HealthStation | Self::Maternity => UnitKind::HealthStation,
        }
    }

    /// The letter for it in resource ids; the GP's have none.
    pub(crate) fn letter(self) -> Option<char> {
        match self {
            Self::GeneralPractice => None,
            Self::WoundCare => Some('w'),
            Self::HomeCare => Some('h'),
            Self::NursingHome => Some('n'),
            Self::OutOfHours => Some('l'),
            Self::HealthStation => Some('s'),
            Self::Maternity => Some('g'),
            Self::Palliative => Some('z'),
            Self::MentalHealth => Some('u'),
            Self::Physiotherapy => Some('y'),
            Self::ShortStay => Some('v'),
        }
    }
}
