//! Refusals for the reviews inside an approval.

use verifier::claims::{Decision, ReviewRole};
use verifier::trust::TrustedKey;
use verifier::{Code, Digest};

use super::{claims, review, world};
use crate::support::{DAY, NOW, VENDOR, World};

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Vec<(Code, Option<Code>)> {
    let person = |at: usize, person: &str, org: &str| {
        let (person, org) = (person.to_owned(), org.to_owned());
        world(move |world| {
            let key: &mut TrustedKey = &mut world.config.keys[at];
            (key.person, key.organization_id) = (Some(person), Some(org));
        })
    };
    vec![
        (
            Code::ReviewSig,
            claims(|a| {
                a.reviews[0].pop();
            }),
        ),
        (
            Code::ReviewSig,
            world(|world| {
                world.config.keys.remove(3);
            }),
        ),
        (
            Code::ReviewSig,
            claims(|a| {
                let (other, _) = a.reviews[1].rsplit_once('.').unwrap();
                let (_, signature) = a.reviews[0].rsplit_once('.').unwrap();
                a.reviews[1] = format!("{other}.{signature}");
            }),
        ),
        (
            Code::ReviewQuorum,
            claims(|a| a.reviews[1] = a.reviews[0].clone()),
        ),
        (
            Code::ReviewQuorum,
            review(|review| review.role = ReviewRole::Privacy),
        ),
        (
            Code::ReviewQuorum,
            person(4, "urn:reviewer:a", "NO:ORGNR:889640782"),
        ),
        (
            Code::ReviewQuorum,
            world(|world| world.config.keys[3].roles = vec![ReviewRole::Clinical]),
        ),
        (Code::ReviewConflict, person(4, "urn:reviewer:b", VENDOR)),
        (
            Code::ReviewConflict,
            person(4, "urn:reviewer:b", "NO:ORGNR:983544622"),
        ),
        (
            Code::ReviewMismatch,
            person(3, "urn:reviewer:c", "NO:ORGNR:983544622"),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.decision = Decision::Reject),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.release_digest = Digest::of(b"other")),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.software_version = "1.2.1".to_owned()),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.software_id.push('x')),
        ),
        (Code::ReviewMismatch, review(|review| review.sub.push('x'))),
        (
            Code::ReviewMismatch,
            review(|review| review.criteria.push('2')),
        ),
        (
            Code::ReviewMismatch,
            review(|review| {
                review.evidence.remove(0);
            }),
        ),
        (
            Code::ReviewMismatch,
            review(|review| {
                review.evidence.remove(1);
            }),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.iat = NOW - 539),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.scope = Some("launch openid".to_owned())),
        ),
        (
            Code::ReviewMismatch,
            review(|review| review.redirect_uris = Some(Vec::new())),
        ),
        (
            Code::Claim,
            review(|review| review.scope = Some("a  b".to_owned())),
        ),
        (
            Code::ReviewOld,
            review(|review| review.iat = NOW - 600 - 90 * DAY - 1),
        ),
    ]
}

#[test]
fn reviews_at_their_limits_are_accepted() {
    assert_eq!(review(|_| {}), None);
    assert_eq!(review(|review| review.iat = NOW - 540), None);
    assert_eq!(review(|review| review.iat = NOW - 600 - 90 * DAY), None);
    assert_eq!(
        review(|review| review.scope = Some(World::release().scope + " patient/*.cruds")),
        None
    );
    assert_eq!(
        review(|review| review.redirect_uris = Some(World::release().redirect_uris)),
        None
    );
}
