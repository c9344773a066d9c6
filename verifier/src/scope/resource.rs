//! Resource scopes: `patient/Observation.rs?category=laboratory`.

use std::fmt;

use super::BadScope;

/// Whose data a scope is about. The contexts are not comparable: none covers another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// The patient in context.
    Patient,
    /// What the signed-in user may see.
    User,
    /// What the system client may see.
    System,
}

impl Context {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "patient" => Some(Self::Patient),
            "user" => Some(Self::User),
            "system" => Some(Self::System),
            _ => None,
        }
    }

    /// The word before the slash.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::User => "user",
            Self::System => "system",
        }
    }
}

/// One FHIR interaction that can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Type-level create.
    Create,
    /// Instance-level read and vread, and history of an instance.
    Read,
    /// Instance-level update and patch.
    Update,
    /// Instance-level delete.
    Delete,
    /// Type-level search, history and system-level search.
    Search,
}

impl Permission {
    /// All five, in the order in which scopes spell them.
    pub const ALL: [Self; 5] = [
        Self::Create,
        Self::Read,
        Self::Update,
        Self::Delete,
        Self::Search,
    ];

    const fn letter(self) -> char {
        match self {
            Self::Create => 'c',
            Self::Read => 'r',
            Self::Update => 'u',
            Self::Delete => 'd',
            Self::Search => 's',
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Read => 2,
            Self::Update => 4,
            Self::Delete => 8,
            Self::Search => 16,
        }
    }
}

/// A set of interactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permissions(u8);

impl Permissions {
    /// No interaction.
    pub const NONE: Self = Self(0);
    /// Every interaction.
    pub const ALL: Self = Self(31);
    /// What v1 calls `read`.
    pub const V1_READ: Self = Self(2 | 16);
    /// What v1 calls `write`.
    pub const V1_WRITE: Self = Self(1 | 4 | 8);

    fn parse(text: &str) -> Option<Self> {
        match text {
            "read" => return Some(Self::V1_READ),
            "write" => return Some(Self::V1_WRITE),
            "*" => return Some(Self::ALL),
            _ => {}
        }
        let mut found = Self::NONE;
        let mut rest = text;
        for permission in Permission::ALL {
            if let Some(after) = rest.strip_prefix(permission.letter()) {
                found = found.with(permission);
                rest = after;
            }
        }
        (rest.is_empty() && found != Self::NONE).then_some(found)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    /// These and those.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all of those are among these.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether this interaction is among these.
    pub const fn allows(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Permission::ALL
            .iter()
            .filter(|permission| self.allows(**permission))
            .try_for_each(|permission| write!(f, "{}", permission.letter()))
    }
}

/// Access to the resources of one type, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceScope<S = String> {
    context: Context,
    /// The type's name, or `*`.
    resource: S,
    permissions: Permissions,
    /// What follows the question mark; empty when there is none.
    query: S,
}

/// One condition of a scope's query: the resource must match one of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter<'a> {
    /// The search parameter, with its modifier.
    pub name: &'a str,
    /// The values as written, separated by commas (any of them will do).
    pub value: &'a str,
}

impl<'a> Filter<'a> {
    /// The alternatives, as written.
    pub fn values(self) -> impl Iterator<Item = &'a str> {
        self.value.split(',')
    }

    /// Whether everything that meets `other` meets this too.
    fn admits(self, other: Filter<'_>) -> bool {
        if self.name != other.name {
            return false;
        }
        // With a modifier (`:not`) or an escape, fewer values need not mean fewer resources.
        let literal = self.name.contains(':')
            || [self.value, other.value]
                .iter()
                .any(|v| v.contains(['\\', '%', '$']));
        if literal {
            return self.value == other.value;
        }
        other
            .values()
            .all(|value| self.values().any(|mine| mine == value))
    }
}

impl<'a> ResourceScope<&'a str> {
    /// Reads what follows the context and its slash.
    pub(super) fn parse(context: Context, text: &'a str) -> Result<Self, BadScope> {
        let (head, query) = match text.split_once('?') {
            Some((head, query)) => (head, Some(query)),
            None => (text, None),
        };
        let (resource, permissions) = head.split_once('.').ok_or(BadScope::Resource)?;
        if !is_resource(resource) {
            return Err(BadScope::Resource);
        }
        let permissions = Permissions::parse(permissions).ok_or(BadScope::Resource)?;
        if query.is_some_and(|query| !query.split('&').all(|pair| filter(pair).is_some())) {
            return Err(BadScope::Query);
        }
        Ok(Self {
            context,
            resource,
            permissions,
            query: query.unwrap_or_default(),
        })
    }

    /// A copy that owns its text.
    pub fn to_owned(self) -> ResourceScope<String> {
        ResourceScope {
            context: self.context,
            resource: self.resource.to_owned(),
            permissions: self.permissions,
            query: self.query.to_owned(),
        }
    }
}

impl<S: AsRef<str>> ResourceScope<S> {
    /// Whose data.
    pub const fn context(&self) -> Context {
        self.context
    }

    /// The resource type, or `None` for every type.
    pub fn resource_type(&self) -> Option<&str> {
        Some(self.resource.as_ref()).filter(|name| *name != "*")
    }

    /// Which interactions.
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// Whether it is about resources of this type.
    pub fn applies_to(&self, resource_type: &str) -> bool {
        self.resource_type()
            .is_none_or(|name| name == resource_type)
    }

    /// The conditions that a resource must meet, all of them.
    pub fn filters(&self) -> impl Iterator<Item = Filter<'_>> {
        self.query.as_ref().split('&').filter_map(filter)
    }

    /// Whether everything that `other` allows is allowed here.
    pub fn covers<T: AsRef<str>>(&self, other: &ResourceScope<T>) -> bool {
        self.covers_where(other) && self.permissions.contains(other.permissions)
    }

    /// As [`Self::covers`], without looking at the interactions.
    pub(super) fn covers_where<T: AsRef<str>>(&self, other: &ResourceScope<T>) -> bool {
        let types = match (self.resource_type(), other.resource_type()) {
            (None, _) => true,
            (Some(mine), Some(theirs)) => mine == theirs,
            (Some(_), None) => false,
        };
        // Each of my conditions must follow from one of theirs.
        types
            && self.context == other.context
            && self
                .filters()
                .all(|mine| other.filters().any(|theirs| mine.admits(theirs)))
    }
}

impl<S: AsRef<str>> fmt::Display for ResourceScope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (context, resource) = (self.context.as_str(), self.resource.as_ref());
        write!(f, "{context}/{resource}.{}", self.permissions)?;
        match self.query.as_ref() {
            "" => Ok(()),
            query => write!(f, "?{query}"),
        }
    }
}

fn is_resource(text: &str) -> bool {
    let name = text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name || text == "*"
}

fn filter(pair: &str) -> Option<Filter<'_>> {
    let (name, value) = pair.split_once('=')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let complete = !name.is_empty() && !value.is_empty() && name.bytes().all(plain);
    complete.then_some(Filter { name, value })
}
