//! Households and next of kin. People of a municipality go in blocks of 24 by rank; inside a block
//! couples are made, children given parents, and old people a grown child, by birth dates and a few
//! draws. So a person's family is found from the person's block alone, and never changes.
//!
//! Shares are our own: Statistics Norway counts families, but not by such blocks.

use crate::cohort::Cohort;
use crate::date::Date;
use crate::draw::{Draws, Topic};
use crate::people::Sex;
use crate::places::{Distribution, Municipality};

/// People in a block.
const BLOCK: u32 = 24;
/// Born by the end of this year, people have a household of their own.
const GROWN_BY: i32 = 2005;
/// Of a thousand grown women, how many look for a partner in the block.
const COUPLES: u32 = 850;
/// Of a thousand children, how many are in foster care (Bufdir: some 9 000 of 1.1 million).
const FOSTERED: u32 = 8;
/// Those born by this year have a grown child as next of kin, if the block has one that fits.
const OLD_BY: i32 = 1958;
/// The most children of one mother or father.
const MOST_CHILDREN: usize = 4;

/// What one person is to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kin {
    /// Daughter, grown.
    Daughter,
    /// Father.
    Father,
    /// Foster father.
    FosterFather,
    /// Foster mother.
    FosterMother,
    /// Mother.
    Mother,
    /// Husband, wife or cohabitant.
    Partner,
    /// Son, grown.
    Son,
}

/// A relation of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Who: the other's index, which may lie outside the dataset.
    pub index: u32,
    /// What the other is to the person.
    pub kin: Kin,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    index: u32,
    birth: Date,
    sex: Sex,
    partner: Option<usize>,
    /// Who has the daily care of a child: one of the block, and that one's partner.
    carer: Option<usize>,
    fostered: bool,
    /// Children in this one's care.
    children: usize,
}

impl Member {
    fn is_grown(&self) -> bool {
        self.birth.year() <= GROWN_BY
    }

    /// Days from this one's birth to the other's.
    fn older_than(&self, other: &Self) -> i32 {
        other.birth.days_since(self.birth)
    }
}

/// A block of neighbours with their families.
#[derive(Debug)]
pub(crate) struct Block {
    /// By birth date.
    members: Vec<Member>,
}

impl Block {
    /// The block of the person with this rank.
    pub(crate) fn of(
        cohort: &Cohort,
        spread: &Distribution,
        municipality: Municipality,
        rank: u32,
        key: [u32; 2],
    ) -> Self {
        let first = rank - rank % BLOCK;
        let member = |rank| {
            let index = spread.index(municipality, rank)?;
            let place = cohort.place(index)?;
            Some(Member {
                index,
                birth: place.birth,
                sex: place.sex,
                partner: None,
                carer: None,
                fostered: false,
                children: 0,
            })
        };
        let mut members: Vec<Member> = (first..first + BLOCK).filter_map(member).collect();
        members.sort_by_key(|member| (member.birth, member.index));
        let mut block = Self { members };
        block.pair(key);
        block.care(key);
        block
    }

    fn pair(&mut self, key: [u32; 2]) {
        for at in 0..self.members.len() {
            let Some(woman) = self.members.get(at).copied() else {
                continue;
            };
            let seeks = woman.sex == Sex::Female
                && woman.is_grown()
                && Draws::new(key, woman.index).chance(Topic::Household, 0, 0, COUPLES);
            if !seeks {
                continue;
            }
            // The man two years older on the average, from five younger to nine older.
            let fits = self.closest(730, 5 * 365 + 730, |man| {
                (man.sex == Sex::Male && man.is_grown() && man.partner.is_none())
                    .then(|| man.older_than(&woman))
            });
            let Some(man) = fits else { continue };
            if let Some(one) = self.members.get_mut(at) {
                one.partner = Some(man);
            }
            if let Some(one) = self.members.get_mut(man) {
                one.partner = Some(at);
            }
        }
    }

