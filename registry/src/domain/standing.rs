//! Who may suspend, reinstate, revoke or withdraw, and how many must agree.

use foundation::access::{Actor, Role};
use serde::{Deserialize, Serialize};

use super::version::Event;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Stop launches until further notice.
    Suspend,
    /// Let it be launched again.
    Reinstate,
    /// End the approval for good.
    Revoke,
    /// Take a version back that is not approved yet.
    Withdraw,
}

impl Action {
    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Reinstate => "reinstate",
            Self::Revoke => "revoke",
            Self::Withdraw => "withdraw",
        }
    }

    /// The action spelled `text`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Suspend, Self::Reinstate, Self::Revoke, Self::Withdraw]
            .into_iter()
            .find(|action| action.as_str() == text)
    }

    /// What happens to the version when it is carried out.
    pub(crate) const fn event(self) -> Event {
        match self {
            Self::Suspend => Event::Suspended,
            Self::Reinstate => Event::Reinstated,
            Self::Revoke => Event::Revoked,
            Self::Withdraw => Event::Withdrawn,
        }
    }

    /// How many reviewers must agree.
    pub(crate) const fn voices(self) -> usize {
        match self {
            Self::Reinstate => 2,
            Self::Suspend | Self::Revoke | Self::Withdraw => 1,
        }
    }
}

/// Why an actor may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotYours {
    /// Only reviewers may.
    ReviewersOnly,
    /// Only the app's vendor may.
    VendorOnly,
    /// A reviewer may not decide this for an app of their own organisation.
    Conflict,
}

/// Says whether `actor` may ask for `action` on an app of `vendor`.
pub(crate) fn may(action: Action, actor: &Actor, vendor: &str) -> Result<(), NotYours> {
    let own = actor.organisation == vendor;
    let reviewer = actor.is(Role::Reviewer);
    match action {
        // Stopping is the safe direction: the vendor itself may, and any one reviewer.
        Action::Suspend if reviewer || (own && actor.is(Role::Vendor)) => Ok(()),
        Action::Withdraw if own && actor.is(Role::Vendor) => Ok(()),
        Action::Withdraw => Err(NotYours::VendorOnly),
        Action::Reinstate | Action::Revoke if reviewer && !own => Ok(()),
        Action::Reinstate | Action::Revoke if reviewer => Err(NotYours::Conflict),
        Action::Suspend | Action::Reinstate | Action::Revoke => Err(NotYours::ReviewersOnly),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn actor(organisation: &str, role: Role) -> Actor {
        Actor {
            person: "p".to_owned(),
            name: "P".to_owned(),
            organisation: organisation.to_owned(),
            organisation_name: "O".to_owned(),
            roles: BTreeSet::from([role]),
        }
    }

    #[test]
    fn stopping_is_easy_and_starting_again_is_not() {
        let vendor = actor("v", Role::Vendor);
        let other_vendor = actor("w", Role::Vendor);
        let reviewer = actor("r", Role::Reviewer);
        let own_reviewer = actor("v", Role::Reviewer);
        assert_eq!(may(Action::Suspend, &vendor, "v"), Ok(()));
        assert_eq!(may(Action::Suspend, &reviewer, "v"), Ok(()));
        assert_eq!(
            may(Action::Suspend, &other_vendor, "v"),
            Err(NotYours::ReviewersOnly)
        );
        assert_eq!(
            may(Action::Reinstate, &vendor, "v"),
            Err(NotYours::ReviewersOnly)
        );
        assert_eq!(
            may(Action::Reinstate, &own_reviewer, "v"),
            Err(NotYours::Conflict)
        );
        assert_eq!(
            may(Action::Revoke, &own_reviewer, "v"),
            Err(NotYours::Conflict)
        );
        assert_eq!(may(Action::Revoke, &reviewer, "v"), Ok(()));
        assert_eq!(
            may(Action::Withdraw, &reviewer, "v"),
            Err(NotYours::VendorOnly)
        );
        assert_eq!(Action::Reinstate.voices(), 2);
    }
}
