//! The four-eyes rule: which reviews are refused, and what the accepted ones come to.

use std::collections::BTreeSet;

use verifier::claims::{Decision, ReviewRole};

/// A review that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) subject: String,
    pub(crate) orgnr: String,
    pub(crate) role: ReviewRole,
}

/// A review that is offered.
#[derive(Clone, Debug)]
pub(crate) struct Offered<'a> {
    pub(crate) subject: &'a str,
    pub(crate) orgnr: &'a str,
    pub(crate) role: ReviewRole,
    pub(crate) decision: Decision,
    /// The capacities that the reviewer has.
    pub(crate) capacities: &'a BTreeSet<ReviewRole>,
}

/// Why a review is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The reviewer's organisation made the app.
    Conflict,
    /// The reviewer does not have this capacity.
    WrongCapacity,
    /// The same person reviewed already.
    SamePerson,
    /// The other reviewer is of the same organisation.
    SameOrganisation,
    /// Somebody reviewed in this capacity already.
    RoleTaken,
}

/// What an accepted review leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// More reviews are needed.
    Endorsed,
    /// The needed reviews are there.
    Accepted,
    /// It goes back to the vendor.
    Returned,
}

/// Decides about an offered review, given those that stand (all approving) and the vendor.
pub(crate) fn decide(
    vendor: &str,
    standing: &[Standing],
    offered: &Offered<'_>,
) -> Result<Consequence, Refusal> {
    if offered.orgnr == vendor {
        return Err(Refusal::Conflict);
    }
    if !offered.capacities.contains(&offered.role) {
        return Err(Refusal::WrongCapacity);
    }
    if standing
        .iter()
        .any(|review| review.subject == offered.subject)
    {
        return Err(Refusal::SamePerson);
    }
    if standing.iter().any(|review| review.orgnr == offered.orgnr) {
        return Err(Refusal::SameOrganisation);
    }
    if standing.iter().any(|review| review.role == offered.role) {
        return Err(Refusal::RoleTaken);
    }
    if offered.decision == Decision::Reject {
        return Ok(Consequence::Returned);
    }
    let roles = standing.iter().map(|review| review.role);
    if suffice(roles.chain([offered.role])) {
        Ok(Consequence::Accepted)
    } else {
        Ok(Consequence::Endorsed)
    }
}

/// True when approving reviews in these capacities are enough for an approval.
pub(crate) fn suffice(roles: impl Iterator<Item = ReviewRole>) -> bool {
    let roles: BTreeSet<_> = roles.collect();
    REQUIRED.iter().all(|role| roles.contains(role))
}

/// The capacities that an approval needs, each by another person of another organisation.
const REQUIRED: [ReviewRole; 2] = [ReviewRole::Security, ReviewRole::Clinical];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROLES: [ReviewRole; 3] = [
        ReviewRole::Security,
        ReviewRole::Clinical,
        ReviewRole::Privacy,
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn acceptance_always_rests_on_two_people_of_two_foreign_organisations(
            offers in prop::collection::vec((0_u8..4, 0_u8..4, 0_usize..3, prop::bool::weighted(0.9), prop::bool::weighted(0.9)), 1..12)
        ) {
            let mut standing: Vec<Standing> = Vec::new();
            for (person, organisation, role, approves, capable) in offers {
                let (subject, orgnr) = (format!("p{person}"), format!("o{organisation}"));
                let role = ROLES[role];
                let capacities = if capable { BTreeSet::from([role]) } else { BTreeSet::new() };
                let decision = if approves { Decision::Approve } else { Decision::Reject };
                let offered = Offered { subject: &subject, orgnr: &orgnr, role, decision, capacities: &capacities };
                let outcome = decide("o0", &standing, &offered);
                if outcome.is_ok() {
                    prop_assert!(orgnr != "o0" && capable);
                }
                match outcome {
                    Ok(Consequence::Returned) => { prop_assert!(!approves); break }
                    Ok(Consequence::Endorsed) => standing.push(Standing { subject, orgnr, role }),
                    Ok(Consequence::Accepted) => {
                        standing.push(Standing { subject, orgnr, role });
                        let people: BTreeSet<_> = standing.iter().map(|r| &r.subject).collect();
                        let organisations: BTreeSet<_> = standing.iter().map(|r| &r.orgnr).collect();
                        prop_assert_eq!(people.len(), standing.len());
                        prop_assert_eq!(organisations.len(), standing.len());
                        prop_assert!(standing.len() >= 2 && !standing.iter().any(|r| r.orgnr == "o0"));
                        prop_assert!(standing.iter().any(|r| r.role == ReviewRole::Security));
                        prop_assert!(standing.iter().any(|r| r.role == ReviewRole::Clinical));
                        break;
                    }
                    Err(_) => {}
                }
            }
        }
    }
}
