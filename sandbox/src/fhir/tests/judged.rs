//! What the server answers to a broad list of requests, kept for judges that we did not write: with
//! `TEST_JUDGED` set, as `make test` does, every FHIR body of these tests and every refusal of any other.

use serde_json::json;

use super::*;
use crate::fhir::types::TypeInfo;

/// Somebody in whose journal much stands, and an app that may do everything.
async fn strict() -> World {
    world().await.strict().unbounded().judged()
}

async fn get_all(app: &App<'_>, paths: &[String]) {
    for path in paths {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_is_read() {
    let world = strict().await;
    let app = world.app(None, "user/*.cruds");
    let index = world.somebody_with("Observation", 20);
    let mut types = std::collections::BTreeSet::new();
    let mut paths = vec!["metadata".to_owned()];
    for one in (index..60).flat_map(|index| world.dataset().resources(index)) {
        if !types.insert(one.resource_type.name()) {
            continue;
        }
        let name = format!("{}/{}", one.resource_type.name(), one.id);
        let kept: Value = serde_json::from_slice(&one.json).unwrap();
        paths.push(format!(
            "{name}/_history/{}",
            kept["meta"]["versionId"].as_str().unwrap()
        ));
        for form in ["", "/_history", "/$meta", "/$validate"] {
            paths.push(format!("{name}{form}"));
        }
        for form in [
            "_summary=true",
            "_summary=text",
            "_summary=data",
            "_elements=id",
        ] {
            paths.push(format!("{name}?{form}"));
        }
    }
    assert!(types.len() > 10, "{types:?}");
    get_all(&app, &paths).await;
}

#[tokio::test]
async fn what_is_searched() {
    let world = strict().await;
    let app = world.app(None, "user/*.cruds");
    let patient = format!("p{}", world.somebody_with("Observation", 20));
    let mut paths: Vec<String> = TypeInfo::all()
        .iter()
        .map(|info| format!("{}?_count=3", info.name))
        .collect();
    for name in [
        "Patient",
        "Observation",
        "DocumentReference",
        "MedicationRequest",
        "Encounter",
    ] {
        for form in ["true", "text", "data", "count"] {
            paths.push(format!("{name}?_count=3&_summary={form}"));
        }
        paths.push(format!(
            "{name}?_count=3&_elements=id,subject&_total=accurate"
        ));
    }
    for query in [
        "Observation?patient=@&_include=Observation:subject&_include=Observation:performer&_count=5",
        "Encounter?patient=@&_include=Encounter:participant&_include:iterate=PractitionerRole:organization&_count=5",
        "Patient?_id=@&_revinclude=Condition:patient&_revinclude=RelatedPerson:patient",
        "Patient?_has:Observation:patient:status=final&_id=@",
        "Observation?subject:Patient.name=a&patient=@&_sort=-date&_count=2",
        "Patient?_filter=gender%20eq%20female&_count=2",
        "Patient/@/Observation?_count=2",
        "Patient/@/*?_count=2",
        "?_type=Organization,Patient&_count=5",
        "Patient?name=ingensteds-heter-det-slik",
    ] {
        paths.push(query.replace('@', &patient));
    }
    get_all(&app, &paths).await;
    let form = world
        .app(None, "user/*.cruds")
        .with("content-type", "application/x-www-form-urlencoded");
    let posted = form
        .send(
            Method::POST,
            "Patient/_search",
            b"gender=female&_count=2".to_vec(),
        )
        .await;
    assert_eq!(posted.status, 200, "{}", posted.text());
    let next = app.get(&posted.next().unwrap()).await;
    assert_eq!(next.status, 200, "{}", next.text());
}

#[tokio::test]
async fn what_operations_answer() {
    let world = strict().await;
    let app = world.app(None, "user/*.cruds");
    let patient = format!("p{}", world.somebody_with("Immunization", 1));
    let encounter = app
        .ids(&format!("Encounter?patient={patient}&_count=1"))
        .await;
    let set = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let system = "http://hl7.org/fhir/administrative-gender";
    let paths = [
        format!("Patient/{patient}/$everything?_count=200"),
        format!("Patient/{patient}/$summary"),
        format!("Encounter/{}/$everything?_count=50", encounter[0]),
        format!("Observation/$lastn?patient={patient}&max=2"),
        format!("ValueSet/$expand?url={set}"),
        "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/observation-status&filter=a&count=1&offset=1".to_owned(),
        format!("ValueSet/$validate-code?url={set}&system={system}&code=female"),
        format!("ValueSet/$validate-code?url={set}&system={system}&code=kvinne"),
        format!("CodeSystem/$lookup?system={system}&code=female"),
    ];
    get_all(&app, &paths).await;
    for body in [
        json!({"resourceType": "Patient", "name": [{"family": "Lerke"}]}),
        json!({"resourceType": "Patient", "gender": "kvinne", "colour": 1, "birthDate": "17.05.1950", "name": []}),
    ] {
        let answer = app.post("Patient/$validate", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let composition = json!({"resourceType": "Composition", "id": "brev", "status": "final",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Brev</p></div>"},
        "type": {"text": "Brev"}, "subject": {"reference": format!("Patient/{patient}")}, "date": "2026-11-20",
        "author": [{"reference": "Practitioner/practitioner-1"}], "title": "Brev",
        "section": [{"title": "Kontakt", "entry": [{"reference": format!("Encounter/{}", encounter[0])}]}]});
    let put = app.put("Composition/brev", &composition).await;
    assert_eq!(put.status, 201, "{}", put.text());
    let document = app.get("Composition/brev/$document?persist=true").await;
    assert_eq!(document.status, 201, "{}", document.text());
    get_all(&app, &["Bundle".to_owned()]).await;
}

#[tokio::test]
async fn what_is_written() {
    let world = strict().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("r4/tests/examples");
    let app = world.app(None, "user/*.cruds");
    let contact = app.ids("Encounter?patient=p4&_count=1").await;
    let contact = format!("Encounter/{}", contact[0]);
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let text = text
            .replace("Patient/kari", "Patient/p4")
            .replace("Encounter/kons", &contact);
        let mut resource: Value = serde_json::from_str(&text).unwrap();
        let name = resource["resourceType"].as_str().unwrap().to_owned();
        if matches!(name.as_str(), "Parameters" | "OperationOutcome" | "Binary") {
            continue;
        }
        resource["id"] = json!("a-judged-one");
        let path = format!("{name}/a-judged-one");
        let put = app.put(&path, &resource).await;
        assert!(put.status.is_success(), "{path}: {}", put.text());
        get_all(
            &app,
            &[
                path.clone(),
                format!("{path}/_history"),
                format!("{name}/_history"),
            ],
        )
        .await;
    }
    for prefer in [
        "return=representation",
        "return=OperationOutcome",
        "return=minimal",
    ] {
        let app = world.app(None, "user/*.cruds").with("prefer", prefer);
        let basic = json!({"resourceType": "Basic", "code": {"text": "x"}});
        assert_eq!(app.post("Basic", &basic).await.status, 201);
    }
    let patched = world
        .app(None, "user/*.cruds")
        .with("content-type", "application/json-patch+json")
        .send(
            Method::PATCH,
            "Patient/p4",
            br#"[{"op":"replace","path":"/active","value":false}]"#.to_vec(),
        )
        .await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    assert!(app.delete("Basic/a-judged-one").await.status.is_success());
    get_all(
        &app,
        &["_history".to_owned(), "Patient/p4/_history".to_owned()],
    )
    .await;
}

#[tokio::test]
async fn what_batches_and_transactions_answer() {
    let world = strict().await;
    let app = world.app(None, "user/*.cruds");
    let entries = json!([
        {"request": {"method": "GET", "url": "Patient/p4"}},
        {"request": {"method": "GET", "url": "Patient/nobody"}},
        {"request": {"method": "GET", "url": "Observation?patient=p4&_count=2"}},
        {"fullUrl": "urn:uuid:9b2c7c4e-51a2-4f6d-8d0b-0d2d4a3c1f10", "request": {"method": "POST", "url": "Basic"},
            "resource": {"resourceType": "Basic", "code": {"text": "x"}}},
        {"request": {"method": "PUT", "url": "Basic/b"}, "resource": {"resourceType": "Basic", "id": "b", "code": {"text": "y"}}},
        {"request": {"method": "DELETE", "url": "Basic/c"}},
    ]);
    let mut bundle = json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
    let answer = app.post("", &bundle).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    bundle["type"] = json!("transaction");
    bundle["entry"].as_array_mut().unwrap().remove(1);
    for prefer in ["return=representation", "return=OperationOutcome"] {
        let app = world.app(None, "user/*.cruds").with("prefer", prefer);
        let answer = app.post("", &bundle).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test]
async fn what_is_exported() {
    let world = strict().await;
    let app = world
        .app(None, "system/*.cruds")
        .with("prefer", "respond-async");
    let begun = app.get("$export?_type=Patient,Organization,CarePlan").await;
    let status = begun.header("content-location").to_owned();
    let mut answer = app.get(&status).await;
    for _ in 0..40 {
        if answer.status == 200 {
            break;
        }
        answer = app.get(&status).await;
    }
    for file in answer.json()["output"].as_array().unwrap() {
        let lines = app.get(file["url"].as_str().unwrap()).await;
        assert_eq!(lines.status, 200, "{}", lines.text());
    }
}
