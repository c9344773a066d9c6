//! What people decide in the repository: deny list, oldest versions, log policy.

use registry::{Denied, Restriction};
use verifier::Code;
use verifier::trust::{MinVersion, files};

use super::APP;
use crate::support::epj::{Epj, target};
use crate::support::{orgnr, worlds};

#[tokio::test]
async fn deny_list_oldest_versions_and_log_policy_are_decided_by_people() {
    for world in worlds().await {
        let path = world.approved(APP, "Blodtrykk").await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(epj.refresh(&world).await, None);
        let vendor = format!("NO:ORGNR:{}", orgnr(1));
        let vendor: Denied = vendor.parse().unwrap();
        let restrict = |one| world.registry.restrict(vec![one]);
        restrict(Restriction::Deny(vendor.clone())).await.unwrap();
        restrict(Restriction::Deny(vendor.clone())).await.unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(
            epj.ingest(&world, &path).await,
            Some(Code::Denylisted),
            "{}",
            world.engine
        );
        restrict(Restriction::Lift(vendor)).await.unwrap();
        let oldest = |version: &str| {
            Restriction::Oldest(MinVersion {
                software_id: APP.to_owned(),
                software_version: version.to_owned(),
            })
        };
        restrict(oldest("1.0.1")).await.unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, Some(Code::Denylisted));
        restrict(oldest("1.0.0")).await.unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);
        restrict(oldest("2.0.0")).await.unwrap();
        restrict(Restriction::AnyVersion(APP.to_owned()))
            .await
            .unwrap();
        assert_eq!(epj.refresh(&world).await, None);
        assert_eq!(epj.ingest(&world, &path).await, None);

        let by_itself = target(&world, files::LOG_POLICY).await;
        let wrong = world.registry.set_log_policy(Some("quorum nobody\n")).await;
        assert!(wrong.is_err());
        assert_eq!(target(&world, files::LOG_POLICY).await, by_itself);
        let text = String::from_utf8(by_itself.clone()).unwrap();
        let narrower = format!("# Tested\n{text}");
        world
            .registry
            .set_log_policy(Some(&narrower))
            .await
            .unwrap();
        world.registry.renew_trust().await.unwrap();
        let published = String::from_utf8(target(&world, files::LOG_POLICY).await).unwrap();
        assert!(published.ends_with(&narrower));
        assert_eq!(epj.refresh(&world).await, None);
        world.registry.set_log_policy(None).await.unwrap();
        assert_eq!(target(&world, files::LOG_POLICY).await, by_itself);
    }
}
