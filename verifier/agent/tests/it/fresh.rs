//! What is known is kept fresh: pushed, polled, looked at every hour; and written down only when it is
//! something new.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use serde_json::json;
use verifier::merkle::leaf_hash;
use verifier::status::StatusValue;
use verifier::trust::{Revocation, RevocationReason};

use crate::issuer::{DAY, NOW, ORIGIN};
use crate::stage::{APP, Stage, VERSION};

#[tokio::test]
async fn a_suspension_is_pushed_and_nobody_had_to_ask() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    stage
        .until("pushed", |status| {
            status["status_lists"][0]["pushed"] == true
        })
        .await;
    let fetched = stage.registry.count("/status/0", 200);
    stage.change_status(StatusValue::Suspended, NOW);
    stage.becomes(Some("E_SUSPENDED")).await;
    let apps = stage.get("/apps").await.json();
    assert_eq!(apps[0]["standing"]["code"], "E_SUSPENDED");
    stage.change_status(StatusValue::Valid, NOW + 1);
    stage.becomes(None).await;
    assert_eq!(
        stage.registry.count("/status/0", 200),
        fetched,
        "it was fetched"
    );
    // What is older than what it knows changes nothing, and is told.
    stage.change_status(StatusValue::Suspended, NOW - 500);
    let told = stage
        .until("told", |status| {
            !status["status_lists"][0]["error"].is_null()
        })
        .await;
    assert_eq!(
        told["status_lists"][0]["error"]["code"],
        "E_STATUS_ROLLBACK"
    );
    assert_eq!(stage.refusal().await, None);
}

#[tokio::test]
async fn a_registry_that_does_not_push_is_polled_and_sends_nothing_twice() {
    let mut stage = Stage::set().await;
    stage.settings.poll = Duration::from_millis(200);
    stage.registry.only_polled();
    stage.begin().unwrap();
    stage.take_in().await.expect(200);
    while stage.registry.count("/status/0", 304) < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let status = stage.status().await;
    assert_eq!(status["status_lists"][0]["pushed"], false);
    assert!(status["status_lists"][0]["error"].is_null());
    stage.change_status(StatusValue::Suspended, NOW);
    stage.becomes(Some("E_SUSPENDED")).await;
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_brings_what_was_missed() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    let pushed =
        |on: bool| move |status: &serde_json::Value| status["status_lists"][0]["pushed"] == on;
    stage.until("pushed", pushed(true)).await;
    stage.registry.go_away(true);
    stage.until("lost", pushed(false)).await;
    stage.change_status(StatusValue::Suspended, NOW);
    assert_eq!(stage.refusal().await, None, "nobody could tell");
    stage.registry.go_away(false);
    stage.becomes(Some("E_SUSPENDED")).await;
}

/// The state on disk: which file, and what is in it.
fn written(stage: &Stage) -> (u64, String) {
    let said = fs::read_to_string(stage.state_file()).unwrap();
    (fs::metadata(stage.state_file()).unwrap().ino(), said)
}

