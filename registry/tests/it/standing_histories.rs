//! Random histories of people who suspend, reinstate and revoke: whatever they try, an approval never
//! counts again unless two reviewers of two organisations, neither the vendor's, have agreed since.

use std::collections::BTreeSet;

use foundation::testing;
use proptest::prelude::*;
use registry::RegistryConfig;
use serde_json::json;

use crate::support::{World, actor, orgnr, world};

const APP: &str = "no.eksempel.app";
const PEOPLE: [&str; 7] = [
    "vendor",
    "other-vendor",
    "own-reviewer",
    "security",
    "clinical",
    "clinical-colleague",
    "operator",
];
const REVIEWERS: [&str; 4] = ["own-reviewer", "security", "clinical", "clinical-colleague"];

/// Who asks for what, and whether the work is done before the next asks.
#[derive(Clone, Debug)]
struct Step {
    who: &'static str,
    action: &'static str,
    then_work: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![
        5 => Just("suspend"),
        12 => Just("reinstate"),
        1 => Just("revoke"),
    ];
    let who = prop::sample::select(PEOPLE.to_vec());
    (who, action, prop::bool::weighted(0.7)).prop_map(|(who, action, then_work)| Step {
        who,
        action,
        then_work,
    })
}

/// Plays a history; gives how often the approval came to count again.
async fn play(world: &World, steps: &[Step]) -> usize {
    let path = world.approved(APP, "Blodtrykk").await;
    let vendor: String = orgnr(1).into();
    let mut agreed: BTreeSet<&str> = BTreeSet::new();
    let mut state = "approved".to_owned();
    let mut reinstated = 0;
    for step in steps {
        let body = json!({"action": step.action, "reason": "Prøve."});
        let reply = world.post(step.who, &format!("{path}/status"), body).await;
        let taken = reply.status == 202;
        if taken && step.action == "reinstate" {
            assert!(REVIEWERS.contains(&step.who), "{step:?}");
            agreed.insert(step.who);
        }
        if step.then_work {
            world.work().await;
        }
        let now = world.state(&path).await;
        match (state.as_str(), now.as_str()) {
            ("suspended", "approved") => {
                reinstated += 1;
                let organisations: BTreeSet<String> =
                    agreed.iter().map(|who| actor(who).organisation).collect();
                assert!(agreed.len() >= 2, "{agreed:?}");
                assert!(organisations.len() >= 2, "{agreed:?}");
                assert!(!organisations.contains(&vendor), "{agreed:?}");
                agreed.clear();
            }
            (before, after) if before == after => {}
            ("approved", "suspended" | "revoked") | ("suspended", "revoked") => agreed.clear(),
            other => panic!("{other:?}"),
        }
        state = now;
    }
    world.work().await;
    for event in world.logged("app-status-event+jwt").await {
        if event["to"] == "VALID" {
            assert_ne!(event["actor"], event["proposer"]);
            for party in ["actor", "proposer"] {
                let party = event[party].as_str().unwrap();
                assert!(party.contains("/vurderere/"), "{party}");
            }
        }
    }
    reinstated
}

fn run(steps: &[Step]) -> usize {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = testing::databases().await.unwrap().remove(0);
        let world = world(database, RegistryConfig::default()).await;
        play(&world, steps).await
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, ..ProptestConfig::default() })]
    #[test]
    fn nobody_alone_makes_an_approval_count_again(steps in prop::collection::vec(step(), 1..40)) {
        run(&steps);
    }
}

#[test]
fn a_history_of_two_who_agree_does() {
    let step = |who, action| Step {
        who,
        action,
        then_work: true,
    };
    let round = [
        step("vendor", "suspend"),
        step("clinical-colleague", "reinstate"),
        step("security", "reinstate"),
        step("clinical", "reinstate"),
    ];
    let twice: Vec<Step> = round.iter().chain(&round).cloned().collect();
    assert_eq!(run(&twice), 2);
}
