//! Decisions, in memory: the verifier's, and the installation's own bound on the age of status lists.

use verifier::claims::Approval;
use verifier::{Accepted, Code, Freshness, Granted, LaunchRequest, Verifier, VerifyError};

use crate::agent::Inner;
use crate::answer::{Launched, StatusAge, Verdict, Verified, assurance};
use crate::error::AgentError;
use crate::request::{Launch, Verify, approved, observed};

impl Inner {
    /// Whether an approval that was taken in may be used.
    pub(crate) fn verified(
        &self,
        verifier: &Verifier,
        accepted: &Accepted,
        request: &Verify,
        now: i64,
    ) -> Result<Verified, AgentError> {
        let (id, version) = (&accepted.software_id, &accepted.software_version);
        let gone = || Code::NotApproved.because("another approval is in force");
        let approval = verifier.approval(id, version).ok_or_else(gone)?;
        let content = match request.content {
            Some(content) => observed(Some(content)),
            None => approved(approval, now),
        };
        let granted = LaunchRequest::new(id, version, &approval.organization_id, content);
        let granted = self.decide(verifier, &granted, now)?;
        Ok(Verified {
            verdict: Verdict::Accepted,
            approval: approval.into(),
            status: self.status_age(verifier, approval, granted.freshness, now),
            log_index: accepted.log_index,
            witnessed_at: accepted.witnessed_at,
            in_force: accepted.in_force,
            decided_at: now,
        })
    }

    /// Whether a launch may go on.
    pub(crate) fn launch(&self, launch: &Launch) -> Result<Launched, AgentError> {
        let request = launch.request(&self.settings.policy)?;
        self.read(|verifier, now| {
            let granted = self.decide(verifier, &request, now)?;
            let approval = granted.approval;
            Ok(Launched {
                verdict: Verdict::Accepted,
                jti: approval.jti.clone(),
                leaf: granted.leaf,
                assurance: assurance(&granted),
                status: self.status_age(verifier, approval, granted.freshness, now),
                expires_at: approval.exp,
                decided_at: now,
            })
        })
    }

    /// Steps L1 to L12, and the installation's own bound on the age of status lists.
    fn decide<'v>(
        &self,
        verifier: &'v Verifier,
        request: &LaunchRequest<'_>,
        now: i64,
    ) -> Result<Granted<'v>, VerifyError> {
        let granted = verifier.launch(request, now)?;
        let uri = &granted.approval.status.status_list.uri;
        let issued_at = verifier.status_list(uri).map(|seen| seen.issued_at);
        if let (Some(allowed), Some(issued_at)) = (self.settings.policy.max_status_age(), issued_at)
        {
            let age = now.saturating_sub(issued_at);
            if age > allowed {
                let detail = format!("{uri} is {age} s old, the policy allows {allowed} s");
                return Err(Code::StatusStale.because(detail));
            }
        }
        Ok(granted)
    }

    /// What a launch with the approved content would be told now.
    pub(crate) fn standing(
        &self,
        verifier: &Verifier,
        approval: &Approval,
        now: i64,
    ) -> Result<(), VerifyError> {
        let request = LaunchRequest::new(
            &approval.software_id,
            &approval.software_version,
            &approval.organization_id,
            approved(approval, now),
        );
        self.decide(verifier, &request, now).map(|_| ())
    }

    fn status_age(
        &self,
        verifier: &Verifier,
        approval: &Approval,
        freshness: Freshness,
        now: i64,
    ) -> Option<StatusAge> {
        let uri = &approval.status.status_list.uri;
        let seen = verifier.status_list(uri)?;
        let longest = verifier.longest_stale(approval)?;
        let own = self.settings.policy.max_status_age();
        let longest = own.map_or(longest, |own| own.min(longest));
        Some(StatusAge::new(uri, seen, longest, freshness, now))
    }
}
