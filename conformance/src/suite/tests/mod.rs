//! The host against guests that are good, trapping, looping, greedy, lying or not guests at all, and
//! against the suite that the product carries.

mod committed;
mod guest;

use std::sync::Arc;
use std::time::Duration;

use self::guest::{GOOD, Guest};
use super::cache::KEPT;
use super::wit::{Evidence, Header, Outcome};
use super::{Limits, Suite, SuiteError, Suites, passes};

const SMALL: Limits = Limits {
    fuel: 20_000_000,
    memory: 8 << 20,
    wall: Duration::from_secs(10),
    component: 1 << 20,
};

/// Loops without end.
const LOOP: &str = "(loop $again (br $again)) unreachable";
/// Takes memory until there is no more, then gives up as allocators do.
const GREED: &str =
    "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
/// Works once in the life of an instance.
const ONCE: &str =
    "(if (global.get $calls) (then unreachable)) (global.set $calls (i32.const 1)) i32.const 3080";

async fn load(guest: Guest, limits: Limits) -> Result<Suite, SuiteError> {
    Suites::new(limits).unwrap().load(&guest.component()).await
}

fn evidence() -> Arc<Evidence> {
    Arc::new(Evidence {
        header: Header {
            app: "no.eksempel.app".to_owned(),
            version: "1.0.0".to_owned(),
            client_id: "app".to_owned(),
            launch_url: "http://localhost/launch".to_owned(),
            redirect_uris: vec!["http://localhost/".to_owned()],
            scope: "launch patient/Patient.r".to_owned(),
            hosts: Vec::new(),
            origins: vec!["http://localhost".to_owned()],
            stage_origins: Vec::new(),
            languages: vec!["nb".to_owned()],
            browser: "Chromium".to_owned(),
        },
        events: Vec::new(),
    })
}

async fn judged(judge: &'static str, limits: Limits) -> SuiteError {
    let suite = load(Guest { judge, ..GOOD }, limits).await.unwrap();
    suite.judge(evidence()).await.unwrap_err()
}

#[tokio::test]
async fn a_good_guest_is_heard_and_its_fuel_is_told() {
    let suite = load(GOOD, SMALL).await.unwrap();
    assert_eq!(suite.description().requirements[0].id, "X-1");
    assert_eq!(suite.next(evidence()).await.unwrap().value, []);
    let answer = suite.judge(evidence()).await.unwrap();
    assert_eq!(answer.value[0].outcome, Outcome::Fulfilled);
    assert!(passes(suite.description(), &answer.value));
    assert!(!passes(suite.description(), &[]));
    assert!(answer.fuel > 0);
    assert_eq!(suite.judge(evidence()).await.unwrap(), answer);
}

#[tokio::test]
async fn every_call_begins_anew() {
    let suite = load(
        Guest {
            judge: ONCE,
            ..GOOD
        },
        SMALL,
    )
    .await
    .unwrap();
    for _ in 0..3 {
        assert_eq!(suite.judge(evidence()).await.unwrap().value.len(), 1);
    }
}

#[tokio::test]
async fn a_trap_is_named_as_a_trap() {
    let error = judged("unreachable", SMALL).await;
    assert!(
        matches!(
            error,
            SuiteError::Trapped {
                function: "judge",
                ..
            }
        ),
        "{error}"
    );
    let error = judged("(i32.div_u (i32.const 1) (i32.const 0))", SMALL).await;
    assert!(error.to_string().contains("divide by zero"), "{error}");
}

#[tokio::test]
async fn an_endless_loop_runs_out_of_fuel() {
    let error = judged(LOOP, SMALL).await;
    assert!(
        matches!(error, SuiteError::OutOfFuel { function: "judge", limit } if limit == SMALL.fuel),
        "{error}"
    );
}

#[tokio::test]
async fn where_fuel_abounds_time_ends_the_loop() {
    let limits = Limits {
        fuel: u64::MAX / 2,
        wall: Duration::from_millis(200),
        ..SMALL
    };
    let error = judged(LOOP, limits).await;
    assert!(
        matches!(
            error,
            SuiteError::TimedOut {
                function: "judge",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn greed_is_told_apart_from_a_trap() {
    let error = judged(GREED, SMALL).await;
    assert!(
        matches!(error, SuiteError::OutOfMemory { function: "judge", limit } if limit == SMALL.memory),
        "{error}"
    );
    // Too much from the start.
    let error = load(
        GOOD,
        Limits {
            memory: 1 << 16,
            ..SMALL
        },
    )
    .await
    .unwrap_err();
    assert!(
        matches!(
            error,
            SuiteError::OutOfMemory {
                function: "describe",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_suite_has_to_keep_its_own_description() {
    for (judge, what) in [
        ("i32.const 3088", "no finding"),
        ("i32.const 3096", "another requirement"),
    ] {
        let error = judged(judge, SMALL).await;
        assert!(
            matches!(error, SuiteError::BrokenPromise(_)),
            "{what}: {error}"
        );
    }
}

#[tokio::test]
async fn answers_that_are_no_values_are_refused() {
    for (judge, what) in [
        ("i32.const 3104", "a list outside memory"),
        ("i32.const 3112", "a text that is no UTF-8"),
    ] {
        let error = judged(judge, SMALL).await;
        assert!(
            matches!(
                error,
                SuiteError::InvalidAnswer {
                    function: "judge",
                    ..
                }
            ),
            "{what}: {error:?}"
        );
    }
    let error = load(
        Guest {
            describe: "i32.const -4",
            ..GOOD
        },
        SMALL,
    )
    .await
    .unwrap_err();
    assert!(
        matches!(
            error,
            SuiteError::InvalidAnswer {
                function: "describe",
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_no_suite_is_refused_by_its_own_name() {
    let suites = Suites::new(SMALL).unwrap();
    let load = |text: &str| {
        let bytes = wat::parse_str(text).unwrap();
        let suites = suites.clone();
        async move { suites.load(&bytes).await.unwrap_err() }
    };
    assert!(matches!(
        load("(module)").await,
        SuiteError::NotAComponent(_)
    ));
    assert!(matches!(
        suites.load(b"MZ").await.unwrap_err(),
        SuiteError::NotAComponent(_)
    ));
    // The text format is for tests, never for uploads.
    assert!(matches!(
        suites.load(b"(component)").await.unwrap_err(),
        SuiteError::NotAComponent(_)
    ));
    assert!(matches!(
        load("(component)").await,
        SuiteError::WrongWorld(_)
    ));
    let clock =
        r#"(component (import "wasi:clocks/wall-clock@0.2.6" (instance (export "now" (func)))))"#;
    assert!(
        matches!(load(clock).await, SuiteError::Imports(names) if names == ["wasi:clocks/wall-clock@0.2.6"])
    );
    let large = vec![0; SMALL.component + 1];
    assert!(matches!(
        suites.load(&large).await.unwrap_err(),
        SuiteError::TooLarge { .. }
    ));
}

#[tokio::test]
async fn the_latest_suites_stay_compiled() {
    let suites = Suites::new(SMALL).unwrap();
    for salt in 0..u32::try_from(KEPT).unwrap() + 3 {
        suites
            .load(&Guest { salt, ..GOOD }.component())
            .await
            .unwrap();
    }
    assert_eq!(suites.count(), KEPT);
}
