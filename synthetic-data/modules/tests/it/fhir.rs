//! What is written is valid R4, says where it comes from, and keeps what the host said.

use fhir_r4::validate::{Options, Severity, Validator};
use generic_modules::{ORIGIN_SYSTEM, Sex, Subject};
use serde_json::{Value, json};

use crate::support::{code, codes, day, library, lived, woman};

/// One of everything that is written.
fn everything() -> Value {
    let observation = json!({"category": "laboratory", "unit": "mmol/L", "codes": codes("salt"),
        "range": {"low": 3, "high": 5}});
    let picture = json!({"title": "", "sop_class":
        {"system": "DICOM-SOP", "code": "1.2.840.1", "display": "Picture"}});
    json!({
        "Initial": {"type": "Initial", "direct_transition": "Ill"},
        "Ill": {"type": "ConditionOnset", "codes": codes("illness"), "direct_transition": "Seen"},
        "Seen": {"type": "Encounter", "encounter_class": "emergency", "codes": codes("visit"),
            "reason": "Ill", "direct_transition": "Allergic"},
        "Allergic": {"type": "AllergyOnset", "allergy_type": "intolerance",
            "category": "environment", "codes": codes("dust"), "reactions": [
                {"reaction": code("cough"), "possible_severities": [{"level": "mild", "value": 1}]}],
            "direct_transition": "Tablet"},
        "Tablet": {"type": "MedicationOrder", "codes": codes("tablet"), "reason": "Ill",
            "administration": true, "prescription": {"as_needed": true, "refills": 1,
                "dosage": {"amount": 1, "frequency": 2, "period": 1, "unit": "days"},
                "duration": {"quantity": 1, "unit": "months"}}, "direct_transition": "Plan"},
        "Plan": {"type": "CarePlanStart", "codes": codes("plan"), "reason": "Ill",
            "activities": codes("walk"), "goals": [{"text": "Be well"}],
            "direct_transition": "Cut"},
        "Cut": {"type": "Procedure", "codes": codes("cut"), "reason": "Ill",
            "direct_transition": "Panel"},
        "Panel": {"type": "MultiObservation", "category": "vital-signs", "codes": codes("panel"),
            "observations": [observation], "direct_transition": "Report"},
        "Report": {"type": "DiagnosticReport", "codes": codes("report"),
            "observations": [observation], "direct_transition": "Scan"},
        "Scan": {"type": "ImagingStudy", "procedure_code": code("scan"), "series": [
            {"body_site": code("hand"), "modality": code("camera"), "instances": [picture]}],
            "direct_transition": "Pump"},
        "Pump": {"type": "Device", "code": code("pump"), "direct_transition": "Box"},
        "Box": {"type": "SupplyList", "supplies": [{"quantity": 4, "code": code("glove")}],
            "direct_transition": "Jab"},
        "Jab": {"type": "Vaccine", "series": 1, "codes": codes("vaccine"),
            "direct_transition": "Over"},
        "Over": {"type": "EncounterEnd", "discharge_disposition": code("home"),
            "direct_transition": "Dies"},
        "Dies": {"type": "Death", "exact": {"quantity": 1, "unit": "years"},
            "codes": codes("illness")},
    })
}

fn errors(resource: &Value) -> Vec<String> {
    let options = Options {
        least: Severity::Error,
        ..Options::default()
    };
    let issues = Validator::r4().validate(resource, &options).into_iter();
    issues
        .map(|issue| format!("{} {}: {}", issue.rule, issue.expression, issue.problem.en))
        .collect()
}

#[test]
fn every_type_is_valid_r4_alive_and_dead() {
    let library = library(&[("it.json", everything())]).unwrap();
    for until in ["1980-03-02", "2020-01-01"] {
        let made = lived(&library, &woman(3), until).unwrap();
        let mut types: Vec<_> = made
            .iter()
            .map(|one| one["resourceType"].to_string())
            .collect();
        types.sort();
        types.dedup();
        assert_eq!(types.len(), 15, "{types:?}");
        for resource in &made {
            assert_eq!(errors(resource), Vec::<String>::new(), "{resource:#}");
        }
    }
    assert!(
        !errors(&json!({"resourceType": "Condition"})).is_empty(),
        "the validator sees"
    );
}

#[test]
fn every_resource_is_marked_with_its_origin() {
    let library = library(&[("my module.json", everything())]).unwrap();
    for resource in lived(&library, &woman(3), "2020-01-01").unwrap() {
        let tags = resource["meta"]["tag"].as_array().unwrap();
        let marked = tags
            .iter()
            .any(|tag| tag["system"] == ORIGIN_SYSTEM && tag["code"] == "user-modules");
        assert!(marked, "{resource:#}");
        let source = resource["meta"]["source"].as_str().unwrap();
        let expected = if resource["resourceType"] == "Patient" {
            "urn:markedsplass:user-modules"
        } else {
            "urn:markedsplass:user-module:my%20module"
        };
        assert_eq!(source, expected);
    }
}

#[test]
fn the_hosts_patient_is_kept_but_for_its_id_and_death() {
    let library = library(&[("it.json", everything())]).unwrap();
    let host = json!({
        "resourceType": "Patient", "id": "p17", "active": true, "gender": "female",
        "birthDate": "1980-03-01", "deceasedDateTime": "2010-05-05",
        "meta": {"versionId": "2", "profile": ["http://example.org/profile"],
            "security": [{"code": "R"}], "tag": [{"code": "x"}]},
    });
    let host = host.as_object().unwrap();
    let patient = |death: Option<&str>| {
        let mut subject = Subject::new("g17", 3, Sex::Female, day("1980-03-01"));
        subject.death = death.map(day);
        let life = library.live(&subject, day("2020-01-01")).unwrap();
        library.resources(&life, &subject, host)[0].json.clone()
    };
    let earlier = patient(Some("1980-05-05"));
    assert_eq!(
        earlier["deceasedDateTime"], "2010-05-05",
        "as the host writes its own"
    );
    assert_eq!(
        (&earlier["id"], &earlier["active"]),
        (&json!("g17"), &json!(true))
    );
    assert_eq!(earlier["meta"]["profile"][0], "http://example.org/profile");
    assert_eq!(earlier["meta"]["security"][0]["code"], "R");
    assert!(earlier["meta"]["versionId"].is_null());
    let by_module = patient(Some("2010-05-05"));
    assert!(
        by_module["deceasedDateTime"]
            .as_str()
            .unwrap()
            .starts_with("1981-03-01")
    );
}
