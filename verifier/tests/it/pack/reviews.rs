//! The reviews inside an approval: four eyes, checked and not promised (step 11).

use verifier::Digest;
use verifier::claims::{Decision, Review, ReviewRole};
use verifier::trust::TrustedKey;

use super::scene::Pack;
use super::seals;
use crate::keys::EcKey;
use crate::support::{DAY, NOW, VENDOR, World};

const SECURITY: &str = "NO:ORGNR:983544622";
const CLINICAL: &str = "NO:ORGNR:889640782";

/// The honest review in this role.
pub(super) fn review(world: &World, role: ReviewRole) -> Review {
    let release = World::release();
    World::review(&release, &world.sign_release(&release), role)
}

/// Lists a third reviewer, and gives their key.
fn third(world: &mut World, organization: &str, person: &str, roles: &[ReviewRole]) -> EcKey {
    let key = EcKey::seeded("third reviewer");
    world.config.keys.push(TrustedKey::reviewer(
        &key.public,
        organization,
        person,
        roles,
    ));
    key
}

/// An honest approval with these reviews.
pub(super) fn with(world: &World, reviews: Vec<String>) -> String {
    let mut approval = world.approval();
    approval.reviews = reviews;
    world.issue.sign(&approval)
}

pub(super) fn signed(world: &World) -> [String; 2] {
    [
        world.security.sign(&review(world, ReviewRole::Security)),
        world.clinical.sign(&review(world, ReviewRole::Clinical)),
    ]
}

pub(super) fn fill(pack: &mut Pack) {
    people(pack);
    seals::fill(pack);
    let mut change = |name: &str, why: &str, expected: &str, change: fn(&mut Review)| {
        pack.review(&format!("reviews/{name}"), why, expected, change);
    };
    change(
        "rejected",
        "A reviewer has said no.",
        "E_REVIEW_MISMATCH",
        |r| r.decision = Decision::Reject,
    );
    change(
        "other-release",
        "Another release was reviewed.",
        "E_REVIEW_MISMATCH",
        |r| r.release_digest = Digest::of(b"other"),
    );
    change(
        "other-version",
        "Another version was reviewed.",
        "E_REVIEW_MISMATCH",
        |r| r.software_version = "1.2.1".to_owned(),
    );
    change(
        "other-software",
        "Other software was reviewed.",
        "E_REVIEW_MISMATCH",
        |r| r.software_id.push('x'),
    );
    change(
        "other-app",
        "Another app was reviewed.",
        "E_REVIEW_MISMATCH",
        |r| r.sub.push('x'),
    );
    change(
        "other-criteria",
        "It was reviewed against other criteria.",
        "E_REVIEW_MISMATCH",
        |r| r.criteria.push('2'),
    );
    change(
        "other-person",
        "iss is not the person whose key has signed.",
        "E_REVIEW_MISMATCH",
        |r| r.iss = "urn:reviewer:b".to_owned(),
    );
    change(
        "no-suite",
        "The conformance suite that the decision rests on is not named.",
        "E_REVIEW_MISMATCH",
        |r| r.evidence.truncate(0),
    );
    change(
        "no-evidence",
        "The evidence that the decision rests on is not named.",
        "E_REVIEW_MISMATCH",
        |r| r.evidence.truncate(1),
    );
    change(
        "60-after",
        "Reviewed 60 seconds after the approval: as far as clocks may differ.",
        "accepted",
        |r| r.iat = NOW - 540,
    );
    change(
        "61-after",
        "Reviewed 61 seconds after the approval.",
        "E_REVIEW_MISMATCH",
        |r| r.iat = NOW - 539,
    );
    change(
        "90-days",
        "Reviewed 90 days before the approval.",
        "accepted",
        |r| r.iat = NOW - 600 - 90 * DAY,
    );
    change(
        "older",
        "Reviewed one second more than 90 days before the approval.",
        "E_REVIEW_OLD",
        |r| r.iat = NOW - 601 - 90 * DAY,
    );
    change(
        "narrower-scope",
        "A reviewer has allowed less than was approved.",
        "E_REVIEW_MISMATCH",
        |r| {
            r.scope =
                Some("launch openid fhirUser patient/Observation.r patient/Patient.r".to_owned());
        },
    );
    change(
        "other-context",
        "A reviewer has allowed the user's data, and the patient's was approved.",
        "E_REVIEW_MISMATCH",
        |r| r.scope = Some("launch openid fhirUser user/*.cruds".to_owned()),
    );
    change(
        "wider-scope",
        "A reviewer has allowed more than was approved.",
        "accepted",
        |r| r.scope = Some("launch openid fhirUser patient/*.cruds".to_owned()),
    );
    change(
        "bad-scope",
        "A reviewer's scope that nobody can read.",
        "E_CLAIM",
        |r| r.scope = Some("a  b".to_owned()),
    );
    change(
        "no-redirects",
        "A reviewer has allowed no redirect address.",
        "E_REVIEW_MISMATCH",
        |r| r.redirect_uris = Some(Vec::new()),
    );
    change(
        "same-redirects",
        "A reviewer has allowed the approved redirect address and another.",
        "accepted",
        |r| {
            r.redirect_uris = Some(vec![
                "https://app.example.no/cb".to_owned(),
                "https://app.example.no/cb2".to_owned(),
            ]);
        },
    );
    change(
        "other-role",
        "A review in a role that the key is not listed for.",
        "E_REVIEW_QUORUM",
        |r| r.role = ReviewRole::Privacy,
    );
}

