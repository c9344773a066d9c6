//! What is done, how far it may be seen to have come in any instant, and what holds after it.

use std::time::Duration;

use registry::Cutoff;
use verifier::Code;
use verifier::audit::{AuditCode, Finding};
use verifier::jwk::KeyUse;
use verifier::trust::tuf::RoleName;
use verifier::trust::{RevocationReason, TrustedKey, files};

use crate::support::World;
use crate::support::audit::audited;
use crate::support::epj::{Epj, key, keys, versions};
use crate::support::process::Process;

const APP: &str = "no.eksempel.app";
const LOG: &str = "localhost:8080/log2026";
const NEXT: &str = "log2027";

/// Something that changes what EPJs believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Approve,
    Suspend,
    Reinstate,
    Revoke,
    ReplaceKey,
    WithdrawKey,
    WithdrawStatusKey,
    RotateRole,
    Refresh,
    SucceedLog,
}

/// What there was before it.
pub(crate) struct Before {
    /// The version that it is about.
    path: String,
    /// The key that it is about.
    kid: String,
    /// Newest version of each role's document.
    versions: [u64; 4],
    /// An EPJ that has taken in what there was.
    pub(crate) epj: Epj,
}

impl Deed {
    pub(crate) async fn prepare(self, world: &World) -> Before {
        let path = world.submitted(APP, "Blodtrykk").await;
        world.process().review("security", &path).await.expect(201);
        let mut epj = Epj::new(world).await;
        if self != Self::Approve {
            world.process().review("clinical", &path).await.expect(201);
            world.work().await;
            assert_eq!(epj.refresh(world).await, None);
            assert_eq!(epj.ingest(world, &path).await, None);
        }
        if self == Self::Reinstate {
            world
                .process()
                .decide("security", &path, "suspend")
                .await
                .expect(202);
            world.work().await;
            world
                .process()
                .decide("security", &path, "reinstate")
                .await
                .expect(202);
            world.work().await;
            assert_eq!(world.state(&path).await, "suspended");
        }
        if self == Self::Refresh {
            world.clock.advance(Duration::from_mins(90));
        }
        let (file, key_use) = self.key();
        Before {
            path,
            kid: key(world, file, key_use).await.kid,
            versions: versions(world).await,
            epj,
        }
    }

    /// The key that it is about, and where that is listed.
    const fn key(self) -> (&'static str, KeyUse) {
        match self {
            Self::WithdrawStatusKey => (files::STATUS, KeyUse::Status),
            _ => (files::ISSUERS, KeyUse::Approval),
        }
    }

    /// The next process. Where a log may have been opened, its witnesses are told of it.
    pub(crate) async fn restarted(self, world: World) -> World {
        match self {
            Self::SucceedLog => Box::pin(world.restarted_with_witnesses(&[1])).await,
            _ => Box::pin(world.restarted()).await,
        }
    }

    /// Does it, as far as the process lives, and as far as it is not done yet. The dead have nothing
    /// to say, so nobody hears how it went.
    pub(crate) async fn act(self, process: &Process, before: &Before) {
        let Before { path, kid, .. } = before;
        let registry = &process.registry;
        let stolen = RevocationReason::Compromised;
        match self {
            Self::Approve => drop(process.review("clinical", path).await),
            Self::Suspend => drop(process.decide("security", path, "suspend").await),
            Self::Reinstate => drop(process.decide("clinical", path, "reinstate").await),
            Self::Revoke => drop(process.decide("clinical", path, "revoke").await),
            Self::ReplaceKey => {
                drop(registry.announce_key(kid).await);
                drop(registry.retire_key(kid).await);
            }
            Self::WithdrawKey => {
                drop(registry.withdraw_key(kid, stolen, Cutoff::Nothing).await);
                drop(registry.resign_approvals().await);
            }
            Self::WithdrawStatusKey => {
                drop(registry.withdraw_key(kid, stolen, Cutoff::Now).await);
            }
            Self::RotateRole => drop(registry.rotate_trust_role(RoleName::Targets).await),
            Self::Refresh => {}
            Self::SucceedLog => {
                let newest = registry.log().newest().await;
                if newest.is_ok_and(|newest| newest.origin == LOG) {
                    drop(registry.log().freeze().await);
                }
                drop(registry.log().start(LOG, Some(NEXT)).await);
            }
        }
        process.worker.run_due().await.unwrap_or_default();
    }

    /// What a stranger finds in the log after it.
    pub(crate) async fn is_right(self, world: &World) {
        let found = audited(world).await;
        let expected = |one: &Finding| match self {
            // What the thief may have signed stays in the log, and every monitor tells so.
            Self::WithdrawKey => [AuditCode::EntryKey, AuditCode::ListUnlogged].contains(&one.code),
            // What was served before is in the log before.
            Self::SucceedLog => one.code == AuditCode::TrustUnlogged,
            _ => false,
        };
        assert!(found.iter().all(expected), "{found:?}");
    }

