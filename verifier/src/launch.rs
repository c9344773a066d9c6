//! Deciding about a launch: steps L1 to L12, in memory. Nothing is allocated unless it is refused.

use crate::claims::{Approval, Content, ContentLevel};
use crate::code::{Code, VerifyError};
use crate::digest::Digest;
use crate::verifier::{Assurance, Freshness, Record, SKEW, Verifier};

/// What is about to be launched, as the EPJ sees it. What a step of the flow does not carry yet is
/// `None` there: an EPJ asks at launch, at the authorization endpoint and at the token endpoint.
#[derive(Clone, Copy, Debug)]
pub struct LaunchRequest<'a> {
    /// The software, as registered for the client.
    pub software_id: &'a str,
    /// The version, as registered for the client.
    pub software_version: &'a str,
    /// The vendor, as registered for the client.
    pub organization_id: &'a str,
    /// What is known about the bytes that would run.
    pub content: ObservedContent,
    /// The address to be opened, in an EHR launch.
    pub launch_uri: Option<&'a str>,
    /// The address to return to, at the authorization endpoint.
    pub redirect_uri: Option<&'a str>,
    /// The scope asked for, at the authorization endpoint.
    pub scope: Option<&'a str>,
    /// How the client authenticates, at the token endpoint.
    pub client: Option<ClientAuthentication<'a>>,
}

impl<'a> LaunchRequest<'a> {
    /// A request that carries what every step has.
    pub const fn new(
        software_id: &'a str,
        software_version: &'a str,
        organization_id: &'a str,
        content: ObservedContent,
    ) -> Self {
        Self {
            software_id,
            software_version,
            organization_id,
            content,
            launch_uri: None,
            redirect_uri: None,
            scope: None,
            client: None,
        }
    }
}

/// What is known about the bytes that would run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedContent {
    /// The digest of the installed bundle.
    Bundle(Digest),
    /// The digest of the manifest that the app last published, and when that was seen.
    Manifest {
        /// The digest of the manifest.
        digest: Digest,
        /// When it was fetched.
        observed_at: i64,
    },
    /// Nothing: enough only for apps that are bound to their origin alone.
    Unobserved,
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAuthentication<'a> {
    /// The RFC 7638 thumbprint of the client's key; `None` for a public client.
    pub key: Option<&'a str>,
    /// Whether the request carries a `DPoP` proof.
    pub dpop: bool,
}

/// A launch that may go on.
#[derive(Clone, Copy, Debug)]
pub struct Granted<'a> {
    /// The approval that it rests on.
    pub approval: &'a Approval,
    /// The approval's leaf hash, for the audit log: by it the approval is found in the log.
    pub leaf: Digest,
    /// How old the status list is; a stale one is worth a warning.
    pub freshness: Freshness,
    /// How far the approval's trust is carried.
    pub assurance: Assurance,
}

impl Verifier {
    /// Steps L1 to L12.
    pub fn launch(
        &self,
        request: &LaunchRequest<'_>,
        now: i64,
    ) -> Result<Granted<'_>, VerifyError> {
        if now < self.t_floor.saturating_sub(SKEW) {
            let detail = format!("now is {now}, {} has been proved", self.t_floor);
            return Err(Code::ClockRollback.because(detail));
        }
        let loaded = self.standing_trust(now)?;
        let record = self
            .approvals
            .get(request.software_id, request.software_version)
            .ok_or_else(|| not_approved(request))?;
        let approval = &record.approval;
        if now >= approval.exp {
            return Err(Code::Expired.because(format!("expired at {}", approval.exp)));
        }
        if record.judged != loaded.generation {
            return Err(Code::KeyRevoked.because("not judged under this trust configuration"));
        }
        if let Some(code) = record.blocked {
            return Err(code.because("withdrawn by the trust configuration"));
        }
        let list = self.list_at(record.list)?;
        list.check_value(approval.status.status_list.idx)?;
        let max_stale = self.max_stale(approval, &loaded.trust);
        let freshness = list.freshness(now, max_stale)?;
        loaded.check_online(now, max_stale)?;
        check_client(record, request)?;
        check_content(&approval.content, request.content, now)?;
        let assurance = self.check_local(record)?;
        Ok(Granted {
            approval,
            leaf: record.leaf,
            freshness,
            assurance,
        })
    }

    /// L12.
    fn check_local(&self, record: &Record) -> Result<Assurance, VerifyError> {
        let refuse = |what: &'static str| Err(Code::LocalPolicy.because(what));
        let local = &self.local;
        if record.approval.content.level < local.min_content_level {
            return refuse("the content is bound more weakly than this installation allows");
        }
        let allowed = local.allowed_software.as_ref();
        if allowed.is_some_and(|allowed| !allowed.contains(&record.approval.software_id)) {
            return refuse("the software is not on this installation's list");
        }
        let assurance = match record.log_index {
            Some(_) => Assurance::Logged,
            None => Assurance::JoseOnly,
        };
        if assurance < local.min_assurance {
            return refuse("this installation asks for a ticket");
        }
        Ok(assurance)
    }
}

