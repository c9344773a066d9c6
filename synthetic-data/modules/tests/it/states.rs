//! One test for each state type, or for a beginning and its end.

use serde_json::{Value, json};

use crate::support::{code, codes, library, lived, made, mark, marks, of, only, woman};

fn initial(to: &str) -> Value {
    json!({"type": "Initial", "direct_transition": to})
}

fn encounter(to: &str) -> Value {
    json!({"type": "Encounter", "encounter_class": "ambulatory", "codes": codes("visit"),
        "direct_transition": to})
}

#[test]
fn initial_simple_and_terminal_pass_by() {
    let made = made(&json!({
        "Initial": initial("Pass"),
        "Pass": {"type": "Simple", "direct_transition": "Terminal"},
    }));
    assert_eq!(made.len(), 1, "the Patient alone: {made:?}");
}

#[test]
fn set_attribute_takes_every_kind_of_value() {
    let set = |extra: Value, to: &str| {
        let mut state = json!({"type": "SetAttribute", "attribute": "it", "direct_transition": to});
        state
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        state
    };
    let read = |to: &str| {
        json!({"type": "Observation", "codes": codes("reading"), "unit": "kg", "category": "survey",
            "attribute": "it", "direct_transition": to})
    };
    let made = made(&json!({
        "Initial": initial("A"),
        "A": set(json!({"value": 3.5}), "RA"), "RA": read("B"),
        "B": set(json!({"value": "word"}), "RB"), "RB": read("C"),
        "C": set(json!({"value": true}), "RC"), "RC": read("D"),
        "D": set(json!({"value_code": code("chosen")}), "RD"), "RD": read("E"),
        "E": {"type": "SetAttribute", "attribute": "other", "value": 7, "direct_transition": "F"},
        "F": set(json!({"value_attribute": "other"}), "RF"), "RF": read("G"),
        "G": set(json!({"range": {"low": 5, "high": 5}}), "RG"), "RG": read("H"),
        "H": set(json!({"distribution": {"kind": "UNIFORM", "round": true,
            "parameters": {"low": 1.6, "high": 2.4}}}), "RH"), "RH": read("I"),
        "I": set(json!({}), "RI"), "RI": read("Terminal"),
    }));
    let readings = of(&made, "Observation");
    assert_eq!(readings[0]["valueQuantity"]["value"], 3.5);
    assert_eq!(readings[0]["valueQuantity"]["code"], "kg");
    assert_eq!(readings[1]["valueString"], "word");
    assert_eq!(readings[2]["valueBoolean"], true);
    assert_eq!(
        readings[3]["valueCodeableConcept"]["coding"][0]["code"],
        "chosen"
    );
    assert_eq!(readings[4]["valueQuantity"]["value"], 7);
    assert_eq!(readings[5]["valueQuantity"]["value"], 5);
    assert_eq!(readings[6]["valueQuantity"]["value"], 2);
    assert!(
        readings[7]["dataAbsentReason"].is_object(),
        "{}",
        readings[7]
    );
}

#[test]
fn counter_goes_up_and_down() {
    let made = made(&json!({
        "Initial": initial("Up"),
        "Up": {"type": "Counter", "attribute": "n", "action": "increment", "amount": 5,
            "direct_transition": "Down"},
        "Down": {"type": "Counter", "attribute": "n", "action": "decrement",
            "direct_transition": "Read"},
        "Read": {"type": "Observation", "codes": codes("n"), "unit": "", "attribute": "n"},
    }));
    assert_eq!(only(&made, "Observation")["valueQuantity"]["value"], 4);
}

