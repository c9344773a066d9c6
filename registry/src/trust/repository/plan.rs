//! Which documents have to be made anew, and what they say.

use std::collections::BTreeMap;

use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::{
    Document, Held, Keys, MetaFile, Repository, Role, RoleKey, RoleName, Roles, Root, Snapshot,
    TargetFile, Targets, Timestamp, TimestampMeta,
};

use super::contents::Contents;
use super::present::Present;
use super::signers::AtHand;

/// What the next versions are to say.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The keys of each role, and how many of them must sign.
    pub(super) roles: BTreeMap<RoleName, (Vec<EcPublicKey>, u32)>,
    pub(super) contents: Contents,
}

impl Draft {
    /// What is published now.
    pub(super) fn of(root: &Root, contents: Contents) -> Self {
        let keys = |role: &Role| {
            let ids = role.keyids.iter();
            let keys = ids.filter_map(|id| root.keys.0.get(id)?.as_p256().cloned());
            (keys.collect(), role.threshold)
        };
        let roles = RoleName::ALL.map(|name| (name, keys(root.roles.of(name))));
        Self {
            roles: roles.into(),
            contents,
        }
    }

    fn root(&self, version: u64, now: i64) -> Root {
        let role = |name: RoleName| {
            let (keys, threshold) = self.roles.get(&name).cloned().unwrap_or_default();
            let keyids = keys.iter().map(|key| RoleKey::p256(key).id()).collect();
            Role { keyids, threshold }
        };
        let keys = self.roles.values().flat_map(|(keys, _)| keys);
        let keys = keys.map(RoleKey::p256).map(|key| (key.id(), key));
        Root {
            version,
            expires: now + lifetime(RoleName::Root),
            consistent_snapshot: true,
            keys: Keys(keys.collect()),
            roles: Roles {
                root: role(RoleName::Root),
                timestamp: role(RoleName::Timestamp),
                snapshot: role(RoleName::Snapshot),
                targets: role(RoleName::Targets),
            },
        }
    }
}

/// The moment of a plan, and which versions may have been out although they are lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct When<'a> {
    pub(super) now: i64,
    /// By role.
    pub(super) floors: &'a BTreeMap<String, u64>,
}

impl When<'_> {
    fn floor(self, role: RoleName) -> u64 {
        self.floors.get(role.as_str()).copied().unwrap_or(0)
    }

    /// Whether a newer version than this one may have been out.
    fn is_behind(self, role: RoleName, version: u64) -> bool {
        version <= self.floor(role)
    }

    /// The version after this one.
    pub(super) fn next(self, role: RoleName, version: u64) -> u64 {
        version.max(self.floor(role)).saturating_add(1)
    }
}

/// The documents that have to be made anew.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) root: Option<Root>,
    pub(super) targets: Option<Targets>,
    /// The version of the next snapshot.
    pub(super) snapshot: Option<u64>,
    /// The version of the next timestamp.
    pub(super) timestamp: Option<u64>,
    /// Whether the files say something else than before.
    edited: bool,
    /// Whether the root document says something else than before, and is not only renewed.
    rekeyed: bool,
}

impl Plan {
    /// What has to follow what is published, if anything is.
    pub(super) fn new(
        published: Option<&(Repository, BTreeMap<String, String>)>,
        draft: &Draft,
        files: &BTreeMap<String, String>,
        when: When<'_>,
    ) -> Self {
        let now = when.now;
        let Some((repository, known)) = published else {
            let first = |role| when.next(role, 0);
            return Self {
                root: Some(draft.root(1, now)),
                targets: Some(targets(first(RoleName::Targets), files, now)),
                snapshot: Some(first(RoleName::Snapshot)),
                timestamp: Some(first(RoleName::Timestamp)),
                edited: true,
                rekeyed: true,
            };
        };
        let before = repository.root().document();
        let next = draft.root(before.version + 1, now);
        let rekeyed = next.roles != before.roles || next.keys != before.keys;
        let moved = |role: RoleName| next.roles.of(role) != before.roles.of(role);
        let root = (rekeyed || due(before, now)).then(|| next.clone());
        let listed = repository.targets().map(Held::document);
        let edited = known != files;
        let resign = listed.is_none_or(|targets| due(targets, now));
        let version = listed.map_or(0, |targets| targets.version);
        let behind = when.is_behind(RoleName::Targets, version);
        let anew = edited || resign || behind || moved(RoleName::Targets);
        let version = when.next(RoleName::Targets, version);
        let targets = anew.then(|| targets(version, files, now));
        let plan = Self {
            root,
            targets,
            snapshot: None,
            timestamp: None,
            edited,
            rekeyed,
        };
        plan.with_online(repository, moved, when)
    }

    /// What follows from documents that were signed elsewhere.
    pub(super) fn signed_elsewhere(
        repository: Option<&Repository>,
        (root, targets): (Option<Root>, Option<Targets>),
        when: When<'_>,
    ) -> Self {
        let before = repository.map(|repository| repository.root().document());
        let moved = |role: RoleName| match (&root, before) {
            (Some(next), Some(before)) => next.roles.of(role) != before.roles.of(role),
            _ => false,
        };
        let moved = RoleName::ALL.map(|role| (role, moved(role)));
        let first = |role| before.is_none().then(|| when.next(role, 0));
        let plan = Self {
            root,
            targets,
            snapshot: first(RoleName::Snapshot),
            timestamp: first(RoleName::Timestamp),
            edited: true,
            rekeyed: true,
        };
        match repository {
            Some(repository) => {
                plan.with_online(repository, |role| moved.contains(&(role, true)), when)
            }
            None => plan,
        }
    }

