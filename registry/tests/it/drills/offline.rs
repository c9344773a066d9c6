//! The registry does not answer: EPJs go on with what they have, for as long as the status list may
//! be old, and no longer.

use std::time::Duration;

use verifier::Code;

use crate::support::epj::Epj;
use crate::support::worlds;

#[tokio::test]
async fn launches_go_on_until_the_status_is_too_old() {
    for world in worlds().await {
        let path = world.approved("no.eksempel.app", "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
        let max_stale = epj.verifier.approvals().next().unwrap().max_stale;
        let max_stale = u64::try_from(max_stale).unwrap();
        for (step, expected) in [
            (0, None),
            (max_stale - 60, None),
            (120, Some(Code::StatusStale)),
        ] {
            world.clock.advance(Duration::from_secs(step));
            let launched = epj.launch(&world, "no.eksempel.app");
            assert!(
                launched == expected || launched == Some(Code::TrustExpired) && expected.is_some(),
                "{launched:?} after {step} more, {}",
                world.engine
            );
        }
        // And on again when it answers.
        world.work().await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.launch(&world, "no.eksempel.app"), None);
    }
}
