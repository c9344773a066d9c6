//! An EPJ that knows the registry by what it publishes, and what it reads there.

use std::collections::BTreeMap;

use foundation::Clock;
use serde_json::Value;
use verifier::jwk::KeyUse;
use verifier::trust::{Collection, TrustedKey, TrustedKeys};
use verifier::{Code, Environment, LaunchRequest, LocalPolicy, ObservedContent, Verifier};

use super::World;

/// An EPJ that fetches over the API.
pub(crate) struct Epj {
    pub(crate) verifier: Verifier,
}

impl Epj {
    /// Knows the first root document and nothing else.
    pub(crate) async fn new(world: &World) -> Self {
        let root = world.get("", "/trust/1.root.json").await.expect(200);
        Self::pinned(&root.bytes)
    }

    /// Knows this root document and nothing else.
    pub(crate) fn pinned(root: &[u8]) -> Self {
        let local = LocalPolicy::new(Environment::Test);
        let verifier = Verifier::new(root, local).unwrap();
        Self { verifier }
    }

    /// The same EPJ started again, with another pinned root document.
    pub(crate) fn repinned(&self, root: &[u8]) -> Self {
        let local = self.verifier.local_policy().clone();
        let snapshot = self.verifier.snapshot();
        let verifier = Verifier::restore(root, local, snapshot).unwrap();
        Self { verifier }
    }

    /// Fetches the trust repository and the status list.
    pub(crate) async fn refresh(&mut self, world: &World) -> Option<Code> {
        self.refresh_given(world, &BTreeMap::new()).await
    }

    /// The same, where somebody on the way answers for these documents.
    pub(crate) async fn refresh_given(
        &mut self,
        world: &World,
        forged: &BTreeMap<String, Vec<u8>>,
    ) -> Option<Code> {
        let mut collection = Collection::new(self.verifier.root_version());
        while let Some(wanted) = collection.wanted() {
            if let Some(bytes) = forged.get(&wanted.name) {
                collection.take(Some(bytes.clone()));
                continue;
            }
            let reply = world.get("", &format!("/trust/{}", wanted.name)).await;
            assert!(reply.bytes.len() <= wanted.max_len, "{}", wanted.name);
            collection.take((reply.status == 200).then_some(reply.bytes));
        }
        let now = world.clock.now().seconds();
        let update = collection.finish();
        if let Err(error) = self.verifier.update_trust(&update, now) {
            return Some(error.code);
        }
        let list = world.get("", "/status/0").await.expect(200).text();
        let updated = self.verifier.update_status(&list, now);
        updated.err().map(|error| error.code)
    }

    /// Takes in the approval at this place.
    pub(crate) async fn ingest(&mut self, world: &World, path: &str) -> Option<Code> {
        let approval = world.get("", &format!("{path}/approval")).await.expect(200);
        let ticket = world
            .get("", &format!("{path}/approval.tlog-proof"))
            .await
            .expect(200);
        self.take(world, &approval.text(), &ticket.text())
    }

    /// Takes in an approval with its ticket.
    pub(crate) fn take(&mut self, world: &World, approval: &str, ticket: &str) -> Option<Code> {
        let now = world.clock.now().seconds();
        let taken = self.verifier.ingest(approval, ticket, now);
        taken.err().map(|error| error.code)
    }

    /// Launches the app of the only approval that was taken in, as it was approved.
    pub(crate) fn launch(&self, world: &World, software_id: &str) -> Option<Code> {
        let approvals = self.verifier.approvals();
        let approval = approvals
            .filter(|approval| approval.software_id == software_id)
            .last()
            .unwrap();
        let content = ObservedContent::Bundle(approval.content.bundle.unwrap());
        let request = LaunchRequest::new(
            &approval.software_id,
            &approval.software_version,
            &approval.organization_id,
            content,
        );
        let now = world.clock.now().seconds();
        let launched = self.verifier.launch(&request, now);
        launched.err().map(|error| error.code)
    }
}

pub(crate) async fn json(world: &World, name: &str) -> Value {
    world
        .get("", &format!("/trust/{name}"))
        .await
        .expect(200)
        .json()
}

/// The version of the newest document of each role.
pub(crate) async fn versions(world: &World) -> [u64; 4] {
    let mut root = 1;
    while world
        .get("", &format!("/trust/{}.root.json", root + 1))
        .await
        .status
        == 200
    {
        root += 1;
    }
    let timestamp = json(world, "timestamp.json").await;
    let snapshot = &timestamp["signed"]["meta"]["snapshot.json"]["version"];
    let document = json(world, &format!("{snapshot}.snapshot.json")).await;
    let targets = &document["signed"]["meta"]["targets.json"]["version"];
    [
        root,
        targets.as_u64().unwrap(),
        snapshot.as_u64().unwrap(),
        timestamp["signed"]["version"].as_u64().unwrap(),
    ]
}

/// A target file in force.
pub(crate) async fn target(world: &World, name: &str) -> Vec<u8> {
    let [_, targets, ..] = versions(world).await;
    let document = json(world, &format!("{targets}.targets.json")).await;
    let hash = document["signed"]["targets"][name]["hashes"]["sha256"].clone();
    let path = format!("/trust/targets/{}.{name}", hash.as_str().unwrap());
    world.get("", &path).await.expect(200).bytes
}

pub(crate) async fn keys(world: &World, name: &str) -> Vec<TrustedKey> {
    let set: TrustedKeys = serde_json::from_slice(&target(world, name).await).unwrap();
    set.keys
}

/// The key in force of this use.
pub(crate) async fn key(world: &World, name: &str, key_use: KeyUse) -> TrustedKey {
    let mut keys = keys(world, name).await.into_iter();
    keys.find(|key| key.key_use == key_use && key.revoked.is_none())
        .unwrap()
}
