//! The target files of the trust repository: one that is wrong is refused with all the others, and
//! the ones in force stay.

use std::collections::BTreeMap;

use verifier::claims::{ContentLevel, ReviewRole};
use verifier::jwk::KeyUse;
use verifier::trust::{FrozenLog, MaxStale, MinVersion, RiskClass, TrustedKey, files};
use verifier::{Code, Digest, Environment, Freshness, LocalPolicy};

use crate::authority::Config;
use crate::ingest::launch;
use crate::support::{DAY, EcKey, NOW, World};

/// What becomes of a changed configuration; the one in force must stay as it was.
fn refused(change: impl FnOnce(&World, &mut Config)) -> Option<Code> {
    let mut world = World::new();
    let mut verifier = world.ready();
    let before = verifier.trust().unwrap().anchors().clone();
    let mut config = world.config.clone();
    config.version = 2;
    change(&world, &mut config);
    let found = verifier.update_trust(&world.authority.update(&config), NOW);
    let code = found.err().map(|error| error.code);
    if code.is_some() {
        assert_eq!(verifier.trust().unwrap().anchors(), &before);
        assert_eq!(launch(&verifier, NOW), Ok(Freshness::Fresh));
        // And the right files under the next version are taken.
        world.config.version = 3;
        verifier.update_trust(&world.trust_update(), NOW).unwrap();
    }
    code
}

fn raw(name: &'static str, bytes: &[u8]) -> Option<Code> {
    let mut world = World::new();
    let mut verifier = world.ready();
    world.config.version = 2;
    let mut files = world.authority.files(&world.config);
    files.insert(name.to_owned(), bytes.to_vec());
    let update = world.authority.update_with(&world.config, files);
    let found = verifier.update_trust(&update, NOW);
    found.err().map(|error| error.code)
}

#[test]
fn a_wrong_key_is_refused_with_everything_else() {
    let changes: Vec<fn(&mut Vec<TrustedKey>)> = vec![
        |keys| keys[0].kid = "other".to_owned(),
        |keys| keys[0].alg = "ES384".to_owned(),
        |keys| keys[0].kty = "RSA".to_owned(),
        |keys| keys[0].crv = "P-384".to_owned(),
        |keys| keys[0].x.truncate(40),
        |keys| keys.push(keys[0].clone()),
        |keys| keys[0].key_use = KeyUse::Delegation,
        |keys| keys[0].key_use = KeyUse::Release,
        |keys| keys[0].key_use = KeyUse::Review,
        |keys| keys[0].roles.push(ReviewRole::Security),
        |keys| keys[3].roles.clear(),
        |keys| keys[3].organization_id = Some("NO:ORGNR:123456789".to_owned()),
        |keys| keys[3].person = None,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let found = refused(|_, config| change(&mut config.keys));
        assert_eq!(found, Some(Code::TrustConfig), "change {at}");
    }
    // A key that signs the repository is good for nothing else, nor is a key listed in two files.
    let found = refused(|world, config| {
        let key = &world.authority.targets[3].public;
        config.keys.push(TrustedKey::service(key, KeyUse::Approval));
    });
    assert_eq!(found, Some(Code::TrustConfig));
    let found = refused(|world, config| {
        config
            .keys
            .push(TrustedKey::service(&world.issue.public, KeyUse::Status));
    });
    assert_eq!(found, Some(Code::TrustConfig));
}

#[test]
fn wrong_anchors_are_refused() {
    let changes: Vec<fn(&mut Config)> = vec![
        |c| c.log_policy = "quorum nobody".to_owned(),
        |c| c.anchors.marks.clear(),
        |c| c.anchors.criteria.clear(),
        |c| c.anchors.registry = "registry".to_owned(),
        |c| c.anchors.marks[0].mark_type = "mark".to_owned(),
        |c| c.anchors.marks[1].mark_type = c.anchors.marks[0].mark_type.clone(),
        |c| c.anchors.marks[0].owner.as_mut().unwrap().keys.clear(),
        |c| c.anchors.marks[0].owner.as_mut().unwrap().sub = "owner".to_owned(),
        |c| c.anchors.marks[0].owner.as_mut().unwrap().keys[0].key_use = KeyUse::Approval,
        |c| c.anchors.max_stale.high = -1,
        |c| c.anchors.max_stale.high = 2 * DAY,
        |c| c.anchors.max_stale.offline = 401 * DAY,
        |c| {
            c.anchors.min_versions = vec![MinVersion {
                software_id: "no.example.app".to_owned(),
                software_version: "1".to_owned(),
            }];
        },
        |c| c.denylist.organizations = vec!["974760673".to_owned()],
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let found = refused(|_, config| change(config));
        assert_eq!(found, Some(Code::TrustConfig), "change {at}");
    }
    let found = refused(|_, config| {
        config.anchors.marks.remove(0);
        config.delegation = None;
    });
    assert_eq!(found, Some(Code::Env));
}

