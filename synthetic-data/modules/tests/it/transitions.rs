//! Each kind of transition.

use serde_json::{Value, json};

use crate::support::{holds_for, library, lived, made, mark, marks, with_tables, woman};

/// How many of 400 people come to each of two marks.
fn shares(initial: &Value, tables: &[(&str, &str)]) -> (usize, usize) {
    let states = json!({"Initial": initial, "A": mark("a"), "B": mark("b"), "C": mark("c")});
    let library = with_tables(&[("it.json", states)], tables).unwrap();
    let mut counts = (0, 0);
    for seed in 0..400 {
        match marks(&lived(&library, &woman(seed), "1981-01-01").unwrap())[0].as_str() {
            "a" => counts.0 += 1,
            "b" => counts.1 += 1,
            _ => {}
        }
    }
    counts
}

#[test]
fn direct_leads_on() {
    let made = made(&json!({
        "Initial": {"type": "Initial", "direct_transition": "A"},
        "A": mark("a"),
    }));
    assert_eq!(marks(&made), ["a"]);
}

#[test]
fn distributed_goes_by_probability_and_leaves_the_rest_to_the_last() {
    let (a, b) = shares(
        &json!({"type": "Initial", "distributed_transition": [
            {"distribution": 0.25, "transition": "A"},
            {"distribution": 0.25, "transition": "B"}]}),
        &[],
    );
    assert_eq!(a + b, 400);
    assert!((70..130).contains(&a), "{a}");
    let named = |default: f64| {
        json!({"type": "Initial", "distributed_transition": [
            {"distribution": {"attribute": "risk", "default": default}, "transition": "A"},
            {"distribution": 0, "transition": "B"}]})
    };
    assert_eq!(shares(&named(1.0), &[]), (400, 0));
    assert_eq!(shares(&named(0.0), &[]), (0, 400));
}

#[test]
fn distributed_by_an_attribute_takes_its_value() {
    let before = json!({
        "Initial": {"type": "Initial", "direct_transition": "Risk"},
        "Risk": {"type": "SetAttribute", "attribute": "risk", "value": 1,
            "direct_transition": "Draw"},
        "Draw": {"type": "Simple", "distributed_transition": [
            {"distribution": {"attribute": "risk", "default": 0}, "transition": "Asked"},
            {"distribution": 1, "transition": "Terminal"}]},
    });
    assert!(holds_for(&[], &before, &json!({"condition_type": "True"})));
}

#[test]
fn conditional_takes_the_first_that_holds() {
    let gender = |sex: &str| json!({"condition_type": "Gender", "gender": sex});
    let made = made(&json!({
        "Initial": {"type": "Initial", "conditional_transition": [
            {"condition": gender("M"), "transition": "A"},
            {"condition": gender("F"), "transition": "B"},
            {"transition": "C"}]},
        "A": mark("a"), "B": mark("b"), "C": mark("c"),
    }));
    assert_eq!(marks(&made), ["b"]);
}

#[test]
fn complex_joins_conditions_and_probabilities() {
    let (a, b) = shares(
        &json!({"type": "Initial", "complex_transition": [
            {"condition": {"condition_type": "Gender", "gender": "M"}, "transition": "C"},
            {"condition": {"condition_type": "Gender", "gender": "F"}, "distributions": [
                {"distribution": 0.5, "transition": "A"},
                {"distribution": 0.5, "transition": "B"}]},
            {"transition": "C"}]}),
        &[],
    );
    assert_eq!(a + b, 400);
    assert!((160..240).contains(&a), "{a}");
}

#[test]
fn lookup_tables_go_by_age_gender_time_and_attributes() {
    let option = |name: &str, default: f64| json!({"transition": name, "default_probability": default, "lookup_table_name": "t.csv"});
    let initial = json!({"type": "Initial", "lookup_table_transition":
        [option("A", 0.0), option("B", 0.0), option("C", 1.0)]});
    let go = |table: &str| shares(&initial, &[("t.csv", table)]);
    let header = "\u{feff}age,gender,A,B,C\r\n";
    assert_eq!(go(&format!("{header}0-5,F,1,0,0\r\n")), (400, 0));
    assert_eq!(
        go(&format!("{header}0-5,M,1,0,0\r\n0-5,F,0,1,0\r\n")),
        (0, 400)
    );
    assert_eq!(
        go(&format!("{header}6-9,F,1,0,0\r\n")),
        (0, 0),
        "no row: the default"
    );
    assert_eq!(go("time,A,B,C\n0-999999999999999,0,1,0\n"), (0, 400));
    assert_eq!(
        go("socioeconomic_category,A,B,C\n\"Low\",1,0,0\nmiddle,1,0,0\nHigh,1,0,0\n").0,
        400
    );
    assert_eq!(go("nobody knows,A,B,C\nx,1,0,0\n"), (0, 0));
}

#[test]
fn type_of_care_knows_no_telemedicine_before_2020() {
    let initial = json!({"type": "Initial", "type_of_care_transition":
        {"ambulatory": "A", "emergency": "B", "telemedicine": "C"}});
    let (ambulatory, emergency) = shares(&initial, &[]);
    assert_eq!(ambulatory + emergency, 400);
    assert!((60..140).contains(&emergency), "{emergency}");
    let states = json!({
        "Initial": {"type": "Initial", "direct_transition": "Grown"},
        "Grown": {"type": "Delay", "exact": {"quantity": 41, "unit": "years"},
            "direct_transition": "Care"},
        "Care": {"type": "Simple", "type_of_care_transition":
            {"ambulatory": "A", "emergency": "B", "telemedicine": "C"}},
        "A": mark("a"), "B": mark("b"), "C": mark("c"),
    });
    let library = library(&[("it.json", states)]).unwrap();
    let remote = (0..100)
        .filter(|seed| marks(&lived(&library, &woman(*seed), "2022-01-01").unwrap()) == ["c"]);
    assert!((10..45).contains(&remote.count()));
}
