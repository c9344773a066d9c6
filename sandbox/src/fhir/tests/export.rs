//! Bulk export: what stands in its files is what stood in the sandbox when it was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use foundation::Timestamp;
use foundation::clock::ManualClock;
use serde_json::json;

use super::*;

/// 2026-12-01T00:00:00Z.
const DECEMBER: Timestamp = Timestamp::from_seconds(1_796_083_200);

type Files = BTreeMap<String, BTreeMap<String, Value>>;

/// Asks for an export; the address of its status.
async fn begin(app: &App<'_>, path: &str) -> String {
    let answer = app.get(path).await;
    assert_eq!(answer.status, 202, "{path}: {}", answer.text());
    assert!(answer.bytes.is_empty());
    answer.header("content-location").to_owned()
}

/// Looks at the status until it is done; the manifest, and how far it was each time.
async fn done(app: &App<'_>, status: &str) -> (Value, Vec<String>) {
    let mut progress = Vec::new();
    for _ in 0..40 {
        let answer = app.get(status).await;
        if answer.status == 200 {
            assert_eq!(answer.header("content-type"), "application/json");
            assert!(answer.header("expires").ends_with("GMT"));
            return (answer.json(), progress);
        }
        assert_eq!(answer.status, 202, "{}", answer.text());
        assert_eq!(answer.header("retry-after"), "1");
        progress.push(answer.header("x-progress").to_owned());
    }
    panic!("it never ends: {progress:?}");
}

/// The resources of every file by type and id, each counted as the manifest does.
async fn files(app: &App<'_>, manifest: &Value) -> Files {
    let mut all = Files::new();
    for file in manifest["output"].as_array().unwrap() {
        let answer = app.get(file["url"].as_str().unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/fhir+ndjson");
        let text = answer.text();
        assert_eq!(file["count"], text.lines().count(), "{file}");
        for line in text.lines() {
            let resource: Value = serde_json::from_str(line).unwrap();
            assert_eq!(resource["resourceType"], file["type"]);
            let id = resource["id"].as_str().unwrap().to_owned();
            let of_type = all
                .entry(file["type"].as_str().unwrap().to_owned())
                .or_default();
            assert!(
                of_type.insert(id, resource).is_none(),
                "{file} has one twice"
            );
        }
    }
    all
}

async fn exported(app: &App<'_>, path: &str) -> Files {
    let status = begin(app, path).await;
    let (manifest, _) = done(app, &status).await;
    files(app, &manifest).await
}

fn backend(world: &World) -> App<'_> {
    world
        .app(None, "system/*.cruds")
        .with("prefer", "respond-async")
}

fn names(files: &Files) -> BTreeSet<(String, String)> {
    let all = files
        .iter()
        .flat_map(|(name, ids)| ids.keys().map(move |id| (name.clone(), id.clone())));
    all.collect()
}

fn computed(world: &World, people: impl Iterator<Item = u32>) -> BTreeSet<(String, String)> {
    let dataset = world.dataset();
    let all = people.flat_map(|index| dataset.resources(index));
    all.map(|one| (one.resource_type.name().to_owned(), one.id))
        .collect()
}

fn basic(patient: &str) -> Value {
    json!({"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": format!("Patient/{patient}")}})
}

