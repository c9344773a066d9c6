//! What the register records of a life: protection of the address, a move, death.

use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::people::Sex;
use crate::places::{Address, Municipality};

/// Protection of the address (adressebeskyttelse): the address is given to nobody here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Fortrolig adresse.
    Confidential,
    /// Strengt fortrolig adresse.
    StrictlyConfidential,
}

impl Protection {
    /// The code in HL7's `v3-Confidentiality` that the patient is labelled with.
    pub fn label(self) -> &'static str {
        match self {
            Self::Confidential => "R",
            Self::StrictlyConfidential => "V",
        }
    }
}

/// A move from another municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The first day at the new address.
    pub date: Date,
    /// The other address: the former one, or before the move the coming one.
    pub from: Address,
}

/// Of ten thousand households, how many have a protected address: our own choice, so that a GP list
/// has some.
const PROTECTED: u32 = 25;
/// Of a thousand households, how many moved here while journals were kept: our own choice.
const MOVED: u32 = 120;
/// Moves are spread over this many days from the first of 2016; later ones are not told.
const MOVES_DAYS: u32 = 3800;
/// The pyramid counts the living of this year's beginning; deaths are told from then on.
const DEATHS_FROM: i32 = 2025;
/// Of ten thousand men and women, how many die in a year, up to the age given: our own rounding of
/// Statistics Norway's life table (07902).
const MORTALITY: [(i32, u32, u32); 12] = [
    (0, 20, 17),
    (39, 5, 3),
    (49, 14, 9),
    (59, 33, 22),
    (64, 65, 45),
    (69, 110, 75),
    (74, 180, 125),
    (79, 320, 230),
    (84, 640, 480),
    (89, 1200, 970),
    (94, 2100, 1800),
    (130, 3300, 3000),
];

/// The protection of a household's address.
pub(crate) fn protection(head: Draws) -> Option<Protection> {
    if head.below(Topic::Household, 1, 0, 10_000) >= PROTECTED {
        return None;
    }
    let strictly = head.chance(Topic::Household, 1, 1, 250);
    Some(if strictly {
        Protection::StrictlyConfidential
    } else {
        Protection::Confidential
    })
}

/// The move of a household to its municipality, if it came from another one.
pub(crate) fn moved(head: Draws, to: Municipality) -> Option<Move> {
    if !head.chance(Topic::Household, 2, 0, MOVED) {
        return None;
    }
    let others = Municipality::all()
        .iter()
        .map(|one| (if *one == to { 0 } else { one.hundreds }, one));
    let from = head.weighted(Topic::Household, 2, 1, others)?;
    let day = head.below(Topic::Household, 2, 2, MOVES_DAYS);
    Some(Move {
        date: Date::new_year(2016).plus_days(10 + i32::try_from(day).unwrap_or(0)),
        from: Address::draw(head, 1, *from),
    })
}

/// Of a thousand households that move, how many keep the GP they had here before they came.
const KEEP_GP: u32 = 500;

/// True for a household that comes to a GP here only with its move: its journal begins then, and what
/// happened before is not in it.
pub(crate) fn comes_new(head: Draws) -> bool {
    !head.chance(Topic::Household, 2, 3, KEEP_GP)
}

/// The day when the person dies, if that is by the date.
pub(crate) fn deceased(draws: Draws, sex: Sex, birth: Date, as_of: Date) -> Option<Date> {
    (DEATHS_FROM..=as_of.year())
        .find_map(|year| {
            let age = birth.age_on(Date::new_year(year)).max(0);
            let (_, men, women) = MORTALITY.iter().find(|(to, ..)| age <= *to)?;
            let hazard = if sex == Sex::Male { *men } else { *women };
            let step = year.unsigned_abs();
            if draws.below(Topic::Death, step, 0, 10_000) >= hazard {
                return None;
            }
            let day = draws.below(Topic::Death, step, 1, 365);
            let date = Date::new_year(year).plus_days(i32::try_from(day).unwrap_or(0));
            (date > birth).then_some(date)
        })
        .filter(|date| *date <= as_of)
}