    fn care(&mut self, key: [u32; 2]) {
        for at in 0..self.members.len() {
            let Some(child) = self.members.get(at).copied().filter(|one| !one.is_grown()) else {
                continue;
            };
            let fostered = Draws::new(key, child.index).chance(Topic::Household, 0, 1, FOSTERED);
            let parent = |sex: Sex| {
                self.closest(31 * 365, 9 * 365, |one| {
                    let fits = one.sex == sex && one.is_grown();
                    let free = one.children < MOST_CHILDREN;
                    (fits && free).then(|| one.older_than(&child))
                })
            };
            let born_to = if fostered {
                None
            } else {
                parent(Sex::Female).or_else(|| parent(Sex::Male))
            };
            let carer = born_to.or_else(|| {
                self.closest(40 * 365, 20 * 365, |one| {
                    one.is_grown().then(|| one.older_than(&child))
                })
            });
            if let Some(one) = self.members.get_mut(at) {
                one.carer = carer;
                one.fostered = carer.is_some() && born_to.is_none();
            }
            if let Some(one) = carer.and_then(|carer| self.members.get_mut(carer)) {
                one.children += 1;
            }
        }
    }

    /// The member whose age difference is nearest to a wanted one, and not further from it than that.
    fn closest(
        &self,
        wanted: i32,
        most: i32,
        difference: impl Fn(&Member) -> Option<i32>,
    ) -> Option<usize> {
        let away = |(at, one): (usize, &Member)| {
            let away = (difference(one)? - wanted).abs();
            (away <= most).then_some((away, at))
        };
        let all = self.members.iter().enumerate();
        all.filter_map(away).min().map(|(_, at)| at)
    }

    fn find(&self, index: u32) -> Option<&Member> {
        self.members.iter().find(|one| one.index == index)
    }

    fn at(&self, place: Option<usize>) -> Option<&Member> {
        self.members.get(place?)
    }

    /// Who stands for the household of a person: all of one household have the same.
    pub(crate) fn head(&self, index: u32) -> u32 {
        let Some(own) = self.find(index) else {
            return index;
        };
        let grown = self.at(own.carer).unwrap_or(own);
        let partner = self.at(grown.partner).map_or(grown.index, |one| one.index);
        grown.index.min(partner)
    }

    /// The birth dates of a woman's own children, first to last.
    pub(crate) fn children(&self, index: u32) -> Vec<Date> {
        let own = |child: &&Member| {
            let carer = self.at(child.carer);
            !child.fostered && carer.is_some_and(|carer| carer.index == index)
        };
        let children = self.members.iter().filter(own);
        children.map(|child| child.birth).collect()
    }

    /// The person's nearest: parents or foster parents of a child, else partner, else a grown child.
    pub(crate) fn relations(&self, index: u32) -> Vec<Relation> {
        let Some(own) = self.find(index) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if let Some(carer) = self.at(own.carer) {
            for one in [Some(carer), self.at(carer.partner)].into_iter().flatten() {
                let kin = match (own.fostered, one.sex) {
                    (true, Sex::Female) => Kin::FosterMother,
                    (true, Sex::Male) => Kin::FosterFather,
                    (false, Sex::Female) => Kin::Mother,
                    (false, Sex::Male) => Kin::Father,
                };
                let index = one.index;
                found.push(Relation { index, kin });
            }
        }
        if let Some(partner) = self.at(own.partner) {
            let (index, kin) = (partner.index, Kin::Partner);
            found.push(Relation { index, kin });
        }
        if own.birth.year() <= OLD_BY {
            let grown = self.closest(30 * 365, 11 * 365, |one| {
                one.is_grown().then(|| own.older_than(one))
            });
            if let Some(child) = self.at(grown) {
                let kin = match child.sex {
                    Sex::Female => Kin::Daughter,
                    Sex::Male => Kin::Son,
                };
                let index = child.index;
                found.push(Relation { index, kin });
            }
        }
        found
    }
}
