//! Reading: bytes as they were computed, with their version and time.

use super::*;

#[tokio::test]
async fn a_read_gives_the_computed_bytes_with_version_and_time() {
    let world = world().await;
    let index = world.somebody_with("Observation", 3);
    let app = world.app(
        Some(&format!("p{index}")),
        "patient/*.rs user/Practitioner.rs user/Organization.rs",
    );
    // The population also has types that are not served yet.
    let served = |one: &synthetic_data::Resource| {
        super::super::parameter::TypeInfo::by_name(one.resource_type.name()).is_some()
    };
    let all = world.dataset().resources(index);
    for resource in all.into_iter().filter(served).take(40) {
        let path = format!("{}/{}", resource.resource_type.name(), resource.id);
        let answer = app.get(&path).await;
        assert_eq!(answer.bytes, resource.json, "{path}");
        assert_eq!(answer.header("etag"), format!("W/\"{}\"", resource.version));
        assert!(answer.header("last-modified").ends_with(" GMT"));
        assert_eq!(
            answer.header("content-type"),
            "application/fhir+json; charset=utf-8"
        );
        let versioned = app
            .get(&format!("{path}/_history/{}", resource.version))
            .await;
        assert_eq!(versioned.bytes, resource.json);
        assert_eq!(
            app.get(&format!("{path}/_history/9")).await.refusal(),
            "fhir-unknown"
        );
    }
    for path in ["Practitioner/practitioner-1", "Organization/practice-1"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let world = world().await;
    let app = world
        .app(Some("p1"), "patient/Patient.r")
        .with("if-none-match", "W/\"1\"");
    let answer = app.get("Patient/p1").await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (304, 0));
    let stale = world
        .app(Some("p1"), "patient/Patient.r")
        .with("if-none-match", "W/\"7\"");
    assert_eq!(stale.get("Patient/p1").await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = world().await;
    let app = world.app(None, "user/*.cruds");
    for path in [
        "Patient/p60",
        "Patient/p01",
        "Patient/x",
        "Observation/p1-o99999",
        "Practitioner/nobody",
        "DocumentReference/unheard-of",
        "Binary/none",
        "Encounter/p1",
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.refusal().as_str()),
            (404, "fhir-unknown"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_reader_is_answered_in_the_language_asked_for() {
    let world = world().await;
    for (language, word) in [
        ("nb", "Ressursen finnes ikke"),
        ("nn", "Ressursen finst ikkje"),
        ("en", "There is no such"),
    ] {
        let app = world
            .app(None, "user/*.r")
            .with("accept-language", language);
        let text = app.get("Patient/x").await.json()["issue"][0]["details"]["text"].to_string();
        assert!(text.contains(word), "{text}");
    }
}