fn people(pack: &mut Pack) {
    pack.token(
        "reviews/same-twice",
        "One review twice is one review.",
        "E_REVIEW_QUORUM",
        |w| {
            let [first, _] = signed(w);
            with(w, vec![first.clone(), first])
        },
    );
    pack.token(
        "reviews/one-key-twice",
        "Two reviews by one key, in both roles.",
        "E_REVIEW_QUORUM",
        |w| {
            w.config.keys[3].roles = vec![ReviewRole::Security, ReviewRole::Clinical];
            let mut second = review(w, ReviewRole::Clinical);
            second.iss = "urn:reviewer:a".to_owned();
            let second = w.security.sign(&second);
            let [first, _] = signed(w);
            with(w, vec![first, second])
        },
    );
    pack.token(
        "reviews/one-person-two-keys",
        "One person with two keys is one person.",
        "E_REVIEW_QUORUM",
        |w| {
            let key = third(w, CLINICAL, "urn:reviewer:a", &[ReviewRole::Clinical]);
            let mut second = review(w, ReviewRole::Clinical);
            second.iss = "urn:reviewer:a".to_owned();
            let [first, _] = signed(w);
            with(w, vec![first, key.sign(&second)])
        },
    );
    pack.token(
        "reviews/two-security",
        "Two reviews of security, and none of clinical safety.",
        "E_REVIEW_QUORUM",
        |w| {
            let key = third(w, CLINICAL, "urn:reviewer:c", &[ReviewRole::Security]);
            let mut second = review(w, ReviewRole::Security);
            second.iss = "urn:reviewer:c".to_owned();
            let [first, _] = signed(w);
            with(w, vec![first, key.sign(&second)])
        },
    );
    pack.token(
        "reviews/security-and-privacy",
        "Privacy does not stand in for clinical safety.",
        "E_REVIEW_QUORUM",
        |w| {
            let [first, _] = signed(w);
            let second = w.clinical.sign(&review(w, ReviewRole::Privacy));
            with(w, vec![first, second])
        },
    );
    pack.token(
        "reviews/three",
        "A third reviewer is welcome.",
        "accepted",
        |w| {
            let key = third(w, CLINICAL, "urn:reviewer:c", &[ReviewRole::Privacy]);
            let mut more = review(w, ReviewRole::Privacy);
            more.iss = "urn:reviewer:c".to_owned();
            let [first, second] = signed(w);
            with(w, vec![first, second, key.sign(&more)])
        },
    );
    pack.token(
        "reviews/third-rejects",
        "Two have said yes, and a third one no.",
        "E_REVIEW_MISMATCH",
        |w| {
            let key = third(w, CLINICAL, "urn:reviewer:c", &[ReviewRole::Privacy]);
            let mut more = review(w, ReviewRole::Privacy);
            more.iss = "urn:reviewer:c".to_owned();
            more.decision = Decision::Reject;
            let [first, second] = signed(w);
            with(w, vec![first, second, key.sign(&more)])
        },
    );
    pack.token(
        "reviews/order",
        "The clinical review may stand first.",
        "accepted",
        |w| {
            let [first, second] = signed(w);
            with(w, vec![second, first])
        },
    );
    pack.world(
        "reviews/role-not-theirs",
        "A security review by somebody who is listed for clinical safety alone.",
        "E_REVIEW_QUORUM",
        |w| w.config.keys[3].roles = vec![ReviewRole::Clinical],
    );
    pack.world(
        "reviews/of-vendor",
        "A reviewer belongs to the vendor.",
        "E_REVIEW_CONFLICT",
        |w| w.config.keys[4].organization_id = Some(VENDOR.to_owned()),
    );
    pack.world(
        "reviews/one-organization",
        "Both reviewers belong to one organisation.",
        "E_REVIEW_CONFLICT",
        |w| w.config.keys[4].organization_id = Some(SECURITY.to_owned()),
    );
    pack.token(
        "reviews/third-of-vendor",
        "A third reviewer belongs to the vendor.",
        "E_REVIEW_CONFLICT",
        |w| {
            let key = third(w, VENDOR, "urn:reviewer:c", &[ReviewRole::Privacy]);
            let mut more = review(w, ReviewRole::Privacy);
            more.iss = "urn:reviewer:c".to_owned();
            let [first, second] = signed(w);
            with(w, vec![first, second, key.sign(&more)])
        },
    );
}
