//! Evaluates an expression over a collection.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;

use super::compare::{all_equal, equal, order, truth};
use super::{Expression, Node, Operator, Trouble, TypeTest};
use crate::definitions::Definitions;

/// Steps that one expression may take over one node; an honest one takes some thousands at most.
const MOST_STEPS: u32 = 2_000_000;

/// What `%resource` and the like stand for, and how much work is left.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    pub(super) definitions: &'static Definitions,
    resource: Node<'a>,
    root: Node<'a>,
    steps: Cell<u32>,
}

pub(super) type Items<'a> = Result<Vec<Node<'a>>, Trouble>;

impl<'a> Scope<'a> {
    /// `resource` is the nearest resource, `root` the one that contains it.
    pub(crate) fn new(
        definitions: &'static Definitions,
        resource: Node<'a>,
        root: Node<'a>,
    ) -> Self {
        Self {
            definitions,
            resource,
            root,
            steps: Cell::new(0),
        }
    }

    /// Counts work done, and stops when it is too much.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Trouble> {
        let spent = self
            .steps
            .get()
            .saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        self.steps.set(spent);
        if spent > MOST_STEPS {
            Err(Trouble::TooMuch)
        } else {
            Ok(())
        }
    }

    pub(super) fn evaluate(&self, expression: &'a Expression, focus: &[Node<'a>]) -> Items<'a> {
        self.spend(1)?;
        match expression {
            Expression::Binary(operator, left, right) => self.binary(*operator, left, right, focus),
            Expression::Boolean(truth) => Ok(vec![Node::Boolean(*truth)]),
            Expression::Call(left, function, arguments) => match left {
                Some(left) => self.call(*function, &self.evaluate(left, focus)?, arguments),
                None => self.call(*function, focus, arguments),
            },
            Expression::Empty => Ok(Vec::new()),
            Expression::Index(left, index) => self.index(left, index, focus),
            Expression::Matches(left, pattern) => {
                let items = self.left(left.as_deref(), focus)?;
                let text = single(&items)?.and_then(Node::text);
                Ok(text
                    .map(|t| Node::Boolean(pattern.is_match(t)))
                    .into_iter()
                    .collect())
            }
            Expression::Member(left, name) => self.member(left.as_deref(), name, focus),
            Expression::Number(number) => Ok(vec![Node::Number(*number)]),
            Expression::OfType(left, name, test) => {
                let items = self.evaluate(left, focus)?;
                self.of_type(&items, name, *test)
            }
            Expression::Text(text) => Ok(vec![Node::Text(Cow::Borrowed(text))]),
            Expression::This => Ok(focus.to_vec()),
            Expression::Variable(name) => Ok(self.variable(name, focus)),
        }
    }

    fn left(&self, left: Option<&'a Expression>, focus: &[Node<'a>]) -> Items<'a> {
        left.map_or_else(|| Ok(focus.to_vec()), |left| self.evaluate(left, focus))
    }

    fn variable(&self, name: &str, focus: &[Node<'a>]) -> Vec<Node<'a>> {
        match name {
            "resource" => vec![self.resource.clone()],
            "rootResource" => vec![self.root.clone()],
            "context" => focus.to_vec(),
            "ucum" => vec![Node::Text(Cow::Borrowed("http://unitsofmeasure.org"))],
            "sct" => vec![Node::Text(Cow::Borrowed("http://snomed.info/sct"))],
            "loinc" => vec![Node::Text(Cow::Borrowed("http://loinc.org"))],
            _ => Vec::new(),
        }
    }

    fn member(&self, left: Option<&'a Expression>, name: &str, focus: &[Node<'a>]) -> Items<'a> {
        let mut out = Vec::new();
        let Some(left) = left else {
            for node in focus {
                // A path may start with the name of the type it is written for.
                if name.starts_with(|c: char| c.is_ascii_uppercase()) && self.is_a(node, name) {
                    out.push(node.clone());
                } else {
                    node.member(self.definitions, name, &mut out);
                }
            }
            return Ok(out);
        };
        let items = self.evaluate(left, focus)?;
        self.spend(items.len())?;
        for node in &items {
            node.member(self.definitions, name, &mut out);
        }
        Ok(out)
    }

    fn index(&self, left: &'a Expression, index: &'a Expression, focus: &[Node<'a>]) -> Items<'a> {
        let items = self.evaluate(left, focus)?;
        let at = single(&self.evaluate(index, focus)?)?.and_then(Node::number);
        let found = (0_u32..)
            .zip(&items)
            .find(|(place, _)| Some(f64::from(*place)) == at);
        Ok(found.map(|(_, node)| node.clone()).into_iter().collect())
    }

    pub(super) fn is_a(&self, node: &Node<'_>, name: &str) -> bool {
        let system = |expected: &str| name.eq_ignore_ascii_case(expected);
        match node {
            Node::Boolean(_) => system("boolean"),
            Node::Number(_) => system("integer") || system("decimal"),
            Node::Text(_) => system("string"),
            Node::Element { described, .. } => described.is_some_and(|id| {
                let own = self.definitions.get(id).map_or("", |d| d.name);
                own.eq_ignore_ascii_case(name) || self.definitions.is_a(id, name)
            }),
        }
    }

    pub(super) fn of_type(&self, items: &[Node<'a>], name: &str, test: TypeTest) -> Items<'a> {
        match test {
            TypeTest::As => Ok(items
                .iter()
                .filter(|node| self.is_a(node, name))
                .cloned()
                .collect()),
            TypeTest::Is => {
                let answer = single(items)?.map(|node| Node::Boolean(self.is_a(node, name)));
                Ok(answer.into_iter().collect())
            }
        }
    }

    fn binary(
        &self,
        operator: Operator,
        left: &'a Expression,
        right: &'a Expression,
        focus: &[Node<'a>],
    ) -> Items<'a> {
        let first = self.evaluate(left, focus)?;
        if let Some(decided) = decided(operator, &first)? {
            return Ok(vec![Node::Boolean(decided)]);
        }
        let second = self.evaluate(right, focus)?;
        let answer = match operator {
            Operator::And | Operator::Implies | Operator::Or | Operator::Xor => {
                logic(operator, truth(&first)?, truth(&second)?)
            }
            Operator::Equal => all_equal(&first, &second),
            Operator::NotEqual => all_equal(&first, &second).map(|same| !same),
            Operator::Greater => order(&first, &second)?.map(Ordering::is_gt),
            Operator::GreaterOrEqual => order(&first, &second)?.map(Ordering::is_ge),
            Operator::Less => order(&first, &second)?.map(Ordering::is_lt),
            Operator::LessOrEqual => order(&first, &second)?.map(Ordering::is_le),
            Operator::In => single(&first)?.map(|one| second.iter().any(|n| equal(n, one))),
            Operator::Contains => single(&second)?.map(|one| first.iter().any(|n| equal(n, one))),
            Operator::Union => return self.union(first, second),
            Operator::Concatenate => return Ok(vec![joined(&first, &second)?]),
            Operator::Add | Operator::Subtract => return sum(operator, &first, &second),
        };
        Ok(answer.map(Node::Boolean).into_iter().collect())
    }

    fn union(&self, first: Vec<Node<'a>>, second: Vec<Node<'a>>) -> Items<'a> {
        let mut out: Vec<Node<'a>> = Vec::with_capacity(first.len() + second.len());
        for node in first.into_iter().chain(second) {
            self.spend(out.len())?;
            if !out.iter().any(|other| equal(other, &node)) {
                out.push(node);
            }
        }
        Ok(out)
    }
}

/// The one item of a collection.
pub(super) fn single<'n, 'a>(items: &'n [Node<'a>]) -> Result<Option<&'n Node<'a>>, Trouble> {
    match items {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        _ => Err(Trouble::Several),
    }
}

/// What the left side alone decides.
fn decided(operator: Operator, left: &[Node<'_>]) -> Result<Option<bool>, Trouble> {
    Ok(match operator {
        Operator::And if truth(left)? == Some(false) => Some(false),
        Operator::Or if truth(left)? == Some(true) => Some(true),
        Operator::Implies if truth(left)? == Some(false) => Some(true),
        _ => None,
    })
}

fn logic(operator: Operator, left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match operator {
        Operator::And => match (left, right) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Operator::Or => match (left, right) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Operator::Implies => logic(Operator::Or, left.map(|l| !l), right),
        _ => Some(left? != right?),
    }
}

/// `&` joins texts and takes nothing for an empty text.
fn joined<'a>(left: &[Node<'a>], right: &[Node<'a>]) -> Result<Node<'a>, Trouble> {
    let text = |items: &[Node<'a>]| {
        Ok(single(items)?
            .and_then(Node::text)
            .unwrap_or_default()
            .to_owned())
    };
    Ok(Node::Text(Cow::Owned(text(left)? + &text(right)?)))
}

fn sum<'a>(operator: Operator, left: &[Node<'a>], right: &[Node<'a>]) -> Items<'a> {
    let (Some(left), Some(right)) = (single(left)?, single(right)?) else {
        return Ok(Vec::new());
    };
    Ok(match (left.number(), right.number(), operator) {
        (Some(a), Some(b), Operator::Subtract) => vec![Node::Number(a - b)],
        (Some(a), Some(b), _) => vec![Node::Number(a + b)],
        (None, None, Operator::Add) => vec![joined(
            std::slice::from_ref(left),
            std::slice::from_ref(right),
        )?],
        _ => Vec::new(),
    })
}