#[test]
fn encounter_and_its_end_hold_what_comes_between() {
    let made = made(&json!({
        "Initial": initial("Seen"),
        "Seen": {"type": "Encounter", "encounter_class": "inpatient", "codes": codes("stay"),
            "direct_transition": "Found"},
        "Found": {"type": "ConditionOnset", "codes": codes("illness"), "direct_transition": "Wait"},
        "Wait": {"type": "Delay", "exact": {"quantity": 2, "unit": "days"},
            "direct_transition": "Home"},
        "Home": {"type": "EncounterEnd", "discharge_disposition": code("home")},
    }));
    let stay = only(&made, "Encounter");
    assert_eq!(stay["class"]["code"], "IMP");
    assert_eq!(stay["status"], "finished");
    let discharge = &stay["hospitalization"]["dischargeDisposition"];
    assert_eq!(discharge["coding"][0]["code"], "home");
    let reference = format!("Encounter/{}", stay["id"].as_str().unwrap());
    assert_eq!(
        only(&made, "Condition")["encounter"]["reference"],
        reference
    );
}

#[test]
fn conditions_wait_for_the_encounter_that_diagnoses_them() {
    let made = made(&json!({
        "Initial": initial("Ill"),
        "Ill": {"type": "ConditionOnset", "codes": codes("illness"), "target_encounter": "Seen",
            "assign_to_attribute": "ill", "direct_transition": "Early"},
        "Early": {"type": "Simple", "conditional_transition": [
            {"condition": {"condition_type": "Active Condition", "codes": codes("illness")},
                "transition": "Too early"},
            {"transition": "Wait"}]},
        "Too early": mark("too early"),
        "Wait": {"type": "Delay", "exact": {"quantity": 1, "unit": "years"},
            "direct_transition": "Seen"},
        "Seen": encounter("Treat"),
        "Treat": {"type": "Procedure", "codes": codes("treatment"), "reason": "ill",
            "direct_transition": "Well"},
        "Well": {"type": "ConditionEnd", "condition_onset": "Ill", "direct_transition": "End"},
        "End": {"type": "EncounterEnd"},
    }));
    assert_eq!(marks(&made), Vec::<String>::new());
    let condition = only(&made, "Condition");
    assert_eq!(day(&condition["onsetDateTime"]), "1980-03-01");
    assert_eq!(day(&condition["recordedDate"]), "1981-03-01");
    assert_eq!(condition["clinicalStatus"]["coding"][0]["code"], "resolved");
    let reference = format!("Condition/{}", condition["id"].as_str().unwrap());
    assert_eq!(
        only(&made, "Procedure")["reasonReference"][0]["reference"],
        reference
    );
}

#[test]
fn conditions_end_by_attribute_code_or_state_and_undiagnosed_ones_leave_no_trace() {
    let onset = |name: &str, to: &str| {
        json!({"type": "ConditionOnset", "codes": codes(name), "assign_to_attribute": name,
            "direct_transition": to})
    };
    let made = made(&json!({
        "Initial": initial("A"),
        "A": onset("a", "B"),
        "B": onset("b", "Hidden"),
        "Hidden": {"type": "ConditionOnset", "codes": codes("hidden"),
            "target_encounter": "Seen", "direct_transition": "End A"},
        "End A": {"type": "ConditionEnd", "referenced_by_attribute": "a",
            "direct_transition": "End B"},
        "End B": {"type": "ConditionEnd", "codes": codes("b"), "direct_transition": "End hidden"},
        "End hidden": {"type": "ConditionEnd", "condition_onset": "Hidden",
            "direct_transition": "Seen"},
        "Seen": encounter("Over"),
        "Over": {"type": "EncounterEnd"},
    }));
    let ended = of(&made, "Condition");
    assert_eq!(ended.len(), 2, "{ended:?}");
    assert!(ended.iter().all(|one| one["abatementDateTime"].is_string()));
}

