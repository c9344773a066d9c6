//! Taking in a new approval: steps 1 to 21 of the trust design, in order, stopping at the first
//! error.

mod checkpoint;
mod reviews;
mod ticket;

pub(crate) use self::reviews::check as check_reviews;

use crate::claims::Approval;
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::jws::{Compact, MAX_LEN, Token, TokenType};
use crate::merkle;
use crate::scope::ScopeSet;
use crate::status::StatusValue;
use crate::trust::{Trust, TrustedMark};
use crate::verifier::{Assurance, Freshness, KnownList, ReadList, Record, SKEW, Verifier};

use self::ticket::Logged;

/// The longest life of an approval: 400 days.
pub const MAX_LIFETIME: i64 = 400 * 86_400;

/// An approval that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The approval's id.
    pub jti: String,
    /// The software.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// Its place in the log.
    pub log_index: Option<u64>,
    /// The earliest witness time of its checkpoint.
    pub witnessed_at: Option<i64>,
    /// How old the status list is.
    pub freshness: Freshness,
    /// Whether launches go by this approval now; a newer one of the same version stays in force.
    pub in_force: bool,
}

/// An approval whose own words have been checked: steps 1 to 11.
pub(crate) struct Signed {
    pub(crate) approval: Approval,
    pub(crate) issuer: String,
    pub(crate) reviewers: Vec<String>,
    /// The approval's leaf hash, by which it is found in the log.
    pub(crate) leaf: Digest,
}

impl Verifier {
    /// Takes in an approval with its ticket. On any error nothing is changed, except that the
    /// evidence of a forked log is kept.
    pub fn ingest(
        &mut self,
        approval: &str,
        ticket: &str,
        now: i64,
    ) -> Result<Accepted, VerifyError> {
        let signed = self.check_approval(approval, now)?;
        let logged = match self.check_ticket(&signed, ticket, now) {
            Ok(logged) => logged,
            Err(refusal) => {
                if let Some((origin, size, note)) = refusal.fork {
                    self.logs
                        .entry(origin)
                        .or_default()
                        .remember_fork(size, &note);
                }
                return Err(refusal.error);
            }
        };
        self.check_revoked(&signed, Some(logged.index))?;
        self.admit(signed, Some(logged), now)
    }

    /// Takes in an approval without a ticket (tier A), where this installation allows it.
    pub fn ingest_without_ticket(
        &mut self,
        approval: &str,
        now: i64,
    ) -> Result<Accepted, VerifyError> {
        if self.local.min_assurance > Assurance::JoseOnly {
            return Err(Code::LocalPolicy.because("this installation asks for a ticket"));
        }
        let signed = self.check_approval(approval, now)?;
        self.check_revoked(&signed, None)?;
        self.admit(signed, None, now)
    }

    /// Steps 1 to 11.
    fn check_approval(&self, approval: &str, now: i64) -> Result<Signed, VerifyError> {
        let compact = Compact::split(approval, MAX_LEN)?;
        let trust = &self.current_trust(now)?.trust;
        let token = Token::of(compact, TokenType::Approval)?;
        let key = trust.key_for(token.kid(), TokenType::Approval)?;
        let claims: Approval = token.verify(&key.public)?;
        let mark = self.check_anchors(&claims, trust)?;
        check_delegation(&claims, mark, trust, now)?;
        check_times(&claims, now)?;
        let reviewers = reviews::check(&claims, trust)?;
        Ok(Signed {
            approval: claims,
            issuer: token.kid().to_owned(),
            reviewers,
            leaf: Digest::from_bytes(merkle::leaf_hash(approval.as_bytes())),
        })
    }