#[tokio::test]
async fn nothing_new_is_not_written_down() {
    let mut stage = Stage::set().await;
    stage.settings.poll = Duration::from_millis(100);
    stage.settings.refresh = Duration::from_millis(100);
    stage.begin().unwrap();
    stage.take_in().await.expect(200);
    let newest = |status: &serde_json::Value| status["logs"][0]["size"] == 21;
    stage.until("the checkpoint is read", newest).await;
    let (file, said) = written(&stage);
    let looks = stage.registry.count("/trust/timestamp.json", 200);
    let reads = stage.registry.count("/log/checkpoint", 200);
    while stage.registry.count("/trust/timestamp.json", 200) < looks + 3
        || stage.registry.count("/log/checkpoint", 200) < reads + 3
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(written(&stage), (file, said.clone()));
    // Files that never change were fetched once.
    let files = stage.registry.asked();
    let targets = files
        .iter()
        .filter(|(path, _)| path == "/trust/1.targets.json");
    assert_eq!(targets.count(), 1);
    stage.change_status(StatusValue::Suspended, NOW);
    stage.becomes(Some("E_SUSPENDED")).await;
    while written(&stage).1 == said {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_log_that_tells_two_stories_is_noticed_between_approvals() {
    let mut stage = Stage::set().await;
    stage.settings.poll = Duration::from_millis(100);
    stage.begin().unwrap();
    stage.take_in().await.expect(200);
    let before = stage.world.tree.clone();
    stage.world.tree.0.push(leaf_hash(b"one"));
    stage.publish_checkpoint(NOW - 50);
    stage
        .until("at 22", |status| status["logs"][0]["size"] == 22)
        .await;
    stage.world.tree = before;
    stage.world.tree.0.push(leaf_hash(b"other"));
    stage.publish_checkpoint(NOW - 40);
    let forked = stage
        .until("forked", |status| {
            status["logs"][0]["forked"] == true && !status["logs"][0]["error"].is_null()
        })
        .await;
    assert_eq!(forked["logs"][0]["error"]["code"], "E_LOG_FORK");
    assert_eq!(forked["last_error"]["code"], "E_LOG_FORK");
    // What was approved before goes on; nothing new is taken in.
    assert_eq!(stage.refusal().await, None);
    let mut release = crate::issuer::World::release();
    release.software_version = "1.3.0".to_owned();
    let mut approval = crate::issuer::World::approval_of(&stage.world, &release);
    approval.status.status_list.uri = stage.list();
    stage.publish(&approval, NOW - 30);
    let version = json!({"software_id": APP, "software_version": "1.3.0"});
    let refused = stage.post("/verify", &version).await.expect(403);
    assert_eq!(refused.code(), "E_LOG_FORK");
}

#[tokio::test]
async fn an_approval_whose_key_is_withdrawn_is_taken_in_anew_once_it_is_signed_again() {
    let mut stage = Stage::set().await;
    stage.settings.refresh = Duration::from_millis(200);
    stage.begin().unwrap();
    stage.take_in().await.expect(200);
    // The issuing key is withdrawn with all that it signed; another takes its place.
    let old = std::mem::replace(&mut stage.world.issue, crate::keys::EcKey::new());
    let new = verifier::trust::TrustedKey::service(
        &stage.world.issue.public,
        verifier::jwk::KeyUse::Approval,
    );
    let config = &mut stage.world.config;
    let place = config.keys.iter().position(|key| key.kid == old.kid());
    config.keys[place.unwrap()].revoked = Some(Revocation {
        revoked_at: NOW,
        reason: RevocationReason::Compromised,
        log_index_cutoff: [(ORIGIN.to_owned(), 0)].into(),
    });
    config.keys.push(new);
    config.version = 2;
    stage.publish_trust();
    stage.becomes(Some("E_KEY_REVOKED")).await;
    let mut again = stage.approval();
    again.jti = "5b2f0c8e-3c1d-4f5a-8b7e-0123456789ab".to_owned();
    again.iat = NOW - 50;
    stage.publish(&again, NOW - 40);
    stage.becomes(None).await;
    let apps = stage.get("/apps").await.json();
    assert_eq!(apps[0]["jti"], again.jti);
}

#[tokio::test]
async fn a_new_signer_of_status_lists_is_learnt_of_when_it_signs() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    stage
        .until("pushed", |status| {
            status["status_lists"][0]["pushed"] == true
        })
        .await;
    stage.world.status = crate::keys::EcKey::new();
    let key = verifier::trust::TrustedKey::service(
        &stage.world.status.public,
        verifier::jwk::KeyUse::Status,
    );
    stage.world.config.keys.push(key);
    stage.world.config.version = 2;
    stage.publish_trust();
    stage.change_status(StatusValue::Suspended, NOW);
    stage.becomes(Some("E_SUSPENDED")).await;
    let status = stage.status().await;
    assert_eq!(status["trust"]["timestamp"], 2);
}

/// The registry's trust repository after the status key was stolen: another key signs the lists.
fn replace_status_key(stage: &mut Stage) {
    let stolen = std::mem::replace(&mut stage.world.status, crate::keys::EcKey::new());
    let next = verifier::trust::TrustedKey::service(
        &stage.world.status.public,
        verifier::jwk::KeyUse::Status,
    );
    let config = &mut stage.world.config;
    let place = config.keys.iter().position(|key| key.kid == stolen.kid());
    config.keys[place.unwrap()].revoked = Some(Revocation {
        revoked_at: NOW,
        reason: RevocationReason::Compromised,
        log_index_cutoff: [(ORIGIN.to_owned(), 1 << 40)].into(),
    });
    config.keys.push(next);
    config.version += 1;
}

#[tokio::test]
async fn a_thiefs_list_is_replaced_as_soon_as_its_key_is_withdrawn() {
    let mut stage = Stage::set().await;
    // It is the change of trust that makes it look, neither a push nor the next poll.
    stage.settings.refresh = Duration::from_millis(200);
    stage.registry.only_polled();
    stage.begin().unwrap();
    stage.take_in().await.expect(200);
    stage.end().await;
    // The thief lets a suspended app pass, for ever.
    stage.world.set_generation((1 << 53) - 1, NOW);
    stage.publish_status(NOW);
    stage.settings.poll = Duration::from_millis(200);
    stage.begin().unwrap();
    let generation = |status: &serde_json::Value| status["status_lists"][0]["generation"].as_u64();
    stage
        .until("deceived", |status| {
            generation(status) == Some((1 << 53) - 1)
        })
        .await;
    stage.end().await;
    stage.settings.poll = Duration::from_mins(5);
    stage.begin().unwrap();
    stage.until("ready", |status| status["ready"] == true).await;

    // The key is withdrawn before the registry has signed anew, and the old file is still served.
    replace_status_key(&mut stage);
    stage.publish_trust();
    stage.becomes(Some("E_STATUS_STALE")).await;
    let told = stage
        .until("told", |status| {
            status["status_lists"][0]["error"]["code"] == "E_KEY_REVOKED"
        })
        .await;
    assert!(told["status_lists"][0]["issued_at"].is_null());
    // A restart does not forget that it has to ask, nor what.
    stage.end().await;
    stage.begin().unwrap();
    stage.world.generation = 1;
    stage.change_status(StatusValue::Suspended, NOW);
    stage.becomes(Some("E_SUSPENDED")).await;
    assert_eq!(generation(&stage.status().await), Some(2));
}

#[tokio::test]
async fn an_hour_is_not_waited_for_when_a_list_has_to_be_read_anew() {
    let mut stage = Stage::begun().await;
    stage.take_in().await.expect(200);
    stage.registry.only_polled();
    replace_status_key(&mut stage);
    stage.publish_trust();
    // Somebody's approval of an unknown key makes it look at the trust repository; the next list is
    // not there yet.
    stage.world.issue = crate::keys::EcKey::new();
    let approval = stage.approval();
    let token = stage.world.issue.sign(&approval);
    let sent = json!({"approval": token, "ticket": stage.world.log_at(&token, NOW - 100)});
    stage.post("/verify", &sent).await.expect(403);
    stage.becomes(Some("E_STATUS_STALE")).await;
    stage.change_status(StatusValue::Valid, NOW);
    stage.becomes(None).await;
}

#[tokio::test]
async fn an_approval_that_ends_soon_is_looked_for_anew() {
    let mut stage = Stage::set().await;
    stage.settings.refresh = Duration::from_millis(200);
    let mut short = stage.approval();
    short.exp = NOW + 10 * DAY;
    stage.publish(&short, NOW - 250);
    stage.begin().unwrap();
    stage.take_in().await.expect(200);
    let mut again = stage.approval();
    again.jti = "5b2f0c8e-3c1d-4f5a-8b7e-0123456789ab".to_owned();
    again.iat = NOW - 50;
    stage.publish(&again, NOW - 40);
    let started = std::time::Instant::now();
    loop {
        let apps = stage.get("/apps").await.json();
        if apps[0]["jti"] == again.jti && apps[0]["software_version"] == VERSION {
            break;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{apps}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
