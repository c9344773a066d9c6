//! The part of `FHIRPath` (N1, 1.3) that R4's invariants and the paths of a patch are written in.
//!
//! An expression is read once ([`Lazy`]) and evaluated over JSON with the types of R4 at hand, so that
//! `value` finds `valueQuantity` and `is` can be answered. It is not a general engine: there are no
//! dates or units as values of their own, no `aggregate` and no functions that neither uses; an
//! expression that uses them cannot be read, and says so.

mod compare;
mod evaluate;
mod functions;
mod lexer;
mod node;
#[cfg(test)]
mod official;
mod parser;

use std::sync::OnceLock;

pub(crate) use evaluate::Scope;
pub(crate) use node::{Node, sibling};

/// A function of `FHIRPath`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    All,
    AllFalse,
    As,
    Children,
    Combine,
    Contains,
    Count,
    Descendants,
    Distinct,
    Empty,
    EndsWith,
    Exists,
    Extension,
    First,
    HasValue,
    Iif,
    Intersect,
    Is,
    IsDistinct,
    Last,
    Length,
    Not,
    OfType,
    ReplaceMatches,
    Resolve,
    Select,
    Single,
    StartsWith,
    Substring,
    Tail,
    ToInteger,
    ToText,
    Trace,
    Where,
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    And,
    Concatenate,
    Contains,
    Equal,
    Greater,
    GreaterOrEqual,
    Implies,
    In,
    Less,
    LessOrEqual,
    NotEqual,
    Or,
    Subtract,
    Union,
    Xor,
}

/// An expression that has been read.
#[derive(Debug)]
enum Expression {
    Binary(Operator, Box<Self>, Box<Self>),
    Boolean(bool),
    Call(Option<Box<Self>>, Function, Vec<Self>),
    Empty,
    Index(Box<Self>, Box<Self>),
    /// `matches` with a pattern that is known when the expression is read.
    Matches(Option<Box<Self>>, regex::Regex),
    Member(Option<Box<Self>>, Box<str>),
    Number(f64),
    OfType(Box<Self>, Box<str>, TypeTest),
    Text(Box<str>),
    This,
    Variable(Box<str>),
}

/// `is` answers, `as` keeps what fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TypeTest {
    As,
    Is,
}

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("more than one item where one is asked for")]
    Several,
    #[error("the expression cannot be read")]
    Syntax,
    #[error("the value lies too deep, or there is too much of it")]
    TooMuch,
}

/// An expression that is read when it is first needed.
#[derive(Debug)]
pub(crate) struct Lazy {
    text: &'static str,
    read: OnceLock<Option<Parsed>>,
}

/// The longest expression that is read from outside, in bytes.
const LONGEST: usize = 1024;

/// An expression ready to be evaluated.
#[derive(Debug)]
pub(crate) struct Parsed(Expression);

impl Lazy {
    pub(crate) fn new(text: &'static str) -> Self {
        Self {
            text,
            read: OnceLock::new(),
        }
    }

    /// The expression, unless it cannot be read.
    pub(crate) fn get(&'static self) -> Option<&'static Parsed> {
        self.read
            .get_or_init(|| parser::parse(self.text).ok().map(Parsed))
            .as_ref()
    }
}

impl Parsed {
    /// Reads an expression that somebody sends.
    ///
    /// # Errors
    /// When it is too long or no expression.
    pub(crate) fn read(text: &str) -> Result<Self, Trouble> {
        if text.len() > LONGEST {
            return Err(Trouble::TooMuch);
        }
        parser::parse(text).map(Self)
    }

