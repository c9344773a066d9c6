//! When things happen: steps of seven days, and what happens between two of them.

use serde_json::{Value, json};

use crate::support::{codes, made, mark, marks, of};

fn seen(at: &str, to: &str) -> Value {
    json!({"type": "Observation", "category": "exam", "codes": codes(at), "unit": "",
        "exact": {"quantity": 1}, "direct_transition": to})
}

fn times(made: &[Value]) -> Vec<String> {
    let observations = of(made, "Observation").into_iter();
    let time = |one: &Value| one["effectiveDateTime"].as_str().unwrap().to_owned();
    observations.map(time).collect()
}

#[test]
fn delays_of_minutes_work_within_a_step() {
    let delay = |kind: Value, to: &str| {
        let mut delay = json!({"type": "Delay", "direct_transition": to});
        delay
            .as_object_mut()
            .unwrap()
            .extend(kind.as_object().unwrap().clone());
        delay
    };
    let made = made(&json!({
        "Initial": {"type": "Initial", "direct_transition": "A"},
        "A": seen("a", "Exact"),
        "Exact": delay(json!({"exact": {"quantity": 3, "unit": "minutes"}}), "B"),
        "B": seen("b", "Range"),
        "Range": delay(json!({"range": {"low": 2, "high": 2, "unit": "hours"}}), "C"),
        "C": seen("c", "Drawn"),
        "Drawn": delay(json!({"distribution": {"kind": "EXACT", "parameters": {"value": 1}},
            "unit": "days"}), "D"),
        "D": seen("d", "Terminal"),
    }));
    let times = times(&made);
    let minute = |text: &str| {
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap().parse::<i64>().unwrap();
        part(8..10) * 1440 + part(11..13) * 60 + part(14..16)
    };
    let minutes: Vec<i64> = times.iter().map(|text| minute(text)).collect();
    let apart: Vec<i64> = minutes.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(apart, [3, 120, 1440], "{times:?}");
}

#[test]
fn guards_open_at_a_step_and_not_before() {
    let made = made(&json!({
        "Initial": {"type": "Initial", "direct_transition": "Grown"},
        "Grown": {"type": "Guard", "allow": {"condition_type": "Age", "operator": ">=",
            "quantity": 18, "unit": "years"}, "direct_transition": "A"},
        "A": seen("a", "Terminal"),
    }));
    let time = times(&made);
    assert!(
        time[0].as_str() >= "1998-03-01" && time[0].as_str() < "1998-03-09",
        "{time:?}"
    );
}

#[test]
fn wellness_encounters_wait_for_the_schedule_and_are_shared() {
    let module = |marker: &str| {
        json!({
            "Initial": {"type": "Initial", "direct_transition": "Grown"},
            "Grown": {"type": "Delay", "exact": {"quantity": 30, "unit": "years"},
                "direct_transition": "Visit"},
            "Visit": {"type": "Encounter", "wellness": true, "direct_transition": "A"},
            "A": seen(marker, "End"),
            "End": {"type": "EncounterEnd", "direct_transition": "Again"},
            "Again": {"type": "Encounter", "wellness": true, "direct_transition": "B"},
            "B": seen(marker, "Over"),
            "Over": {"type": "EncounterEnd"},
        })
    };
    let library = crate::support::library(&[("a.json", module("a")), ("b.json", module("b"))]);
    let subject = crate::support::woman(1);
    let made = crate::support::lived(&library.unwrap(), &subject, "2020-01-01").unwrap();
    let visits = of(&made, "Encounter");
    assert_eq!(visits.len(), 2, "two modules at each: {visits:?}");
    let observations = of(&made, "Observation");
    assert_eq!(observations.len(), 4);
    let times = times(&made);
    assert_ne!(times[0], times[2], "nobody is at one visit twice");
}

#[test]
fn nothing_happens_after_the_last_day() {
    let made = made(&json!({
        "Initial": {"type": "Initial", "direct_transition": "Wait"},
        "Wait": {"type": "Delay", "exact": {"quantity": 60, "unit": "years"},
            "direct_transition": "Late"},
        "Late": mark("late"),
    }));
    assert_eq!(marks(&made), Vec::<String>::new());
}