#[test]
fn allergies_have_reactions_and_an_end() {
    let onset = json!({"type": "AllergyOnset", "allergy_type": "allergy", "category": "food",
        "codes": codes("nut"), "direct_transition": "End", "reactions": [
            {"reaction": code("hives"), "possible_severities": [{"level": "severe", "value": 1}]},
            {"reaction": code("cough"), "possible_severities": [{"level": "none", "value": 1}]}]});
    let made = made(&json!({
        "Initial": initial("Allergic"),
        "Allergic": onset,
        "End": {"type": "AllergyEnd", "allergy_onset": "Allergic"},
    }));
    let allergy = only(&made, "AllergyIntolerance");
    assert_eq!(allergy["category"][0], "food");
    assert_eq!(allergy["clinicalStatus"]["coding"][0]["code"], "resolved");
    let reactions = allergy["reaction"].as_array().unwrap();
    assert_eq!(reactions.len(), 1, "a reaction that is none is not told");
    assert_eq!(reactions[0]["severity"], "severe");
}

#[test]
fn medication_orders_are_renewed_given_and_ended() {
    let made = made(&json!({
        "Initial": initial("Chronic"),
        "Chronic": {"type": "MedicationOrder", "codes": codes("tablet"), "chronic": true,
            "prescription": {"as_needed": false, "refills": 3,
                "dosage": {"amount": 2, "frequency": 3, "period": 1, "unit": "days"},
                "duration": {"quantity": 2, "unit": "weeks"},
                "instructions": [code("with food")]},
            "direct_transition": "Given"},
        "Given": {"type": "MedicationOrder", "codes": codes("injection"), "administration": true,
            "assign_to_attribute": "given", "direct_transition": "Wait"},
        "Wait": {"type": "Delay", "exact": {"quantity": 200, "unit": "days"},
            "direct_transition": "End"},
        "End": {"type": "MedicationEnd", "medication_order": "Chronic",
            "direct_transition": "End given"},
        "End given": {"type": "MedicationEnd", "referenced_by_attribute": "given"},
    }));
    let requests = of(&made, "MedicationRequest");
    let tablets: Vec<_> = requests
        .iter()
        .filter(|one| one["medicationCodeableConcept"]["text"] == "The tablet")
        .collect();
    assert!(
        tablets.len() > 2,
        "renewed at wellness visits: {}",
        tablets.len()
    );
    assert!(requests.iter().all(|one| one["status"] == "completed"));
    let before = format!("MedicationRequest/{}", tablets[0]["id"].as_str().unwrap());
    assert_eq!(tablets[1]["priorPrescription"]["reference"], before);
    let repeat = &tablets[0]["dosageInstruction"][0]["timing"]["repeat"];
    assert_eq!(
        *repeat,
        json!({"frequency": 3, "period": 1, "periodUnit": "d"})
    );
    assert_eq!(tablets[0]["dispenseRequest"]["numberOfRepeatsAllowed"], 3);
    assert_eq!(
        only(&made, "MedicationAdministration")["status"],
        "completed"
    );
}

#[test]
fn care_plans_have_goals_and_activities() {
    let made = made(&json!({
        "Initial": initial("Ill"),
        "Ill": {"type": "ConditionOnset", "codes": codes("illness"), "direct_transition": "Plan"},
        "Plan": {"type": "CarePlanStart", "codes": codes("plan"), "reason": "Ill",
            "activities": [code("walk"), code("rest")],
            "goals": [{"text": "Be well", "observation": {"codes": codes("wellness"),
                "operator": "<", "value": 7}}],
            "direct_transition": "End"},
        "End": {"type": "CarePlanEnd", "careplan": "Plan"},
    }));
    let plan = only(&made, "CarePlan");
    assert_eq!(plan["status"], "completed");
    assert_eq!(plan["activity"].as_array().unwrap().len(), 2);
    assert!(plan["addresses"][0]["reference"].is_string());
    let goal = only(&made, "Goal");
    assert_eq!(goal["description"]["text"], "Be well");
    assert_eq!(goal["target"][0]["detailQuantity"]["value"], 7);
}

