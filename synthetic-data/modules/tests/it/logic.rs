//! Each kind of condition, where it holds and where it does not.

use generic_modules::{Fact, Fixed};
use serde_json::{Value, json};

use crate::support::{codes, holds, holds_for};

fn constant(value: bool) -> Value {
    json!({"condition_type": if value { "True" } else { "False" }})
}

/// Asked in 2010, of somebody who is thirty.
fn holds_at_thirty(condition: &Value) -> bool {
    let before = json!({
        "Initial": {"type": "Initial", "direct_transition": "Wait"},
        "Wait": {"type": "Guard", "allow": {"condition_type": "Age", "operator": ">=",
            "quantity": 30, "unit": "years"}, "direct_transition": "Asked"},
    });
    holds_for(&[], &before, condition)
}

/// Asked after a few states have written something.
fn holds_after(states: &Value, condition: &Value) -> bool {
    holds_for(&[], states, condition)
}

#[test]
fn true_false_and_or_not() {
    let joined = |kind: &str, parts: [bool; 2]| {
        holds(&json!({"condition_type": kind, "conditions": parts.map(constant)}))
    };
    assert!(holds(&constant(true)) && !holds(&constant(false)));
    assert!(joined("And", [true, true]) && !joined("And", [true, false]));
    assert!(joined("Or", [true, false]) && !joined("Or", [false, false]));
    assert!(holds(
        &json!({"condition_type": "Not", "condition": constant(false)})
    ));
}

#[test]
fn at_least_and_at_most_count() {
    let count = |kind: &str, field: &str, number: u32| {
        let mut condition = json!({"condition_type": kind,
            "conditions": [constant(true), constant(true), constant(false)]});
        condition[field] = json!(number);
        holds(&condition)
    };
    assert!(count("At Least", "minimum", 2) && !count("At Least", "minimum", 3));
    assert!(count("At Most", "maximum", 2) && !count("At Most", "maximum", 1));
}

#[test]
fn gender_age_and_date() {
    let gender = |sex: &str| holds(&json!({"condition_type": "Gender", "gender": sex}));
    assert!(gender("F") && !gender("M"));
    let age = |operator: &str, quantity: u32, unit: &str| {
        holds_at_thirty(&json!({"condition_type": "Age", "operator": operator,
            "quantity": quantity, "unit": unit}))
    };
    assert!(age("==", 30, "years") && age("<", 31, "years") && !age(">", 30, "years"));
    assert!(age(">=", 360, "months") && age("<=", 361, "months") && age("!=", 3, "weeks"));
    let date = |part: Value| {
        let mut condition = json!({"condition_type": "Date", "operator": ">="});
        condition
            .as_object_mut()
            .unwrap()
            .extend(part.as_object().unwrap().clone());
        holds_at_thirty(&condition)
    };
    assert!(date(json!({"year": 2010})) && !date(json!({"year": 2011})));
    assert!(date(json!({"month": 3})) && !date(json!({"month": 12})));
    let day = |year: u32| date(json!({"date": {"year": year, "month": 3, "day": 1, "hour": 8}}));
    assert!(day(2010) && !day(2011));
}

#[test]
fn attributes_compare_with_values_of_their_kind() {
    let number = |text: &str| Fact::Number(Fixed::from_text(text).unwrap());
    let facts = [
        ("n", number("5")),
        ("same", number("5")),
        ("word", Fact::Text("b".to_owned())),
        ("flag", Fact::Flag(true)),
    ];
    let initial = json!({"Initial": {"type": "Initial", "direct_transition": "Asked"}});
    let asked = |attribute: &str, operator: &str, value: Value| {
        holds_for(
            &facts,
            &initial,
            &json!({"condition_type": "Attribute",
            "attribute": attribute, "operator": operator, "value": value}),
        )
    };
    assert!(asked("n", "==", json!(5)) && asked("n", "<=", json!(5.5)));
    assert!(!asked("n", "==", json!("5")) && asked("n", "!=", json!("5")));
    assert!(asked("word", ">", json!("a")) && asked("flag", "==", json!(true)));
    assert!(asked("nothing", "is nil", json!(null)) && asked("n", "is not nil", json!(null)));
    assert!(
        !asked("nothing", "!=", json!(1)),
        "what is not there is not compared"
    );
    assert!(holds_for(
        &facts,
        &initial,
        &json!({"condition_type": "Attribute", "attribute": "n",
        "operator": "==", "value_attribute": "same"})
    ));
}