#[tokio::test]
async fn an_export_of_the_system_is_everything_as_it_stood_when_it_was_asked_for() {
    for world in worlds().await {
        let world = world.exporting(5);
        let app = backend(&world);
        let note = app.post("Basic", &basic("p4")).await.json();
        let patient = app.get("Patient/p4").await.json();
        let mut changed = patient.clone();
        changed["active"] = json!(false);
        assert_eq!(app.put("Patient/p4", &changed).await.status, 200);
        assert_eq!(app.delete("Patient/p5").await.status, 204);
        let status = begin(&app, "$export").await;
        // What is written from here on is not in it.
        assert_eq!(app.post("Basic", &basic("p6")).await.status, 201);
        assert_eq!(app.put("Patient/p4", &patient).await.status, 200);
        assert_eq!(app.delete("Patient/p6").await.status, 204);
        let (manifest, progress) = done(&app, &status).await;
        let expected: Vec<String> = (1..12)
            .map(|step| format!("{} of 60 people", step * 5))
            .collect();
        assert_eq!(progress, expected);
        assert_eq!(manifest["requiresAccessToken"], true);
        assert_eq!(manifest["request"], format!("{BASE}/$export"));
        assert_eq!(
            (&manifest["deleted"], &manifest["error"]),
            (&json!([]), &json!([]))
        );
        let patients = manifest["output"].as_array().unwrap().iter();
        assert_eq!(patients.filter(|file| file["type"] == "Patient").count(), 4);
        let files = files(&app, &manifest).await;
        let mut expected = computed(&world, 0..60);
        expected.remove(&("Patient".to_owned(), "p5".to_owned()));
        expected.insert(("Basic".to_owned(), note["id"].as_str().unwrap().to_owned()));
        let practice = world.dataset().practice_resources();
        expected.extend(
            practice
                .into_iter()
                .map(|one| (one.resource_type.name().to_owned(), one.id)),
        );
        assert_eq!(names(&files), expected);
        assert_eq!(files["Patient"]["p4"]["active"], false);
        let again = done(&app, &status).await;
        assert_eq!(again, (manifest, Vec::new()));
    }
}

#[tokio::test]
async fn patients_and_groups_are_exported_with_what_is_in_their_compartments() {
    for world in worlds().await {
        let app = backend(&world);
        let note = app.post("Basic", &basic("p4")).await.json();
        let unowned = json!({"resourceType": "Basic", "code": {"text": "x"}});
        assert_eq!(app.post("Basic", &unowned).await.status, 201);
        let note = ("Basic".to_owned(), note["id"].as_str().unwrap().to_owned());
        let of_patients = names(&exported(&app, "Patient/$export").await);
        let mut expected = computed(&world, 0..60);
        expected.insert(note.clone());
        assert_eq!(of_patients, expected);
        let member = |id: &str| json!({"entity": {"reference": format!("Patient/{id}")}});
        let mut gone = member("p7");
        gone["inactive"] = json!(true);
        let group = json!({"resourceType": "Group", "type": "person", "actual": true,
            "member": [member("p4"), member("p9"), gone]});
        let group = app.post("Group", &group).await.json();
        let path = format!("Group/{}", group["id"].as_str().unwrap());
        let status = begin(&app, &format!("{path}/$export")).await;
        // The members are those of the time when it was asked for.
        let mut more = group.clone();
        more["member"] = json!([member("p1")]);
        assert_eq!(app.put(&path, &more).await.status, 200);
        let (manifest, _) = done(&app, &status).await;
        let mut expected = computed(&world, [4, 9].into_iter());
        let itself = group["id"].as_str().unwrap().to_owned();
        expected.extend([note, ("Group".to_owned(), itself)]);
        assert_eq!(names(&files(&app, &manifest).await), expected);
        assert_eq!(
            app.get("Group/nobody/$export").await.refusal(),
            "fhir-unknown"
        );
        assert_eq!(
            app.get("Patient/p4/$export").await.refusal(),
            "fhir-interaction"
        );
        assert_eq!(
            app.get("Observation/$export").await.refusal(),
            "fhir-interaction"
        );
        let register = app.get("Patient/$export?_type=Practitioner").await;
        assert_eq!(register.refusal(), "fhir-parameter-value");
    }
}

