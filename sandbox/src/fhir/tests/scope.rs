//! Scopes are enforced on every request: what the token does not open is refused by name.

use proptest::prelude::*;

use super::*;

async fn refused(app: &App<'_>, path: &str) -> (u16, String) {
    let answer = app.get(path).await;
    assert!(answer.status.is_client_error(), "{path}: {}", answer.text());
    (answer.status.as_u16(), answer.refusal())
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let world = world().await;
    let app = world.app(
        Some("p1"),
        "launch openid patient/Patient.r patient/Observation.rs",
    );
    for (path, needed) in [
        ("Condition?patient=p1", "patient/Condition.s"),
        ("Condition/p1-c1", "patient/Condition.r"),
        ("Patient?_id=p1", "patient/Patient.s"),
        ("Practitioner/practitioner-1", "patient/Practitioner.r"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.refusal().as_str()),
            (403, "scope-missing"),
            "{path}"
        );
        assert!(answer.text().contains(needed), "{path}: {}", answer.text());
        assert!(
            answer
                .header("www-authenticate")
                .contains("insufficient_scope"),
            "{path}"
        );
    }
    assert_eq!(app.get("Patient/p1").await.status, 200);
    assert_eq!(app.get("Observation?patient=p1").await.status, 200);
}

#[tokio::test]
async fn old_and_new_scopes_open_the_same() {
    let world = world().await;
    for scopes in [
        "patient/Patient.read",
        "patient/Patient.rs",
        "patient/*.read",
        "patient/*.cruds",
        "patient/Patient.r patient/Patient.s",
    ] {
        let app = world.app(Some("p1"), scopes);
        assert_eq!(app.get("Patient/p1").await.status, 200, "{scopes}");
        assert_eq!(app.ids("Patient").await, ["p1"], "{scopes}");
    }
    let write = world.app(Some("p1"), "patient/Patient.write");
    assert_eq!(
        refused(&write, "Patient/p1").await,
        (403, "scope-missing".to_owned())
    );
}

#[tokio::test]
async fn a_patient_scope_opens_one_patient_alone() {
    let world = world().await;
    let other = world.somebody_with("Observation", 1);
    let own = (0..60).find(|index| *index != other).unwrap();
    let app = world.app(Some(&format!("p{own}")), "patient/*.rs");
    for path in [
        format!("Patient/p{other}"),
        format!("Observation/p{other}-o1"),
        format!("Observation?patient=p{other}"),
        format!("Condition?subject=Patient/p{other}"),
        format!("Encounter?patient=p{other}&_summary=count"),
    ] {
        assert_eq!(
            refused(&app, &path).await,
            (403, "fhir-other-patient".to_owned()),
            "{path}"
        );
    }
    assert!(app.ids(&format!("Patient?_id=p{other}")).await.is_empty());
    let fnr = world.dataset().person(other).unwrap().identifier;
    assert!(
        app.ids(&format!("Patient?identifier={fnr}"))
            .await
            .is_empty()
    );
    for entry in app.get("Observation?_count=500").await.entries() {
        assert_eq!(
            entry["resource"]["subject"]["reference"],
            format!("Patient/p{own}")
        );
    }
    let nobody = world.app(None, "patient/*.rs");
    assert_eq!(
        refused(&nobody, "Patient").await,
        (403, "scope-missing".to_owned())
    );
}

#[tokio::test]
async fn a_user_scope_opens_what_the_user_may_see() {
    let world = world().await;
    let doctor = world.app(Some("p1"), "user/Patient.rs");
    assert_eq!(doctor.ids("Patient?_count=500").await.len(), 60);
    let patient = world.app(Some("p1"), "user/Patient.rs").user("Patient/p2");
    assert_eq!(patient.ids("Patient?_count=500").await, ["p2"]);
    assert_eq!(
        refused(&patient, "Patient/p1").await,
        (403, "fhir-other-patient".to_owned())
    );
}

#[tokio::test]
async fn a_granular_scope_opens_its_category_alone() {
    let world = world().await;
    let index = (0..60)
        .find(|index| {
            let all = world.dataset().resources(*index);
            ["vital-signs", "laboratory"].iter().all(|category| {
                let marked = format!("\"{category}\"");
                all.iter()
                    .filter(|one| String::from_utf8_lossy(&one.json).contains(&marked))
                    .count()
                    > 2
            })
        })
        .unwrap();
    let patient = format!("p{index}");
    let system = "http://terminology.hl7.org/CodeSystem/observation-category";
    let whole = world.app(Some(&patient), "patient/Observation.rs");
    let vital = whole
        .ids("Observation?category=vital-signs&_count=500")
        .await;
    let laboratory = whole
        .ids("Observation?category=laboratory&_count=500")
        .await;
    for scope in [
        format!("patient/Observation.rs?category={system}|vital-signs"),
        format!(
            "patient/Observation.rs?category={}%7Cvital-signs",
            system.replace('/', "%2F").replace(':', "%3A")
        ),
        "patient/Observation.rs?category=vital-signs".to_owned(),
    ] {
        let app = world.app(Some(&patient), &scope);
        assert_eq!(app.ids("Observation?_count=500").await, vital, "{scope}");
        assert!(app.ids("Observation?category=laboratory").await.is_empty());
        assert_eq!(
            app.get(&format!("Observation/{}", vital[0])).await.status,
            200
        );
        let outside = format!("Observation/{}", laboratory[0]);
        assert_eq!(
            refused(&app, &outside).await,
            (403, "scope-narrower".to_owned())
        );
    }
    let both = world.app(
        Some(&patient),
        "patient/Observation.rs?category=vital-signs patient/Observation.rs?category=laboratory",
    );
    assert_eq!(
        both.ids("Observation?_count=500&category=vital-signs,laboratory")
            .await
            .len(),
        vital.len() + laboratory.len()
    );
    let unheard = world.app(Some(&patient), "patient/Observation.rs?shade=red");
    assert_eq!(
        refused(&unheard, "Observation").await,
        (403, "scope-missing".to_owned())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever scopes a token holds, a search gives what some one scope opens, and no more.
    #[test]
    fn a_search_gives_exactly_what_the_scopes_open(
        vital in any::<bool>(), laboratory in any::<bool>(), context in 0usize..3, own in 0u32..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = world().await;
            let word = ["patient", "user", "system"][context];
            let scopes: Vec<String> = [("vital-signs", vital), ("laboratory", laboratory)]
                .iter()
                .filter(|(_, held)| *held)
                .map(|(category, _)| format!("{word}/Observation.rs?category={category}"))
                .collect();
            let app = world.app(Some(&format!("p{own}")), &scopes.join(" "));
            let answer = app.get("Observation?patient=p0,p1,p2,p3,p4,p5&_count=500").await;
            if scopes.is_empty() {
                assert_eq!(answer.refusal(), "scope-missing");
                return;
            }
            let mut expected = Vec::new();
            for index in (0..6).filter(|index| word != "patient" || *index == own) {
                for one in world.dataset().resources(index) {
                    let json = String::from_utf8_lossy(&one.json).into_owned();
                    let opened = (vital && json.contains("\"vital-signs\"")) || (laboratory && json.contains("\"laboratory\""));
                    if one.resource_type.name() == "Observation" && opened {
                        expected.push(one.id);
                    }
                }
            }
            let mut found = answer.ids();
            let mut next = answer.next();
            while let Some(path) = next {
                let page = app.get(&path).await;
                found.extend(page.ids());
                next = page.next();
            }
            assert_eq!(found, expected);
        });
    }
}
