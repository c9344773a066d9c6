//! The constraints of hl7.fhir.no.basis 2.2 on what is written. The slices are open, so only what is
//! written under a slice's system can break one.

use std::collections::BTreeSet;

use serde_json::Value;
use synthetic_data::ids::{IdentifierKind, PersonIdentifier};

use crate::support::dataset;

const ROOT: &str = "http://hl7.no/fhir/StructureDefinition/";

fn all() -> Vec<Value> {
    let dataset = dataset();
    let mut resources = dataset.practice_resources();
    (0..60).for_each(|index| resources.extend(dataset.resources(index)));
    // Some have a D-number, some a help number, some a protected address.
    let others = dataset.indices().skip(60);
    resources.extend(others.filter_map(|index| dataset.patient(index)));
    resources
        .iter()
        .map(|resource| serde_json::from_slice(&resource.json).unwrap())
        .collect()
}

fn of<'a>(all: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let found: Vec<&Value> = all
        .iter()
        .filter(|one| one["resourceType"] == kind)
        .collect();
    assert!(!found.is_empty());
    for one in &found {
        assert_eq!(one["meta"]["profile"][0], format!("{ROOT}no-basis-{kind}"));
    }
    found
}

fn values<'a>(resource: &'a Value, system: &str) -> Vec<&'a str> {
    let identifiers = resource["identifier"].as_array().unwrap().iter();
    let matching = identifiers.filter(|identifier| identifier["system"] == system);
    matching
        .map(|identifier| identifier["value"].as_str().unwrap())
        .collect()
}

fn assert_name(resource: &Value) {
    let name = &resource["name"][0];
    assert!(name["family"].is_string() && name["given"][0].is_string());
    assert!(
        name.get("prefix").is_none() && name.get("suffix").is_none(),
        "not used in Norway"
    );
}

fn assert_address(address: &Value) {
    let postal = address.get("postalCode").and_then(Value::as_str);
    assert!(postal.is_none_or(|code| code.len() == 4));
    assert!(
        address["city"].is_string()
            && address["district"].is_string()
            && address["state"].is_string()
    );
    let extension = &address["_district"]["extension"];
    assert_eq!(
        extension.as_array().unwrap().len(),
        1,
        "municipality code 0..1"
    );
    assert_eq!(
        extension[0]["url"],
        format!("{ROOT}no-basis-municipalitycode")
    );
    assert_eq!(
        extension[0]["valueCoding"]["code"].as_str().unwrap().len(),
        4
    );
    assert_eq!(
        extension[0]["valueCoding"]["system"],
        "https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle"
    );
}

#[test]
fn patients_meet_no_basis_patient() {
    let all = all();
    let (mut kinds, mut protected) = (BTreeSet::new(), 0);
    for patient in of(&all, "Patient") {
        let number = &patient["identifier"][0];
        let read: PersonIdentifier = number["value"].as_str().unwrap().parse().unwrap();
        let system = match read.kind() {
            IdentifierKind::Fnr => "urn:oid:2.16.578.1.12.4.1.4.1",
            IdentifierKind::DNumber => "urn:oid:2.16.578.1.12.4.1.4.2",
            IdentifierKind::HNumber => "HNR",
            IdentifierKind::FhNumber => "urn:oid:2.16.578.1.12.4.1.4.3",
        };
        kinds.insert(system);
        assert_eq!(values(patient, system), [read.to_string()]);
        if read.kind() == IdentifierKind::HNumber {
            let coding = &number["type"]["coding"][0];
            assert_eq!(coding["system"], "urn:oid:2.16.578.1.12.4.1.1.8327");
            assert_eq!(coding["code"], "HNR");
            let assigner = number["assigner"]["reference"].as_str().unwrap();
            assert!(assigner.starts_with("Organization/"));
        }
        assert_name(patient);
        let address = &patient["address"][0];
        if patient["meta"].get("security").is_some() {
            protected += 1;
            assert_eq!(address["extension"][0]["valueCode"], "masked");
            assert!(address.get("line").is_none() && patient["address"].get(1).is_none());
        } else {
            if address["country"] == "NO" {
                assert_address(address);
            }
            let official = &address["extension"];
            assert_eq!(official.as_array().unwrap().len(), 1);
            assert_eq!(
                official[0]["url"],
                format!("{ROOT}no-basis-address-official")
            );
            assert!(official[0]["valueBoolean"].is_boolean());
        }
        let practitioner = patient["generalPractitioner"][0]["reference"].as_str();
        assert!(practitioner.is_none_or(|one| one.starts_with("Practitioner/")));
        let organization = patient["managingOrganization"]["reference"]
            .as_str()
            .unwrap();
        assert!(organization.starts_with("Organization/"));
    }
    assert_eq!(kinds.len(), 4, "every kind of number is there: {kinds:?}");
    assert!(protected > 0);
}

