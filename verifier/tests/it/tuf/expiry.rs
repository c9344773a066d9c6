//! Documents that have expired, and how long an installation runs without new ones.

use verifier::{Code, Freshness};

use super::{Repo, next, read};
use crate::ingest::launch;
use crate::support::{DAY, NOW, World};

#[test]
fn a_frozen_repository_is_found_out_when_its_timestamp_expires() {
    let mut repo = Repo::new();
    repo.timestamp.expires = NOW + DAY;
    repo.timestamp.version = 2;
    repo.publish();
    let mut verifier = repo.verifier();
    assert_eq!(read(&mut verifier, &repo, NOW + DAY - 1), None);
    assert_eq!(
        read(&mut verifier, &repo, NOW + DAY),
        Some(Code::TrustExpired)
    );
    // And what it withheld is taken as soon as it comes.
    repo.timestamp.expires = NOW + 3 * DAY;
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW + DAY), None);
}

#[test]
fn expiry_one_to_four_a_document_that_has_expired() {
    let changes: [fn(&mut Repo); 4] = [
        |repo| {
            repo.root.expires = NOW;
            repo.rotate_root(&[]);
        },
        |repo| repo.timestamp.expires = NOW,
        |repo| repo.snapshot.expires = NOW,
        |repo| repo.targets.expires = NOW,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert_eq!(next(change), Some(Code::TrustExpired), "document {at}");
        // To the second.
        let mut repo = Repo::new();
        change(&mut repo);
        repo.publish_next();
        assert_eq!(
            read(&mut repo.blank(), &repo, NOW - 1),
            None,
            "document {at}"
        );
        assert_eq!(
            read(&mut repo.blank(), &repo, NOW),
            Some(Code::TrustExpired)
        );
    }
}

#[test]
fn expiry_five_a_known_root_that_has_expired_leads_to_the_next() {
    let mut repo = Repo::new();
    repo.root.expires = NOW + 7 * DAY;
    repo.rotate_root(&[]);
    repo.publish();
    let mut verifier = repo.verifier();
    repo.root.expires = NOW + 21 * DAY;
    repo.rotate_root(&[]);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW + 18 * DAY), None);
    assert_eq!(verifier.root_version(), 3);
}

#[test]
fn expiry_six_a_known_timestamp_that_has_expired_leads_to_the_next() {
    let mut repo = Repo::new();
    repo.timestamp.expires = NOW + 7 * DAY;
    repo.publish();
    let mut verifier = repo.verifier();
    repo.timestamp.expires = NOW + 21 * DAY;
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW + 18 * DAY), None);
}

#[test]
fn an_issue_time_raises_the_floor_and_may_not_lie_ahead() {
    let mut repo = Repo::new();
    let mut verifier = repo.verifier();
    assert_eq!(verifier.t_floor(), 0);
    repo.timestamp.issued = Some(NOW + 60);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), None);
    assert_eq!(verifier.t_floor(), NOW + 60);
    repo.timestamp.issued = Some(NOW + 61);
    repo.publish_next();
    assert_eq!(read(&mut verifier, &repo, NOW), Some(Code::IatFuture));
}

#[test]
fn an_installation_off_line_runs_as_long_as_its_status_lists_may_be_old() {
    let mut world = World::new();
    let approval = world.approval();
    let (token, ticket) = world.issue(&approval);
    let end = NOW + 100;
    world.config.online = end;
    let mut verifier = world.verifier();
    verifier.ingest(&token, &ticket, NOW).unwrap();
    // Nothing new is taken in without the newest repository, but what is known goes on.
    let found = verifier.clone().ingest(&token, &ticket, end);
    assert_eq!(
        found.err().map(|error| error.code),
        Some(Code::TrustExpired)
    );
    let stale = approval.max_stale;
    assert_eq!(launch(&verifier, end), Ok(Freshness::Fresh));
    // A status list that comes through is heard, and does not make it go on for ever.
    let list = world.status_token(end + stale - 5);
    verifier.update_status(&list, end + stale - 5).unwrap();
    assert_eq!(launch(&verifier, end + stale - 1), Ok(Freshness::Fresh));
    assert_eq!(launch(&verifier, end + stale), Err(Code::TrustExpired));
}
