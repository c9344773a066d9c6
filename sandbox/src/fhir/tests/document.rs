//! Documents: the summary of a patient, and what an app's Composition refers to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;

/// A document's resources by their address, after what must hold of every document is looked at.
fn resources(answer: &Answer) -> BTreeMap<String, Value> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let bundle = answer.json();
    assert_eq!(bundle["type"], "document");
    let issues = fhir_r4::validate::Validator::r4()
        .validate(&bundle, &fhir_r4::validate::Options::default());
    let errors: Vec<_> = issues
        .iter()
        .filter(|issue| issue.severity == fhir_r4::validate::Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let entries = answer.entries();
    assert_eq!(entries[0]["resource"]["resourceType"], "Composition");
    let count = entries.len();
    let all = entries.into_iter().map(|mut entry| {
        let resource = entry["resource"].take();
        (entry["fullUrl"].as_str().unwrap().to_owned(), resource)
    });
    let all: BTreeMap<String, Value> = all.collect();
    assert_eq!(all.len(), count, "an address stands there twice");
    all
}

fn sections(answer: &Answer) -> BTreeMap<String, Value> {
    let composition = answer.entries()[0]["resource"].clone();
    let sections = composition["section"].as_array().unwrap().iter();
    let coded = sections.map(|one| {
        let code = one["code"]["coding"][0]["code"].as_str().unwrap();
        (code.to_owned(), one.clone())
    });
    coded.collect()
}