#[tokio::test]
async fn types_and_searches_narrow_an_export() {
    let world = world().await;
    let app = backend(&world);
    let vital = exported(
        &app,
        "$export?_type=Observation,Patient&_typeFilter=Observation%3Fcategory%3Dvital-signs%26status%3Dfinal,amended",
    )
    .await;
    assert_eq!(vital.keys().collect::<Vec<_>>(), ["Observation", "Patient"]);
    assert_eq!(vital["Patient"].len(), 60);
    let expected = computed(&world, 0..60)
        .into_iter()
        .filter(|(name, _)| name == "Observation");
    assert!(vital["Observation"].len() < expected.count());
    for resource in vital["Observation"].values() {
        assert_eq!(resource["category"][0]["coding"][0]["code"], "vital-signs");
    }
    let both = exported(
        &app,
        "$export?_type=Observation&_typeFilter=Observation?category=vital-signs,Observation?category=laboratory",
    )
    .await;
    let laboratory = "$export?_type=Observation&_typeFilter=Observation?category=laboratory&_outputFormat=ndjson";
    let laboratory = exported(&app, laboratory).await;
    assert_eq!(
        both["Observation"].len(),
        vital["Observation"].len() + laboratory["Observation"].len()
    );
    for (path, code) in [
        ("$export?_type=Banana", "fhir-type"),
        ("$export?_typeFilter=Observation", "fhir-parameter-value"),
        (
            "$export?_typeFilter=Observation?patient.name=x",
            "fhir-parameter-value",
        ),
        ("$export?_typeFilter=Observation?", "fhir-parameter-value"),
        ("$export?_since=soon", "fhir-parameter-value"),
        ("$export?_outputFormat=text/csv", "fhir-parameter-value"),
        ("$export?shade=red", "fhir-parameter-unknown"),
    ] {
        assert_eq!(app.get(path).await.refusal(), code, "{path}");
    }
    let lenient = world
        .app(None, "system/Organization.rs")
        .with("prefer", "respond-async, handling=lenient");
    let organizations = exported(&lenient, "$export?shade=red").await;
    assert_eq!(organizations.keys().collect::<Vec<_>>(), ["Organization"]);
}

