//! The whole country as one dataset: everybody has a home and units there, and can be had alone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use synthetic_data::{Dataset, Municipality, Settings, UnitKind};

fn norway() -> Dataset {
    Dataset::new(Settings::country_on("2026-11-21".parse().unwrap())).unwrap()
}

fn sample(size: u32) -> Dataset {
    Dataset::new(Settings {
        size,
        ..Settings::country_on("2026-11-21".parse().unwrap())
    })
    .unwrap()
}

#[test]
fn everybody_lives_where_the_municipalities_inhabitants_say() {
    let dataset = norway();
    let size = u64::from(dataset.settings().size);
    assert!(size > 5_300_000, "{size}");
    let inhabitants: u64 = Municipality::all()
        .iter()
        .map(|one| u64::from(one.hundreds))
        .sum();
    for municipality in Municipality::all() {
        let residents = dataset.residents(*municipality).count() as u64;
        let share = size * u64::from(municipality.hundreds) / inhabitants;
        // The last block is not full: a place in it may be taken or not.
        assert!(
            residents.abs_diff(share) <= 2 + share / 100,
            "{}: {residents} against {share}",
            municipality.name
        );
    }
}

#[test]
fn a_small_sample_is_spread_too_and_nobody_moves_when_it_grows() {
    let (small, large) = (sample(1200), norway());
    let mut by_county: BTreeMap<&str, u32> = BTreeMap::new();
    for person in small.people() {
        assert_eq!(Some(person.clone()), large.person(person.index));
        *by_county.entry(person.municipality.county).or_default() += 1;
    }
    assert_eq!(by_county.len(), 15);
}

#[test]
fn a_patients_gp_and_practice_are_resources_of_the_municipality() {
    let dataset = norway();
    for index in (0..dataset.settings().size).step_by(50_021) {
        let Some(patient) = dataset.patient(index) else {
            continue;
        };
        let value: Value = serde_json::from_slice(&patient.json).unwrap();
        let code = dataset.home(index).0.code;
        for member in [
            &value["generalPractitioner"][0],
            &value["managingOrganization"],
        ] {
            let (kind, id) = member["reference"]
                .as_str()
                .unwrap()
                .split_once('/')
                .unwrap();
            assert!(id.contains(code), "{id}");
            let found = dataset.shared(kind, id).unwrap();
            assert_eq!((found.resource_type.name(), found.id.as_str()), (kind, id));
        }
        let address = &value["address"][0];
        assert_eq!(
            address["_district"]["extension"][0]["valueCoding"]["code"],
            code
        );
        let known = address.get("postalCode").and_then(Value::as_str);
        assert!(known.is_none_or(|postal| postal.len() == 4));
        assert!(!address["city"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_lists_of_a_municipality_hold_everybody_once() {
    let dataset = norway();
    for code in ["3405", "1151", "4601"] {
        let municipality = Municipality::by_code(code).unwrap();
        let mut lists: BTreeMap<u32, u32> = BTreeMap::new();
        for rank in dataset
            .residents(municipality)
            .map(|index| dataset.home(index).1)
        {
            *lists
                .entry(rank / UnitKind::Practice.inhabitants() + 1)
                .or_default() += 1;
        }
        let practices = dataset
            .units(municipality)
            .filter(|id| id.kind == UnitKind::Practice);
        let numbers: Vec<u32> = practices.map(|id| id.number).collect();
        assert_eq!(lists.keys().copied().collect::<Vec<_>>(), numbers, "{code}");
        assert!(lists.values().all(|people| *people <= 4800));
    }
}

#[test]
fn every_municipality_has_each_kind_of_unit() {
    let dataset = sample(200_000);
    for municipality in Municipality::all() {
        for kind in UnitKind::ALL {
            let unit = dataset
                .units(*municipality)
                .find(|id| id.kind == kind)
                .unwrap();
            let resources = dataset.unit_resources(unit);
            let staff = dataset.unit(unit).unwrap().practitioners.len();
            assert_eq!(resources.len(), 1 + 2 * staff);
        }
    }
}

#[test]
fn units_outside_the_dataset_are_not_served() {
    let dataset = sample(1200);
    assert!(dataset.shared("Organization", "practice-0301-1").is_some());
    for id in [
        "practice-0301-3",
        "practice-1",
        "practice-9999-1",
        "practice-0301-01",
    ] {
        assert!(dataset.shared("Organization", id).is_none(), "{id}");
    }
}

proptest! {
    #[test]
    fn home_and_resident_are_one_to_one(index in 0u32..5_300_000) {
        let dataset = norway();
        let (municipality, rank) = dataset.home(index);
        prop_assert_eq!(dataset.resident(municipality, rank), Some(index));
        let person = dataset.person(index).unwrap();
        prop_assert_eq!((person.municipality, person.rank), (municipality, rank));
        prop_assert_eq!(dataset.index_of(&person.identifier), Some(index));
    }
}
