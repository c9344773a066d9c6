//! Searching through references: chains, reverse chains, includes, lists and compartments, over what is
//! computed and what was written at once.

use serde_json::json;

use super::search::encoded;
use super::*;

fn observation(patient: &str, code: &str, value: f64) -> Value {
    json!({"resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{patient}")},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "valueQuantity": {"value": value, "unit": "kg"}, "effectiveDateTime": "2026-11-20"})
}

async fn put(app: &App<'_>, path: &str, mut resource: Value) {
    resource["id"] = json!(path.rsplit_once('/').unwrap().1);
    let answer = app.put(path, &resource).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text());
}

/// Two patients of the app's own, one with a weight, in a group and in a list.
async fn furnish(app: &App<'_>) {
    let patient = |family: &str| {
        json!({"resourceType": "Patient", "name": [{"family": family}],
        "managingOrganization": {"reference": "Organization/practice-1"}})
    };
    put(app, "Patient/own-1", patient("Lerkesang")).await;
    put(app, "Patient/own-2", patient("Lerkerede")).await;
    put(
        app,
        "Observation/w-1",
        observation("own-1", "29463-7", 82.4),
    )
    .await;
    put(
        app,
        "Observation/w-2",
        observation("own-2", "29463-7", -5.0),
    )
    .await;
    let derived = json!({"resourceType": "Observation", "status": "final", "code": {"text": "BMI"},
        "subject": {"reference": "Patient/own-1"}, "derivedFrom": [{"reference": "Observation/w-1"}]});
    put(app, "Observation/bmi-1", derived).await;
    let list = json!({"resourceType": "List", "status": "current", "mode": "working",
        "entry": [{"item": {"reference": "Patient/own-2"}}, {"item": {"reference": "Patient/p3"}}]});
    put(app, "List/mine", list).await;
}

#[tokio::test]
async fn a_chain_finds_what_leads_to_what_fits() {
    for world in worlds().await {
        let world = world.unbounded();
        let app = world.app(None, "user/*.cruds");
        furnish(&app).await;
        for (search, expected) in [
            (
                "Observation?subject:Patient.family=lerke&value-quantity=gt70",
                vec!["w-1"],
            ),
            ("Observation?patient.name=lerkerede", vec!["w-2"]),
            (
                "Observation?patient.family=lerkesang,lerkerede&code=29463-7",
                vec!["w-1", "w-2"],
            ),
            (
                "Observation?patient.organization.name=blåklokka&_id=w-1",
                vec!["w-1"],
            ),
            (
                "Observation?derived-from.patient.family=lerkesang",
                vec!["bmi-1"],
            ),
            (
                "Patient?_has:Observation:patient:value-quantity=lt-1",
                vec!["own-2"],
            ),
            (
                "Patient?_has:Observation:patient:_has:Observation:derived-from:code:text=bmi",
                vec!["own-1"],
            ),
            ("Patient?_list=mine", vec!["p3", "own-2"]),
            ("Patient?_content=lerkesang", vec!["own-1"]),
            (
                "Patient?family=lerkesang&organization=Organization/practice-1",
                vec!["own-1"],
            ),
        ] {
            let search = encoded(search);
            let answer = app.get(&search).await;
            assert_eq!(answer.status, 200, "{search}: {}", answer.text());
            assert_eq!(answer.ids(), expected, "{search}");
        }
    }
}

