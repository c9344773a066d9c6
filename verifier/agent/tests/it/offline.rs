//! Without the registry: what is known goes on for as long as it may, over restarts too, and says how
//! old it is; then it ends, each thing with its code.

use std::fs;

use foundation::Timestamp;
use serde_json::json;
use verifier::Environment;
use verifier::status::StatusValue;

use crate::issuer::{DAY, NOW};
use crate::stage::{APP, Stage, launch};

#[tokio::test]
async fn a_restart_without_a_registry_goes_on_and_says_how_old_everything_is() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    stage
        .until("at 21", |status| status["logs"][0]["size"] == 21)
        .await;
    stage.registry.go_away(true);
    stage.end().await;
    stage.clock.set(Timestamp::from_seconds(NOW + 3600));
    stage.begin().unwrap();
    stage.get("/readyz").await.expect(200);
    assert_eq!(stage.refusal().await, None);
    let status = stage
        .until("told that the registry is away", |status| {
            !status["trust"]["error"].is_null() && !status["logs"][0]["error"].is_null()
        })
        .await;
    assert_eq!(status["trust"]["age_seconds"], DAY + 3600);
    assert_eq!(status["status_lists"][0]["age_seconds"], 3610);
    assert_eq!(status["logs"][0]["age_seconds"], 3800);
    assert_eq!(status["logs"][0]["forked"], false);
    assert_eq!(status["approvals"], 1);
    assert!(status["trust"]["succeeded_at"].is_null());
    let granted = stage.post("/launch", &launch(&json!({}))).await.json();
    assert_eq!(granted["status"]["fresh"], false);
    assert_eq!(granted["status"]["max_stale"], DAY);
    let away = stage.take_in().await.expect(503);
    assert_eq!(away.code(), "registry-away");

    // The approval allows a day; then nothing is launched until the registry is back.
    stage.clock.set(Timestamp::from_seconds(NOW - 10 + DAY));
    assert_eq!(stage.refusal().await, None);
    stage.clock.set(Timestamp::from_seconds(NOW - 10 + DAY + 1));
    assert_eq!(stage.refusal().await.as_deref(), Some("E_STATUS_STALE"));
    stage.clock.set(Timestamp::from_seconds(NOW + 40 * DAY));
    assert_eq!(stage.refusal().await.as_deref(), Some("E_TRUST_EXPIRED"));
    let ready = stage.get("/readyz").await.expect(503);
    assert!(
        ready.body.starts_with("E_TRUST_EXPIRED: "),
        "{}",
        ready.body
    );
    stage.clock.set(Timestamp::from_seconds(NOW - 3600));
    assert_eq!(stage.refusal().await.as_deref(), Some("E_CLOCK_ROLLBACK"));
    stage.get("/livez").await.expect(200);

    stage.clock.set(Timestamp::from_seconds(NOW + DAY));
    stage.publish_status(NOW + DAY - 5);
    assert_eq!(stage.refusal().await.as_deref(), Some("E_STATUS_STALE"));
    stage.registry.go_away(false);
    stage.becomes(None).await;
}

#[tokio::test]
async fn a_first_start_without_a_registry_answers_no_until_it_comes() {
    let mut stage = Stage::set().await;
    stage.registry.go_away(true);
    stage.begin().unwrap();
    let ready = stage.get("/readyz").await.expect(503);
    assert!(ready.body.starts_with("E_TRUST_CONFIG: "), "{}", ready.body);
    assert_eq!(stage.refusal().await.as_deref(), Some("E_TRUST_CONFIG"));
    assert_eq!(stage.status().await["ready"], false);
    stage.registry.go_away(false);
    stage.until("ready", |status| status["ready"] == true).await;
    stage.take_in().await.expect(200);
    assert_eq!(stage.refusal().await, None);
}

#[tokio::test]
async fn what_was_suspended_stays_so_over_a_restart() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    stage.change_status(StatusValue::Suspended, NOW);
    stage.becomes(Some("E_SUSPENDED")).await;
    stage.end().await;
    // An old list is played back to the one that comes back.
    stage.world.generation = 1;
    assert!(stage.world.list.set(7, StatusValue::Valid.byte()));
    stage.publish_status(NOW - 10);
    stage.begin().unwrap();
    let told = stage
        .until("told", |status| {
            !status["status_lists"][0]["error"].is_null()
        })
        .await;
    assert_eq!(
        told["status_lists"][0]["error"]["code"],
        "E_STATUS_ROLLBACK"
    );
    assert_eq!(stage.refusal().await.as_deref(), Some("E_SUSPENDED"));
}

#[tokio::test]
async fn an_installation_may_be_stricter_than_the_registry() {
    let mut stage = Stage::set().await;
    let policy = format!("max_status_age = 600\nallowed_software = [\"{APP}\"]\n");
    stage.settings.policy = epj_agent::Policy::parse(&policy).unwrap();
    stage.begin().unwrap();
    let taken = stage.take_in().await.expect(200).json();
    assert_eq!(taken["status"]["max_stale"], 600);
    stage.registry.go_away(true);
    stage.clock.set(Timestamp::from_seconds(NOW - 10 + 600));
    assert_eq!(stage.refusal().await, None);
    stage.clock.set(Timestamp::from_seconds(NOW - 10 + 601));
    assert_eq!(stage.refusal().await.as_deref(), Some("E_STATUS_STALE"));
    stage.end().await;
    let policy = "allowed_software = [\"no.example.other\"]";
    stage.settings.policy = epj_agent::Policy::parse(policy).unwrap();
    stage.clock.set(Timestamp::from_seconds(NOW));
    stage.begin().unwrap();
    assert_eq!(stage.refusal().await.as_deref(), Some("E_LOCAL_POLICY"));
}

#[tokio::test]
async fn a_state_that_is_not_its_own_is_not_gone_on_from() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    assert!(stage.begin().unwrap_err().to_string().contains("in use"));
    stage.end().await;

    let other = Stage::set().await;
    let own = std::mem::replace(&mut stage.settings.root, other.settings.root.clone());
    let refused = stage.begin().unwrap_err().to_string();
    assert!(
        refused.contains("state.json") && refused.contains("move"),
        "{refused}"
    );
    stage.settings.root = b"{}".to_vec();
    let refused = stage.begin().unwrap_err().to_string();
    assert!(
        refused.starts_with("the root document is refused"),
        "{refused}"
    );
    stage.settings.root = own;
    stage.settings.registry = "http://registry.example.no".to_owned();
    let refused = stage.begin().unwrap_err().to_string();
    assert!(refused.contains("https"), "{refused}");
    stage.settings.registry.clone_from(&stage.registry.base);
    stage.settings.environment = Environment::Prod;
    assert!(
        stage.begin().is_err(),
        "localhost is no production registry"
    );
    stage.settings.environment = Environment::Test;
    let saved = fs::read_to_string(stage.state_file()).unwrap();
    fs::write(stage.state_file(), &saved.as_bytes()[..saved.len() / 2]).unwrap();
    assert!(
        stage
            .begin()
            .unwrap_err()
            .to_string()
            .contains("state.json")
    );
    fs::write(stage.state_file(), saved).unwrap();
    stage.begin().unwrap();
    assert_eq!(stage.refusal().await, None);
}
