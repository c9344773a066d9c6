//! What vendors signed: releases, and requests that a key be theirs. No trust file lists a vendor's
//! keys, so whose signature it is only the vendor can tell, and is told of each.

use serde::de::DeserializeOwned;

use super::{At, Context};
use crate::audit::finding::{AuditCode, Findings};
use crate::claims::{Claims, KeyRotation, Release};
use crate::code::{Code, VerifyError};
use crate::json;
use crate::jws::Token;

/// A release: the reviews name the exact one that they are about.
pub(super) fn release(
    context: Context<'_>,
    at: At<'_>,
    token: &str,
    findings: &mut Findings,
) -> Result<(), VerifyError> {
    let (kid, release) = said::<Release>(token)?;
    let about = &release.organization_id;
    if context.organization == Some(about) || is_watched(context, &release.iss) {
        let (id, version) = (&release.software_id, &release.software_version);
        let detail = format!("a release of {id} {version} for {about}, signed by key {kid}");
        findings.entry(AuditCode::Organization, at.number, detail);
    }
    Ok(())
}

/// A request for a key: by which key signed it, the registry decides whether it counts, and when.
pub(super) fn rotation(
    context: Context<'_>,
    at: At<'_>,
    token: &str,
    findings: &mut Findings,
) -> Result<(), VerifyError> {
    let (kid, rotation) = said::<KeyRotation>(token)?;
    let key = rotation.key.to_key();
    let key = key
        .map_err(|error| Code::Claim.because(format!("key: {error}")))?
        .thumbprint();
    if is_watched(context, &rotation.iss) {
        let by = if kid == key { "itself" } else { &kid };
        let after = rotation.replaces.as_deref().unwrap_or("none");
        let iss = &rotation.iss;
        let detail = format!("a request for key {key} of {iss} after {after}, signed by {by}");
        findings.entry(AuditCode::Organization, at.number, detail);
    }
    Ok(())
}

/// Whether this entity id is that of the organisation that is watched for: a registry gives a vendor
/// one with the organisation's number in its path.
fn is_watched(context: Context<'_>, iss: &str) -> bool {
    let number = context.organization.and_then(|id| id.rsplit(':').next());
    number.is_some_and(|number| iss.split('/').any(|part| part == number))
}

/// The key's id and the claims, as they are said.
fn said<C: Claims + DeserializeOwned>(token: &str) -> Result<(String, C), VerifyError> {
    let token = Token::parse(token, C::TYPE)?;
    let claims = json::from_slice(token.unverified_payload())?;
    Ok((token.kid().to_owned(), claims))
}