    /// The items that the expression gives for a node.
    ///
    /// # Errors
    /// When the expression does not apply to the node.
    pub(crate) fn items<'a>(
        &'a self,
        scope: &Scope<'a>,
        node: &Node<'a>,
    ) -> Result<Vec<Node<'a>>, Trouble> {
        scope.evaluate(&self.0, std::slice::from_ref(node))
    }

    /// Whether the expression is true of a node; an empty result is neither true nor false.
    ///
    /// # Errors
    /// When the expression does not apply to the node.
    pub(crate) fn holds<'a>(
        &'a self,
        scope: &Scope<'a>,
        node: &Node<'a>,
    ) -> Result<Option<bool>, Trouble> {
        let result = scope.evaluate(&self.0, std::slice::from_ref(node))?;
        compare::truth(&result)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::definitions::Definitions;

    fn holds(expression: &str, resource: &Value) -> Result<Option<bool>, Trouble> {
        let parsed: &Parsed = Box::leak(Box::new(Parsed(parser::parse(expression)?)));
        let node = Node::resource(Definitions::r4(), resource);
        let scope = Scope::new(Definitions::r4(), node.clone(), node.clone());
        parsed.holds(&scope, &node)
    }

    fn patient() -> Value {
        json!({
            "resourceType": "Patient", "id": "a", "active": true, "birthDate": "1990-01-02",
            "_birthDate": {"extension": [{"url": "http://example.org/t", "valueString": "x"}]},
            "name": [{"family": "Berg", "given": ["Kari", "Anne"]}, {"family": "Dal"}],
            "multipleBirthInteger": 2,
        })
    }

    #[test]
    fn paths_operators_and_functions_agree_with_the_specification() {
        for (expression, expected) in [
            ("name.exists()", Some(true)),
            ("name.given.count() = 3", Some(false)),
            ("name.given.count() = 2", Some(true)),
            ("photo.empty() and active", Some(true)),
            ("name.where(family = 'Dal').given.empty()", Some(true)),
            ("multipleBirth = 2", Some(true)),
            ("multipleBirth is integer", Some(true)),
            ("multipleBirth is Boolean", Some(false)),
            ("(multipleBirth as integer) <= 100", Some(true)),
            ("birthDate.extension.exists()", Some(true)),
            ("birthDate.hasValue()", Some(true)),
            ("gender = 'male'", None),
            ("gender = 'male' or true", Some(true)),
            ("gender = 'male' and false", Some(false)),
            ("gender.exists() implies false", Some(true)),
            ("gender.exists() xor active", Some(true)),
            (
                "birthDate.extension('http://example.org/t').exists()",
                Some(true),
            ),
            ("extension('http://example.org/t').exists()", Some(false)),
            ("name.where(family = 'Dal').single().exists()", Some(true)),
            ("name.first().family in ('Berg' | 'Dal')", Some(true)),
            ("name.family.isDistinct()", Some(true)),
            ("name.all(family.exists())", Some(true)),
            ("name.family.first().startsWith('Be')", Some(true)),
            ("name[1].family = 'Dal'", Some(true)),
            ("name.family contains 'Dal'", Some(true)),
            ("name.select(family & 'x').first() = 'Bergx'", Some(true)),
            ("id.matches('[a-z]')", Some(true)),
            ("iif(active, 1, 2) = 1", Some(true)),
            ("%resource is Patient", Some(true)),
            ("$this is DomainResource", Some(true)),
            ("children().count() = 6", Some(true)),
            ("descendants().where($this = 'Anne').exists()", Some(true)),
            ("name.family.substring(0, 1).first() = 'B'", None),
            (
                "'abc'.substring(1) = 'bc' and 'abc'.substring(0, 1) = 'a'",
                Some(true),
            ),
            ("id.replaceMatches('a', 'b') = 'b'", Some(true)),
            ("'K\\u00e5re' = 'Kåre'", Some(true)),
            ("'abc'.substring(3).empty()", Some(true)),
            ("'a\\nb'.matches('a.b')", Some(true)),
            ("(1.combine(1)).intersect(1).count() = 1", Some(true)),
        ] {
            let found = holds(expression, &patient());
            if expression.starts_with("name.family.substring") {
                assert_eq!(found, Err(Trouble::Several), "{expression}");
            } else {
                assert_eq!(found, Ok(expected), "{expression}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for expression in [
            "",
            "name.",
            "name.nothing()",
            "(name",
            "'open",
            "a b",
            "1 +",
            "'\\u12'",
            "'\\ud800'",
        ] {
            assert_eq!(
                holds(expression, &patient()),
                Err(Trouble::Syntax),
                "{expression}"
            );
        }
    }

    #[test]
    fn quantities_compare_by_value() {
        let range = json!({"resourceType": "Observation", "referenceRange": [
            {"low": {"value": 4.0, "code": "kg"}, "high": {"value": 3.5, "code": "kg"}}]});
        assert_eq!(
            holds("referenceRange.all(low <= high)", &range),
            Ok(Some(false))
        );
    }
}
