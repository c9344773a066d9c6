//! A witness is lost or not to be trusted: the settings name others, and EPJs take the new policy.

use registry::Remedy;
use verifier::Code;
use verifier::trust::files;

use crate::support::epj::{Epj, target};
use crate::support::worlds;

#[tokio::test]
async fn another_witness_takes_the_place_of_a_lost_one() {
    for world in worlds().await {
        let old = world.approved("no.eksempel.gammel", "Gammel").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &old).await, None);
        // The next process has two others in its settings.
        let world = world.restarted_with_witnesses(&[2, 3]).await;
        world.registry.renew_trust().await.unwrap();
        let policy = String::from_utf8(target(&world, files::LOG_POLICY).await).unwrap();
        assert!(!policy.contains("witness w1") && policy.contains("w2.example.no"));
        let new = world.approved("no.eksempel.ny", "Ny").await;
        assert_eq!(epj.refresh(&world).await, None, "{}", world.engine);
        assert_eq!(epj.ingest(&world, &new).await, None);
        // What the lost one alone has seen proves nothing to those who meet it now, until the
        // approval is signed anew and shown to the others.
        let mut late = Epj::new(&world).await;
        assert_eq!(late.refresh(&world).await, None);
        let refused = late.ingest(&world, &old).await;
        assert_eq!(refused, Some(Code::WitnessQuorum));
        let done = world.registry.resign_approvals().await.unwrap();
        assert_eq!(done.len(), 1);
        assert!(done[0].keys.is_empty() && done[0].remedy == Remedy::Resign);
        for epj in [&mut epj, &mut late] {
            assert_eq!(epj.refresh(&world).await, None);
            assert_eq!(epj.ingest(&world, &old).await, None);
        }
        assert!(world.registry.stranded().await.unwrap().is_empty());
    }
}
