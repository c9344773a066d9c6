//! The life of a version as a state machine. An event that a state does not know is an error, so
//! an illegal transition cannot be made.

use serde::{Deserialize, Serialize};

/// Where a version is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// Uploaded; its bytes are fixed, nobody else has seen it.
    Draft,
    /// With the reviewers.
    Submitted,
    /// Both reviewers have approved; it is being signed, logged and witnessed.
    Issuing,
    /// Approved, logged and witnessed.
    Approved,
    /// A reviewer sent it back, with reasons.
    Returned,
    /// Approved, but not to be launched at present.
    Suspended,
    /// Never to be launched again.
    Revoked,
    /// The vendor took it back before it was approved.
    Withdrawn,
}

/// What happens to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The vendor uploaded it: the first event of every history.
    Uploaded,
    /// The vendor sent it to review.
    Submitted,
    /// One reviewer approved it; another is needed.
    Endorsed,
    /// The second reviewer approved it.
    Accepted,
    /// A reviewer sent it back.
    Returned,
    /// Its approval was logged and witnessed.
    Approved,
    /// Its approval was suspended.
    Suspended,
    /// Its approval holds again.
    Reinstated,
    /// Its approval was ended for good.
    Revoked,
    /// The vendor took it back.
    Withdrawn,
    /// Its approval was signed anew, because a key that had signed it was withdrawn.
    Resigned,
    /// It needs new reviews, because no approval that is signed now can rest on those that it has.
    Reopened,
}

/// An event that a version in this state cannot meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version that is {} cannot be {}", .from.as_str(), .event.as_str())]
pub struct IllegalTransition {
    /// The state it is in.
    pub from: VersionState,
    /// The event that was tried.
    pub event: Event,
}

impl VersionState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Submitted,
        Self::Issuing,
        Self::Approved,
        Self::Returned,
        Self::Suspended,
        Self::Revoked,
        Self::Withdrawn,
    ];

    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Issuing => "issuing",
            Self::Approved => "approved",
            Self::Returned => "returned",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state spelled `text`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The state after `event`; `is_out` tells whether an approval of the version was published. What
    /// is out can be stopped in every state, also while it is reviewed anew, and cannot be hidden by
    /// withdrawing.
    pub(crate) fn after(self, event: Event, is_out: bool) -> Result<Self, IllegalTransition> {
        match (self, event) {
            (Self::Draft | Self::Returned, Event::Submitted)
            | (Self::Submitted, Event::Endorsed)
            | (Self::Issuing | Self::Approved, Event::Reopened) => Ok(Self::Submitted),
            (Self::Submitted, Event::Accepted) => Ok(Self::Issuing),
            (Self::Submitted, Event::Returned) => Ok(Self::Returned),
            (Self::Issuing, Event::Approved)
            | (Self::Suspended, Event::Reinstated)
            | (Self::Approved, Event::Resigned) => Ok(Self::Approved),
            (Self::Approved, Event::Suspended) => Ok(Self::Suspended),
            (Self::Approved | Self::Suspended, Event::Revoked) => Ok(Self::Revoked),
            (Self::Submitted | Self::Issuing | Self::Returned, Event::Suspended) if is_out => {
                Ok(Self::Suspended)
            }
            (Self::Submitted | Self::Issuing | Self::Returned, Event::Revoked) if is_out => {
                Ok(Self::Revoked)
            }
            (Self::Draft | Self::Submitted | Self::Returned, Event::Withdrawn) if !is_out => {
                Ok(Self::Withdrawn)
            }
            (from, event) => Err(IllegalTransition { from, event }),
        }
    }

    /// True when strangers may see the version: it is or was approved, and says so.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Approved | Self::Suspended | Self::Revoked)
    }

    /// True when the catalogue lists the version.
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Approved | Self::Suspended)
    }

    /// True when reviewers may see the version.
    pub const fn is_reviewable(self) -> bool {
        !matches!(self, Self::Draft | Self::Withdrawn)
    }
}

impl Event {
    /// Every event but the first.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 11] = [
        Self::Submitted,
        Self::Endorsed,
        Self::Accepted,
        Self::Returned,
        Self::Approved,
        Self::Suspended,
        Self::Reinstated,
        Self::Revoked,
        Self::Withdrawn,
        Self::Resigned,
        Self::Reopened,
    ];

    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Submitted => "submitted",
            Self::Endorsed => "endorsed",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Suspended => "suspended",
            Self::Reinstated => "reinstated",
            Self::Revoked => "revoked",
            Self::Withdrawn => "withdrawn",
            Self::Resigned => "resigned",
            Self::Reopened => "reopened",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The states that are gone through, each with whether an approval is out.
    fn walk(events: &[Event]) -> Vec<(VersionState, Event, VersionState, bool)> {
        let mut state = VersionState::Draft;
        let mut is_out = false;
        let mut steps = Vec::new();
        for event in events {
            if let Ok(next) = state.after(*event, is_out) {
                is_out = is_out || *event == Event::Approved;
                steps.push((state, *event, next, is_out));
                state = next;
            }
        }
        steps
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_sequence_of_events_breaks_the_rules(events in prop::collection::vec(prop::sample::select(Event::ALL.to_vec()), 0..60)) {
            let steps = walk(&events);
            let mut before = Vec::new();
            for (from, event, to, is_out) in steps {
                prop_assert!(from != VersionState::Revoked && from != VersionState::Withdrawn, "an end is an end");
                if to == VersionState::Approved && from == VersionState::Issuing {
                    prop_assert!(before.contains(&Event::Accepted), "nothing is approved without two reviewers");
                    prop_assert!(before.contains(&Event::Submitted));
                }
                prop_assert!(is_out || !to.is_public(), "nothing is public before it is logged");
                prop_assert!(event != Event::Withdrawn || !is_out, "an approval cannot be hidden by withdrawing");
                if is_out && to != VersionState::Revoked {
                    prop_assert!(to.after(Event::Revoked, is_out).is_ok(), "what is out can be ended");
                    let stops = to.after(Event::Suspended, is_out).is_ok();
                    prop_assert!(stops || to == VersionState::Suspended, "what is out can be stopped");
                }
                if event == Event::Submitted {
                    prop_assert!(matches!(from, VersionState::Draft | VersionState::Returned));
                }
                before.push(event);
            }
        }
    }

    #[test]
    fn every_state_is_reached_and_every_spelling_is_read() {
        for state in VersionState::ALL {
            assert_eq!(VersionState::parse(state.as_str()), Some(state));
        }
        let path = [
            Event::Submitted,
            Event::Endorsed,
            Event::Accepted,
            Event::Approved,
            Event::Suspended,
            Event::Reinstated,
            Event::Revoked,
        ];
        assert_eq!(walk(&path).len(), path.len());
        assert!(VersionState::Approved.after(Event::Uploaded, true).is_err());
    }
}
