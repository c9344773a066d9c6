//! What is believed of a repository, and the rules by which one document takes another's place
//! (TUF §5.3 to §5.6). The order of asking for files is in [`super::refresh`].

use super::envelope::Envelope;
use super::metadata::{Document, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp};
use crate::code::{Code, VerifyError};

/// A document that has been verified, and the bytes that it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<D> {
    text: String,
    document: D,
}

impl<D> Held<D> {
    /// The file, byte for byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    pub const fn document(&self) -> &D {
        &self.document
    }
}

/// What is believed of a repository: the root documents from the pinned one on, and the newest of
/// the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    pinned: Held<Root>,
    /// The version of the newest document here that was pinned, and not only followed.
    vouched: u64,
    /// The root documents after the pinned one, without gaps.
    later: Vec<Held<Root>>,
    pub(super) timestamp: Option<Held<Timestamp>>,
    pub(super) snapshot: Option<Held<Snapshot>>,
    pub(super) targets: Option<Held<Targets>>,
}

impl Repository {
    /// A repository of which only this root document is known, from a source that is trusted. It
    /// may have expired: the repository has newer ones.
    pub fn pin(root: &[u8]) -> Result<Self, VerifyError> {
        let envelope = Envelope::read(Root::ROLE, root)?;
        let document: Root = envelope.document()?;
        envelope.verify::<Root>(&document)?;
        Ok(Self {
            vouched: document.version,
            pinned: held(root, document)?,
            later: Vec::new(),
            timestamp: None,
            snapshot: None,
            targets: None,
        })
    }

    /// The root document that was given from a source that is trusted.
    pub const fn pinned(&self) -> &Held<Root> {
        &self.pinned
    }

    /// The newest root document.
    pub fn root(&self) -> &Held<Root> {
        self.later.last().unwrap_or(&self.pinned)
    }

    /// The root documents after the pinned one.
    pub fn later_roots(&self) -> &[Held<Root>] {
        &self.later
    }

    /// The root document of this version, if it has been part of the way here.
    pub fn root_version(&self, version: u64) -> Option<&Held<Root>> {
        std::iter::once(&self.pinned)
            .chain(&self.later)
            .find(|root| root.document.version == version)
    }

    /// The newest timestamp document.
    pub const fn timestamp(&self) -> Option<&Held<Timestamp>> {
        self.timestamp.as_ref()
    }

    /// The newest snapshot document.
    pub const fn snapshot(&self) -> Option<&Held<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// The newest targets document.
    pub const fn targets(&self) -> Option<&Held<Targets>> {
        self.targets.as_ref()
    }

    /// What is known of a target file.
    pub fn target(&self, path: &str) -> Option<&TargetFile> {
        self.targets.as_ref()?.document.targets.get(path)
    }

    /// §5.3.4 and §5.3.5: the next root document, signed as the last one and as it says itself.
    pub(super) fn advance_root(&mut self, bytes: &[u8]) -> Result<(), VerifyError> {
        let trusted = &self.root().document;
        let envelope = Envelope::read(Root::ROLE, bytes)?;
        let next: Root = envelope.verify(trusted)?;
        envelope.verify::<Root>(&next)?;
        if next.version != trusted.version + 1 {
            let (found, expected) = (next.version, trusted.version + 1);
            let detail = format!("root.json: version {found} where {expected} must follow");
            return Err(Code::TrustRollback.because(detail));
        }
        self.later.push(held(bytes, next)?);
        Ok(())
    }

    /// §5.3.10 and §5.3.11: the newest root must not have expired; documents that its keys did not
    /// sign are forgotten with the versions they claim, which is how a repository recovers from an
    /// attacker who has counted versions up.
    pub(super) fn settle_root(&mut self, now: i64) -> Result<(), VerifyError> {
        unexpired(&self.root().document, now)?;
        let root = &self.root().document;
        let rotated = self.timestamp.as_ref().is_some_and(|t| !signed(t, root))
            || self.snapshot.as_ref().is_some_and(|s| !signed(s, root));
        if rotated {
            self.timestamp = None;
            self.snapshot = None;
        }
        Ok(())
    }

