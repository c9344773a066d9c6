//! What must hold whatever is searched and written: a search finds what a naive look through everything
//! finds, however it is paged, and an overlay read from its log again answers as before.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::super::Overlays;
use super::super::condition::Condition;
use super::super::criterion_tests::Anywhere;
use super::super::keys::Keys;
use super::super::query::{Query, Target};
use super::super::types::TypeInfo;
use super::*;

/// A write of a small world: few ids, so that they meet.
#[derive(Clone, Debug)]
enum Write {
    Delete(u8),
    Put {
        id: u8,
        patient: u8,
        code: u8,
        value: i16,
        day: u8,
    },
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let put = (0..12u8, 0..4u8, 0..3u8, -20..20i16, 1..28u8);
    let put = put.prop_map(|(id, patient, code, value, day)| Write::Put {
        id,
        patient,
        code,
        value,
        day,
    });
    proptest::collection::vec(
        prop_oneof![1 => (0..12u8).prop_map(Write::Delete), 4 => put],
        1..40,
    )
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..3u8).prop_map(|code| format!("code=http://loinc.org|c{code}")),
        (0..3u8).prop_map(|code| format!("code:not=c{code}")),
        (0..4u8).prop_map(|patient| format!("patient=p{patient}")),
        (0..4u8, 0..4u8)
            .prop_map(|(one, other)| format!("subject=Patient/p{one},Patient/p{other}")),
        ("(|gt|ge|lt|le|ne)", -20..20i16)
            .prop_map(|(prefix, value)| format!("value-quantity={prefix}{value}")),
        ("(|gt|ge|lt|le|ne|sa|eb)", 1..28u8)
            .prop_map(|(prefix, day)| format!("date={prefix}2026-11-{day:02}")),
        (0..3u8, -20..20i16)
            .prop_map(|(code, value)| format!("code-value-quantity=c{code}$gt{value}")),
        Just("encounter:missing=true".to_owned()),
        Just("value-quantity:missing=true".to_owned()),
    ]
}

fn resource(write: &Write) -> Option<(String, Value)> {
    let Write::Put {
        id,
        patient,
        code,
        value,
        day,
    } = write
    else {
        return None;
    };
    let id = format!("w{id}");
    let resource = json!({"resourceType": "Observation", "id": id, "status": "final",
        "subject": {"reference": format!("Patient/p{patient}")}, "effectiveDateTime": format!("2026-11-{day:02}"),
        "code": {"coding": [{"system": "http://loinc.org", "code": format!("c{code}")}]},
        "valueQuantity": {"value": value, "unit": "1"}});
    Some((id, resource))
}

/// What is there after the writes, by id.
fn after(writes: &[Write]) -> BTreeMap<String, Value> {
    let mut there = BTreeMap::new();
    for write in writes {
        match (write, resource(write)) {
            (_, Some((id, resource))) => {
                there.insert(id, resource);
            }
            (Write::Delete(id), _) => {
                there.remove(&format!("w{id}"));
            }
            _ => {}
        }
    }
    there
}

fn naive(there: &BTreeMap<String, Value>, search: &str) -> Vec<String> {
    let info = TypeInfo::by_name("Observation").unwrap();
    let pairs = serde_urlencoded::from_str(search).unwrap();
    let query = Query::parse(Target::of_type(info), pairs, true, &Anywhere).unwrap();
    let fits = |resource: &Value| {
        let keys = Keys::of(info, resource, "");
        query.conditions[0].iter().all(|condition| match condition {
            Condition::Own(criterion) => criterion.fits(&keys),
            other => panic!("{other:?}"),
        })
    };
    let found = there.iter().filter(|(_, resource)| fits(resource));
    found.map(|(id, _)| id.clone()).collect()
}

async fn carry_out(app: &App<'_>, writes: &[Write]) {
    for write in writes {
        let answer = match (write, resource(write)) {
            (Write::Delete(id), _) => {
                app.send(Method::DELETE, &format!("Observation/w{id}"), Vec::new())
                    .await
            }
            (_, Some((id, resource))) => app.put(&format!("Observation/{id}"), &resource).await,
            _ => continue,
        };
        assert!(answer.status.is_success(), "{write:?}: {}", answer.text());
    }
}