    /// Step 8, and the claims' own rules, which depend on the mark's environment.
    fn check_anchors<'t>(
        &self,
        claims: &Approval,
        trust: &'t Trust,
    ) -> Result<&'t TrustedMark, VerifyError> {
        let anchors = trust.anchors();
        if claims.iss != anchors.registry {
            return Err(Code::Iss.because("not issued by the trusted registry"));
        }
        let mark = anchors
            .marks
            .iter()
            .find(|mark| mark.mark_type == claims.trust_mark_type)
            .ok_or_else(|| Code::MarkType.because("a trust mark that is not trusted"))?;
        if mark.environment != self.local.environment {
            return Err(Code::Env.because("a trust mark for another environment"));
        }
        claims.check(mark.environment)?;
        if claims.content.level < anchors.min_content_level {
            return Err(Code::Claim.because("content.level: weaker than the anchors ask for"));
        }
        if !anchors.criteria.contains(&claims.criteria.uri) {
            return Err(Code::Claim.because("criteria: not one of those that are accepted"));
        }
        Ok(mark)
    }

    /// Second half of step 17.
    fn check_revoked(&self, signed: &Signed, log_index: Option<u64>) -> Result<(), VerifyError> {
        let keys = std::iter::once(&signed.issuer).chain(&signed.reviewers);
        for kid in keys {
            let key = self.trust().and_then(|trust| trust.key(kid));
            let revoked = key.and_then(|key| key.revoked.as_ref());
            let origin = &signed.approval.log.origin;
            if revoked.is_some_and(|revocation| revocation.applies_to(origin, log_index)) {
                return Err(Code::KeyRevoked.because(format!("key {kid} has been withdrawn")));
            }
        }
        Ok(())
    }

    /// Steps 18 to 21, and keeping the approval.
    fn admit(
        &mut self,
        signed: Signed,
        logged: Option<Logged>,
        now: i64,
    ) -> Result<Accepted, VerifyError> {
        let approval = signed.approval;
        let known = self
            .approvals
            .get(&approval.software_id, &approval.software_version);
        if known.is_some_and(|known| known.approval.content != approval.content) {
            return Err(Code::VersionReused.because("this version was approved with other content"));
        }
        let in_force = known.is_none_or(|known| known.approval.iat <= approval.iat);
        let loaded = self.current_trust(now)?;
        let (list, freshness) = self.check_status(&approval, &loaded.trust, now)?;
        if let Some(denied) = loaded.trust.denies(&approval) {
            return Err(Code::Denylisted.because(denied));
        }
        let generation = loaded.generation;
        let mut record = prepare(
            approval,
            signed.leaf,
            (signed.issuer, signed.reviewers),
            list,
        )?;
        record.judged = generation;
        record.log_index = logged.as_ref().map(|logged| logged.index);
        record.witnessed_at = logged.as_ref().map(|logged| logged.seen.witnessed_at);
        let accepted = Accepted {
            jti: record.approval.jti.clone(),
            software_id: record.approval.software_id.clone(),
            software_version: record.approval.software_version.clone(),
            log_index: record.log_index,
            witnessed_at: record.witnessed_at,
            freshness,
            in_force,
        };
        if let Some(logged) = logged {
            self.raise_floor(logged.seen.witnessed_at);
            let view = self.logs.entry(logged.origin).or_default();
            view.remember(logged.size, logged.seen);
        }
        if in_force {
            self.keep(record);
        }
        Ok(accepted)
    }

    pub(crate) fn keep(&mut self, record: Record) {
        self.approvals.keep(record);
    }

    /// Steps 19 and 20, against the newest list seen.
    fn check_status(
        &self,
        approval: &Approval,
        trust: &Trust,
        now: i64,
    ) -> Result<(usize, Freshness), VerifyError> {
        let reference = &approval.status.status_list;
        let position = self
            .lists
            .iter()
            .position(|known| known.uri == reference.uri)
            .ok_or_else(|| {
                Code::StatusStale.because(format!("{} has not been read", reference.uri))
            })?;
        let newest = self.list_at(position)?;
        let freshness = newest.freshness(now, self.max_stale(approval, trust))?;
        newest.check_value(reference.idx)?;
        Ok((position, freshness))
    }

    /// The newest list seen at this place in [`Verifier::lists`].
    pub(crate) fn list_at(&self, position: usize) -> Result<&ReadList, VerifyError> {
        let known = self.lists.get(position);
        let known = known.ok_or_else(|| Code::StatusStale.because("no status list"))?;
        known.newest.as_ref().ok_or_else(|| {
            Code::StatusStale.because(format!(
                "{} has to be read anew: the key that signed it was withdrawn",
                known.uri
            ))
        })
    }
}

