//! What a stranger finds who audits the log, from the published files alone.

use std::collections::BTreeMap;

use verifier::audit::{self, Audit, AuditState, Finding};

use super::World;
use super::epj::{Epj, versions};

/// What a stranger's audit finds who comes for the first time.
pub(crate) async fn audited(world: &World) -> Vec<Finding> {
    audited_given(world, &BTreeMap::new()).await
}

/// The same, for a stranger whom somebody on the way has given these trust documents.
pub(crate) async fn audited_given(
    world: &World,
    forged: &BTreeMap<String, Vec<u8>>,
) -> Vec<Finding> {
    let mut epj = Epj::new(world).await;
    assert_eq!(epj.refresh_given(world, forged).await, None);
    let context = audit::Context {
        trust: epj.verifier.trust().unwrap(),
        now: world.clock_seconds(),
        organization: None,
    };
    let mut audit = Audit::new(context, AuditState::default());
    let file = async |path: String| world.get("", &format!("/log/{path}")).await.expect(200);
    let note = file("checkpoint".to_owned()).await.text();
    audit.begin(&note).unwrap();
    for bundle in audit.bundles() {
        let entries = file(bundle.path()).await.bytes;
        let tile = file(audit::leaf_tile(bundle).path()).await.bytes;
        audit.bundle(bundle, &entries, Some(&tile));
    }
    audit.finish();
    for uri in audit.lists() {
        let path = uri.strip_prefix("http://localhost:8080").unwrap();
        let list = world.get("", path).await.expect(200).text();
        audit.list(&uri, Some(&list));
    }
    let [root, targets, ..] = versions(world).await;
    for name in [
        format!("{root}.root.json"),
        format!("{targets}.targets.json"),
    ] {
        let served = world.get("", &format!("/trust/{name}")).await;
        let bytes = forged.get(&name).cloned();
        audit.trust_document(&name, &bytes.unwrap_or_else(|| served.expect(200).bytes));
    }
    audit.report().findings
}