/// Every match, page by page; without those of the base population.
async fn all_pages(app: &App<'_>, search: &str, count: usize) -> Vec<String> {
    let mut path = format!("Observation?{search}&_count={count}");
    let mut found = Vec::new();
    loop {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        found.extend(answer.ids());
        match answer.next() {
            Some(next) => path = next,
            None => return found.into_iter().filter(|id| id.starts_with('w')).collect(),
        }
    }
}

#[test]
fn a_search_finds_what_a_look_through_everything_finds() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config::with_cases(24));
    let inputs = (
        writes(),
        proptest::collection::vec(condition(), 1..4),
        1..7usize,
    );
    let outcome = runner.run(&inputs, |(writes, conditions, count)| {
        runtime.block_on(async {
            let world = world().await.unbounded();
            let app = world.app(None, "user/*.cruds");
            carry_out(&app, &writes).await;
            let there = after(&writes);
            // Ids keep the base population out of the way, which a test of its own compares.
            let ids: Vec<String> = (0..12).map(|id| format!("w{id}")).collect();
            for conditions in [&conditions[..1], &conditions[..]] {
                let search = format!("{}&_id={}", conditions.join("&"), ids.join(","));
                let expected = naive(&there, &search);
                let mut found = all_pages(&app, &search, count).await;
                found.sort();
                assert_eq!(found, expected, "{search}");
                // A view that is read from the log again answers the same.
                world.state.overlays.forget("demo");
                let mut again = all_pages(&app, &search, 500).await;
                again.sort();
                assert_eq!(again, expected, "{search}");
            }
        });
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn the_base_population_is_searched_as_it_would_be_one_by_one() {
    let world = world().await.unbounded();
    let app = world.app(None, "user/*.rs");
    let dataset = world.dataset();
    let info = TypeInfo::by_name("Observation").unwrap();
    for search in [
        "code=85354-9&date=ge2025",
        "category=laboratory&value-quantity=gt100",
        "code:not=8867-4&patient=p3",
        "combo-code=8480-6&patient=p1,p2,p3",
        "component-code-value-quantity=8480-6$gt150",
    ] {
        let pairs = serde_urlencoded::from_str(search).unwrap();
        let query = Query::parse(Target::of_type(info), pairs, true, &Anywhere).unwrap();
        let mut expected = Vec::new();
        for index in 0..60 {
            for one in dataset
                .resources(index)
                .iter()
                .filter(|one| one.resource_type.name() == "Observation")
            {
                let keys = Keys::of_bytes(info, &one.json, "");
                let fits = query.conditions[0].iter().all(|condition| {
                    matches!(condition, Condition::Own(criterion) if criterion.fits(&keys))
                });
                if fits {
                    expected.push(one.id.clone());
                }
            }
        }
        let total = app.get(&format!("Observation?{search}&_count=500")).await;
        assert_eq!(
            total.json()["total"].as_u64(),
            Some(expected.len() as u64),
            "{search}"
        );
        let mut found = total.ids();
        found.sort();
        expected.sort();
        assert!(
            found.iter().all(|id| expected.binary_search(id).is_ok()),
            "{search}"
        );
        assert!(!expected.is_empty(), "{search} finds something");
    }
}

#[tokio::test]
async fn another_process_sees_what_was_written() {
    for world in worlds().await {
        let app = world.app(None, "user/*.cruds");
        let put = |id: &str, text: &str| {
            (
                format!("Basic/{id}"),
                json!({"resourceType": "Basic", "id": id, "code": {"text": text}}),
            )
        };
        let (path, resource) = put("b", "one");
        app.put(&path, &resource).await;
        // A second process on the same database has views of its own.
        let mut state = world.state.clone();
        state.overlays = Overlays::default();
        let other = World {
            state,
            settings: settings(),
            validation: world.validation,
            is_judged: false,
            engine: world.engine,
            clock: world.clock,
            endpoint: world.endpoint,
            kept: world.kept,
        };
        let there = other.app(None, "user/*.cruds").with("if-match", "W/\"1\"");
        assert_eq!(
            there.get(&path).await.json()["code"]["text"],
            "one",
            "{}",
            other.engine
        );
        let (_, changed) = put("b", "two");
        assert_eq!(there.put(&path, &changed).await.status, 200);
        assert_eq!(there.put(&path, &changed).await.refusal(), "fhir-version");
    }
}
