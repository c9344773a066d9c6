//! The named patients as people of a dataset.

use super::Story;
use crate::dataset::Dataset;
use crate::draw::{Draws, Topic};
use crate::names::Name;
use crate::people::{Move, Person};
use crate::places::{Address, Municipality};

impl Dataset {
    /// The named patients, whose stories are the same in every dataset.
    pub fn named(&self) -> impl Iterator<Item = Person> + '_ {
        Story::indices().filter_map(|index| self.person(index))
    }

    /// What the story of a named patient is of, in bokmål.
    pub fn story(&self, index: u32) -> Option<&'static str> {
        Story::of(index).map(|story| story.title)
    }

    /// A named patient lives where the first person of the list does.
    pub(crate) fn named_person(&self, index: u32) -> Option<Person> {
        let (story, as_of) = (Story::of(index)?, self.settings().as_of);
        let (cohort, spread, _) = self.parts();
        let (municipality, rank) = spread.home(0);
        let draws = self.draws(index);
        let elsewhere = || elsewhere(draws, municipality);
        let arrived = story.visiting();
        let born = self.registered(story.birth()).date;
        let registered = story.moved().unwrap_or(born);
        let known = registered <= as_of && arrived.is_none_or(|date| date <= as_of);
        let address = if arrived.is_some() {
            elsewhere()
        } else {
            Address::draw(draws, 0, municipality)
        };
        let moved = story.moved().filter(|date| *date <= as_of);
        known.then_some(Person {
            index,
            identifier: story.identifier(cohort)?,
            sex: story.sex,
            birth_date: story.birth(),
            name: Name {
                given: story.given,
                family: story.family,
            },
            address,
            municipality,
            rank,
            general_practitioner: arrived.is_none().then_some(0),
            registered: arrived.unwrap_or(registered),
            protection: None,
            moved: moved.map(|date| Move {
                date,
                from: elsewhere(),
            }),
            deceased: story
                .dying()
                .map(|[.., death]| death)
                .filter(|date| *date <= as_of),
            arrived,
        })
    }
}

/// An address in another municipality.
fn elsewhere(draws: Draws, here: Municipality) -> Address {
    let others = Municipality::all().iter().filter(|one| **one != here);
    let weighted = others.map(|one| (one.hundreds, one));
    let drawn = draws.weighted(Topic::Visitor, 0, 2, weighted);
    Address::draw(draws, 1, drawn.copied().unwrap_or(here))
}
