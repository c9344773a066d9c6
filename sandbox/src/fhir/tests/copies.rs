//! Logs that go on from others: whatever is written, forked, cleared and collected, a sandbox holds what
//! it would hold if everything had been copied.

use std::collections::BTreeMap;

use foundation::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::super::{clear, collect, go_on_from, hold};
use super::*;
use crate::domain::snapshot::Snapshot;
use crate::store::snapshots::{self, Place};

const SANDBOXES: [&str; 3] = ["demo", "second", "third"];
const SNAPSHOTS: usize = 3;

/// What is done to sandboxes and their snapshots.
#[derive(Clone, Debug)]
enum Step {
    Put(usize, u8, u8),
    Delete(usize, u8),
    Reset(usize),
    /// The first takes over what the second holds.
    Clone(usize, usize),
    Take(usize, usize),
    Restore(usize, usize),
    Drop(usize, usize),
    Collect,
    /// Views are read from the logs again.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let one = 0..SANDBOXES.len();
    let name = 0..SNAPSHOTS;
    prop_oneof![
        8 => (one.clone(), 0..5u8, any::<u8>()).prop_map(|(at, id, text)| Step::Put(at, id, text)),
        2 => (one.clone(), 0..5u8).prop_map(|(at, id)| Step::Delete(at, id)),
        1 => one.clone().prop_map(Step::Reset),
        2 => (one.clone(), one.clone()).prop_map(|(to, from)| Step::Clone(to, from)),
        2 => (one.clone(), name.clone()).prop_map(|(at, name)| Step::Take(at, name)),
        2 => (one.clone(), name.clone()).prop_map(|(at, name)| Step::Restore(at, name)),
        1 => (one, name).prop_map(|(at, name)| Step::Drop(at, name)),
        1 => Just(Step::Collect),
        1 => Just(Step::Forget),
    ]
}

/// What a sandbox holds: each resource's versions, of which the last counts; `None` is a deletion.
type Held = BTreeMap<String, Vec<Option<String>>>;

/// The same, with everything copied.
#[derive(Debug, Default)]
struct Model {
    sandboxes: [Held; SANDBOXES.len()],
    snapshots: BTreeMap<(usize, usize), Held>,
}

impl Model {
    fn step(&mut self, step: &Step) {
        match *step {
            Step::Put(at, id, text) => {
                let versions = self.sandboxes[at].entry(format!("w{id}")).or_default();
                versions.push(Some(text.to_string()));
            }
            Step::Delete(at, id) => {
                if let Some(versions) = self.sandboxes[at].get_mut(&format!("w{id}"))
                    && versions.last() != Some(&None)
                {
                    versions.push(None);
                }
            }
            Step::Reset(at) => self.sandboxes[at].clear(),
            Step::Clone(to, from) => self.sandboxes[to] = self.sandboxes[from].clone(),
            Step::Take(at, name) => {
                let held = self.sandboxes[at].clone();
                self.snapshots.insert((at, name), held);
            }
            Step::Restore(at, name) => {
                if let Some(held) = self.snapshots.get(&(at, name)) {
                    self.sandboxes[at] = held.clone();
                }
            }
            Step::Drop(at, name) => {
                self.snapshots.remove(&(at, name));
            }
            Step::Collect | Step::Forget => {}
        }
    }
}

async fn carry_out(world: &World, step: &Step) {
    let mut tx = world.state.database.begin().await.unwrap();
    let forgotten = match *step {
        Step::Put(at, id, text) => {
            drop(tx);
            let app = world.app(None, "user/*.cruds").inside(SANDBOXES[at]);
            let id = format!("w{id}");
            let resource =
                json!({"resourceType": "Basic", "id": id, "code": {"text": text.to_string()}});
            let answer = app.put(&format!("Basic/{id}"), &resource).await;
            assert!(answer.status.is_success(), "{}", answer.text());
            return;
        }
        Step::Delete(at, id) => {
            drop(tx);
            let app = world.app(None, "user/*.cruds").inside(SANDBOXES[at]);
            app.delete(&format!("Basic/w{id}")).await;
            return;
        }
        Step::Reset(at) => {
            clear(&mut tx, SANDBOXES[at]).await.unwrap();
            vec![at]
        }
        Step::Clone(to, from) => {
            let head = hold(&mut tx, SANDBOXES[from]).await.unwrap();
            clear(&mut tx, SANDBOXES[to]).await.unwrap();
            go_on(world, &mut tx, to, head).await;
            vec![to]
        }
        Step::Take(at, name) => {
            let (sandbox, name) = (SANDBOXES[at], format!("s{name}"));
            let head = hold(&mut tx, sandbox).await.unwrap();
            snapshots::delete(&mut tx, sandbox, &name).await.unwrap();
            let snapshot = Snapshot {
                name,
                changes: head.map_or(0, |head| head.seq),
                as_of: settings().as_of,
                created_at: Timestamp::from_millis(0),
            };
            let place = Place { snapshot, head };
            assert!(snapshots::insert(&mut tx, sandbox, &place).await.unwrap());
            Vec::new()
        }
        Step::Restore(at, name) => {
            let name = format!("s{name}");
            let place = snapshots::hold(&mut tx, SANDBOXES[at], &name)
                .await
                .unwrap();
            let Some(place) = place else { return };
            clear(&mut tx, SANDBOXES[at]).await.unwrap();
            go_on(world, &mut tx, at, place.head).await;
            vec![at]
        }
        Step::Drop(at, name) => {
            let name = format!("s{name}");
            snapshots::delete(&mut tx, SANDBOXES[at], &name)
                .await
                .unwrap();
            Vec::new()
        }
        Step::Collect => {
            while collect(&mut tx).await.unwrap() {}
            Vec::new()
        }
        Step::Forget => (0..SANDBOXES.len()).collect(),
    };
    tx.commit().await.unwrap();
    for at in forgotten {
        world.state.overlays.forget(SANDBOXES[at]);
    }
}

