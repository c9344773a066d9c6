//! Searching: the same resources whichever way they are asked for, sorted, counted and paged.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;

#[tokio::test]
async fn a_patient_is_found_by_number_name_and_birth_date() {
    let world = world().await;
    let app = world.app(None, "user/Patient.rs");
    let person = world.dataset().person(17).unwrap();
    let (fnr, id) = (person.identifier.to_string(), vec!["p17".to_owned()]);
    assert_eq!(
        app.ids(&format!("Patient?identifier={FNR}|{fnr}")).await,
        id
    );
    assert_eq!(app.ids(&format!("Patient?identifier={fnr}")).await, id);
    assert!(
        app.ids(&format!("Patient?identifier=urn:other|{fnr}"))
            .await
            .is_empty()
    );
    assert!(app.ids("Patient?identifier=123").await.is_empty());
    assert_eq!(app.ids("Patient?_id=p17,p60,x").await, id);
    let name = format!(
        "Patient?family={}&given={}",
        person.name.family, person.name.given
    );
    assert!(app.ids(&encoded(&name)).await.contains(&id[0]));
    assert!(
        app.ids(&format!("Patient?birthdate={}", person.birth_date))
            .await
            .contains(&id[0])
    );
    let (men, women) = (
        app.ids("Patient?gender=male").await.len(),
        app.ids("Patient?gender=female").await.len(),
    );
    assert_eq!(men + women, 60);
    let old = app.ids("Patient?birthdate=lt1960&_sort=birthdate").await;
    let dates: Vec<String> = old.iter().map(|id| birth_date(&world, id)).collect();
    assert!(
        !old.is_empty() && dates.is_sorted() && dates.iter().all(|date| date.as_str() < "1960")
    );
}

fn birth_date(world: &World, id: &str) -> String {
    let index = id.trim_start_matches('p').parse().unwrap();
    world
        .dataset()
        .person(index)
        .unwrap()
        .birth_date
        .to_string()
}

pub(super) fn encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        if byte.is_ascii() {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").unwrap();
        }
    }
    text
}

