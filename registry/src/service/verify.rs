//! Verification for EPJs that embed nothing: the verifier's own ingest and launch, run against what
//! this registry has published, as any EPJ would run them. The caller trusts the answer as far as it
//! trusts the connection; an EPJ that embeds the verifier trusts nobody.

use foundation::error::Finding;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use verifier::claims::{Approval, ContentLevel};
use verifier::jws::{Token, TokenType};
use verifier::{
    Accepted, ClientAuthentication, Code, Freshness, LaunchRequest, LocalPolicy, ObservedContent,
    Verifier, VerifyError,
};

use super::Registry;
use crate::error::RegistryError;
use crate::store;
use crate::trust::log::LogError;

/// What is to be verified: an approval with its ticket, or the version whose published ones are
/// meant; and what is known about the launch.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// The approval, a compact JWS.
    approval: Option<String>,
    /// Its ticket, a tlog-proof.
    ticket: Option<String>,
    /// Reverse domain name of the app.
    software_id: Option<String>,
    /// The version.
    software_version: Option<String>,
    /// What is about to be launched.
    #[serde(default)]
    launch: LaunchFacts,
}

/// What is known about a launch; what is left out is not checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LaunchFacts {
    /// The vendor that the client is registered for: `NO:ORGNR:` and nine digits.
    organization_id: Option<String>,
    /// The address to be opened.
    launch_uri: Option<String>,
    /// The address to return to.
    redirect_uri: Option<String>,
    /// The scope asked for.
    scope: Option<String>,
    /// Digest of the bytes that would run; without it, of what the registry itself serves.
    content: Option<verifier::Digest>,
    /// How the client authenticates.
    client: Option<ClientFacts>,
}

/// How a client authenticates at the token endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientFacts {
    /// RFC 7638 thumbprint of its key; absent for a public client.
    key: Option<String>,
    /// Whether it sent a `DPoP` proof.
    #[serde(default)]
    dpop: bool,
}

/// The verifier's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether the launch may go on.
    pub verdict: Ruling,
    /// The verifier's code of a refusal.
    pub code: Option<Code>,
    /// What was found.
    pub detail: Option<String>,
    /// What to do about it.
    pub remedy: Option<&'static str>,
    /// What the approval says, once its signatures, reviews and ticket have been verified.
    pub approval: Option<ApprovalSummary>,
    /// How old the status is that this rests on.
    pub status: Option<StatusAge>,
    /// When this was decided, in Unix seconds.
    pub decided_at: i64,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruling {
    /// The launch may go on.
    Accepted,
    /// It may not.
    Refused,
}

/// What an approval says, for people and logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApprovalSummary {
    /// The approval's id.
    pub jti: String,
    /// The app's entity id.
    pub sub: String,
    /// Reverse domain name of the app.
    pub software_id: String,
    /// The version.
    pub software_version: String,
    /// The app's name.
    pub client_name: String,
    /// The vendor.
    pub organization_id: String,
    /// The vendor's name.
    pub developer_name: String,
    /// The exact launch address.
    pub launch_uri: Option<String>,
    /// Exact redirect addresses.
    pub redirect_uris: Vec<String>,
    /// The most that may be asked for.
    pub scope: String,
    /// How firmly the content is bound.
    pub content_level: ContentLevel,
    /// When it was issued.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// Its place in the log.
    pub log_index: Option<u64>,
    /// The earliest witness time of its checkpoint.
    pub witnessed_at: Option<i64>,
}

/// The age of a status list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusAge {
    /// The list's address.
    pub uri: String,
    /// When it was made, in Unix seconds.
    pub issued_at: i64,
    /// Seconds since then.
    pub age_seconds: i64,
    /// The longest age that this approval allows.
    pub max_stale: i64,
    /// False when it is older than it should be, though not too old.
    pub fresh: bool,
}

/// An approval and its ticket, as they are to be verified.
struct Presented {
    approval: String,
    ticket: String,
    /// The bytes that the registry serves for it now.
    served: ObservedContent,
}

