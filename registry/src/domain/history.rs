//! The history of a version: append-only, each entry carrying the hash of the one before it, so
//! that a changed or missing entry is noticed by whoever has the last hash.

use foundation::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use super::version::{Event, VersionState};

/// Who acted: a person of an organisation, or the registry itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// Subject of the person; `registry` when the registry carried something out.
    pub person: String,
    /// Name to show.
    pub name: String,
    /// Organisation number; empty for the registry.
    pub organisation: String,
}

impl Acted {
    /// The organisation alone.
    pub(crate) fn without_person(self) -> Self {
        Self {
            person: String::new(),
            name: String::new(),
            organisation: self.organisation,
        }
    }

    /// The monitor of hosted apps.
    pub(crate) fn monitor() -> Self {
        Self {
            person: MONITOR.to_owned(),
            name: "Monitor".to_owned(),
            organisation: String::new(),
        }
    }

    /// True when it was the monitor.
    pub(crate) fn is_monitor(&self) -> bool {
        self.person == MONITOR && self.organisation.is_empty()
    }

    /// The registry itself.
    pub(crate) fn registry() -> Self {
        Self {
            person: "registry".to_owned(),
            name: "Markedsplass".to_owned(),
            organisation: String::new(),
        }
    }
}

impl From<&foundation::access::Actor> for Acted {
    fn from(actor: &foundation::access::Actor) -> Self {
        Self {
            person: actor.person.clone(),
            name: actor.name.clone(),
            organisation: actor.organisation.clone(),
        }
    }
}

/// Who the monitor is, in place of a person.
const MONITOR: &str = "monitor";

/// One thing that happened to a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// 1 for the first.
    pub seq: i64,
    /// What happened.
    pub event: Event,
    /// The state before; absent for the first.
    pub from: Option<VersionState>,
    /// The state after.
    pub to: VersionState,
    /// Who did it.
    pub by: Acted,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Hash of the entry before; of the release document for the first.
    pub previous: Digest,
}

impl HistoryEntry {
    /// The bytes that are stored and hashed.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// The end of a chain, to which the next entry is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Number of the last entry; 0 when there is none.
    pub(crate) seq: i64,
    /// Its hash; the release digest when there is none.
    pub(crate) hash: Digest,
}

/// Checks a chain from its first entry; gives the number of the first entry that does not fit.
pub(crate) fn verify(release: Digest, entries: &[(Vec<u8>, Digest)]) -> Result<Head, i64> {
    let mut head = Head {
        seq: 0,
        hash: release,
    };
    for (bytes, hash) in entries {
        let seq = head.seq + 1;
        let entry: HistoryEntry = serde_json::from_slice(bytes).map_err(|_| seq)?;
        let fits = entry.seq == seq && entry.previous == head.hash && Digest::of(bytes) == *hash;
        if !fits {
            return Err(seq);
        }
        head = Head { seq, hash: *hash };
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain(length: i64) -> Vec<(Vec<u8>, Digest)> {
        let mut previous = Digest::of(b"release");
        let mut entries = Vec::new();
        for seq in 1..=length {
            let entry = HistoryEntry {
                seq,
                event: Event::Submitted,
                from: Some(VersionState::Draft),
                to: VersionState::Submitted,
                by: Acted::registry(),
                reason: format!("grunn {seq}"),
                at: Timestamp::from_seconds(seq),
                previous,
            };
            let bytes = entry.bytes().unwrap();
            previous = Digest::of(&bytes);
            entries.push((bytes, previous));
        }
        entries
    }

    proptest! {
        #[test]
        fn a_changed_missing_or_moved_entry_is_noticed(length in 2_i64..12, place in 0_usize..12, other in 0_usize..12) {
            let good = chain(length);
            let release = Digest::of(b"release");
            prop_assert_eq!(verify(release, &good).unwrap().seq, length);
            let place = place % good.len();
            let other = other % good.len();

            let mut changed = good.clone();
            let text = String::from_utf8(changed[place].0.clone()).unwrap().replace("grunn", "grums");
            changed[place] = (text.clone().into_bytes(), Digest::of(text.as_bytes()));
            if place + 1 < good.len() {
                prop_assert!(verify(release, &changed).is_err());
            } else {
                prop_assert_ne!(verify(release, &changed).unwrap().hash, good[place].1);
            }

            let mut missing = good.clone();
            missing.remove(place);
            if place + 1 < good.len() {
                prop_assert!(verify(release, &missing).is_err());
            }
            if place != other {
                let mut moved = good;
                moved.swap(place, other);
                prop_assert!(verify(release, &moved).is_err());
            }
        }
    }
}
