//! Scenarios: groups of people that somebody wants to look at together.

use std::fmt;
use std::str::FromStr;

use crate::date::Date;
use crate::history::{Fact, History, Service};
use crate::named::Story;
use crate::people::Person;

/// A group of people who have a part in the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Children under 16.
    Children,
    /// Chronic obstructive lung disease.
    Copd,
    /// Dementia.
    Dementia,
    /// Diabetes of either type.
    Diabetes,
    /// Heart failure.
    HeartFailure,
    /// Help from home care.
    HomeCare,
    /// Two lasting conditions or more.
    Multimorbid,
    /// The named patients.
    Named,
    /// Life in a nursing home.
    NursingHome,
    /// Care of the dying at home.
    Palliative,
    /// A pregnancy.
    Pregnancy,
    /// A certificate of sickness.
    SickLeave,
    /// Visitors, who are on no GP's list here.
    Visitors,
    /// Wounds.
    Wounds,
}

/// A scenario that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario «{wrong}»; there are {}", names())]
pub struct ScenarioError {
    wrong: String,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Children,
        Self::Copd,
        Self::Dementia,
        Self::Diabetes,
        Self::HeartFailure,
        Self::HomeCare,
        Self::Multimorbid,
        Self::Named,
        Self::NursingHome,
        Self::Palliative,
        Self::Pregnancy,
        Self::SickLeave,
        Self::Visitors,
        Self::Wounds,
    ];

    /// The word for it on a command line, in bokmål without its own letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Children => "barn",
            Self::Copd => "kols",
            Self::Dementia => "demens",
            Self::Diabetes => "diabetes",
            Self::HeartFailure => "hjertesvikt",
            Self::HomeCare => "hjemmetjeneste",
            Self::Multimorbid => "multisyke",
            Self::Named => "navngitte",
            Self::NursingHome => "sykehjem",
            Self::Palliative => "palliativ",
            Self::Pregnancy => "svangerskap",
            Self::SickLeave => "sykmelding",
            Self::Visitors => "besokende",
            Self::Wounds => "sar",
        }
    }

    /// True where the person has a part in it, by what is known on the date.
    pub fn has(self, person: &Person, history: &History, as_of: Date) -> bool {
        let cared_for = |service: Service| history.facts.iter().any(|one| one.service() == service);
        match self {
            Self::Children => person.birth_date.age_on(as_of) < 16,
            Self::Copd => has_one_of(history, &["R95"]),
            Self::Dementia => has_one_of(history, &["P70"]),
            Self::Diabetes => has_one_of(history, &["T89", "T90"]),
            Self::HeartFailure => has_one_of(history, &["K77"]),
            Self::HomeCare => cared_for(Service::HomeCare),
            Self::Multimorbid => lasting(history).count() >= 2,
            Self::Named => Story::of(person.index).is_some(),
            Self::NursingHome => cared_for(Service::NursingHome),
            Self::Palliative => cared_for(Service::Palliative),
            Self::Pregnancy => cared_for(Service::Maternity),
            Self::SickLeave => history
                .facts
                .iter()
                .any(|fact| matches!(fact, Fact::SickLeave(_))),
            Self::Visitors => person.arrived.is_some(),
            Self::Wounds => cared_for(Service::WoundCare),
        }
    }
}

/// Codes of the lasting conditions that are not over.
fn lasting(history: &History) -> impl Iterator<Item = &'static str> + '_ {
    history.facts.iter().filter_map(|fact| match fact {
        Fact::Problem(one) if one.lasting && one.abated.is_none() => Some(one.code.code),
        _ => None,
    })
}

fn has_one_of(history: &History, codes: &[&str]) -> bool {
    lasting(history).any(|code| codes.contains(&code))
}

fn names() -> String {
    Scenario::ALL.map(Scenario::name).join(", ")
}

impl fmt::Display for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| ScenarioError {
            wrong: text.to_owned(),
        })
    }
}