    /// Nothing is served that is not whole: what is shown as approved counts for whoever verifies it,
    /// and what is shown as stopped counts for nobody.
    pub(crate) async fn serves_no_half(self, world: &World, before: &Before) {
        let state = world.state(&before.path).await;
        let shown = world.get("", &format!("{}/approval", before.path)).await;
        match self {
            Self::Approve => {
                assert_eq!(shown.status == 200, state == "approved", "{state}");
                if shown.status == 200 {
                    let mut fresh = Epj::new(world).await;
                    assert_eq!(fresh.refresh(world).await, None);
                    assert_eq!(fresh.ingest(world, &before.path).await, None);
                }
            }
            Self::Suspend | Self::Reinstate | Self::Revoke => {
                let launched = before.epj.launch(world, APP);
                assert_eq!(launched, refusal(&state), "{state}");
            }
            Self::WithdrawKey => {
                let launched = before.epj.launch(world, APP);
                let signed_anew = launched.is_none() || launched == Some(Code::KeyRevoked);
                assert!(signed_anew, "{launched:?}");
            }
            _ => assert_eq!(before.epj.launch(world, APP), None),
        }
    }

    /// It is done, and done once.
    pub(crate) async fn holds(self, world: &World, before: &mut Before) {
        let state = world.state(&before.path).await;
        let now = versions(world).await;
        match self {
            Self::Approve => approved_once(world, &state, before).await,
            Self::Suspend => assert_eq!((state.as_str(), events(world).await), ("suspended", 1)),
            Self::Reinstate => assert_eq!((state.as_str(), events(world).await), ("approved", 2)),
            Self::Revoke => assert_eq!((state.as_str(), events(world).await), ("revoked", 1)),
            Self::ReplaceKey => replaced_once(world, &before.kid).await,
            Self::WithdrawKey | Self::WithdrawStatusKey => {
                let listed = keys(world, self.key().0).await;
                withdrawn_and_healed(world, &listed, before).await;
            }
            Self::RotateRole => assert!(now[0] > before.versions[0]),
            Self::Refresh => assert!(now[3] > before.versions[3]),
            Self::SucceedLog => {
                let newest = world.registry.log().newest().await.unwrap();
                assert!(newest.origin.ends_with(NEXT), "{}", newest.origin);
                assert_eq!(world.registry.log().frozen().await.unwrap().len(), 1);
            }
        }
        if self != Self::WithdrawKey {
            assert_eq!(before.epj.refresh(world).await, None);
            assert_eq!(before.epj.launch(world, APP), refusal(&state));
        }
    }
}

async fn approved_once(world: &World, state: &str, before: &mut Before) {
    assert_eq!(state, "approved");
    assert_eq!(world.logged("trust-mark+jwt").await.len(), 1);
    assert_eq!(world.logged("app-release+jwt").await.len(), 1);
    assert_eq!(before.epj.refresh(world).await, None);
    assert_eq!(before.epj.ingest(world, &before.path).await, None);
}

/// One key has gone, and one has come.
async fn replaced_once(world: &World, gone: &str) {
    let listed = world.registry.all_keys().await.unwrap();
    let of = |wanted: &str| {
        let all = listed.iter().filter(|one| one.purpose == "approval");
        let mut kids = all.filter(|one| one.state == wanted).map(|one| &one.kid);
        (kids.next().cloned(), kids.next().cloned())
    };
    assert_eq!(of("replaced"), (Some(gone.to_owned()), None));
    assert!(matches!(of("active"), (Some(_), None)));
}

/// The key is withdrawn, nothing lacks a signature for it, and an EPJ that begins now takes the version.
async fn withdrawn_and_healed(world: &World, listed: &[TrustedKey], before: &Before) {
    let key = listed.iter().find(|one| one.kid == before.kid).unwrap();
    assert!(key.revoked.is_some());
    assert_eq!(world.registry.stranded().await.unwrap(), []);
    let mut fresh = Epj::new(world).await;
    assert_eq!(fresh.refresh(world).await, None);
    assert_eq!(fresh.ingest(world, &before.path).await, None);
}

/// What an EPJ answers to a launch of a version in this state.
fn refusal(state: &str) -> Option<Code> {
    match state {
        "suspended" => Some(Code::Suspended),
        "revoked" => Some(Code::Revoked),
        _ => None,
    }
}

/// How many status events are logged.
async fn events(world: &World) -> usize {
    world.logged("app-status-event+jwt").await.len()
}