#[tokio::test]
async fn a_chain_tells_nothing_that_the_token_does_not_open() {
    let world = world().await;
    furnish(&world.app(None, "user/*.cruds")).await;
    let blind = world.app(None, "user/Observation.rs");
    let chained = blind.get("Observation?patient.family=lerkesang").await;
    assert_eq!(chained.refusal(), "scope-missing");
    let reverse = world.app(None, "user/Patient.rs");
    let reverse = reverse
        .get("Patient?_has:Observation:patient:value-quantity=gt70")
        .await;
    assert_eq!(reverse.refusal(), "scope-missing");
    let own = world.app(Some("own-1"), "patient/*.rs");
    assert_eq!(
        own.ids("Observation?patient.family=lerke").await,
        ["w-1", "bmi-1"]
    );
    assert!(
        own.ids("Observation?patient.family=lerkerede")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_wished_for_comes_along_once_and_only_if_it_may_be_seen() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    furnish(&app).await;
    for (search, along) in [
        (
            "Observation?_id=w-1&_include=Observation:patient",
            vec!["own-1"],
        ),
        (
            "Observation?_id=bmi-1&_include=Observation:derived-from&_include=Observation:subject",
            vec!["w-1", "own-1"],
        ),
        (
            "Observation?_id=bmi-1&_include=*&_include:iterate=Patient:organization",
            vec!["w-1", "own-1", "practice-1"],
        ),
        (
            "Patient?_id=own-1&_revinclude=Observation:patient",
            vec!["w-1", "bmi-1"],
        ),
        (
            "Patient?_id=own-1&_revinclude=Observation:patient&_revinclude:iterate=Observation:derived-from",
            vec!["w-1", "bmi-1"],
        ),
        (
            "Observation?_id=w-1&_include=Observation:subject:Group",
            vec![],
        ),
    ] {
        let answer = app.get(search).await;
        let mut found: Vec<String> = answer
            .entries()
            .iter()
            .filter(|entry| entry["search"]["mode"] == "include")
            .map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned())
            .collect();
        let mut along: Vec<String> = along.into_iter().map(str::to_owned).collect();
        found.sort();
        along.sort();
        assert_eq!(found, along, "{search}");
    }
    // What another patient's resource leads to must not come along (the focus of an Observation).
    let mut about = observation("own-2", "x", 1.0);
    about["focus"] = json!([{"reference": "Patient/own-1"}]);
    put(&app, "Observation/focused", about).await;
    let own = world.app(Some("own-1"), "patient/*.rs");
    let along = own
        .get("Patient?_id=own-1&_revinclude=Observation:focus")
        .await;
    assert_eq!(along.entries().len(), 1, "{}", along.text());
}

#[tokio::test]
async fn a_compartment_and_the_whole_server_are_searched() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    furnish(&app).await;
    let ids = |path: &'static str| app.ids(path);
    assert_eq!(ids("Patient/own-1/Observation").await, ["w-1", "bmi-1"]);
    assert_eq!(ids("Patient/own-1/Observation?code=29463-7").await, ["w-1"]);
    let mut all = ids("Patient/own-1/*").await;
    all.sort();
    assert_eq!(all, ["bmi-1", "own-1", "w-1"]);
    assert_eq!(app.get("Patient/own-1/Banana").await.refusal(), "fhir-type");
    assert_eq!(app.get("Patient/nobody/Observation").await.status, 404);
    let two = ids("?_type=Patient,List&_id=own-1,mine").await;
    assert_eq!(two, ["mine", "own-1"]);
    let posted = world
        .app(None, "user/*.rs")
        .with("content-type", "application/x-www-form-urlencoded");
    let posted = posted
        .send(Method::POST, "_search", b"_type=List&_id=mine".to_vec())
        .await;
    assert_eq!(posted.ids(), ["mine"]);
}

#[tokio::test]
async fn a_page_is_sorted_by_several_keys_and_cut_to_shape() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    for (id, code, value) in [
        ("a", "1", 3.0),
        ("b", "2", 1.0),
        ("c", "1", 2.0),
        ("d", "2", 10.0),
    ] {
        put(
            &app,
            &format!("Observation/{id}"),
            observation("p1", code, value),
        )
        .await;
    }
    for (sort, expected) in [
        ("code,value-quantity", ["c", "a", "b", "d"]),
        ("code,-value-quantity", ["a", "c", "d", "b"]),
        ("-value-quantity", ["d", "a", "c", "b"]),
        ("-code,_id", ["b", "d", "a", "c"]),
    ] {
        let search = format!("Observation?_id=a,b,c,d&_sort={sort}");
        assert_eq!(app.ids(&search).await, expected, "{sort}");
    }
    let cut = app.get("Observation?_id=a&_elements=code").await.json();
    let cut = &cut["entry"][0]["resource"];
    assert!(
        cut["valueQuantity"].is_null() && cut["status"] == "final",
        "{cut}"
    );
    assert_eq!(cut["meta"]["tag"][0]["code"], "SUBSETTED");
    let none = app.get("Observation?_id=a,b&_total=none").await.json();
    assert!(none["total"].is_null());
    let count = app.get("Observation?_id=a,b&_summary=count").await.json();
    assert_eq!(
        (count["total"].as_u64(), &count["entry"]),
        (Some(2), &Value::Null)
    );
}