fn named(section: &Value) -> BTreeSet<String> {
    let entries = section["entry"].as_array().cloned().unwrap_or_default();
    let names = entries
        .iter()
        .map(|one| one["reference"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn a_summary_tells_what_is_current_in_the_journal_and_holds_what_it_refers_to() {
    for world in worlds().await {
        let index = world.somebody_with("Immunization", 1);
        let patient = format!("p{index}");
        let app = world.app(Some(&patient), "patient/*.rs");
        let answer = app.get(&format!("Patient/{patient}/$summary")).await;
        let all = resources(&answer);
        let sections = sections(&answer);
        for section in sections.values() {
            for name in named(section) {
                assert!(all.contains_key(&name), "{name} is missing");
            }
            assert!(section["text"]["div"].as_str().unwrap().contains("<li>"));
        }
        for (code, type_name, current) in [
            (
                "11450-4",
                "Condition",
                "/clinicalStatus/coding/0/code=active",
            ),
            ("10160-0", "MedicationRequest", "/status=active"),
            ("11369-6", "Immunization", "/status=completed"),
        ] {
            let (pointer, wanted) = current.split_once('=').unwrap();
            let journal = world.dataset().resources(index);
            let journal = journal
                .into_iter()
                .filter(|one| one.resource_type.name() == type_name);
            let expected: BTreeSet<String> = journal
                .filter(|one| {
                    let resource: Value = serde_json::from_slice(&one.json).unwrap();
                    resource.pointer(pointer).and_then(Value::as_str) == Some(wanted)
                })
                .map(|one| format!("{BASE}/{type_name}/{}", one.id))
                .collect();
            let found = named(&sections[code]);
            let found: BTreeSet<String> = found
                .into_iter()
                .filter(|name| !name.starts_with("urn:"))
                .collect();
            assert_eq!(found, expected, "{code}");
        }
        let composition = &answer.entries()[0]["resource"];
        assert_eq!(composition["type"]["coding"][0]["code"], "60591-5");
        assert_eq!(
            composition["subject"]["reference"],
            format!("{BASE}/Patient/{patient}")
        );
        assert!(all.contains_key(composition["author"][0]["reference"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn the_newest_of_each_measurement_stands_in_a_summary() {
    let world = world().await;
    let patient = format!("p{}", world.somebody_with("Observation", 30));
    let app = world.app(Some(&patient), "patient/*.rs");
    let answer = app.get(&format!("Patient/{patient}/$summary")).await;
    let (all, sections) = (resources(&answer), sections(&answer));
    let query = format!("Observation/$lastn?patient={patient}&category=vital-signs");
    let newest = app.ids(&query).await;
    let expected: BTreeSet<String> = newest
        .iter()
        .map(|id| format!("{BASE}/Observation/{id}"))
        .collect();
    assert_eq!(named(&sections["8716-3"]), expected);
    assert!(all.len() > expected.len());
}

#[tokio::test]
async fn what_is_not_recorded_and_what_is_withheld_are_said_to_be_so() {
    let world = world().await;
    let whole = world.app(Some("p5"), "patient/*.cruds");
    let answer = whole.get("Patient/p5/$summary").await;
    let (all, told) = (resources(&answer), sections(&answer));
    let allergy = named(&told["48765-2"]).pop_first().unwrap();
    assert_eq!(
        all[&allergy]["code"]["coding"][0]["code"],
        "no-allergy-info"
    );
    assert!(
        told["48765-2"]["text"]["div"]
            .as_str()
            .unwrap()
            .contains("Ingen opplysninger")
    );
    let nut = json!({"resourceType": "AllergyIntolerance", "code": {"text": "Nøtter & <mandler>"},
        "patient": {"reference": "Patient/p5"}});
    let written = whole.post("AllergyIntolerance", &nut).await.json();
    let answer = whole.get("Patient/p5/$summary").await;
    let told = sections(&answer);
    let expected = format!(
        "{BASE}/AllergyIntolerance/{}",
        written["id"].as_str().unwrap()
    );
    assert_eq!(named(&told["48765-2"]), BTreeSet::from([expected]));
    assert!(
        told["48765-2"]["text"]["div"]
            .as_str()
            .unwrap()
            .contains("Nøtter &amp; &lt;mandler&gt;")
    );
    let narrow = world
        .app(Some("p5"), "patient/Patient.r patient/MedicationRequest.s")
        .with("accept-language", "en");
    let answer = narrow.get("Patient/p5/$summary").await;
    resources(&answer);
    let told = sections(&answer);
    for code in ["11450-4", "48765-2"] {
        assert_eq!(told[code]["emptyReason"]["coding"][0]["code"], "withheld");
        assert!(named(&told[code]).is_empty());
    }
    let medication = told["10160-0"]["text"]["div"].as_str().unwrap();
    assert!(
        medication.contains("does not open: MedicationStatement"),
        "{medication}"
    );
    assert!(
        !told.contains_key("8716-3"),
        "what is not required and not opened is left out"
    );
    assert_eq!(
        whole.get("Patient/p6/$summary").await.refusal(),
        "fhir-other-patient"
    );
    assert_eq!(
        whole.get("Basic/x/$summary").await.refusal(),
        "fhir-interaction"
    );
}

fn composition(more: &Value) -> Value {
    let mut composition = json!({"resourceType": "Composition", "status": "final", "type": {"text": "Notat"},
        "subject": {"reference": "Patient/p5"}, "date": "2026-11-21", "title": "Notat",
        "author": [{"reference": "Practitioner/practitioner-1"}],
        "contained": [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}],
        "section": [{"title": "A", "text": {"status": "generated",
            "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}, "focus": {"reference": "#b"}}]});
    let added = more.as_object().unwrap().clone();
    composition.as_object_mut().unwrap().extend(added);
    composition
}

#[tokio::test]
async fn a_document_holds_everything_that_its_composition_refers_to() {
    for world in worlds().await {
        let app = world.app(Some("p5"), "patient/*.cruds");
        let custodian = json!({"custodian": {"reference": format!("{BASE}/Organization/practice-1")},
            "attester": [{"mode": "legal", "party": {"reference": "Patient/p5/_history/1"}}]});
        let written = app.post("Composition", &composition(&custodian)).await;
        let id = written.json()["id"].as_str().unwrap().to_owned();
        let path = format!("Composition/{id}/$document");
        let all = resources(&app.get(&path).await);
        let expected = [
            format!("{BASE}/Composition/{id}"),
            format!("{BASE}/Organization/practice-1"),
            format!("{BASE}/Patient/p5"),
            format!("{BASE}/Practitioner/practitioner-1"),
        ];
        assert_eq!(all.keys().cloned().collect::<Vec<_>>(), expected);
        let other =
            json!({"section": [{"title": "A", "entry": [{"reference": "Observation/nothing"}]}]});
        let broken = app.post("Composition", &composition(&other)).await.json();
        let broken = format!("Composition/{}/$document", broken["id"].as_str().unwrap());
        let refused = app.get(&broken).await;
        assert_eq!(refused.refusal(), "fhir-document");
        assert!(refused.text().contains("Observation/nothing is not there"));
        let foreign = json!({"section": [{"title": "A", "entry": [{"reference": "http://x.example/Patient/1"}]}]});
        let foreign = app.post("Composition", &composition(&foreign)).await.json();
        let foreign = format!("Composition/{}/$document", foreign["id"].as_str().unwrap());
        assert_eq!(app.get(&foreign).await.refusal(), "fhir-document");
        let narrow = world.app(Some("p5"), "patient/Composition.rs patient/Patient.r");
        assert_eq!(narrow.get(&path).await.refusal(), "scope-missing");
        assert_eq!(
            app.get("Patient/p5/$document").await.refusal(),
            "fhir-interaction"
        );
    }
}

#[tokio::test]
async fn a_document_that_is_kept_is_its_patients() {
    let world = world().await;
    let app = world.app(Some("p5"), "patient/*.cruds");
    let written = app
        .post("Composition", &composition(&json!({})))
        .await
        .json();
    let path = format!("Composition/{}/$document", written["id"].as_str().unwrap());
    let odd = app.get(&format!("{path}?persist=perhaps")).await;
    assert_eq!(odd.refusal(), "fhir-parameter-value");
    app.get(&format!("{path}?persist=false")).await;
    assert!(app.ids("Bundle").await.is_empty());
    let kept = app.get(&format!("{path}?persist=true")).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    let address = kept
        .header("location")
        .split("/_history")
        .next()
        .unwrap()
        .to_owned();
    let read = app.get(&address).await;
    assert_eq!(
        read.json()["entry"][0]["resource"]["resourceType"],
        "Composition"
    );
    let reader = world.app(Some("p5"), "patient/*.rs");
    assert_eq!(
        reader.get(&format!("{path}?persist=true")).await.refusal(),
        "scope-missing"
    );
    let other = world.app(Some("p6"), "patient/*.rs");
    assert_eq!(other.get(&address).await.refusal(), "scope-narrower");
    assert!(other.ids("Bundle").await.is_empty());
    let doctor = world.app(None, "user/*.rs");
    assert_eq!(doctor.ids("Bundle").await.len(), 1);
}
