//! Random histories of a registry: people approve, suspend, reinstate and revoke; keys are replaced,
//! stolen and withdrawn; processes die in the middle; an old backup comes back. Whatever happened, no
//! EPJ launches what it must not: neither one that is told of everything, nor one that sleeps.
//!
//! What must be is told by a model that knows nothing of signatures, logs and lists.

mod model;
mod play;

use foundation::testing;
use proptest::prelude::*;
use registry::RegistryConfig;

use self::model::Event;
use self::play::History;
use crate::support::world;

/// Something that happens, and how many commits the process lives that does it.
#[derive(Clone, Debug)]
struct Step {
    event: Event,
    dies_after: Option<u32>,
}

const APPS: usize = 3;

fn event() -> impl Strategy<Value = Event> {
    let app = 0..APPS;
    prop_oneof![
        8 => app.clone().prop_map(Event::Approve),
        6 => app.clone().prop_map(Event::Suspend),
        5 => app.clone().prop_map(Event::Reinstate),
        1 => app.prop_map(Event::Revoke),
        2 => Just(Event::ReplaceKey),
        2 => Just(Event::Steal),
        3 => any::<bool>().prop_map(|everything| Event::Withdraw { everything }),
        3 => Just(Event::Resign),
        2 => Just(Event::Backup),
        2 => Just(Event::Restore),
        4 => prop::sample::select(vec![6, 90, 1_500]).prop_map(Event::Wait),
        3 => Just(Event::Wake),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let dies_after = prop::option::weighted(0.25, 1_u32..9);
    (event(), dies_after).prop_map(|(event, dies_after)| Step { event, dies_after })
}

/// Plays a history on one of the engines; gives how often an app was launched, and how often refused.
#[expect(clippy::print_stdout, reason = "a history that fails is to be read")]
fn play(steps: &[Step], engine: usize) -> (usize, usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut databases = testing::databases().await.unwrap();
        let database = databases.swap_remove(engine % databases.len());
        let mut history = History::begin(world(database, RegistryConfig::default()).await).await;
        for step in steps {
            println!("{step:?}");
            history = Box::pin(history.happens(&step.event, step.dies_after)).await;
            history.nobody_launches_what_must_not_be().await;
        }
        history.ends().await
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn no_history_ends_with_an_epj_that_launches_what_it_must_not(
        steps in prop::collection::vec(step(), 1..24),
        engine in 0_usize..2,
    ) {
        play(&steps, engine);
    }
}

#[test]
fn a_history_of_everything_launches_and_refuses() {
    let events = [
        Event::Approve(0),
        Event::Approve(1),
        Event::Wake,
        Event::Backup,
        Event::Suspend(0),
        Event::Wait(1_500),
        Event::Wake,
        Event::Steal,
        Event::Withdraw { everything: true },
        Event::Resign,
        Event::Reinstate(0),
        Event::Resign,
        Event::ReplaceKey,
        Event::Approve(2),
        Event::Revoke(1),
        Event::Restore,
        Event::Resign,
        Event::Approve(2),
        Event::Wake,
    ];
    let quietly = events.clone().map(|event| Step {
        event,
        dies_after: None,
    });
    for engine in [0, 1] {
        let (launched, refused) = play(&quietly, engine);
        assert!(launched >= 20 && refused >= 20, "{launched} {refused}");
    }
    let dying = events.map(|event| Step {
        event,
        dies_after: Some(3),
    });
    play(&dying, 0);
}
