//! `_filter` finds what the same conditions find as parameters, under the same scopes.

use std::collections::BTreeSet;

use super::*;

async fn found(app: &App<'_>, kind: &str, pairs: &[(&str, &str)]) -> BTreeSet<String> {
    let query = serde_urlencoded::to_string(pairs).unwrap();
    let mut next = Some(format!("{kind}?{query}&_count=500"));
    let mut all = BTreeSet::new();
    while let Some(path) = next {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        all.extend(answer.ids());
        next = answer.next();
    }
    all
}

#[tokio::test]
async fn a_filter_finds_what_the_same_conditions_do() {
    let world = world().await;
    let patient = format!("p{}", world.somebody_with("Observation", 30));
    let app = world
        .app(Some(&patient), "user/*.rs")
        .with("prefer", "handling=strict");
    let subject = format!("Patient/{patient}");
    let vital = found(
        &app,
        "Observation",
        &[("subject", &subject), ("category", "vital-signs")],
    )
    .await;
    let laboratory = found(
        &app,
        "Observation",
        &[("subject", &subject), ("category", "laboratory")],
    )
    .await;
    let late = found(
        &app,
        "Observation",
        &[("subject", &subject), ("date", "ge2022")],
    )
    .await;
    assert!(!vital.is_empty() && !laboratory.is_empty() && !late.is_empty());
    for (filter, expected) in [
        ("category eq vital-signs".to_owned(), vital.clone()),
        (
            "category eq vital-signs or category eq laboratory".to_owned(),
            &vital | &laboratory,
        ),
        (
            "category eq vital-signs and date ge 2022".to_owned(),
            &vital & &late,
        ),
        (
            "category eq vital-signs and not (date ge 2022)".to_owned(),
            &vital - &late,
        ),
    ] {
        let pairs = [("subject", subject.as_str()), ("_filter", filter.as_str())];
        assert_eq!(
            found(&app, "Observation", &pairs).await,
            expected,
            "{filter}"
        );
        let whole = format!("subject re {subject} and ({filter})");
        assert_eq!(
            found(&app, "Observation", &[("_filter", &whole)]).await,
            expected,
            "{whole}"
        );
    }
}

#[tokio::test]
async fn a_filter_goes_through_references_and_no_further_than_the_token() {
    let world = world().await.unbounded();
    let app = world.app(None, "user/*.rs");
    let families = app.get("Patient/p4").await.json();
    let family = families["name"][0]["family"].as_str().unwrap();
    let plain = found(
        &app,
        "Condition",
        &[("subject:Patient.family:exact", family)],
    )
    .await;
    let through = format!("subject:Patient.family eq \"{family}\"");
    assert!(!plain.is_empty());
    assert_eq!(
        found(&app, "Condition", &[("_filter", &through)]).await,
        plain
    );
    let narrow = world.app(None, "user/Condition.rs");
    let query = serde_urlencoded::to_string([("_filter", &through)]).unwrap();
    assert_eq!(
        narrow.get(&format!("Condition?{query}")).await.refusal(),
        "scope-missing"
    );
    let own = world.app(Some("p4"), "patient/*.rs");
    let other = serde_urlencoded::to_string([("_filter", "subject re Patient/p5")]).unwrap();
    assert_eq!(
        own.get(&format!("Condition?{other}")).await.refusal(),
        "fhir-other-patient"
    );
    let either = found(
        &own,
        "Condition",
        &[("_filter", "subject re Patient/p5 or subject re Patient/p4")],
    )
    .await;
    assert_eq!(either, found(&own, "Condition", &[]).await);
}

#[tokio::test]
async fn a_filter_that_is_not_understood_is_refused_also_when_handling_is_lenient() {
    let world = world().await;
    let app = world
        .app(Some("p4"), "patient/*.rs")
        .with("prefer", "handling=lenient");
    for filter in [
        "shade eq red",
        "code is x",
        "(code eq x",
        "code eq x xor code eq y",
    ] {
        let query = serde_urlencoded::to_string([("_filter", filter)]).unwrap();
        assert_eq!(
            app.get(&format!("Condition?{query}")).await.refusal(),
            "fhir-parameter-value",
            "{filter}"
        );
    }
    let statement = world.without_token("metadata").await.json();
    assert_eq!(statement["rest"][0]["searchParam"][0]["name"], "_filter");
}
