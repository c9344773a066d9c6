//! When a key of a vendor's own counts. The first is taken at the vendor's word; after that a new
//! key needs the signature of the one in force, or three days and a fresh look at who the vendor is.
//! Whoever has only stolen a login can so do no more than ask, and the vendor is told.

use std::time::Duration;

use foundation::Timestamp;
use serde::Serialize;

/// Where a registered key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Asked for without the key in force.
    Pending,
    /// In force.
    Active,
    /// Another took its place; what it signed stays valid.
    Retired,
    /// Taken back before it counted.
    Cancelled,
}

impl KeyState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Retired, Self::Cancelled];

    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state spelled `text`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// Signed neither by the key in force nor by the new one.
    Unproved,
    /// It says that it follows another key than the one in force.
    WrongPredecessor,
    /// The key is known here already.
    Taken,
    /// Another key waits already.
    AnotherPending,
    /// There is no such key of this holder.
    Unknown,
    /// The key is not waiting (any more).
    NotPending,
    /// What was signed was sent before.
    Spent,
}

/// How a key was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The vendor's first: in force at once.
    First,
    /// Signed by the key in force: in its place at once.
    Succession,
    /// Signed by itself alone, where a key is or was in force: to wait.
    Recovery,
}

/// Who signed for which key, with the one in force: all thumbprints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claimed<'a> {
    pub(crate) active: Option<&'a str>,
    /// Whether the vendor has had a key in force before.
    pub(crate) had: bool,
    pub(crate) signer: &'a str,
    pub(crate) next: &'a str,
    pub(crate) replaces: Option<&'a str>,
}

/// Decides how a key was asked for.
pub(crate) fn asked(claimed: &Claimed<'_>) -> Result<Asked, KeyRefusal> {
    if claimed.replaces.is_some() && claimed.replaces != claimed.active {
        return Err(KeyRefusal::WrongPredecessor);
    }
    match claimed.active {
        Some(active) if claimed.signer == active && claimed.replaces == Some(active) => {
            Ok(Asked::Succession)
        }
        Some(active) if claimed.signer == active => Err(KeyRefusal::WrongPredecessor),
        None if claimed.signer == claimed.next && !claimed.had => Ok(Asked::First),
        _ if claimed.signer == claimed.next => Ok(Asked::Recovery),
        _ => Err(KeyRefusal::Unproved),
    }
}

/// When a key may count that is asked for at `now`.
pub(crate) fn due(now: Timestamp) -> Timestamp {
    now.plus(WAIT)
}

/// Whether a pending key counts from now on.
pub(crate) fn counts(due_at: Timestamp, verified: bool, now: Timestamp) -> bool {
    verified && now >= due_at
}

/// Three days: long enough for the vendor to be told and to take it back.
const WAIT: Duration = Duration::from_hours(72);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claimed<'a>(
        active: Option<&'a str>,
        signer: &'a str,
        replaces: Option<&'a str>,
    ) -> Claimed<'a> {
        Claimed {
            active,
            had: active.is_some(),
            signer,
            next: "new",
            replaces,
        }
    }

    #[test]
    fn a_key_follows_the_one_in_force_or_waits() {
        let first = asked(&claimed(None, "new", None));
        assert_eq!(first, Ok(Asked::First));
        let next = asked(&claimed(Some("old"), "old", Some("old")));
        assert_eq!(next, Ok(Asked::Succession));
        for replaces in [None, Some("old")] {
            let alone = asked(&claimed(Some("old"), "new", replaces));
            assert_eq!(alone, Ok(Asked::Recovery));
        }
        // Whose key ended without another does not begin anew at their word.
        let ended = Claimed {
            had: true,
            ..claimed(None, "new", None)
        };
        assert_eq!(asked(&ended), Ok(Asked::Recovery));
        for (active, signer, replaces, refusal) in [
            (None, "other", None, KeyRefusal::Unproved),
            (Some("old"), "other", Some("old"), KeyRefusal::Unproved),
            (Some("old"), "old", None, KeyRefusal::WrongPredecessor),
            (Some("old"), "old", Some("x"), KeyRefusal::WrongPredecessor),
            (None, "new", Some("x"), KeyRefusal::WrongPredecessor),
        ] {
            assert_eq!(asked(&claimed(active, signer, replaces)), Err(refusal));
        }
    }

    #[test]
    fn a_lost_key_is_replaced_after_three_days_and_a_fresh_look() {
        let now = Timestamp::from_seconds(1000);
        let due = due(now);
        assert_eq!(due.since(now), Duration::from_hours(72));
        let almost = due.minus(Duration::from_millis(1));
        assert!(!counts(due, true, almost));
        assert!(!counts(due, false, due));
        assert!(counts(due, true, due));
    }

    proptest! {
        /// Without the key in force nothing takes its place at once.
        #[test]
        fn only_the_key_in_force_names_its_successor(
            signer in "[a-d]", next in "[a-d]", replaces in prop::option::of("[a-d]")
        ) {
            let claimed = Claimed {
                active: Some("a"),
                had: true,
                signer: &signer,
                next: &next,
                replaces: replaces.as_deref(),
            };
            let asked = asked(&claimed);
            prop_assert_ne!(asked, Ok(Asked::First));
            if asked == Ok(Asked::Succession) {
                prop_assert_eq!(signer, "a");
            }
        }
    }

    #[test]
    fn every_state_is_read() {
        for state in KeyState::ALL {
            assert_eq!(KeyState::parse(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