#[tokio::test]
async fn what_was_changed_and_deleted_since_is_told() {
    for mut world in worlds().await {
        let clock = ManualClock::at(DECEMBER);
        world.state.clock = Arc::new(clock.clone());
        let app = backend(&world);
        let old = app.post("Basic", &basic("p4")).await.json();
        let old = format!("Basic/{}", old["id"].as_str().unwrap());
        clock.advance(Duration::from_mins(1));
        let new = app.post("Basic", &basic("p5")).await.json();
        assert_eq!(app.delete(&old).await.status, 204);
        assert_eq!(app.delete("Patient/p9").await.status, 204);
        let since = "$export?_since=2026-12-01T00:00:30Z";
        let status = begin(&app, since).await;
        let (manifest, _) = done(&app, &status).await;
        let expected =
            BTreeSet::from([("Basic".to_owned(), new["id"].as_str().unwrap().to_owned())]);
        assert_eq!(names(&files(&app, &manifest).await), expected);
        let deleted = async |manifest: Value| {
            let mut urls = BTreeSet::new();
            for file in manifest["deleted"].as_array().unwrap() {
                let answer = app.get(file["url"].as_str().unwrap()).await;
                assert_eq!(file["count"], answer.text().lines().count());
                for line in answer.text().lines() {
                    let bundle: Value = serde_json::from_str(line).unwrap();
                    assert_eq!(bundle["entry"][0]["request"]["method"], "DELETE");
                    urls.insert(
                        bundle["entry"][0]["request"]["url"]
                            .as_str()
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
            urls
        };
        assert_eq!(
            deleted(manifest).await,
            BTreeSet::from([old.clone(), "Patient/p9".to_owned()])
        );
        let group = json!({"resourceType": "Group", "type": "person", "actual": true,
            "member": [{"entity": {"reference": "Patient/p4"}}]});
        let group = app.post("Group", &group).await.json();
        let of_group = format!("Group/{}/{since}", group["id"].as_str().unwrap());
        let status = begin(&app, &of_group).await;
        let (manifest, _) = done(&app, &status).await;
        assert_eq!(deleted(manifest).await, BTreeSet::from([old]));
    }
}

#[tokio::test]
async fn an_export_takes_a_token_that_opens_everybodys() {
    let world = world().await;
    let asking = |patient, scopes| world.app(patient, scopes).with("prefer", "respond-async");
    for app in [
        asking(Some("p1"), "patient/*.cruds"),
        asking(None, "system/*.c"),
        asking(None, "openid"),
        asking(Some("p1"), "user/*.cruds").user("Patient/p1"),
    ] {
        let refused = app.get("$export").await;
        assert_eq!(
            (refused.status.as_u16(), refused.refusal().as_str()),
            (403, "scope-missing")
        );
        assert!(refused.text().contains("system/"), "{}", refused.text());
    }
    let narrow = asking(
        None,
        "system/Observation.rs?category=vital-signs patient/Patient.rs",
    );
    assert_eq!(
        narrow.get("$export?_type=Patient").await.refusal(),
        "scope-missing"
    );
    let files = exported(&narrow, "$export").await;
    assert_eq!(files.keys().collect::<Vec<_>>(), ["Observation"]);
    for resource in files["Observation"].values() {
        assert_eq!(resource["category"][0]["coding"][0]["code"], "vital-signs");
    }
    let staff = asking(None, "user/Patient.rs");
    assert_eq!(
        exported(&staff, "Patient/$export").await["Patient"].len(),
        60
    );
    let waiting = world.app(None, "system/*.rs");
    assert_eq!(waiting.get("$export").await.refusal(), "fhir-export-waits");
}

#[tokio::test]
async fn an_export_is_its_clients_and_goes_when_it_is_cancelled_old_or_its_sandbox_reset() {
    for mut world in worlds().await {
        let clock = ManualClock::at(DECEMBER);
        world.state.clock = Arc::new(clock.clone());
        let app = backend(&world);
        let gone = async |address: &str| {
            let answer = app.get(address).await;
            (answer.status.as_u16(), answer.refusal())
        };
        let nothing = (404, "fhir-unknown".to_owned());
        let status = begin(&app, "$export?_type=Patient").await;
        let (manifest, _) = done(&app, &status).await;
        let file = manifest["output"][0]["url"].as_str().unwrap().to_owned();
        let other = backend(&world).client("other");
        for address in [&status, &file] {
            assert_eq!(other.get(address).await.refusal(), "fhir-unknown");
        }
        assert_eq!(other.delete(&status).await.refusal(), "fhir-unknown");
        let narrow = world.app(None, "system/Observation.rs");
        assert_eq!(narrow.get(&file).await.refusal(), "scope-missing");
        for odd in [
            "Patient-9.ndjson",
            "Patient.ndjson",
            "Observation-0.ndjson",
            "Patient-x.ndjson",
        ] {
            let (folder, _) = file.rsplit_once('/').unwrap();
            assert_eq!(gone(&format!("{folder}/{odd}")).await, nothing, "{odd}");
        }
        assert_eq!(app.delete(&status).await.status, 202);
        for address in [&status, &file] {
            assert_eq!(gone(address).await, nothing);
        }
        let under_way = begin(&app, "$export").await;
        clock.advance(Duration::from_hours(24));
        assert_eq!(gone(&under_way).await, nothing);
        let mut all = Vec::new();
        for _ in 0..20 {
            all.push(begin(&app, "$export?_type=Patient").await);
        }
        let many = app.get("$export").await;
        assert_eq!(
            (many.status.as_u16(), many.refusal().as_str()),
            (429, "fhir-exports")
        );
        assert_eq!(app.delete(&all[0]).await.status, 202);
        let last = begin(&app, "$export").await;
        let mut tx = world.state.database.begin().await.unwrap();
        crate::fhir::clear(&mut tx, "demo").await.unwrap();
        tx.commit().await.unwrap();
        world.state.overlays.forget("demo");
        assert_eq!(gone(&last).await, nothing);
    }
}