impl KnownList {
    /// Forgets the list when its signer is no longer believed: values and generation alike. Whoever
    /// stole the key could have let suspended approvals pass, or kept every later list out with a
    /// generation that none reaches or with entries that all say revoked.
    pub(crate) fn judge(&mut self, trust: &Trust) {
        if let Some(newest) = &self.newest
            && !trust.believes_lists_of(&newest.signer)
        {
            self.newest = None;
        }
    }
}

impl ReadList {
    /// Whether the list is recent enough.
    pub(crate) fn freshness(&self, now: i64, max_stale: i64) -> Result<Freshness, VerifyError> {
        let age = now.saturating_sub(self.iat);
        if age <= self.ttl.saturating_add(SKEW).min(max_stale) {
            Ok(Freshness::Fresh)
        } else if age <= max_stale {
            Ok(Freshness::Stale)
        } else {
            let detail = format!("the status list is {age} s old, allowed are {max_stale} s");
            Err(Code::StatusStale.because(detail))
        }
    }

    /// Step 20.
    pub(crate) fn check_value(&self, index: u64) -> Result<(), VerifyError> {
        match self.list.status(index) {
            Some(StatusValue::Valid) => Ok(()),
            Some(StatusValue::Invalid) => Err(Code::Revoked.because("the approval is revoked")),
            Some(StatusValue::Suspended) => {
                Err(Code::Suspended.because("the approval is suspended"))
            }
            Some(StatusValue::NotIssued) => {
                Err(Code::NotIssued.because("the approval has not been released"))
            }
            None => Err(Code::StatusRange.because("the index is outside the status list")),
        }
    }
}

/// Makes an approval ready for launches.
pub(crate) fn prepare(
    approval: Approval,
    leaf: Digest,
    (issuer, reviewers): (String, Vec<String>),
    list: usize,
) -> Result<Record, VerifyError> {
    let claim =
        |name: &str, error: &dyn std::fmt::Display| Code::Claim.because(format!("{name}: {error}"));
    let scopes = ScopeSet::parse(&approval.scope).map_err(|error| claim("scope", &error))?;
    let client_keys = match &approval.jwks {
        Some(jwks) => jwks.thumbprints().map_err(|error| claim("jwks", &error))?,
        None => Vec::new(),
    };
    Ok(Record {
        approval,
        leaf,
        issuer,
        reviewers,
        log_index: None,
        witnessed_at: None,
        list,
        scopes,
        client_keys,
        blocked: None,
        judged: 0,
    })
}

/// Step 9: where the mark has an owner, the owner lets this issuer issue it, now. The owner's
/// signature was checked when the trust configuration was taken in.
fn check_delegation(
    claims: &Approval,
    mark: &TrustedMark,
    trust: &Trust,
    now: i64,
) -> Result<(), VerifyError> {
    let Some(owner) = &mark.owner else {
        return Ok(());
    };
    let refuse = |what: &'static str| Err(Code::Delegation.because(what));
    let Some(delegation) = trust.delegation() else {
        return refuse("the owner has not delegated the mark");
    };
    if delegation.iss != owner.sub {
        return refuse("delegated by somebody who does not own the mark");
    }
    if delegation.sub != claims.iss {
        return refuse("delegated to another issuer");
    }
    if delegation.trust_mark_type != claims.trust_mark_type {
        return refuse("another mark is delegated");
    }
    if delegation.iat > now.saturating_add(SKEW) || now >= delegation.exp {
        return refuse("the delegation is not valid now");
    }
    Ok(())
}

/// Step 10.
fn check_times(claims: &Approval, now: i64) -> Result<(), VerifyError> {
    if claims.iat > now.saturating_add(SKEW) {
        return Err(Code::IatFuture.because(format!("issued at {}, now is {now}", claims.iat)));
    }
    if now >= claims.exp {
        return Err(Code::Expired.because(format!("expired at {}", claims.exp)));
    }
    if claims.exp.saturating_sub(claims.iat) > MAX_LIFETIME {
        return Err(Code::Lifetime.because("valid for more than 400 days"));
    }
    Ok(())
}