#[test]
fn procedures_take_their_time() {
    let made = made(&json!({
        "Initial": initial("Seen"),
        "Seen": encounter("Cut"),
        "Cut": {"type": "Procedure", "codes": codes("surgery"), "assign_to_attribute": "cut",
            "duration": {"low": 90, "high": 90, "unit": "minutes"}, "direct_transition": "End"},
        "End": {"type": "EncounterEnd"},
    }));
    let period = &only(&made, "Procedure")["performedPeriod"];
    let visit = &only(&made, "Encounter")["period"];
    assert_eq!(
        period["end"], visit["end"],
        "the encounter ends when the procedure does"
    );
    assert_ne!(period["start"], period["end"]);
}

#[test]
fn physiology_takes_the_way_around() {
    let made = made(&json!({
        "Initial": initial("Model"),
        "Model": {"type": "Physiology", "model": "heart.xml", "solver": "euler",
            "direct_transition": "Solved", "alt_direct_transition": "Around"},
        "Solved": mark("solved"),
        "Around": mark("around"),
    }));
    assert_eq!(marks(&made), ["around"]);
}

#[test]
fn death_comes_now_or_later_and_ends_everything() {
    let made = made(&json!({
        "Initial": initial("Ill"),
        "Ill": {"type": "ConditionOnset", "codes": codes("illness"),
            "assign_to_attribute": "ill", "direct_transition": "Doomed"},
        "Doomed": {"type": "Death", "range": {"low": 3, "high": 3, "unit": "years"},
            "referenced_by_attribute": "ill", "direct_transition": "Seen"},
        "Seen": encounter("Wait"),
        "Wait": {"type": "Delay", "exact": {"quantity": 5, "unit": "years"},
            "direct_transition": "Never"},
        "Never": mark("after death"),
    }));
    assert_eq!(day(&made[0]["deceasedDateTime"]), "1983-03-01");
    assert_eq!(marks(&made), Vec::<String>::new());
    assert_eq!(only(&made, "Encounter")["status"], "finished");
    let cause = only(&made, "Observation");
    assert_eq!(cause["code"]["text"], "Cause of death");
    assert_eq!(cause["valueCodeableConcept"]["text"], "The illness");
    let illness = only(&made, "Condition");
    assert_eq!(illness["clinicalStatus"]["coding"][0]["code"], "active");
}

#[test]
fn submodules_share_attributes_and_encounter_and_hand_back_their_history() {
    let library = library(&[
        (
            "it.json",
            json!({
                "Initial": initial("Seen"),
                "Seen": encounter("Call"),
                "Call": {"type": "CallSubmodule", "submodule": "sub/inner",
                    "direct_transition": "Asked"},
                "Asked": {"type": "Simple", "conditional_transition": [
                    {"condition": {"condition_type": "And", "conditions": [
                        {"condition_type": "PriorState", "name": "Inner pass"},
                        {"condition_type": "Attribute", "attribute": "told", "operator": "==",
                            "value": "yes"}]},
                        "transition": "Both"},
                    {"transition": "Terminal"}]},
                "Both": mark("both"),
            }),
        ),
        (
            "sub/inner.json",
            json!({
                "Initial": initial("Inner pass"),
                "Inner pass": {"type": "Delay", "exact": {"quantity": 3, "unit": "hours"},
                    "direct_transition": "Tell"},
                "Tell": {"type": "SetAttribute", "attribute": "told", "value": "yes",
                    "direct_transition": "Find"},
                "Find": {"type": "Procedure", "codes": codes("finding")},
            }),
        ),
    ]);
    let made = lived(&library.unwrap(), &woman(1), "2020-01-01").unwrap();
    assert_eq!(marks(&made), ["both"]);
    let visit = format!(
        "Encounter/{}",
        only(&made, "Encounter")["id"].as_str().unwrap()
    );
    assert_eq!(only(&made, "Procedure")["encounter"]["reference"], visit);
}

/// The date of a moment.
fn day(moment: &Value) -> &str {
    let (day, _) = moment.as_str().unwrap().split_once('T').unwrap();
    day
}