#[test]
fn next_of_kin_meet_no_basis_related_person() {
    let all = all();
    for related in of(&all, "RelatedPerson") {
        let read: PersonIdentifier = related["identifier"][0]["value"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(
            values(
                related,
                related["identifier"][0]["system"].as_str().unwrap()
            )
            .len(),
            1
        );
        assert_eq!(read.birth_date().unwrap().to_string(), related["birthDate"]);
        assert_name(related);
        assert!(related.get("address").is_none());
        let coding = &related["relationship"][0]["coding"][0];
        assert_eq!(
            coding["system"],
            "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
        );
        assert!(
            related["patient"]["reference"]
                .as_str()
                .unwrap()
                .starts_with("Patient/")
        );
    }
}

#[test]
fn staff_meet_no_basis_practitioner_and_role() {
    let all = all();
    for practitioner in of(&all, "Practitioner") {
        assert_eq!(
            values(practitioner, "urn:oid:2.16.578.1.12.4.1.4.4").len(),
            1
        );
        assert_eq!(
            values(practitioner, "urn:oid:2.16.578.1.12.4.1.4.1").len(),
            1
        );
        assert_name(practitioner);
        let codings = practitioner["qualification"][0]["code"]["coding"]
            .as_array()
            .unwrap();
        for (coding, list) in codings.iter().zip(["9060", "7704"]) {
            assert_eq!(
                coding["system"],
                format!("urn:oid:2.16.578.1.12.4.1.1.{list}")
            );
            assert!(coding["code"].is_string());
        }
    }
    for role in of(&all, "PractitionerRole") {
        assert!(
            role["practitioner"]["reference"]
                .as_str()
                .unwrap()
                .starts_with("Practitioner/")
        );
        assert!(
            role["organization"]["reference"]
                .as_str()
                .unwrap()
                .starts_with("Organization/")
        );
        for code in role["code"].as_array().unwrap() {
            if let Some(coding) = code["coding"].get(0) {
                assert_eq!(coding["system"], "urn:oid:2.16.578.1.12.4.1.1.9034");
                assert!(coding["code"].is_string());
            }
        }
    }
}

#[test]
fn the_practice_meets_no_basis_organization() {
    let all = all();
    for organization in of(&all, "Organization") {
        let numbers = values(organization, "urn:oid:2.16.578.1.12.4.1.4.101");
        assert!(
            numbers[0]
                .parse::<synthetic_data::ids::OrgNr>()
                .unwrap()
                .is_synthetic()
        );
        assert_eq!(values(organization, "urn:oid:2.16.578.1.12.4.1.2").len(), 1);
        assert_address(&organization["address"][0]);
        assert!(
            organization["telecom"][0]["value"]
                .as_str()
                .unwrap()
                .starts_with("+470000")
        );
        for kind in organization["type"].as_array().unwrap() {
            // The lists 8624 and 8628 are bound as required; no code of theirs is written.
            assert!(
                !kind.to_string().contains("1.1.8624") && !kind.to_string().contains("1.1.8628")
            );
        }
    }
}

#[test]
fn notes_meet_no_basis_document_reference() {
    let (all, mut kinds) = (all(), BTreeSet::new());
    for note in of(&all, "DocumentReference") {
        let coding = &note["type"]["coding"][0];
        assert_eq!(coding["system"], "urn:oid:2.16.578.1.12.4.1.1.9602");
        kinds.insert(coding["code"].as_str().unwrap().to_owned());
    }
    // Notes of a journal, and certificates of sickness.
    assert_eq!(kinds.iter().collect::<Vec<_>>(), ["B02-2", "J01-2"]);
}

#[test]
fn no_licence_bound_text_stands_beside_a_diagnosis_code() {
    for resource in all() {
        let text = resource.to_string();
        for system in ["sid/icpc-2", "4.1.1.7170"] {
            for rest in text.split(system).skip(1) {
                let (coding, _) = rest.split_once('}').unwrap();
                assert!(!coding.contains("display"), "{coding}");
            }
        }
    }
}
