//! Carries an approval from the second reviewer's decision to publication: signed once, logged,
//! witnessed, made valid in its status list, and only then shown. Each step is recorded before the
//! next begins and can be taken again, so a kill at any instant loses nothing and shows nothing
//! that is not logged.

use foundation::store::Tx;
use verifier::claims::{Approval, Criteria, Grant, Release, StatusListReference};
use verifier::jwk::KeyUse;
use verifier::jws::{Token, TokenType};
use verifier::status::StatusValue;
use verifier::trust::MaxStale;

use super::Trust;
use super::desk::unverified;
use super::error::TrustError;
use super::keys::TokenSigner;
use super::log::APPROVAL_KEY;
use super::store::issuance::{self, Issuance};
use super::store::status;
use crate::domain::version::VersionState;
use crate::service::Registry;
use crate::service::carry::{ApprovalCase, ApprovalJob, Published};

impl Trust {
    /// Carries one approval as far as it goes; nothing is left to do when it returns.
    pub(crate) async fn issue(
        &self,
        registry: &Registry,
        job: &ApprovalJob,
    ) -> Result<(), TrustError> {
        let version = (job.software_id.as_str(), job.software_version.as_str());
        // The reviewers' keys must be in the trust repository before anything rests on them.
        self.ensure_repository().await?;
        let signed = self.signed(registry, version, VersionState::Issuing).await;
        match signed {
            Ok(Some(signed)) => self.carry(registry, version, &signed).await,
            Ok(None) => Ok(()),
            // Nothing else can become of it: the reviewers have it again.
            Err(TrustError::Reviews(kids)) => Ok(registry.reopen(version, &kids).await?),
            Err(error) => Err(error),
        }
    }

    /// Carries a signed approval from the log to publication.
    pub(super) async fn carry(
        &self,
        registry: &Registry,
        (id, version): (&str, &str),
        signed: &Issuance,
    ) -> Result<(), TrustError> {
        self.require_listed(&signed.jws).await?;
        let place = self
            .log
            .add(&entry_key(&signed.jti), signed.jws.as_bytes())
            .await?;
        let ticket = self.log.ticket(&place).await?;
        tracing::debug!(
            log = place.log,
            position = place.position,
            "an approval is witnessed"
        );

        let signer = self.status_signer().await?;
        let mut tx = self.database.begin().await?;
        registry.keep_version(&mut tx, (id, version)).await?;
        // One that was stopped while the database was away stays so.
        let stopped = [StatusValue::Suspended, StatusValue::Invalid];
        let known = status::entry(&mut tx, &signed.jti).await?;
        if !known.is_some_and(|(_, value)| stopped.contains(&value)) {
            self.set_status(&mut tx, &signed.jti, StatusValue::Valid, &signer)
                .await?;
        }
        let published = Published {
            jti: signed.jti.clone(),
            jws: signed.jws.clone(),
            ticket,
            status_uri: self.status_uri(signed.status_list),
            status_index: signed.status_position.try_into().unwrap_or(0),
            issued_at: foundation::Timestamp::from_seconds(signed.issued_at),
            expires_at: foundation::Timestamp::from_seconds(signed.expires_at),
        };
        registry
            .publish_approval(&mut tx, id, version, &published)
            .await?;
        tx.commit().await?;
        self.feed.nudge();
        Ok(())
    }

    /// Whoever signed the approval and its reviews must be known to the trust repository that is out:
    /// where its keys are elsewhere, an approval waits for the ceremony that lists a new reviewer.
    async fn require_listed(&self, jws: &str) -> Result<(), TrustError> {
        let format = |error: &dyn std::fmt::Display| TrustError::Format(error.to_string());
        let approval: Approval = unverified(jws).map_err(|error| format(&error))?;
        let mut kids = vec![kid(jws, TokenType::Approval).map_err(|error| format(&error))?];
        for review in &approval.reviews {
            kids.push(kid(review, TokenType::Review).map_err(|error| format(&error))?);
        }
        let unlisted = self.first_unlisted(kids).await?;
        let mut withdrawn = self.withdrawn_from(jws).await?.into_iter();
        match unlisted.or_else(|| withdrawn.next().map(|(kid, _)| kid)) {
            None => Ok(()),
            Some(kid) => Err(TrustError::Unlisted(kid)),
        }
    }

