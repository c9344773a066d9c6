//! A published log whose operator may do as it pleases, and what an audit finds in it.

use std::collections::BTreeMap;

use verifier::LocalPolicy;
use verifier::audit::{Audit, AuditCode, AuditState, Context, Report, leaf_tile};
use verifier::checkpoint::Checkpoint;
use verifier::claims::{Approval, StatusCause, StatusEvent, StatusListReference, StatusListToken};
use verifier::merkle::{Hash, NodeReader, leaf_hash};
use verifier::note;
use verifier::status::StatusValue;
use verifier::tiles::{Bundle, Tile};
use verifier::trust::tuf::RoleName;
use verifier::trust::{LoggedDocument, Trust};

use crate::support::{LIST, NOW, ORIGIN, REGISTRY, Tree, World};

/// A log as it is published: whatever its operator pleases.
pub(super) struct Published {
    pub(super) world: World,
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

pub(super) fn trust(world: &World) -> Trust {
    let mut verifier = world.blank(LocalPolicy::new(world.environment));
    verifier.update_trust(&world.trust_update(), NOW).unwrap();
    verifier.trust().unwrap().clone()
}

impl Published {
    /// Documents, an approval, and more documents: more than one tile of each level.
    pub(super) fn new() -> Self {
        let mut published = Self {
            world: World::new(),
            entries: (0..20u32).map(document).collect(),
            files: BTreeMap::new(),
        };
        published.world.tree = Tree(Vec::new());
        let approval = published.approval();
        published.sign(&approval);
        published.entries.extend((20..300).map(document));
        published.publish();
        published
    }

    pub(super) fn approval(&self) -> Approval {
        let mut approval = self.world.approval();
        approval.log.after.size = 5;
        approval
    }

    pub(super) fn sign(&mut self, approval: &Approval) {
        let token = self.world.issue.sign(approval);
        self.entries.push(token.into_bytes());
    }

    pub(super) fn event(&mut self, from: StatusValue, to: StatusValue, iat: i64) {
        let event = StatusEvent {
            iss: REGISTRY.to_owned(),
            iat,
            jti: self.approval().jti,
            status_list: StatusListReference {
                idx: 7,
                uri: LIST.to_owned(),
            },
            from,
            to,
            cause: StatusCause::ContentDrift,
            reason: "drift".to_owned(),
            actor: "urn:reviewer:a".to_owned(),
            proposer: None,
        };
        let token = self.world.event.sign(&event);
        self.entries.push(token.into_bytes());
    }

    /// Writes every file anew.
    pub(super) fn publish(&mut self) {
        let leaves = self.entries.iter().map(|entry| leaf_hash(entry)).collect();
        let tree = Tree(leaves);
        let size = tree.size();
        self.checkpoint(size, tree.root(), NOW);
        for bundle in Bundle::changed(0, size) {
            let start = usize::try_from(bundle.index * 256).unwrap();
            let mut bytes = Vec::new();
            for entry in self.entries.iter().skip(start).take(bundle.width.into()) {
                assert!(Bundle::push(&mut bytes, entry));
            }
            self.put(&bundle.path(), bytes);
        }
        for tile in Tile::changed(0, size) {
            let bytes = tile.nodes().flat_map(|id| tree.node(id).unwrap()).collect();
            self.put(&tile.path(), bytes);
        }
    }

    pub(super) fn put(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }

    pub(super) fn audit(&self, state: AuditState, organization: Option<&str>) -> Report {
        let list = self.world.status_token(NOW - 10);
        self.audit_at(NOW, state, organization, &list)
    }

    /// An audit at this moment, with this status list.
    pub(super) fn audit_at(
        &self,
        now: i64,
        state: AuditState,
        organization: Option<&str>,
        list: &str,
    ) -> Report {
        let trust = trust(&self.world);
        let context = Context {
            trust: &trust,
            now,
            organization,
        };
        let mut audit = Audit::new(context, state);
        if !self.read_into(&mut audit) {
            return audit.report();
        }
        for uri in audit.lists() {
            audit.list(&uri, Some(list));
        }
        audit.report()
    }

    /// Reads every file into the audit; false when the checkpoint forbids it.
    pub(super) fn read_into(&self, audit: &mut Audit<'_>) -> bool {
        let note = String::from_utf8(self.files["checkpoint"].clone()).unwrap();
        if audit.begin(&note).is_none() {
            return false;
        }
        for bundle in audit.bundles() {
            let tile = self.files.get(&leaf_tile(bundle).path());
            match self.files.get(&bundle.path()) {
                Some(bytes) => audit.bundle(bundle, bytes, tile.map(Vec::as_slice)),
                None => audit.missing(&bundle.path()),
            }
        }
        for tile in audit.upper_tiles() {
            match self.files.get(&tile.path()) {
                Some(bytes) => audit.upper_tile(tile, bytes),
                None => audit.missing(&tile.path()),
            }
        }
        audit.finish();
        true
    }

    /// What becomes of a log whose status list was changed before it was signed.
    pub(super) fn with_list(&self, change: impl FnOnce(&mut StatusListToken)) -> Vec<AuditCode> {
        let mut claims = self.world.status_claims(NOW - 10);
        change(&mut claims);
        let list = self.world.status.sign(&claims);
        codes(&self.audit_at(NOW, AuditState::default(), None, &list))
    }

    /// A checkpoint of this size and root, signed and cosigned.
    pub(super) fn checkpoint(&mut self, size: u64, root: Hash, at: i64) {
        let text = Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root,
        }
        .to_string();
        let lines = [
            self.world.log.sign(&text),
            self.world.witness.cosign(&text, at),
        ];
        self.put("checkpoint", note::assemble(&text, lines).into_bytes());
    }

    pub(super) fn codes(&self) -> Vec<AuditCode> {
        codes(&self.audit(AuditState::default(), None))
    }
}

pub(super) fn codes(report: &Report) -> Vec<AuditCode> {
    report.findings.iter().map(|finding| finding.code).collect()
}

/// What the log says of a document of the trust repository.
pub(super) fn document(number: u32) -> Vec<u8> {
    let entry = LoggedDocument::of(RoleName::Targets, number.into(), &number.to_be_bytes());
    entry.to_string().into_bytes()
}
