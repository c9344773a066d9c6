//! SMART App Launch 2.2 scopes: reading them, and deciding whether one set covers another.
//!
//! v1 permissions are mapped (`.read` = `rs`, `.write` = `cud`, `.*` = `cruds`); a `?query` only
//! narrows. What is approved at an EPJ and what a sandbox enforces are decided by the same code.

mod resource;
mod set;

pub use resource::{Context, Filter, Permission, Permissions, ResourceScope};
pub use set::ScopeSet;

use std::fmt;

/// One scope. `S` is `String` when kept, `&str` when only looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope<S = String> {
    /// Access to FHIR resources, such as `patient/Observation.rs`.
    Resource(ResourceScope<S>),
    /// Any other scope, such as `openid` or `launch/patient`: compared as a whole.
    Other(S),
}

/// A string that is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// A character that RFC 6749 does not allow in scopes, or no character at all.
    #[error("a scope with a character outside RFC 6749, or an empty one: separate by one space")]
    Token,
    /// Looks like a resource scope, but is none.
    #[error("not a SMART resource scope: write context/Type.cruds with the letters in that order")]
    Resource,
    /// The part after the question mark is not `name=value` pairs.
    #[error("the part after the question mark must be name=value pairs joined by &")]
    Query,
}

impl<'a> Scope<&'a str> {
    /// Reads one scope.
    pub fn parse(text: &'a str) -> Result<Self, BadScope> {
        let allowed = |b: u8| (0x21..=0x7e).contains(&b) && b != b'"' && b != b'\\';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(BadScope::Token);
        }
        match text
            .split_once('/')
            .and_then(|(context, rest)| Some((Context::parse(context)?, rest)))
        {
            Some((context, rest)) => ResourceScope::parse(context, rest).map(Self::Resource),
            None => Ok(Self::Other(text)),
        }
    }

    /// A copy that owns its text.
    pub fn to_owned(self) -> Scope<String> {
        match self {
            Self::Resource(scope) => Scope::Resource(scope.to_owned()),
            Self::Other(text) => Scope::Other(text.to_owned()),
        }
    }
}

impl<S: AsRef<str>> Scope<S> {
    /// Whether whoever holds this scope may do everything that `other` allows.
    pub fn covers<T: AsRef<str>>(&self, other: &Scope<T>) -> bool {
        match (self, other) {
            (Self::Resource(mine), Scope::Resource(theirs)) => mine.covers(theirs),
            (Self::Other(mine), Scope::Other(theirs)) => mine.as_ref() == theirs.as_ref(),
            _ => false,
        }
    }
}

impl<S: AsRef<str>> fmt::Display for Scope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(scope) => scope.fmt(f),
            Self::Other(text) => f.write_str(text.as_ref()),
        }
    }
}