    /// The signed approval of this version: signed before, or now; `None` when there is nothing to
    /// sign (any more).
    pub(super) async fn signed(
        &self,
        registry: &Registry,
        (software_id, software_version): (&str, &str),
        state: VersionState,
    ) -> Result<Option<Issuance>, TrustError> {
        let signer = self.keys.token_signer(KeyUse::Approval, "").await?;
        let log = self.log.anchor().await?;
        let mut tx = self.database.begin().await?;
        let Some(case) = registry
            .approval_case(&mut tx, (software_id, software_version), state)
            .await?
        else {
            return Ok(None);
        };
        let found = issuance::find(&mut tx, software_id, software_version).await?;
        // One that is out is to be followed by another.
        let carried = found
            .as_ref()
            .filter(|found| case.published.as_ref() != Some(&found.jti));
        let logged = match carried {
            Some(found) => self.log.find(&entry_key(&found.jti)).await?.is_some(),
            None => false,
        };
        if let (Some(found), true) = (carried, logged)
            && self.withdrawn_from(&found.jws).await?.is_empty()
        {
            return Ok(Some(found.clone()));
        }
        let spent = self.spent_reviews(&case.reviews).await?;
        if !spent.is_empty() {
            let kids = spent.into_iter().map(|(_, kid)| kid);
            return Err(TrustError::Reviews(kids.collect()));
        }
        if let (Some(found), false) = (carried, logged)
            && self.is_fresh(found, &case, (&signer, &log.origin))?
        {
            return Ok(Some(found.clone()));
        }
        if let Some(found) = &found {
            issuance::remove(&mut tx, &found.jti).await?;
        }
        // What the vendor signed is logged before what was made of it.
        let key = release_key(software_id, software_version);
        self.append(&mut tx, &key, &case.release_jws).await?;
        let made = self.sign(&mut tx, &case, log, &signer).await?;
        issuance::insert(&mut tx, software_id, software_version, &made).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// Once an approval is in a log, its place there decides. Before that nobody has seen it, and one
    /// that was signed long ago, with a key that has been replaced since, or for a log that has been
    /// frozen since, would be refused; and one that rests on other reviews is another.
    fn is_fresh(
        &self,
        signed: &Issuance,
        case: &ApprovalCase,
        (signer, open): (&TokenSigner, &str),
    ) -> Result<bool, TrustError> {
        let signed_by = kid(&signed.jws, TokenType::Approval);
        let signed_by = signed_by.map_err(|error| TrustError::Format(error.to_string()))?;
        let approval: Approval =
            unverified(&signed.jws).map_err(|error| TrustError::Format(error.to_string()))?;
        let age = self.clock.now().seconds() - signed.issued_at;
        let same = approval.reviews == case.reviews && approval.log.origin == open;
        Ok(same && signed_by == signer.kid() && age < UNLOGGED)
    }

    async fn sign(
        &self,
        tx: &mut Tx,
        case: &ApprovalCase,
        log: verifier::claims::LogAnchor,
        signer: &TokenSigner,
    ) -> Result<Issuance, TrustError> {
        let jti = self.keys.uuid();
        let version = (
            case.subject.software_id.as_str(),
            case.subject.software_version.as_str(),
        );
        let index = self.allocate(tx, &jti, version).await?;
        let approval = self.approval(case, jti, index.reference, log)?;
        approval
            .check(self.config.environment)
            .map_err(|error| TrustError::Format(error.to_string()))?;
        Ok(Issuance {
            jws: signer.sign(&approval)?,
            jti: approval.jti,
            status_list: index.list,
            status_position: index.position,
            issued_at: approval.iat,
            expires_at: approval.exp,
        })
    }

    fn approval(
        &self,
        case: &ApprovalCase,
        jti: String,
        status: StatusListReference,
        log: verifier::claims::LogAnchor,
    ) -> Result<Approval, TrustError> {
        let release: Release =
            unverified(&case.release_jws).map_err(|error| TrustError::Format(error.to_string()))?;
        let now = self.clock.now().seconds();
        let criteria = &self.config.criteria;
        let grant = Grant {
            iss: self.config.public_url.clone(),
            trust_mark_type: self.mark_type(),
            iat: now,
            exp: now + LIFETIME,
            jti,
            reference: Some(format!(
                "{}/produkter/{}",
                self.config.public_url, case.subject.software_id
            )),
            release_digest: verifier::Digest::of(case.release_jws.as_bytes()),
            reviews: case.reviews.clone(),
            criteria: Criteria {
                uri: criteria.clone(),
                digest: super::desk::signed(&case.verdict.suite),
            },
            status,
            max_stale: MaxStale::DEFAULT.normal,
            log,
            supersedes: case.supersedes.clone(),
        };
        Ok(Approval::of_release(&release, grant))
    }
}

pub(super) fn kid(jws: &str, typ: TokenType) -> Result<String, verifier::VerifyError> {
    Ok(Token::parse(jws, typ)?.kid().to_owned())
}

/// What an approval's entry is called.
pub(super) fn entry_key(jti: &str) -> String {
    format!("{APPROVAL_KEY}{jti}")
}

/// What the entry with a version's release is called.
pub(super) fn release_key(software_id: &str, software_version: &str) -> String {
    format!("release:{software_id}/{software_version}")
}

/// An approval holds for a year; the verifier accepts at most 400 days.
const LIFETIME: i64 = 365 * 86_400;
/// A signed approval that has not come to the log after half a day is signed anew: EPJs want it there
/// within a day.
const UNLOGGED: i64 = 43_200;
