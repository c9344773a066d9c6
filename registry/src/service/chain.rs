//! How an approval hangs together, link by link, for a person to follow: who released, who reviewed,
//! who issued, where it is logged, which witnesses have seen it. What an EPJ believes is decided in
//! the `verifier` crate; here the published texts are only told.

use verifier::claims::{Approval, Claims, ContentLevel, Review, ReviewRole};
use verifier::jws::Token;
use verifier::note::{Note, Verdict};
use verifier::policy::Policy;
use verifier::tlog_proof::TlogProof;

use super::Registry;
use super::carry::Published;
use crate::error::RegistryError;
use crate::store;
use crate::trust::desk::unverified;
use crate::trust::error::TrustError;

/// The links of an approval, in the order in which they came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Digest of the vendor's signed release, as the approval and the reviews name it.
    pub release: String,
    /// How firmly the content is bound.
    pub content_level: ContentLevel,
    /// Digest of the archive or of the published manifest; none at level `origin`.
    pub content: Option<String>,
    /// The reviewers' decisions.
    pub reviews: Vec<ReviewLink>,
    /// The key that signed the approval.
    pub issuer_key: String,
    /// When, in Unix seconds.
    pub issued_at: i64,
    /// Until when, in Unix seconds.
    pub expires_at: i64,
    /// The log.
    pub log: LogLink,
}

/// One reviewer's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLink {
    /// In which capacity.
    pub role: ReviewRole,
    /// The reviewer's organisation, when their key is listed: `NO:ORGNR:` and nine digits.
    pub organization_id: Option<String>,
    /// Its name, when it is known here.
    pub organization_name: Option<String>,
    /// The key that signed the decision.
    pub key: String,
    /// When, in Unix seconds.
    pub decided_at: i64,
}

/// Where an approval is logged, and who has seen it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLink {
    /// The log.
    pub origin: String,
    /// The entry's number.
    pub index: u64,
    /// The witnesses whose cosignatures hold, by time.
    pub witnesses: Vec<WitnessLink>,
}

/// A witness that has seen the log with the approval in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessLink {
    /// Its name, as in its signatures.
    pub name: String,
    /// When, in Unix seconds.
    pub seen_at: i64,
}

impl Registry {
    /// The links of a version's approval; an error when the version was never approved.
    pub async fn chain(&self, software_id: &str, version: &str) -> Result<Chain, RegistryError> {
        let Published { jws, ticket, .. } = self.approval(software_id, version).await?;
        let approval: Approval = told(&jws)?;
        let reviews = self.review_links(&approval.reviews).await?;
        let content = approval.content.bundle.or(approval.content.manifest);
        Ok(Chain {
            release: approval.release_digest.to_string(),
            content_level: approval.content.level,
            content: content.map(|digest| digest.to_string()),
            reviews,
            issuer_key: signer::<Approval>(&jws)?,
            issued_at: approval.iat,
            expires_at: approval.exp,
            log: self.log_link(&approval.log.origin, &ticket).await?,
        })
    }

    async fn review_links(&self, signed: &[String]) -> Result<Vec<ReviewLink>, RegistryError> {
        let organisations = self.trust().reviewers_organisations().await?;
        let mut tx = self.parts().database.read().await?;
        let mut links = Vec::with_capacity(signed.len());
        for jws in signed {
            let review: Review = told(jws)?;
            let key = signer::<Review>(jws)?;
            let organization_id = organisations.get(&key).cloned();
            let orgnr = organization_id
                .as_deref()
                .and_then(|id| id.rsplit(':').next());
            let known = match orgnr {
                Some(orgnr) => store::organisation::find(&mut tx, orgnr).await?,
                None => None,
            };
            links.push(ReviewLink {
                role: review.role,
                organization_id,
                organization_name: known.map(|organisation| organisation.name),
                key,
                decided_at: review.iat,
            });
        }
        Ok(links)
    }

    async fn log_link(&self, origin: &str, ticket: &str) -> Result<LogLink, RegistryError> {
        let proof = TlogProof::parse(ticket).map_err(|error| unreadable(&error))?;
        let note = Note::parse(proof.checkpoint).map_err(|error| unreadable(&error))?;
        let policy = self.log().policy().await?;
        let policy = Policy::parse(&policy).map_err(|error| unreadable(&error))?;
        Ok(LogLink {
            origin: origin.to_owned(),
            index: proof.index,
            witnesses: witnesses(&note, &policy),
        })
    }
}

/// Each witness once, at the earliest time that a key of its says.
fn witnesses(note: &Note<'_>, policy: &Policy) -> Vec<WitnessLink> {
    let mut seen: Vec<WitnessLink> = Vec::new();
    for party in policy.witnesses() {
        let Verdict::Valid {
            timestamp: Some(at),
        } = note.verdict(&party.key)
        else {
            continue;
        };
        let seen_at = i64::try_from(at).unwrap_or(i64::MAX);
        let name = party.key.name();
        match seen.iter_mut().find(|link| link.name == name) {
            Some(link) => link.seen_at = link.seen_at.min(seen_at),
            None => seen.push(WitnessLink {
                name: name.to_owned(),
                seen_at,
            }),
        }
    }
    seen.sort_by_key(|link| link.seen_at);
    seen
}

/// What a token that this registry has published says.
fn told<C: Claims + serde::de::DeserializeOwned>(jws: &str) -> Result<C, RegistryError> {
    unverified(jws).map_err(|error| unreadable(&error))
}

/// The key that a token says it is signed with.
fn signer<C: Claims>(jws: &str) -> Result<String, RegistryError> {
    let token = Token::parse(jws, C::TYPE).map_err(|error| unreadable(&error))?;
    Ok(token.kid().to_owned())
}

fn unreadable(error: &dyn std::error::Error) -> RegistryError {
    TrustError::Format(format!("a published approval cannot be read: {error}")).into()
}
