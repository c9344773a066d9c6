//! What an entry is, by its form alone.

use crate::json;
use crate::jws::{Compact, Header, TokenType};
use crate::trust::LoggedDocument;

/// The kinds of entries.
pub(super) enum Kind<'a> {
    /// An approval.
    Approval(&'a str),
    /// A change of an approval's status.
    Event(&'a str),
    /// Which status lists were out.
    Digest(&'a str),
    /// A vendor's release.
    Release(&'a str),
    /// A vendor's request for a key.
    Rotation(&'a str),
    /// A token of another known type.
    Other(&'a str, TokenType),
    /// The last checkpoint of the log before this one.
    Checkpoint(&'a str),
    /// What the log says of a document of the trust repository. The document carries its own
    /// signatures, which whoever loads it checks.
    Document(LoggedDocument),
    /// Nothing that belongs in the log.
    Unknown,
}

pub(super) fn kind_of(bytes: &[u8]) -> Kind<'_> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Kind::Unknown;
    };
    if text.starts_with('{') {
        return json::from_slice(bytes).map_or(Kind::Unknown, Kind::Document);
    }
    if text.contains("\n\n\u{2014} ") {
        return Kind::Checkpoint(text);
    }
    match type_of(text) {
        Some(TokenType::Approval) => Kind::Approval(text),
        Some(TokenType::StatusEvent) => Kind::Event(text),
        Some(TokenType::StatusDigest) => Kind::Digest(text),
        Some(TokenType::Release) => Kind::Release(text),
        Some(TokenType::KeyRotation) => Kind::Rotation(text),
        Some(other) => Kind::Other(text, other),
        None => Kind::Unknown,
    }
}

fn type_of(token: &str) -> Option<TokenType> {
    let compact = Compact::split(token, crate::tiles::MAX_ENTRY).ok()?;
    let header: Header = json::from_slice(compact.header()).ok()?;
    TokenType::ALL
        .into_iter()
        .find(|typ| typ.as_str() == header.typ)
}
