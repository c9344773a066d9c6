//! A dataset seen from its places: the municipalities, who lives in each, and the units there.

use crate::dataset::Dataset;
use crate::date::Date;
use crate::fhir::{self, Resource, Sheaf};
use crate::places::{Municipality, Place};
use crate::world::{Unit, UnitId, World};

impl Dataset {
    /// The municipalities of the dataset, by rising code.
    pub fn municipalities(&self) -> Vec<Municipality> {
        let (_, spread, _) = self.parts();
        spread.municipalities()
    }

    /// What the dataset spans.
    pub fn place(&self) -> Option<Place> {
        self.settings().municipality.parse().ok()
    }

    /// Where the person with this index lives, and the person's rank among all who do, from 0.
    pub fn home(&self, index: u32) -> (Municipality, u32) {
        let (_, spread, _) = self.parts();
        spread.home(index)
    }

    /// The index of the person with this rank in a municipality: the inverse of [`Dataset::home`].
    /// `None` where the dataset is too small to have that person.
    pub fn resident(&self, municipality: Municipality, rank: u32) -> Option<u32> {
        let (_, spread, _) = self.parts();
        spread
            .index(municipality, rank)
            .filter(|index| *index < self.settings().size)
    }

    /// The indices of all who live in a municipality, by rank; each costs the same.
    pub fn residents(&self, municipality: Municipality) -> impl Iterator<Item = u32> + '_ {
        let (_, spread, _) = self.parts();
        let limit = spread.rank_limit(municipality, self.settings().size);
        (0..limit).filter_map(move |rank| self.resident(municipality, rank))
    }

    /// The units of a municipality: practices first.
    pub fn units(&self, municipality: Municipality) -> impl Iterator<Item = UnitId> + '_ {
        let (_, spread, _) = self.parts();
        World::units(spread, municipality, self.settings().size)
    }

    /// A unit with its staff. `None` for one that no dataset of this place can have.
    pub fn unit(&self, id: UnitId) -> Option<Unit> {
        let (cohort, _, world) = self.parts();
        if self.practice().id == id {
            return Some(self.practice().clone());
        }
        world.unit(cohort, id)
    }

    /// The resources of a unit: Organization, Practitioners, `PractitionerRoles`.
    pub fn unit_resources(&self, id: UnitId) -> Vec<Resource> {
        let mut sheaf = Sheaf::new();
        self.write_unit(id, &mut sheaf);
        sheaf.into_resources()
    }

    /// The same, written into a buffer after what is there.
    pub fn write_unit(&self, id: UnitId, sheaf: &mut Sheaf) {
        let Some(unit) = self.unit(id) else {
            return;
        };
        let since = self.registered(Date::new_year(0));
        fhir::organization(sheaf, &unit, since);
        for one in &unit.practitioners {
            fhir::practitioner(sheaf, one, since);
        }
        for one in &unit.practitioners {
            fhir::role(sheaf, one, &unit, since);
        }
    }

    /// The resources of all units: those of the first practice, then the rest by municipality. For
    /// the whole country some 25 000; [`Dataset::unit_resources`] makes those of one unit, and
    /// [`Dataset::shared`] any one of them.
    pub fn practice_resources(&self) -> Vec<Resource> {
        let first = self.practice().id;
        let mut all = self.unit_resources(first);
        for municipality in self.municipalities() {
            let others = self.units(municipality).filter(|id| *id != first);
            all.extend(others.flat_map(|id| self.unit_resources(id)));
        }
        all
    }

    /// The resource of a unit with this type and logical id, made alone.
    pub fn shared(&self, resource_type: &str, id: &str) -> Option<Resource> {
        let (_, _, world) = self.parts();
        let (id_of_unit, place) = world.find(resource_type, id)?;
        let known = self
            .units(id_of_unit.municipality)
            .any(|unit| unit == id_of_unit);
        let unit = self.unit(id_of_unit).filter(|_| known)?;
        let since = self.registered(Date::new_year(0));
        let mut sheaf = Sheaf::new();
        match (place, resource_type) {
            (None, _) => fhir::organization(&mut sheaf, &unit, since),
            (Some(place), "PractitionerRole") => {
                fhir::role(&mut sheaf, unit.practitioners.get(place)?, &unit, since);
            }
            (Some(place), _) => {
                fhir::practitioner(&mut sheaf, unit.practitioners.get(place)?, since);
            }
        }
        sheaf.into_resources().pop()
    }
}