/// L6 to L10.
fn check_client(record: &Record, request: &LaunchRequest<'_>) -> Result<(), VerifyError> {
    let approval = &record.approval;
    if approval.organization_id != request.organization_id {
        return Err(Code::Vendor.because("the client is registered for another organisation"));
    }
    if request
        .launch_uri
        .is_some_and(|uri| approval.launch_uri.as_deref() != Some(uri))
    {
        return Err(Code::LaunchUri.because("not the approved launch address"));
    }
    let redirects = &approval.redirect_uris;
    if request
        .redirect_uri
        .is_some_and(|uri| !redirects.iter().any(|approved| approved == uri))
    {
        return Err(Code::RedirectUri.because("not an approved redirect address"));
    }
    if let Some(scope) = request.scope {
        match record.scopes.first_beyond(scope) {
            Ok(None) => {}
            Ok(Some(beyond)) => {
                return Err(Code::Scope.because(format!("{beyond} is not approved")));
            }
            Err(error) => return Err(Code::Scope.because(error.to_string())),
        }
    }
    if let Some(client) = request.client {
        if approval.dpop_bound_access_tokens && !client.dpop {
            return Err(Code::ClientKey.because("the approval asks for DPoP"));
        }
        let confidential = !record.client_keys.is_empty();
        let known = client
            .key
            .is_some_and(|key| record.client_keys.iter().any(|k| k == key));
        if confidential && !known {
            return Err(Code::ClientKey.because("not one of the approved keys"));
        }
    }
    Ok(())
}

/// L11.
fn check_content(
    approved: &Content,
    observed: ObservedContent,
    now: i64,
) -> Result<(), VerifyError> {
    match (approved.level, observed) {
        (ContentLevel::Bundle, ObservedContent::Bundle(digest))
            if approved.bundle == Some(digest) =>
        {
            Ok(())
        }
        (ContentLevel::Bundle, _) => {
            Err(Code::Digest.because("the installed bundle is not the approved one"))
        }
        (
            ContentLevel::Manifest,
            ObservedContent::Manifest {
                digest,
                observed_at,
            },
        ) => {
            if approved.manifest != Some(digest) {
                return Err(Code::ContentDrift.because("the app has changed since its approval"));
            }
            let age = now.saturating_sub(observed_at);
            if !(-SKEW..MAX_OBSERVATION_AGE).contains(&age) {
                return Err(Code::ContentDrift.because("the app was last looked at too long ago"));
            }
            Ok(())
        }
        (ContentLevel::Manifest, _) => {
            Err(Code::ContentDrift.because("the app's manifest has not been looked at"))
        }
        (ContentLevel::Origin, _) => Ok(()),
    }
}

fn not_approved(request: &LaunchRequest<'_>) -> VerifyError {
    let clip = |text: &str| text.chars().take(64).collect::<String>();
    let (id, version) = (clip(request.software_id), clip(request.software_version));
    Code::NotApproved.because(format!("no approval of {id} {version}"))
}

/// How old the last look at a hosted app may be: less than 24 hours.
const MAX_OBSERVATION_AGE: i64 = 86_400;