async fn go_on(world: &World, tx: &mut Tx, at: usize, head: Option<super::super::Head>) {
    if let Some(head) = head {
        let entropy = &*world.state.entropy;
        go_on_from(tx, SANDBOXES[at], head, (testing::START, entropy))
            .await
            .unwrap();
    }
}

/// What the server says that a sandbox holds: every version of everything, as a model has it.
async fn held(world: &World, at: usize) -> Held {
    let app = world.app(None, "user/*.cruds").inside(SANDBOXES[at]);
    let mut held = Held::new();
    for id in 0..5 {
        let id = format!("w{id}");
        let mut versions = Vec::new();
        for version in 1.. {
            let answer = app.get(&format!("Basic/{id}/_history/{version}")).await;
            match answer.status.as_u16() {
                200 => {
                    let text = answer.json()["code"]["text"].as_str().unwrap().to_owned();
                    versions.push(Some(text));
                }
                410 => versions.push(None),
                404 => break,
                other => panic!("{other}: {}", answer.text()),
            }
        }
        let current = app.get(&format!("Basic/{id}")).await.status.as_u16();
        let expected = match versions.last() {
            None => 404,
            Some(None) => 410,
            Some(Some(_)) => 200,
        };
        assert_eq!(current, expected, "{id} in {}", SANDBOXES[at]);
        if !versions.is_empty() {
            held.insert(id, versions);
        }
    }
    held
}

async fn with_sandboxes(world: &World) {
    let mut tx = world.state.database.begin().await.unwrap();
    for name in &SANDBOXES[1..] {
        insert_sandbox(&mut tx, name).await;
    }
    tx.commit().await.unwrap();
}

#[test]
fn a_log_that_goes_on_from_another_holds_what_a_copy_would() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config::with_cases(12));
    let steps = proptest::collection::vec(step(), 1..60);
    let outcome = runner.run(&steps, |steps| {
        runtime.block_on(async {
            for world in worlds().await {
                with_sandboxes(&world).await;
                let mut model = Model::default();
                for step in &steps {
                    model.step(step);
                    carry_out(&world, step).await;
                }
                for (at, expected) in model.sandboxes.iter().enumerate() {
                    assert_eq!(&held(&world, at).await, expected, "{steps:?}");
                }
            }
        });
        Ok(())
    });
    outcome.unwrap();
}

/// A chain of logs is never longer than may be read, and what nobody reads is gone.
#[tokio::test]
async fn long_chains_are_copied_and_unread_logs_collected() {
    for world in worlds().await {
        with_sandboxes(&world).await;
        let mut model = Model::default();
        let mut steps = Vec::new();
        for round in 0..40 {
            steps.push(Step::Put(0, round % 5, round));
            steps.push(Step::Clone(0, 0));
        }
        for step in &steps {
            model.step(step);
            carry_out(&world, step).await;
        }
        assert_eq!(held(&world, 0).await, model.sandboxes[0]);
        carry_out(&world, &Step::Collect).await;
        assert_eq!(held(&world, 0).await, model.sandboxes[0]);
        let logs = logs(&world).await;
        assert!((1..=17).contains(&logs), "{logs} logs");
        carry_out(&world, &Step::Reset(0)).await;
        carry_out(&world, &Step::Collect).await;
        assert_eq!(self::logs(&world).await, 0);
    }
}

async fn logs(world: &World) -> i64 {
    let count = Query::select()
        .expr(sea_query::Func::count(sea_query::Expr::col(
            sea_query::Asterisk,
        )))
        .from(sea_query::Alias::new("sandbox_fhir_log"))
        .to_owned();
    let mut tx = world.state.database.read().await.unwrap();
    let (logs,): (i64,) = tx.one(&count).await.unwrap();
    logs
}
