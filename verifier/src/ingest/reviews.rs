//! Step 11: the reviewers' own decisions inside an approval. Four eyes are checked here, not
//! promised by the registry.

use std::collections::BTreeSet;

use crate::claims::{Approval, Decision, EvidenceKind, Review, ReviewRole};
use crate::code::{Code, VerifyError};
use crate::jws::{Token, TokenType};
use crate::scope::ScopeSet;
use crate::trust::{Reviewer, Trust};
use crate::verifier::SKEW;

/// A review may be this much older than the approval: 90 days.
const MAX_REVIEW_AGE: i64 = 90 * 86_400;

/// Checks every review and the quorum; returns the reviewers' key ids.
pub(crate) fn check(approval: &Approval, trust: &Trust) -> Result<Vec<String>, VerifyError> {
    let mut kids = Vec::with_capacity(approval.reviews.len());
    let mut persons = BTreeSet::new();
    let mut organizations = BTreeSet::new();
    let mut roles = BTreeSet::new();
    for review in &approval.reviews {
        let (kid, review, reviewer) = read(review, trust)?;
        if reviewer.organization_id == approval.organization_id {
            return Err(Code::ReviewConflict.because("a reviewer belongs to the vendor"));
        }
        if kids.contains(&kid) || !persons.insert(reviewer.person.as_str()) {
            return Err(Code::ReviewQuorum.because("one person reviewed twice"));
        }
        if !reviewer.roles.contains(&review.role) {
            return Err(Code::ReviewQuorum.because("a reviewer acts in a role that is not theirs"));
        }
        if review.iss != reviewer.person {
            return Err(Code::ReviewMismatch.because("iss is not the key's owner"));
        }
        matches(approval, &review)?;
        organizations.insert(reviewer.organization_id.as_str());
        roles.insert(review.role);
        kids.push(kid);
    }
    if kids.len() < 2
        || ![ReviewRole::Security, ReviewRole::Clinical]
            .iter()
            .all(|r| roles.contains(r))
    {
        return Err(Code::ReviewQuorum.because("a security and a clinical review are needed"));
    }
    if organizations.len() < 2 {
        return Err(Code::ReviewConflict.because("all reviewers belong to one organisation"));
    }
    Ok(kids)
}

/// Steps 1 to 7 for a review.
fn read<'t>(review: &str, trust: &'t Trust) -> Result<(String, Review, &'t Reviewer), VerifyError> {
    let recast = |error: VerifyError| match error.code {
        Code::KeyUse | Code::Json | Code::Claim => error,
        _ => error.recast(Code::ReviewSig),
    };
    let token = Token::parse(review, TokenType::Review).map_err(recast)?;
    let key = trust
        .key_for(token.kid(), TokenType::Review)
        .map_err(recast)?;
    let claims = token.verify(&key.public).map_err(recast)?;
    let reviewer = key.reviewer.as_ref();
    let reviewer = reviewer.ok_or_else(|| Code::ReviewSig.because("the key has no owner"))?;
    Ok((token.kid().to_owned(), claims, reviewer))
}

/// Whether the review is about exactly what was approved, and recent.
fn matches(approval: &Approval, review: &Review) -> Result<(), VerifyError> {
    let mismatch = |what: &'static str| Err(Code::ReviewMismatch.because(what));
    if review.decision != Decision::Approve {
        return mismatch("a reviewer has rejected");
    }
    if review.release_digest != approval.release_digest {
        return mismatch("release_digest differs");
    }
    if (&review.sub, &review.software_id, &review.software_version)
        != (
            &approval.sub,
            &approval.software_id,
            &approval.software_version,
        )
    {
        return mismatch("sub, software_id or software_version differs");
    }
    if review.criteria != approval.criteria.uri {
        return mismatch("criteria differs");
    }
    let named = |kind| review.evidence_of(kind).is_some();
    if !named(EvidenceKind::Suite) || !named(EvidenceKind::Evidence) {
        return mismatch("the suite or the evidence that the decision rests on is not named");
    }
    if review.iat > approval.iat.saturating_add(SKEW) {
        return mismatch("reviewed after it was approved");
    }
    if approval.iat.saturating_sub(review.iat) > MAX_REVIEW_AGE {
        return Err(Code::ReviewOld.because("reviewed more than 90 days before the approval"));
    }
    within_narrowing(approval, review)
}

fn within_narrowing(approval: &Approval, review: &Review) -> Result<(), VerifyError> {
    if let Some(scope) = &review.scope {
        let reviewed = ScopeSet::parse(scope)
            .map_err(|error| Code::Claim.because(format!("review scope: {error}")))?;
        let beyond = reviewed
            .first_beyond(&approval.scope)
            .map_err(|error| Code::Claim.because(format!("scope: {error}")))?;
        if let Some(scope) = beyond {
            return Err(Code::ReviewMismatch.because(format!("{scope} was not reviewed")));
        }
    }
    let redirects = review.redirect_uris.as_deref();
    if redirects.is_some_and(|reviewed| {
        approval
            .redirect_uris
            .iter()
            .any(|uri| !reviewed.contains(uri))
    }) {
        return Err(Code::ReviewMismatch.because("a redirect address was not reviewed"));
    }
    Ok(())
}