    /// §5.4: a newer timestamp takes the place of the last; the same version again changes nothing.
    pub(super) fn advance_timestamp(&mut self, bytes: &[u8], now: i64) -> Result<(), VerifyError> {
        let envelope = Envelope::read(Timestamp::ROLE, bytes)?;
        let next: Timestamp = envelope.verify(&self.root().document)?;
        if let Some(Held {
            document: known, ..
        }) = &self.timestamp
        {
            if next.version == known.version {
                return unexpired(known, now);
            }
            newer(&next, known)?;
            let (found, expected) = (next.meta.snapshot.version, known.meta.snapshot.version);
            not_before("timestamp.json: snapshot.json", found, expected)?;
        }
        unexpired(&next, now)?;
        self.timestamp = Some(held(bytes, next)?);
        Ok(())
    }

    /// Whether the snapshot that the timestamp names is held already.
    pub(super) fn has_snapshot(&self, now: i64) -> Result<bool, VerifyError> {
        let named = self.timestamp.as_ref().map(|t| &t.document.meta.snapshot);
        current(self.snapshot.as_ref(), named, &self.root().document, now)
    }

    /// Whether the targets document that the snapshot names is held already.
    pub(super) fn has_targets(&self, now: i64) -> Result<bool, VerifyError> {
        let named = self.snapshot.as_ref().and_then(|s| s.document.targets());
        current(self.targets.as_ref(), named, &self.root().document, now)
    }

    /// §5.5: the snapshot that the timestamp names.
    pub(super) fn advance_snapshot(&mut self, bytes: &[u8], now: i64) -> Result<(), VerifyError> {
        let named = self.timestamp.as_ref().map(|t| &t.document.meta.snapshot);
        let next: Snapshot = self.named("snapshot.json", bytes, named)?;
        if let Some(Held {
            document: known, ..
        }) = &self.snapshot
        {
            for (file, known) in &known.meta {
                let detail = || format!("snapshot.json: {file:.64} is no longer listed");
                let found = next.meta.get(file);
                let found = found.ok_or_else(|| Code::TrustRollback.because(detail()))?;
                not_before(
                    &format!("snapshot.json: {file:.64}"),
                    found.version,
                    known.version,
                )?;
            }
        }
        unexpired(&next, now)?;
        self.snapshot = Some(held(bytes, next)?);
        Ok(())
    }

    /// §5.6: the targets document that the snapshot names.
    pub(super) fn advance_targets(&mut self, bytes: &[u8], now: i64) -> Result<(), VerifyError> {
        let named = self.snapshot.as_ref().and_then(|s| s.document.targets());
        let next: Targets = self.named("targets.json", bytes, named)?;
        unexpired(&next, now)?;
        self.targets = Some(held(bytes, next)?);
        Ok(())
    }

    /// A document that another names: its digest before its signatures, then its version.
    fn named<D: Document>(
        &self,
        file: &str,
        bytes: &[u8],
        named: Option<&MetaFile>,
    ) -> Result<D, VerifyError> {
        let refuse = |what: &str| Code::TrustConfig.because(format!("{file}: {what}"));
        let named = named.ok_or_else(|| refuse("nothing names it"))?;
        if !named.fits(bytes) {
            return Err(refuse("not the bytes that are named"));
        }
        let next: D = Envelope::read(D::ROLE, bytes)?.verify(&self.root().document)?;
        if next.version() != named.version {
            let (found, expected) = (next.version(), named.version);
            return Err(refuse(&format!(
                "version {found}, version {expected} is named"
            )));
        }
        Ok(next)
    }