#[test]
fn the_owners_leave_must_be_the_owners() {
    assert_eq!(refused(|_, c| c.delegation = None), Some(Code::Delegation));
    let found = refused(|_, c| c.delegation.as_mut().unwrap().iss.push('x'));
    assert_eq!(found, Some(Code::Delegation));
    let stranger = EcKey::new();
    let claims = World::new().config.delegation.unwrap();
    let found = raw(files::DELEGATION, stranger.sign(&claims).as_bytes());
    assert_eq!(found, Some(Code::Delegation));
    assert_eq!(raw(files::DELEGATION, b"x"), Some(Code::Delegation));
    // A registry that owns its mark needs none.
    let found = refused(|_, config| {
        config.anchors.marks[0].owner = None;
        config.delegation = None;
    });
    assert_eq!(found, None);
}

#[test]
fn files_that_can_be_read_in_two_ways_are_refused() {
    let cases: &[(&str, &[u8])] = &[
        (
            files::DENYLIST,
            br#"{"organizations":[],"digests":[],"digests":[]}"#,
        ),
        (
            files::DENYLIST,
            br#"{"organizations":[],"digests":[],"x":1}"#,
        ),
        (files::DENYLIST, br#"{"organizations":[]}"#),
        (files::DENYLIST, br#"{"organizations":[],"digests":["#),
        (files::DENYLIST, b"[]"),
        (files::ISSUERS, br#"{"keys":[],"keys":[]}"#),
        (files::STATUS, b"\xff"),
        (files::LOG_POLICY, b"log \x00"),
        (files::ANCHORS, b""),
    ];
    for (name, bytes) in cases {
        assert_eq!(
            raw(name, bytes),
            Some(Code::TrustConfig),
            "{name} {bytes:?}"
        );
    }
}

#[test]
fn a_file_that_is_missing_long_or_another_one_is_refused() {
    let mut world = World::new();
    let mut verifier = world.ready();
    world.config.version = 2;
    world.config.denylist.digests = vec![Digest::of(b"x")];
    let good = world.trust_update();
    for name in files::ALL {
        let mut blank = world.blank(LocalPolicy::new(Environment::Prod));
        let mut update = good.clone();
        update.files.remove(name);
        let error = blank.update_trust(&update, NOW).unwrap_err();
        assert_eq!(error.code, Code::TrustConfig, "{name}");
        let mut update = good.clone();
        update.files.get_mut(name).unwrap().push(b'\n');
        let error = blank.update_trust(&update, NOW).unwrap_err();
        assert_eq!(error.code, Code::TrustConfig, "{name}");
    }
    // Who has the files that did not change needs only those that did.
    let mut update = good.clone();
    update
        .files
        .retain(|name, _| name == files::DENYLIST || name == files::DELEGATION);
    verifier.clone().update_trust(&update, NOW).unwrap();
    update.files.clear();
    let error = verifier.update_trust(&update, NOW).unwrap_err();
    assert_eq!(error.code, Code::TrustConfig);
    // A target that is listed without its file, here all of them but one.
    let mut files = BTreeMap::new();
    files.insert(
        files::ANCHORS.to_owned(),
        good.files[files::ANCHORS].clone(),
    );
    let update = world.authority.update_with(&world.config, files);
    let mut blank = world.blank(LocalPolicy::new(Environment::Prod));
    let error = blank.update_trust(&update, NOW).unwrap_err();
    assert_eq!(error.code, Code::TrustConfig);
}

#[test]
fn criteria_and_content_levels_are_those_of_the_anchors() {
    let mut world = World::new();
    world.config.anchors.criteria = vec!["https://registry.example.no/criteria/v2".to_owned()];
    let error = world.ingest_changed(|_| {}).unwrap_err();
    assert_eq!(error.code, Code::Claim);
    let mut world = World::new();
    world.config.anchors.min_content_level = ContentLevel::Bundle;
    assert!(world.ingest_changed(|_| {}).is_ok());
}

#[test]
fn the_table_of_ages_bounds_a_launch_by_the_kind_of_installation() {
    let table = MaxStale {
        high: 600,
        normal: 1200,
        offline: 1800,
    };
    for (risk_class, bound) in [
        (RiskClass::High, 600),
        (RiskClass::Normal, 1200),
        (RiskClass::Offline, 1800),
    ] {
        let mut world = World::new();
        world.config.anchors.max_stale = table;
        let approval = world.approval();
        let (token, ticket) = world.issue(&approval);
        let mut verifier = world.verifier_with(LocalPolicy {
            risk_class,
            ..LocalPolicy::new(Environment::Prod)
        });
        verifier.ingest(&token, &ticket, NOW).unwrap();
        let made = NOW - 10;
        assert_eq!(launch(&verifier, made + bound), Ok(Freshness::Stale));
        assert_eq!(launch(&verifier, made + bound + 1), Err(Code::StatusStale));
    }
}

#[test]
fn frozen_logs_are_read_by_origin() {
    let found = refused(|_, config| {
        config.anchors.frozen_logs = vec![FrozenLog {
            origin: "registry.example.no/log2020".to_owned(),
            size: 3,
            root: Digest::of(b"x"),
        }];
    });
    assert_eq!(found, None);
}
