//! The units that look after people: GP practices with their lists, home-care zones, nursing homes,
//! the out-of-hours clinic and the health stations of every municipality. A unit is a pure function of
//! municipality, kind and number, and a person's unit one of the person's rank: nothing is stored.

mod id;
mod name;
mod number;
mod unit;

use unit::TWICE;
pub use unit::{Organization, Practitioner, Profession, Unit, UnitId, UnitKind};

use crate::cohort::Cohort;
use crate::draw::{Draws, Topic};
use crate::fhir::Letterhead;
use crate::ids::{HerId, OrgNr};
use crate::names::Name;
use crate::places::{Address, Distribution, Municipality, Place};

/// How many of a practice's staff are GPs with a list; they come first.
pub(crate) const DOCTORS: u32 = 4;

/// Makes the units of a dataset.
#[derive(Clone, Debug)]
pub(crate) struct World {
    key: [u32; 2],
    place: Place,
    /// The first unit number of each municipality; empty where there is but one municipality.
    bases: Vec<u32>,
    /// The start of the dataset's series of organisation numbers and HER-ids.
    serial: u32,
}

/// The most people a municipality's share of the country is multiplied to.
const HUNDRED: u32 = 100;

impl World {
    pub(crate) fn new(key: [u32; 2], place: Place) -> Self {
        let mut bases = Vec::new();
        if place == Place::Country {
            let mut base = 0;
            for municipality in Municipality::all() {
                bases.push(base);
                // Two practices more than today's inhabitants fill.
                let practices =
                    municipality.hundreds * HUNDRED / UnitKind::Practice.inhabitants() + 2;
                base += practices * number::KINDS;
            }
        }
        let draws = Draws::new(key, number::subject(0));
        Self {
            key,
            place,
            bases,
            serial: draws.below(Topic::Staff, 0, 0, number::SERIES),
        }
    }

    /// The unit of a kind that looks after the person with this rank in a municipality.
    pub(crate) fn unit_for(municipality: Municipality, kind: UnitKind, rank: u32) -> UnitId {
        UnitId {
            municipality,
            kind,
            number: rank / kind.inhabitants() + 1,
        }
    }

    /// All units of a municipality in a dataset of this size: practices first.
    pub(crate) fn units(
        spread: &Distribution,
        municipality: Municipality,
        size: u32,
    ) -> impl Iterator<Item = UnitId> {
        let people = spread.rank_limit(municipality, size);
        UnitKind::ALL.into_iter().flat_map(move |kind| {
            (1..=people.div_ceil(kind.inhabitants())).map(move |number| UnitId {
                municipality,
                kind,
                number,
            })
        })
    }

    /// A unit as documents name it: without the numbers, which take ten times as long to make.
    pub(crate) fn letterhead(&self, id: UnitId) -> Option<Letterhead> {
        let serial = self.unit_serial(id)?;
        let coded = self.place == Place::Country;
        let draws = Draws::new(self.key, number::subject(serial * number::STAFF_SERIES));
        let staff = (1_u32..).zip(id.kind.staff()).map(|(place, _)| {
            let draws = Draws::new(self.key, number::subject(self.who(id, serial, place)));
            (id::practitioner(id, place, coded), Name::draw(draws))
        });
        let name = name::of(draws, id, serial);
        let own = id::organization(id, coded);
        Some(Letterhead::new(id.kind, (&own, &name), staff))
    }

    /// The number that decides who is at a place among a unit's staff: that of the first of the
    /// places where they work.
    fn who(&self, id: UnitId, serial: u32, place: u32) -> u32 {
        let own = serial * number::STAFF_SERIES + place;
        self.elsewhere(id, place).unwrap_or(own)
    }