    /// Takes up again what was held before: the same checks, except that nothing is too old.
    pub fn resume(
        &mut self,
        roots: &[String],
        timestamp: Option<&str>,
        snapshot: Option<&str>,
        targets: Option<&str>,
    ) -> Result<(), VerifyError> {
        for root in roots {
            self.advance_root(root.as_bytes())?;
        }
        let root = self.root().document.clone();
        self.timestamp = timestamp.and_then(|text| reheld(text, &root));
        self.snapshot = snapshot.and_then(|text| reheld(text, &root));
        self.targets = targets.and_then(|text| reheld(text, &root));
        Ok(())
    }

    /// The version of the newest root document here that was pinned.
    pub(crate) const fn vouched(&self) -> u64 {
        self.vouched
    }

    /// Goes on with a root document of this version as one that was pinned.
    pub(crate) fn vouch(&mut self, version: u64) {
        if self.root_version(version).is_some() {
            self.vouched = self.vouched.max(version);
        }
    }

    /// Goes on with the root document that another repository is pinned to: one on the way here,
    /// whoever has signed it, or the one after all that was pinned. `None` when it does not belong
    /// to what is held: after documents that were only followed, even the next one may come from
    /// another hand.
    pub(crate) fn pinned_to(mut self, other: &Self) -> Option<Self> {
        let given = &other.pinned;
        let version = given.document.version;
        let known = self.root_version(version);
        if known.is_none_or(|known| known.document != given.document) {
            if self.root().document.version > self.vouched {
                return None;
            }
            self.advance_root(given.text.as_bytes()).ok()?;
        }
        self.vouch(version);
        Some(self)
    }

    /// Whether the root document that another repository is pinned to is newer than all that was
    /// pinned here, and signed by the keys of the newest of those.
    pub(crate) fn vouches_for(&self, other: &Self) -> bool {
        let given = &other.pinned;
        let newest = self.root_version(self.vouched);
        newest.is_some_and(|newest| {
            let newer = given.document.version > newest.document.version;
            newer && signed(given, &newest.document)
        })
    }
}

/// A document from its bytes, when a root document's keys have signed it.
pub(crate) fn reheld<D: Document>(text: &str, root: &Root) -> Option<Held<D>> {
    let document = Envelope::read(D::ROLE, text.as_bytes())
        .ok()?
        .verify(root)
        .ok()?;
    held(text.as_bytes(), document).ok()
}

fn held<D: Document>(bytes: &[u8], document: D) -> Result<Held<D>, VerifyError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Code::TrustConfig.because(format!("{}.json: not UTF-8", D::ROLE)))?;
    Ok(Held {
        text: text.to_owned(),
        document,
    })
}

fn signed<D: Document>(held: &Held<D>, root: &Root) -> bool {
    Envelope::read(D::ROLE, held.text.as_bytes()).is_ok_and(|e| e.verify::<D>(root).is_ok())
}

/// Whether what is held is what is named, signed with the present keys; an error when it is and
/// has expired, since then there is nothing newer.
fn current<D: Document>(
    held: Option<&Held<D>>,
    named: Option<&MetaFile>,
    root: &Root,
    now: i64,
) -> Result<bool, VerifyError> {
    let (Some(held), Some(named)) = (held, named) else {
        return Ok(false);
    };
    let same = held.document.version() == named.version && named.fits(held.text.as_bytes());
    if !same || !signed(held, root) {
        return Ok(false);
    }
    unexpired(&held.document, now)?;
    Ok(true)
}

fn newer<D: Document>(next: &D, known: &D) -> Result<(), VerifyError> {
    not_before(
        &format!("{}.json", D::ROLE),
        next.version(),
        known.version(),
    )
}

fn not_before(what: &str, found: u64, known: u64) -> Result<(), VerifyError> {
    if found < known {
        let detail = format!("{what}: version {found}, version {known} is known");
        return Err(Code::TrustRollback.because(detail));
    }
    Ok(())
}

fn unexpired<D: Document>(document: &D, now: i64) -> Result<(), VerifyError> {
    if now < document.expires() {
        return Ok(());
    }
    let (role, expires) = (D::ROLE, super::time::format(document.expires()));
    Err(Code::TrustExpired.because(format!("{role}.json: expired at {expires}")))
}
