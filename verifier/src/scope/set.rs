//! Sets of scopes, as in a `scope` parameter.

use std::fmt;

use super::{BadScope, Permission, Permissions, ResourceScope, Scope};

/// Scopes in the order and the spelling in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet {
    scopes: Vec<Scope>,
    /// Each scope's own spelling: a client that asks in v1 is answered in v1.
    written: Vec<String>,
    /// All of it as one string.
    text: String,
}

impl ScopeSet {
    /// Reads scopes separated by single spaces (RFC 6749 §3.3); the empty string is the empty set.
    pub fn parse(text: &str) -> Result<Self, BadScope> {
        let mut set = Self::default();
        for word in words(text) {
            set.push(Scope::parse(word)?.to_owned(), word);
        }
        Ok(set)
    }

    /// The scopes.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.scopes.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Whether the set has this scope, other than resource scopes: `openid`, `launch`, …
    pub fn has(&self, name: &str) -> bool {
        self.scopes
            .iter()
            .any(|scope| matches!(scope, Scope::Other(text) if text == name))
    }

    /// Whether everything that the scope allows is allowed by this set. Several scopes together
    /// may give the interactions (`.r` and `.s` cover `.rs`).
    pub fn covers<S: AsRef<str>>(&self, scope: &Scope<S>) -> bool {
        let Scope::Resource(wanted) = scope else {
            return self.scopes.iter().any(|mine| mine.covers(scope));
        };
        let mut found = Permissions::NONE;
        for mine in self.resources() {
            if mine.covers_where(wanted) {
                found = found.union(mine.permissions());
            }
        }
        found.contains(wanted.permissions())
    }

    /// Whether this set covers every scope of the other.
    pub fn covers_all(&self, other: &Self) -> bool {
        other.scopes.iter().all(|scope| self.covers(scope))
    }

    /// The first scope of the text that this set does not cover; `None` when all are covered.
    /// Allocates nothing.
    pub fn first_beyond<'a>(&self, requested: &'a str) -> Result<Option<Scope<&'a str>>, BadScope> {
        // Most clients ask for what was approved, in the very words.
        if requested == self.text {
            return Ok(None);
        }
        for word in words(requested) {
            if self.written.iter().any(|written| written == word) {
                continue;
            }
            let scope = Scope::parse(word)?;
            if !self.covers(&scope) {
                return Ok(Some(scope));
            }
        }
        Ok(None)
    }

    /// The resource scopes.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceScope> {
        self.scopes.iter().filter_map(|scope| match scope {
            Scope::Resource(scope) => Some(scope),
            Scope::Other(_) => None,
        })
    }

    /// The scopes that allow this interaction with this type, to be enforced on a request: it is
    /// allowed for resources that meet all the filters of any one of them. None: refuse.
    pub fn granting<'a>(
        &'a self,
        resource_type: &'a str,
        permission: Permission,
    ) -> impl Iterator<Item = &'a ResourceScope> {
        self.resources().filter(move |scope| {
            scope.applies_to(resource_type) && scope.permissions().allows(permission)
        })
    }

    /// Those of the requested scopes that this set covers whole: what may be granted.
    #[must_use]
    pub fn grantable(&self, requested: &Self) -> Self {
        let mut granted = Self::default();
        for (scope, written) in requested.scopes.iter().zip(&requested.written) {
            if self.covers(scope) {
                granted.push(scope.clone(), written);
            }
        }
        granted
    }

    fn push(&mut self, scope: Scope, written: &str) {
        if !self.scopes.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(written);
        self.scopes.push(scope);
        self.written.push(written.to_owned());
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::default();
        for scope in scopes {
            let written = scope.to_string();
            set.push(scope, &written);
        }
        set
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = (!text.is_empty()).then(|| text.split(' '));
    words.into_iter().flatten()
}