impl Registry {
    /// Verifies as an EPJ would. What the verifier refuses is an answer, not an error.
    pub async fn verify(&self, request: VerifyRequest) -> Result<Verification, RegistryError> {
        check_shape(&request)?;
        self.log().ensure_fit().await?;
        let now = self.parts().clock.now().seconds();
        let Some(presented) = self.presented(&request).await? else {
            let missing = Code::NotApproved.because("this registry has approved no such version");
            return Ok(refused(&missing, now));
        };
        let root = self.first_root().await?;
        let root = root.ok_or(LogError::NothingWitnessed)?;
        let claimed = claims(&presented.approval);
        let list = match claimed.as_ref().and_then(status_uri) {
            Some(uri) => self.status_list_at(uri).await?,
            None => None,
        };
        let local = LocalPolicy::new(self.config().environment);
        let mut verifier = Verifier::new(root.as_bytes(), local)
            .map_err(|error| RegistryError::Trust(Box::new(error)))?;
        let update = self.trust_update(verifier.root_version()).await?;
        let ingested = verifier.update_trust(&update, now).and_then(|()| {
            if let Some(list) = &list {
                verifier.update_status(list, now)?;
            }
            verifier.ingest(&presented.approval, &presented.ticket, now)
        });
        Ok(match ingested {
            Ok(accepted) => launch(&verifier, &accepted, &request.launch, &presented, now),
            // From the status on, everything that the approval says has been verified.
            Err(error) if is_about_status(error.code) => Verification {
                approval: claimed.and_then(approval_of).as_ref().map(summary),
                ..refused(&error, now)
            },
            Err(error) => refused(&error, now),
        })
    }

    async fn presented(&self, request: &VerifyRequest) -> Result<Option<Presented>, RegistryError> {
        let named = request
            .software_id
            .as_deref()
            .zip(request.software_version.as_deref());
        if let Some((software_id, version)) = named {
            let published = match self.approval(software_id, version).await {
                Ok(published) => published,
                Err(RegistryError::ApprovalMissing) => return Ok(None),
                Err(error) => return Err(error),
            };
            let served = self.served_content(software_id, version).await?;
            return Ok(Some(Presented {
                approval: published.jws,
                ticket: published.ticket,
                served,
            }));
        }
        let approval = request.approval.clone().unwrap_or_default();
        let text = |claims: &Value, name: &str| claims.get(name)?.as_str().map(str::to_owned);
        let version = claims(&approval)
            .and_then(|claims| text(&claims, "software_id").zip(text(&claims, "software_version")));
        let served = match version {
            Some((software_id, version)) => self.served_content(&software_id, &version).await?,
            None => ObservedContent::Unobserved,
        };
        Ok(Some(Presented {
            approval,
            ticket: request.ticket.clone().unwrap_or_default(),
            served,
        }))
    }

    /// What the registry itself serves for a version now, or last saw its vendor serve.
    async fn served_content(
        &self,
        software_id: &str,
        version: &str,
    ) -> Result<ObservedContent, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let found = store::version::find(&mut tx, software_id, version).await?;
        let look = store::hosted::find(&mut tx, software_id, version).await?;
        let signed = |digest: foundation::Digest| verifier::Digest::from_bytes(*digest.as_bytes());
        let Some(found) = found else {
            return Ok(ObservedContent::Unobserved);
        };
        let same_at = look.and_then(|look| look.same_at);
        Ok(match (found.bundle, found.integrity.zip(same_at)) {
            (Some(bundle), _) => ObservedContent::Bundle(signed(bundle)),
            (None, Some((manifest, at))) => ObservedContent::Manifest {
                digest: signed(manifest),
                observed_at: at.seconds(),
            },
            (None, None) => ObservedContent::Unobserved,
        })
    }
}

/// Either an approval with its ticket, or a version: each whole, and not both.
fn check_shape(request: &VerifyRequest) -> Result<(), RegistryError> {
    let brought = (request.approval.is_some(), request.ticket.is_some());
    let named = (
        request.software_id.is_some(),
        request.software_version.is_some(),
    );
    let missing: &[&str] = match (brought, named) {
        ((true, true), (false, false)) | ((false, false), (true, true)) => return Ok(()),
        ((true, false), (false, false)) => &["/ticket"],
        ((false, true), (false, false)) => &["/approval"],
        ((false, false), (true, false)) => &["/software_version"],
        ((false, false), (false, true)) => &["/software_id"],
        _ => &[""],
    };
    let finding = |pointer: &&str| Finding {
        code: "verify-invalid".to_owned(),
        pointer: (*pointer).to_owned(),
        detail: "Neither an approval with its ticket nor a version is given whole and alone."
            .to_owned(),
        remedy: "Send approval and ticket, or software_id and software_version.".to_owned(),
    };
    let findings = missing.iter().map(finding).collect();
    Err(RegistryError::invalid("verify-invalid", findings))
}

