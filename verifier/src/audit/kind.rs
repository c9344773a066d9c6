//! What an entry is, by its form alone.

use crate::json;
use crate::jws::{Compact, Header, TokenType};

/// The kinds of entries.
pub(super) enum Kind<'a> {
    /// An approval.
    Approval(&'a str),
    /// A change of an approval's status.
    Event(&'a str),
    /// A token of another known type.
    Other(&'a str, TokenType),
    /// The last checkpoint of the log before this one.
    Checkpoint(&'a str),
    /// A JSON document, such as metadata of the trust repository. It carries its own signatures,
    /// which whoever loads it checks.
    Document,
    /// Nothing that belongs in the log.
    Unknown,
}

pub(super) fn kind_of(bytes: &[u8]) -> Kind<'_> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Kind::Unknown;
    };
    if text.starts_with('{') {
        return match json::check(bytes) {
            Ok(()) => Kind::Document,
            Err(_) => Kind::Unknown,
        };
    }
    if text.contains("\n\n\u{2014} ") {
        return Kind::Checkpoint(text);
    }
    match type_of(text) {
        Some(TokenType::Approval) => Kind::Approval(text),
        Some(TokenType::StatusEvent) => Kind::Event(text),
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
