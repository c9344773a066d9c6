//! HL7's own examples of R4: what is put comes back as it was, to the last digit. They are fetched by
//! `.ci/ensure-r4-cases` and are no part of this tree; `TEST_R4_CASES` says where they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::*;

/// Larger ones are definitions by the hundred.
const LARGEST: usize = 60_000;

fn folder() -> Option<PathBuf> {
    std::env::var_os("TEST_R4_CASES").map(|folder| PathBuf::from(folder).join("examples"))
}

/// The texts of the examples that have a type and an id, patients and contacts first: what is
/// about them is refused until they are there.
fn examples(folder: PathBuf) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        if text.len() > LARGEST {
            continue;
        }
        let resource: Value = serde_json::from_str(&text).unwrap();
        let kind = resource["resourceType"].as_str().unwrap_or_default();
        let id = resource["id"].as_str().unwrap_or_default();
        if !kind.is_empty() && !id.is_empty() {
            all.push((format!("{kind}/{id}"), text));
        }
    }
    let rank = |name: &str| match name.split('/').next() {
        Some("Patient") => 0,
        Some("EpisodeOfCare") => 1,
        Some("Encounter") => 2,
        _ => 3,
    };
    all.sort_by_key(|(name, _)| (rank(name), name.clone()));
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// Whoever the examples are about without being an example.
async fn put_the_unknown(app: &App<'_>, examples: &[(String, String)]) {
    let opening = "\"reference\":\"Patient/";
    for (_, text) in examples {
        let text = text.replace("\"reference\": ", "\"reference\":");
        for after in text.split(opening).skip(1) {
            let id = after.split(['"', '/', '#']).next().unwrap();
            let name = format!("Patient/{id}");
            if examples.iter().all(|(own, _)| *own != name) && app.get(&name).await.status == 404 {
                app.put(&name, &json!({"resourceType": "Patient", "id": id}))
                    .await;
            }
        }
    }
}

/// The numbers of a JSON text, digit by digit.
fn numbers(text: &str) -> Vec<String> {
    let outside = text.replace("\\\\", "").replace("\\\"", "");
    let outside: String = outside.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let all = outside.split(|c: char| !is_part(c));
    all.filter(|one| one.contains(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

/// A resource without what a server says of it.
fn plain(text: &str) -> Value {
    let mut resource: Value = serde_json::from_str(text).unwrap();
    if let Some(meta) = resource["meta"].as_object_mut() {
        meta.shift_remove("versionId");
        meta.shift_remove("lastUpdated");
        if meta.is_empty() {
            resource.as_object_mut().unwrap().shift_remove("meta");
        }
    } else {
        resource.as_object_mut().unwrap().shift_remove("meta");
    }
    resource
}

/// What a sandbox does not keep, by why.
fn expected_refusals() -> BTreeMap<String, Vec<String>> {
    let all = [
        (
            "fhir-id",
            // An id has at most 64 letters.
            vec![
                "SearchParameter/questionnaireresponse-extensions-QuestionnaireResponse-item-subject",
            ],
        ),
        (
            // About a patient of another server.
            "fhir-invalid",
            vec![
                "QuestionnaireResponse/bb",
                "QuestionnaireResponse/ussg-fht-answers",
                "ServiceRequest/myringotomy",
            ],
        ),
        (
            // Not served: it is an answer.
            "fhir-type",
            vec![
                "OperationOutcome/101",
                "OperationOutcome/allok",
                "OperationOutcome/break-the-glass",
                "OperationOutcome/exception",
                "OperationOutcome/searchfail",
                "OperationOutcome/validationfail",
            ],
        ),
    ];
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    all.into_iter()
        .map(|(why, names)| (why.to_owned(), owned(names)))
        .collect()
}

#[tokio::test]
async fn the_official_examples_come_back_as_they_were() {
    let Some(folder) = folder() else {
        return;
    };
    let world = world().await;
    let app = world
        .app(None, "user/*.cruds")
        .with("accept", "application/fhir+json");
    let examples = examples(folder);
    put_the_unknown(&app, &examples).await;
    let (mut same, mut refused) = (0, BTreeMap::<String, Vec<String>>::new());
    for (name, text) in &examples {
        let put = app.send(Method::PUT, name, text.clone().into_bytes()).await;
        if !put.status.is_success() {
            refused.entry(put.refusal()).or_default().push(name.clone());
            continue;
        }
        let kept = app.get(name).await.text();
        assert_eq!(plain(&kept), plain(text), "{name}");
        assert_eq!(numbers(&kept), numbers(text), "{name}");
        same += 1;
    }
    assert_eq!(refused, expected_refusals());
    assert_eq!(same, 2498);
}