#[test]
fn race_ethnicity_and_status_are_what_the_host_says() {
    let initial = json!({"Initial": {"type": "Initial", "direct_transition": "Asked"}});
    let asked = |name: &str, condition: Value| {
        let fact = Fact::Text("White".to_owned());
        holds_for(&[(name, fact)], &initial, &condition)
    };
    assert!(asked(
        "race",
        json!({"condition_type": "Race", "race": "white"})
    ));
    assert!(!asked(
        "other",
        json!({"condition_type": "Race", "race": "white"})
    ));
    assert!(asked(
        "ethnicity",
        json!({"condition_type": "Ethnicity", "ethnicity": "white"})
    ));
    assert!(asked(
        "socioeconomic_category",
        json!({"condition_type": "Socioeconomic Status", "category": "White"})
    ));
}

#[test]
fn prior_state_knows_since_and_within() {
    let way = json!({
        "Initial": {"type": "Initial", "direct_transition": "First"},
        "First": {"type": "Simple", "direct_transition": "Wait"},
        "Wait": {"type": "Delay", "exact": {"quantity": 10, "unit": "days"},
            "direct_transition": "Second"},
        "Second": {"type": "Simple", "direct_transition": "Asked"},
    });
    let prior = |extra: Value| {
        let mut condition = json!({"condition_type": "PriorState"});
        condition
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        holds_after(&way, &condition)
    };
    assert!(prior(json!({"name": "First"})) && !prior(json!({"name": "Yes"})));
    let within =
        |days: u32| prior(json!({"name": "First", "within": {"quantity": days, "unit": "days"}}));
    assert!(within(11) && !within(9));
    assert!(prior(json!({"name": "Second", "since": "First"})));
    assert!(!prior(json!({"name": "First", "since": "Second"})));
}

#[test]
fn active_entries_are_those_that_go_on() {
    let begin = |state: Value| {
        let mut begin = json!({"Initial": {"type": "Initial", "direct_transition": "It"}});
        let mut state = state;
        state["direct_transition"] = json!("Asked");
        state["assign_to_attribute"] = json!("it");
        begin["It"] = state;
        begin
    };
    let cases = [
        (
            "Active Condition",
            json!({"type": "ConditionOnset", "codes": codes("it")}),
        ),
        (
            "Active Allergy",
            json!({"type": "AllergyOnset", "codes": codes("it")}),
        ),
        (
            "Active Medication",
            json!({"type": "MedicationOrder", "codes": codes("it")}),
        ),
        (
            "Active CarePlan",
            json!({"type": "CarePlanStart", "codes": codes("it")}),
        ),
    ];
    for (kind, state) in cases {
        let way = begin(state);
        let by_code =
            |code: &str| holds_after(&way, &json!({"condition_type": kind, "codes": codes(code)}));
        assert!(by_code("it") && !by_code("other"), "{kind}");
        let held = json!({"condition_type": kind, "referenced_by_attribute": "it"});
        assert!(holds_after(&way, &held), "{kind}");
    }
}

#[test]
fn observations_vital_signs_and_symptoms_are_compared() {
    let way = json!({
        "Initial": {"type": "Initial", "direct_transition": "Seen"},
        "Seen": {"type": "Observation", "category": "exam", "codes": codes("seen"), "unit": "g",
            "exact": {"quantity": 5}, "direct_transition": "Sign"},
        "Sign": {"type": "VitalSign", "vital_sign": "Mood", "unit": "",
            "exact": {"quantity": 3}, "direct_transition": "Pain"},
        "Pain": {"type": "Symptom", "symptom": "Pain", "cause": "fall",
            "exact": {"quantity": 60}, "direct_transition": "Less pain"},
        "Less pain": {"type": "Symptom", "symptom": "Pain", "cause": "other",
            "range": {"low": 10, "high": 20}, "direct_transition": "No ache"},
        "No ache": {"type": "Symptom", "symptom": "Ache", "probability": 0,
            "exact": {"quantity": 60}, "direct_transition": "Asked"},
    });
    let seen = |operator: &str, value: u32| {
        holds_after(
            &way,
            &json!({"condition_type": "Observation", "codes": codes("seen"),
            "operator": operator, "value": value}),
        )
    };
    assert!(seen(">", 4) && !seen(">", 5));
    let never = json!({"condition_type": "Observation", "codes": codes("never"),
        "operator": "is nil"});
    assert!(holds_after(&way, &never));
    let sign = |name: &str, value: u32| {
        holds_after(
            &way,
            &json!({"condition_type": "Vital Sign", "vital_sign": name,
            "operator": "==", "value": value}),
        )
    };
    assert!(sign("Mood", 3) && !sign("Mood", 4) && !sign("Nobody knows", 3));
    let symptom = |name: &str, value: u32| {
        holds_after(
            &way,
            &json!({"condition_type": "Symptom", "symptom": name,
            "operator": "==", "value": value}),
        )
    };
    assert!(symptom("Pain", 60), "the worst cause counts");
    assert!(symptom("Ache", 0) && symptom("Nothing", 0));
}