#[tokio::test]
async fn a_blood_pressure_chart_gets_its_series() {
    let world = world().await;
    let pressures = |index: &u32| {
        let all = world.dataset().resources(*index);
        all.iter()
            .filter(|one| String::from_utf8_lossy(&one.json).contains("85354-9"))
            .count()
    };
    let index = (0..60).max_by_key(pressures).unwrap();
    let patient = format!("p{index}");
    let app = world.app(Some(&patient), "patient/Observation.rs");
    let search = format!("Observation?patient={patient}&code=http://loinc.org|85354-9&_sort=-date");
    let answer = app.get(&search).await;
    assert_eq!(
        answer.json()["total"].as_u64(),
        Some(pressures(&index) as u64)
    );
    let dates: Vec<String> = answer
        .entries()
        .iter()
        .map(|entry| {
            entry["resource"]["effectiveDateTime"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(
        dates.len() > 5 && dates.iter().rev().is_sorted(),
        "{dates:?}"
    );
    assert!(
        answer.entries()[0]["fullUrl"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{BASE}/Observation/{patient}-o"))
    );
    let by_component = app.ids("Observation?combo-code=8480-6").await;
    // A NEWS2 score has a systolic pressure among its components too.
    assert!(by_component.len() >= dates.len());
    let (middle, _) = dates[dates.len() / 2].split_at(10);
    let later = app
        .ids(&format!("Observation?code=85354-9&date=ge{middle}"))
        .await
        .len();
    let earlier = app
        .ids(&format!("Observation?code=85354-9&date=lt{middle}"))
        .await
        .len();
    assert_eq!(later + earlier, dates.len());
    let either = app
        .ids("Observation?code=85354-9,8867-4&_count=500")
        .await
        .len();
    let pulses = app.ids("Observation?code=8867-4&_count=500").await.len();
    assert_eq!(either, dates.len() + pulses);
    assert_eq!(
        app.ids("Observation?category=laboratory&code=85354-9")
            .await
            .len(),
        0
    );
}

#[tokio::test]
async fn pages_give_everything_once_in_order() {
    let world = world().await;
    let index = world.somebody_with("Observation", 30);
    let app = world.app(Some(&format!("p{index}")), "patient/Observation.rs");
    let whole = app.ids("Observation?_sort=-date,_id&_count=500").await;
    let mut paged = Vec::new();
    let mut path = Some("Observation?_sort=-date,_id&_count=7".to_owned());
    while let Some(next) = path {
        let answer = app.get(&next).await;
        assert_eq!(answer.json()["total"].as_u64(), Some(whole.len() as u64));
        assert!(answer.ids().len() <= 7);
        paged.extend(answer.ids());
        path = answer.next();
    }
    assert_eq!(paged, whole);
    for number_only in ["_summary=count", "_count=0"] {
        let answer = app.get(&format!("Observation?{number_only}")).await;
        assert_eq!(answer.json()["total"].as_u64(), Some(whole.len() as u64));
        assert!(answer.entries().is_empty() && answer.next().is_none());
    }
}

#[tokio::test]
async fn a_walk_over_everybody_gives_everything_once() {
    let world = world().await;
    let app = world.app(None, "user/Condition.rs user/DocumentReference.cruds");
    let expected: usize = (0..60)
        .flat_map(|index| world.dataset().resources(index))
        .filter(|one| one.resource_type.name() == "Condition")
        .filter(|one| String::from_utf8_lossy(&one.json).contains("\"problem-list-item\""))
        .count();
    let (mut seen, mut count) = (BTreeSet::new(), 0);
    let mut path = Some("Condition?category=problem-list-item&_count=9".to_owned());
    while let Some(next) = path {
        let answer = app.get(&next).await;
        assert_eq!(answer.status, 200);
        assert!(answer.ids().len() <= 9);
        count += answer.ids().len();
        seen.extend(answer.ids());
        path = answer.next();
    }
    assert_eq!((seen.len(), count), (expected, expected));
    assert_eq!(
        app.get("Condition?_sort=code").await.refusal(),
        "fhir-search-too-wide"
    );
    assert_eq!(
        app.get("Condition?_summary=count").await.refusal(),
        "fhir-search-too-wide"
    );
}

#[tokio::test]
async fn national_services_search_with_the_number_in_the_body() {
    let world = world().await;
    let index = world.somebody_with("Encounter", 2);
    let fnr = world.dataset().person(index).unwrap().identifier;
    let app = world
        .app(None, "user/Encounter.rs user/Patient.rs")
        .with("content-type", "application/x-www-form-urlencoded");
    let by_id = app.ids(&format!("Encounter?patient=p{index}")).await;
    for name in ["patient.identifier", "subject:Patient.identifier"] {
        let form = format!("{name}={}", format!("{FNR}|{fnr}").replace('|', "%7C"));
        let answer = app
            .send(Method::POST, "Encounter/_search", form.into_bytes())
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.ids()),
            (200, by_id.clone()),
            "{name}"
        );
    }
    let form = format!("identifier={fnr}").into_bytes();
    assert_eq!(
        app.send(Method::POST, "Patient/_search", form).await.ids(),
        [format!("p{index}")]
    );
    let json = world
        .app(None, "user/Patient.rs")
        .with("content-type", "application/json");
    let refused = json
        .send(Method::POST, "Patient/_search", b"{}".to_vec())
        .await;
    assert_eq!(
        (refused.status.as_u16(), refused.refusal().as_str()),
        (415, "fhir-media-type")
    );
}

#[tokio::test]
async fn what_is_referred_to_comes_along_once() {
    let world = world().await;
    let index = world.somebody_with("Encounter", 3);
    let app = world.app(
        Some(&format!("p{index}")),
        "patient/Encounter.rs patient/Patient.r patient/Practitioner.r",
    );
    let answer = app
        .get("Encounter?_include=Encounter:patient&_include=Encounter:practitioner&_include=Encounter:service-provider")
        .await;
    let included: Vec<String> = answer
        .entries()
        .iter()
        .filter(|entry| entry["search"]["mode"] == "include")
        .map(|entry| {
            entry["resource"]["resourceType"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(included.iter().filter(|kind| *kind == "Patient").count(), 1);
    assert!(included.iter().any(|kind| kind == "Practitioner"));
    assert!(
        !included.iter().any(|kind| kind == "Organization"),
        "its scope was not granted"
    );
}

#[tokio::test]
async fn a_contacts_resources_are_found_by_contact() {
    let world = world().await;
    let index = world.somebody_with("Observation", 3);
    let app = world.app(None, "user/*.rs");
    for kind in [
        "Observation",
        "Condition",
        "DocumentReference",
        "MedicationRequest",
    ] {
        let all = app
            .get(&format!("{kind}?patient=p{index}&_count=500"))
            .await
            .entries();
        let pointer = if kind == "DocumentReference" {
            "/context/encounter/0/reference"
        } else {
            "/encounter/reference"
        };
        let Some(first) = all.first() else { continue };
        let encounter = first["resource"]
            .pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap();
        let expected = all
            .iter()
            .filter(|one| one["resource"].pointer(pointer).unwrap() == encounter)
            .count();
        assert_eq!(
            app.ids(&format!("{kind}?encounter={encounter}"))
                .await
                .len(),
            expected,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn unknown_parameters_follow_the_preference() {
    let world = world().await;
    let strict = world
        .app(Some("p1"), "patient/Patient.rs")
        .with("prefer", "handling=strict, return=minimal");
    let refused = strict.get("Patient?colour=red").await;
    assert_eq!(
        (refused.status.as_u16(), refused.refusal().as_str()),
        (400, "fhir-parameter-unknown")
    );
    let lenient = world.app(Some("p1"), "patient/Patient.rs");
    let answer = lenient.get("Patient?colour=red&gender=male,female").await;
    assert_eq!(answer.ids(), ["p1"]);
    assert_eq!(
        answer.json()["link"][0]["url"],
        format!("{BASE}/Patient?gender=male,female")
    );
    for (path, code) in [
        ("Patient?birthdate=yesterday", "fhir-parameter-value"),
        ("Patient?name:near=x", "fhir-modifier"),
        ("Patient?_count=many", "fhir-parameter-value"),
        ("Patient?_page=nonsense", "fhir-page"),
    ] {
        let answer = lenient.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.refusal().as_str()),
            (400, code),
            "{path}"
        );
    }
}

/// A sandbox of the whole country: its registers are walked municipality by municipality, never made
/// all at once, and what is named is found at once.
#[tokio::test]
async fn the_registers_of_the_whole_country_are_walked() {
    let world = world().await.of_the_country();
    let app = world.app(None, "user/*.rs");
    let first = app.get("Organization?_count=30").await.json();
    let entries = first["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 30);
    let next = |bundle: &Value| {
        let links = bundle["link"].as_array().unwrap().iter();
        let next = links.clone().find(|link| link["relation"] == "next");
        next.map(|link| link["url"].as_str().unwrap().to_owned())
    };
    let second = app.get(&next(&first).unwrap()).await.json();
    let id = |bundle: &Value, place: usize| bundle["entry"][place]["resource"]["id"].clone();
    assert_ne!(id(&first, 29), id(&second, 0));
    let one = id(&second, 0);
    let one = one.as_str().unwrap();
    assert_eq!(app.ids(&format!("Organization?_id={one}")).await, [one]);
    assert_eq!(app.get(&format!("Organization/{one}")).await.status, 200);
    let sorted = app.get("Organization?_sort=name").await;
    assert_eq!(sorted.refusal(), "fhir-search-too-wide");
}