fn launch_request<'a>(
    approval: &'a Approval,
    facts: &'a LaunchFacts,
    served: ObservedContent,
) -> LaunchRequest<'a> {
    let organization = facts.organization_id.as_deref();
    let content = match (facts.content, approval.content.level) {
        (Some(digest), ContentLevel::Bundle) => ObservedContent::Bundle(digest),
        _ => served,
    };
    LaunchRequest {
        launch_uri: facts.launch_uri.as_deref(),
        redirect_uri: facts.redirect_uri.as_deref(),
        scope: facts.scope.as_deref(),
        client: facts.client.as_ref().map(|client| ClientAuthentication {
            key: client.key.as_deref(),
            dpop: client.dpop,
        }),
        ..LaunchRequest::new(
            &approval.software_id,
            &approval.software_version,
            organization.unwrap_or(&approval.organization_id),
            content,
        )
    }
}

const fn granted(now: i64) -> Verification {
    Verification {
        verdict: Ruling::Accepted,
        code: None,
        detail: None,
        remedy: None,
        approval: None,
        status: None,
        decided_at: now,
    }
}

fn refused(error: &VerifyError, now: i64) -> Verification {
    Verification {
        verdict: Ruling::Refused,
        code: Some(error.code),
        detail: Some(error.detail.to_string()),
        remedy: Some(error.code.remedy()),
        ..granted(now)
    }
}

/// The claims of something that says it is an approval, before anything about it is believed: only
/// to find the list and the version that it names.
fn claims(approval: &str) -> Option<Value> {
    let token = Token::parse(approval, TokenType::Approval).ok()?;
    serde_json::from_slice(token.unverified_payload()).ok()
}

fn status_uri(claims: &Value) -> Option<&str> {
    claims.pointer("/status/status_list/uri")?.as_str()
}

fn approval_of(claims: Value) -> Option<Approval> {
    serde_json::from_value(claims).ok()
}

/// Steps 18 to 21 of taking in: signatures, reviews and ticket are right by then.
const fn is_about_status(code: Code) -> bool {
    matches!(
        code,
        Code::StatusStale
            | Code::StatusRange
            | Code::Revoked
            | Code::Suspended
            | Code::NotIssued
            | Code::Denylisted
    )
}

fn launch(
    verifier: &Verifier,
    accepted: &Accepted,
    facts: &LaunchFacts,
    presented: &Presented,
    now: i64,
) -> Verification {
    let kept = verifier.approval(&accepted.software_id, &accepted.software_version);
    let Some(approval) = kept else {
        return refused(
            &Code::NotApproved.because("another approval is in force"),
            now,
        );
    };
    let launched = verifier.launch(&launch_request(approval, facts, presented.served), now);
    Verification {
        approval: Some(ApprovalSummary {
            log_index: accepted.log_index,
            witnessed_at: accepted.witnessed_at,
            ..summary(approval)
        }),
        status: status_age(verifier, approval, accepted.freshness, now),
        ..launched.map_or_else(|error| refused(&error, now), |_| granted(now))
    }
}

fn summary(approval: &Approval) -> ApprovalSummary {
    ApprovalSummary {
        jti: approval.jti.clone(),
        sub: approval.sub.clone(),
        software_id: approval.software_id.clone(),
        software_version: approval.software_version.clone(),
        client_name: approval.client_name.clone(),
        organization_id: approval.organization_id.clone(),
        developer_name: approval.developer_name.clone(),
        launch_uri: approval.launch_uri.clone(),
        redirect_uris: approval.redirect_uris.clone(),
        scope: approval.scope.clone(),
        content_level: approval.content.level,
        issued_at: approval.iat,
        expires_at: approval.exp,
        log_index: None,
        witnessed_at: None,
    }
}

fn status_age(
    verifier: &Verifier,
    approval: &Approval,
    freshness: Freshness,
    now: i64,
) -> Option<StatusAge> {
    let uri = &approval.status.status_list.uri;
    let (_, issued_at) = verifier.status_lists().find(|(known, _)| known == uri)?;
    Some(StatusAge {
        uri: uri.clone(),
        issued_at,
        age_seconds: now.saturating_sub(issued_at),
        max_stale: approval.max_stale,
        fresh: freshness == Freshness::Fresh,
    })
}
