//! What holds of every person: the same seed gives the same life, a shorter life is the beginning of a
//! longer one, and another module in the folder changes nothing that it does not touch.

use generic_modules::{Library, Sex, Subject};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::{codes, day, library, mark};

/// Illness, treatment and measurements, over and over.
fn illness() -> Value {
    json!({
        "Initial": {"type": "Initial", "direct_transition": "Healthy"},
        "Healthy": {"type": "Delay", "distribution": {"kind": "EXPONENTIAL",
            "parameters": {"mean": 400}}, "unit": "days", "direct_transition": "Ill"},
        "Ill": {"type": "ConditionOnset", "codes": codes("illness"), "target_encounter": "Seen",
            "direct_transition": "Patience"},
        "Patience": {"type": "Delay", "distribution": {"kind": "GAUSSIAN", "parameters":
            {"mean": 5, "standardDeviation": 2, "min": 0}}, "unit": "days",
            "direct_transition": "Seen"},
        "Seen": {"type": "Encounter", "encounter_class": "ambulatory", "codes": codes("visit"),
            "reason": "Ill", "direct_transition": "Measured"},
        "Measured": {"type": "Observation", "category": "vital-signs", "codes": codes("weight"),
            "unit": "kg", "vital_sign": "Weight", "direct_transition": "Tablet"},
        "Tablet": {"type": "MedicationOrder", "codes": codes("tablet"), "reason": "Ill",
            "direct_transition": "Over"},
        "Over": {"type": "EncounterEnd", "distributed_transition": [
            {"distribution": 0.01, "transition": "Dies"},
            {"distribution": 0.99, "transition": "Course"}]},
        "Course": {"type": "Delay", "range": {"low": 1, "high": 40, "unit": "days"},
            "direct_transition": "Well"},
        "Well": {"type": "ConditionEnd", "condition_onset": "Ill", "direct_transition": "Stop"},
        "Stop": {"type": "MedicationEnd", "medication_order": "Tablet",
            "direct_transition": "Healthy"},
        "Dies": {"type": "Death", "range": {"low": 0, "high": 90, "unit": "days"},
            "direct_transition": "Healthy"},
    })
}

fn life(library: &Library, subject: &Subject, until: &str) -> Vec<(String, Value)> {
    let life = library.live(subject, day(until)).unwrap();
    let written = library.resources(&life, subject, &Map::new());
    written.into_iter().map(|one| (one.id, one.json)).collect()
}

/// What does not change once it is written.
fn kept(one: &(String, Value)) -> (String, Value) {
    let json = &one.1;
    let names = [
        "resourceType",
        "code",
        "onsetDateTime",
        "recordedDate",
        "effectiveDateTime",
        "valueQuantity",
        "authoredOn",
        "encounter",
        "reasonReference",
    ];
    let kept = names.iter().map(|name| json[name].clone());
    let kept = kept.chain([json["period"]["start"].clone()]);
    (one.0.clone(), Value::Array(kept.collect()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_same_seed_gives_the_same_life(seed in any::<u64>(), female in any::<bool>()) {
        let library = library(&[("it.json", illness())]).unwrap();
        let sex = if female { Sex::Female } else { Sex::Male };
        let subject = Subject::new("g1", seed, sex, day("1950-06-01"));
        let first = life(&library, &subject, "2020-01-01");
        prop_assert_eq!(&first[0].0, "g1");
        prop_assert_eq!(first, life(&library, &subject, "2020-01-01"));
    }

    #[test]
    fn a_shorter_life_is_the_beginning_of_a_longer_one(
        seed in any::<u64>(), year in 1951..2019_u32, month in 1..13_u32,
    ) {
        let library = library(&[("it.json", illness())]).unwrap();
        let subject = Subject::new("g1", seed, Sex::Female, day("1950-06-01"));
        let short = life(&library, &subject, &format!("{year}-{month:02}-15"));
        let long = life(&library, &subject, "2020-01-01");
        let long: Vec<_> = long.iter().map(kept).collect();
        for one in &short {
            prop_assert!(one.0 == "g1" || long.contains(&kept(one)), "{one:?}");
        }
    }

    #[test]
    fn a_new_module_changes_no_draw_of_another(seed in any::<u64>()) {
        let alone = library(&[("it.json", illness())]).unwrap();
        let noise = json!({
            "Initial": {"type": "Initial", "direct_transition": "Wait"},
            "Wait": {"type": "Delay", "range": {"low": 1, "high": 9, "unit": "years"},
                "direct_transition": "Marked"},
            "Marked": mark("noise"),
        });
        let both = library(&[("another.json", noise), ("it.json", illness())]).unwrap();
        let subject = Subject::new("g1", seed, Sex::Male, day("1990-06-01"));
        let ill = |library: &Library| -> Vec<Value> {
            let life = life(library, &subject, "2020-01-01").into_iter();
            let conditions = life.filter(|(_, json)| json["resourceType"] == "Condition");
            conditions.map(|(_, json)| json["onsetDateTime"].clone()).collect()
        };
        prop_assert_eq!(ill(&alone), ill(&both));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = generic_modules::File::new("it.json", bytes);
        prop_assert!(Library::from_files(vec![file], Vec::new()).is_err());
    }

    #[test]
    fn no_truncated_module_is_taken(cut in 0..1500_usize) {
        let mut bytes = crate::support::module(&illness());
        bytes.truncate(cut.min(bytes.len() - 1));
        let file = generic_modules::File::new("it.json", bytes);
        prop_assert!(Library::from_files(vec![file], Vec::new()).is_err());
    }
}
