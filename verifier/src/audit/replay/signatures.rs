//! What an entry's own signature is worth: a key that the trust configuration lists for it, and that
//! was not withdrawn before this place in the log.

use super::{At, Context};
use crate::audit::finding::AuditCode;
use crate::checkpoint::Checkpoint;
use crate::claims::Claims;
use crate::code::{Code, VerifyError};
use crate::jws::{Token, TokenType};
use crate::note::Note;
use crate::seals::{LogVerdict, log_verdict};

/// The claims of a token that a listed key has signed, and that was not withdrawn before this entry.
pub(super) fn signed<C: Claims + serde::de::DeserializeOwned>(
    context: Context<'_>,
    at: At<'_>,
    token: &str,
) -> Result<C, VerifyError> {
    let token = Token::parse(token, C::TYPE)?;
    verified(context, at, &token)
}

fn verified<T: serde::de::DeserializeOwned>(
    context: Context<'_>,
    at: At<'_>,
    token: &Token<'_>,
) -> Result<T, VerifyError> {
    let key = context.trust.key_for(token.kid(), token.typ())?;
    let revoked = key.revoked.as_ref();
    if revoked.is_some_and(|revocation| revocation.applies_to(at.origin, Some(at.number))) {
        let detail = format!("key {} was withdrawn before this", token.kid());
        return Err(Code::KeyRevoked.because(detail));
    }
    token.verify(&key.public)
}

/// A token that says nothing about approvals: its signature must hold.
pub(super) fn other(
    context: Context<'_>,
    at: At<'_>,
    token: &str,
    typ: TokenType,
) -> Result<(), VerifyError> {
    let token = Token::parse(token, typ)?;
    verified::<serde_json::Value>(context, at, &token).map(drop)
}

/// The end of another log, with which its successor begins.
pub(super) fn checkpoint(context: Context<'_>, note: &str) -> Result<(), VerifyError> {
    let malformed = |error: &dyn std::fmt::Display| Code::Format.because(error.to_string());
    let note = Note::parse(note).map_err(|error| malformed(&error))?;
    let Checkpoint { origin, .. } =
        Checkpoint::parse(note.text).map_err(|error| malformed(&error))?;
    match log_verdict(&note, &origin, context.trust.policy()) {
        LogVerdict::Signed => Ok(()),
        LogVerdict::Forged => Err(Code::LogSig.because("a log's signature is wrong")),
        LogVerdict::Unknown | LogVerdict::Absent => {
            Err(Code::LogSig.because(format!("not signed by {origin}")))
        }
    }
}

pub(super) fn code_of(error: &VerifyError) -> AuditCode {
    match error.code {
        Code::Kid | Code::KeyUse | Code::KeyRevoked => AuditCode::EntryKey,
        Code::Sig | Code::LogSig => AuditCode::EntrySignature,
        Code::Json | Code::Claim => AuditCode::EntryClaims,
        _ => AuditCode::EntryFormat,
    }
}