    /// Snapshot and timestamp follow what they name, and are renewed by themselves.
    pub(super) fn with_online(
        mut self,
        repository: &Repository,
        moved: impl Fn(RoleName) -> bool,
        when: When<'_>,
    ) -> Self {
        let snapshot = repository.snapshot().map(Held::document);
        let timestamp = repository.timestamp().map(Held::document);
        let version = snapshot.map_or(0, |snapshot| snapshot.version);
        let resign = snapshot.is_none_or(|snapshot| due(snapshot, when.now))
            || when.is_behind(RoleName::Snapshot, version);
        if self.targets.is_some() || resign || moved(RoleName::Snapshot) {
            self.snapshot = Some(when.next(RoleName::Snapshot, version));
        }
        let version = timestamp.map_or(0, |timestamp| timestamp.version);
        let resign = timestamp
            .is_none_or(|timestamp| due(timestamp, when.now) || is_ahead(timestamp, when.now))
            || when.is_behind(RoleName::Timestamp, version);
        if self.snapshot.is_some() || resign || moved(RoleName::Timestamp) {
            self.timestamp = Some(when.next(RoleName::Timestamp, version));
        }
        self
    }

    /// Leaves out what cannot be signed here, and what has to be logged while every log is closed;
    /// says whether the targets document is left in.
    pub(super) fn leave_out(
        &mut self,
        repository: &Repository,
        at_hand: &AtHand,
        present: &Present,
    ) -> bool {
        if present.log_closed && (self.root.is_some() || self.targets.is_some()) {
            tracing::warn!("root.json or targets.json is due: start a successor of the log first");
            self.root = None;
            return self.leave_out_targets(repository, present.when());
        }
        let root = repository.root().document();
        self.rekeyed = false;
        self.leave_out_renewal(at_hand, root);
        if self.targets.is_none() || at_hand.suffices(RoleName::Targets, root) {
            return true;
        }
        let edited = self.edited;
        tracing::warn!(
            edited,
            "targets.json is due: sign the next version at a ceremony"
        );
        self.leave_out_targets(repository, present.when())
    }

    /// Leaves out a root document that is only renewed, if that cannot be signed here: what is
    /// decided does not wait for its ceremony.
    pub(super) fn leave_out_renewal(&mut self, at_hand: &AtHand, root: &Root) {
        if self.root.is_some() && !self.rekeyed && !at_hand.suffices(RoleName::Root, root) {
            tracing::warn!("root.json is due: sign the next version at a ceremony");
            self.root = None;
        }
    }

    fn leave_out_targets(&mut self, repository: &Repository, when: When<'_>) -> bool {
        (self.targets, self.snapshot, self.timestamp) = (None, None, None);
        *self = self.clone().with_online(repository, |_| false, when);
        false
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.root.is_none()
            && self.targets.is_none()
            && self.snapshot.is_none()
            && self.timestamp.is_none()
    }
}

fn targets(version: u64, files: &BTreeMap<String, String>, now: i64) -> Targets {
    let listed = files
        .iter()
        .map(|(name, text)| (name.clone(), TargetFile::of(text.as_bytes())));
    Targets {
        version,
        expires: now + lifetime(RoleName::Targets),
        targets: listed.collect(),
    }
}

/// The snapshot of a targets document.
pub(super) fn snapshot(version: u64, targets: u64, text: &str, now: i64) -> Snapshot {
    let meta = MetaFile::of(targets, text.as_bytes());
    Snapshot {
        version,
        expires: now + lifetime(RoleName::Snapshot),
        meta: BTreeMap::from([("targets.json".to_owned(), meta)]),
    }
}

/// The timestamp of a snapshot.
pub(super) fn timestamp(version: u64, snapshot: u64, text: &str, now: i64) -> Timestamp {
    Timestamp {
        version,
        expires: now + lifetime(RoleName::Timestamp),
        issued: Some(now),
        meta: TimestampMeta {
            snapshot: MetaFile::of(snapshot, text.as_bytes()),
        },
    }
}

/// Whether a document has to be signed anew although it says nothing new.
fn due<D: Document>(document: &D, now: i64) -> bool {
    now >= document.expires() - renewed_with_left(D::ROLE)
}

/// Whether a timestamp was signed so far in the future that no EPJ with a right clock takes it.
fn is_ahead(timestamp: &Timestamp, now: i64) -> bool {
    timestamp.issued.is_some_and(|issued| issued > now + AHEAD)
}

/// How long a document holds, in seconds.
pub(super) const fn lifetime(role: RoleName) -> i64 {
    match role {
        RoleName::Root => 365 * DAY,
        RoleName::Targets => 182 * DAY,
        RoleName::Snapshot => 7 * DAY,
        RoleName::Timestamp => DAY,
    }
}

/// How much of that is left when it is signed anew. A timestamp is signed every hour, so that who
/// fetches it has nearly a day.
const fn renewed_with_left(role: RoleName) -> i64 {
    match role {
        RoleName::Root => 90 * DAY,
        RoleName::Targets => 60 * DAY,
        RoleName::Snapshot => 3 * DAY + DAY / 2,
        RoleName::Timestamp => 23 * 3_600,
    }
}

const DAY: i64 = 86_400;
/// What EPJs allow, in seconds.
const AHEAD: i64 = 60;