    /// Makes a unit. `None` for one that no dataset of this place can have.
    pub(crate) fn unit(&self, cohort: &Cohort, id: UnitId) -> Option<Unit> {
        let serial = self.unit_serial(id)?;
        let draws = Draws::new(self.key, number::subject(serial * number::STAFF_SERIES));
        let coded = self.place == Place::Country;
        let organization = Organization {
            id: id::organization(id, coded),
            name: name::of(draws, id, serial),
            orgnr: OrgNr::from_serial(self.serial + serial * number::ORGANIZATION_STEP)?,
            her_id: HerId::from_serial(self.serial + serial * number::STAFF_SERIES),
            phone: format!("+470000{:04}", draws.below(Topic::Staff, 0, 1, 10_000)),
            address: Address::draw(draws, 0, id.municipality),
        };
        let practitioners = (1_u32..)
            .zip(id.kind.staff())
            .map(|(place, (profession, sex))| {
                let own = serial * number::STAFF_SERIES + place;
                let who = self.who(id, serial, place);
                let draws = Draws::new(self.key, number::subject(who));
                let birth_date = number::birth_date(draws, who)?;
                Some(Practitioner {
                    id: id::practitioner(id, place, coded),
                    role_id: id::role(id, place, coded),
                    hpr: number::hpr(draws, who)?,
                    identifier: cohort.spare(birth_date, *sex, number::spare(who))?,
                    sex: *sex,
                    birth_date,
                    name: Name::draw(draws),
                    profession: *profession,
                    her_id: HerId::from_serial(self.serial + own),
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Unit {
            id,
            organization,
            practitioners,
        })
    }

    /// The unit that a logical id of a resource type names, and the place among its staff (from 0)
    /// where it names one of them.
    pub(crate) fn find(&self, resource_type: &str, text: &str) -> Option<(UnitId, Option<usize>)> {
        let only = match self.place {
            Place::Country => None,
            Place::Municipality(municipality) => Some(municipality),
        };
        let found = match resource_type {
            "Organization" => (id::read_organization(text, only)?, None),
            "Practitioner" => id::read_staff(text, "practitioner-", only)?,
            "PractitionerRole" => id::read_staff(text, "role-", only)?,
            _ => return None,
        };
        Some(found)
    }

    /// For staff who also work elsewhere, their number in the series there.
    fn elsewhere(&self, id: UnitId, place: u32) -> Option<u32> {
        let (_, (kind, at)) = TWICE
            .into_iter()
            .find(|(here, _)| *here == (id.kind, place))?;
        let serial = self.unit_serial(UnitId { kind, ..id })?;
        Some(serial * number::STAFF_SERIES + at)
    }

    /// The unit's number among all units of the dataset.
    fn unit_serial(&self, id: UnitId) -> Option<u32> {
        let own = id.number.checked_sub(1)? * number::KINDS + id.kind as u32;
        let serial = match self.place {
            Place::Municipality(_) => own,
            Place::Country => {
                let at = Municipality::place(id.municipality.code)?;
                let base = self.bases.get(at)?;
                let next = self.bases.get(at + 1).copied().unwrap_or(number::UNITS);
                Some(base + own).filter(|serial| *serial < next)?
            }
        };
        (serial < number::UNITS).then_some(serial)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all(place: &str, size: u32) -> Vec<Unit> {
        let place: Place = place.parse().unwrap();
        let (cohort, spread) = (Cohort::new([3, 4]), Distribution::new(place));
        let world = World::new([3, 4], place);
        spread
            .municipalities()
            .into_iter()
            .flat_map(|one| World::units(&spread, one, size).collect::<Vec<_>>())
            .map(|id| world.unit(&cohort, id).unwrap())
            .collect()
    }

    fn assert_unique(units: &[Unit]) {
        let mut texts = BTreeSet::new();
        let mut count = 0;
        let twice =
            |unit: &Unit, place: u32| TWICE.iter().any(|(here, _)| *here == (unit.id.kind, place));
        for unit in units {
            let organization = &unit.organization;
            texts.insert(organization.id.clone());
            texts.insert(format!("orgnr {}", organization.orgnr));
            texts.insert(format!("her {}", organization.her_id));
            count += 3;
            for (place, one) in (1..).zip(&unit.practitioners) {
                texts.insert(one.id.clone());
                texts.insert(one.role_id.clone());
                texts.insert(format!("her {}", one.her_id));
                count += 3;
                if twice(unit, place) {
                    continue; // counted at the other place
                }
                texts.insert(format!("hpr {}", one.hpr));
                texts.insert(format!("fnr {}", one.identifier));
                count += 2;
            }
        }
        assert_eq!(texts.len(), count, "every number and id is one unit's own");
    }

    #[test]
    fn the_whole_country_has_units_with_numbers_of_their_own() {
        let units = all("0", Cohort::new([3, 4]).capacity());
        let practices = units
            .iter()
            .filter(|unit| unit.id.kind == UnitKind::Practice);
        // 5.5 million over 4 800, and one begun list in nearly every municipality.
        assert!((1150..1600).contains(&practices.count()));
        assert_unique(&units);
    }

    #[test]
    fn a_municipality_as_large_as_the_country_has_them_too() {
        assert_unique(&all("3405", 5_000_000));
    }

    #[test]
    fn an_id_leads_back_to_its_unit() {
        for (place, size) in [("0", 200_000), ("3405", 60_000)] {
            let world = World::new([3, 4], place.parse().unwrap());
            for unit in all(place, size) {
                let found = world.find("Organization", &unit.organization.id);
                assert_eq!(found, Some((unit.id, None)));
                for (at, one) in unit.practitioners.iter().enumerate() {
                    let expected = Some((unit.id, Some(at)));
                    assert_eq!(world.find("Practitioner", &one.id), expected);
                    assert_eq!(world.find("PractitionerRole", &one.role_id), expected);
                }
            }
        }
    }
}
