//! State types that measure, picture and hand out.

use serde_json::{Value, json};

use crate::support::{code, codes, made, of, only};

fn initial(to: &str) -> Value {
    json!({"type": "Initial", "direct_transition": to})
}

#[test]
fn observations_measure_vital_signs_panels_and_reports() {
    let number = |name: &str| {
        json!({"category": "laboratory", "unit": "g/L", "codes": codes(name),
            "exact": {"quantity": 4.25}})
    };
    let made = made(&json!({
        "Initial": initial("Sign"),
        "Sign": {"type": "VitalSign", "vital_sign": "Mood", "unit": "{score}",
            "range": {"low": 9, "high": 9}, "direct_transition": "Measured"},
        "Measured": {"type": "Observation", "category": "exam", "codes": codes("mood"),
            "unit": "{score}", "vital_sign": "Mood", "direct_transition": "Chosen"},
        "Chosen": {"type": "Observation", "category": "exam", "codes": codes("choice"),
            "unit": "", "value_code": code("this"), "direct_transition": "Spelt"},
        "Spelt": {"type": "Observation", "category": "exam", "codes": codes("word"),
            "unit": "", "exact": {"quantity": "positive"}, "direct_transition": "Panel"},
        "Panel": {"type": "MultiObservation", "category": "laboratory", "codes": codes("panel"),
            "observations": [number("first"), number("second")], "direct_transition": "Report"},
        "Report": {"type": "DiagnosticReport", "codes": codes("report"),
            "observations": [number("third")], "direct_transition": "Older"},
        "Older": {"type": "DiagnosticReport", "codes": codes("older"),
            "number_of_observations": 2},
    }));
    let observations = of(&made, "Observation");
    assert_eq!(observations[0]["valueQuantity"]["value"], 9);
    assert_eq!(observations[1]["valueCodeableConcept"]["text"], "The this");
    assert_eq!(observations[2]["valueString"], "positive");
    assert_eq!(observations[3]["component"].as_array().unwrap().len(), 2);
    assert_eq!(
        observations[3]["component"][1]["valueQuantity"]["value"],
        4.25
    );
    let reports = of(&made, "DiagnosticReport");
    let third = format!("Observation/{}", observations[4]["id"].as_str().unwrap());
    assert_eq!(reports[0]["result"], json!([{"reference": third}]));
    assert_eq!(reports[1]["result"].as_array().unwrap().len(), 2);
    assert_eq!(reports[1]["result"][1]["reference"], third);
}

#[test]
fn imaging_makes_a_study_and_a_procedure() {
    let picture = json!({"title": "Front", "sop_class":
        {"system": "DICOM-SOP", "code": "1.2.3.4", "display": "Picture"}});
    let made = made(&json!({
        "Initial": initial("Scan"),
        "Scan": {"type": "ImagingStudy", "procedure_code": code("scan"), "series": [
            {"body_site": code("hand"), "modality": code("camera"), "instances": [picture],
                "min_number_instances": 3, "max_number_instances": 3}]},
    }));
    let study = only(&made, "ImagingStudy");
    assert_eq!(study["series"][0]["numberOfInstances"], 3);
    let pictures = study["series"][0]["instance"].as_array().unwrap();
    assert_eq!(pictures.len(), 3);
    assert_eq!(pictures[0]["sopClass"]["code"], "urn:oid:1.2.3.4");
    assert_ne!(pictures[0]["uid"], pictures[1]["uid"]);
    only(&made, "Procedure");
}

#[test]
fn devices_supplies_and_vaccines_are_handed_out() {
    let made = made(&json!({
        "Initial": initial("Pump"),
        "Pump": {"type": "Device", "code": code("pump"), "assign_to_attribute": "pump",
            "direct_transition": "No pump"},
        "No pump": {"type": "DeviceEnd", "device": "Pump", "direct_transition": "Box"},
        "Box": {"type": "SupplyList", "supplies": [{"quantity": 4, "code": code("glove")},
            {"quantity": 1, "code": code("mask")}], "direct_transition": "Jab"},
        "Jab": {"type": "Vaccine", "series": 2, "codes": codes("vaccine")},
    }));
    assert_eq!(only(&made, "Device")["status"], "inactive");
    let supplies = of(&made, "SupplyDelivery");
    assert_eq!(supplies[0]["suppliedItem"]["quantity"]["value"], 4);
    assert_eq!(supplies.len(), 2);
    let dose = &only(&made, "Immunization")["protocolApplied"][0]["doseNumberPositiveInt"];
    assert_eq!(*dose, 2);
}
