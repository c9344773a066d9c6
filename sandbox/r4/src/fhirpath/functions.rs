//! The functions (`FHIRPath`, "Functions"; R4, `fhirpath.html`, "Additional functions").

use std::borrow::Cow;

use super::compare::{equal, truth};
use super::evaluate::{Items, Scope, single};
use super::{Expression, Function, Node, Trouble, TypeTest};

/// Levels that `descendants` goes down.
const DEEPEST: usize = 64;
/// Steps that reading a pattern counts as.
const PATTERN: usize = 20_000;

impl<'a> Scope<'a> {
    pub(super) fn call(
        &self,
        function: Function,
        items: &[Node<'a>],
        arguments: &'a [Expression],
    ) -> Items<'a> {
        self.spend(items.len())?;
        let yes = |answer: bool| Ok(vec![Node::Boolean(answer)]);
        match function {
            Function::All => yes(self.every(items, arguments)?),
            Function::AllFalse => yes(items.iter().all(|node| node.boolean() == Some(false))),
            Function::Count => Ok(vec![number(items.len())]),
            Function::Empty => yes(items.is_empty()),
            Function::Exists if arguments.is_empty() => yes(!items.is_empty()),
            Function::Exists => yes(!self.filtered(items, arguments)?.is_empty()),
            Function::Extension => self.extensions(items, arguments),
            Function::Single => Ok(single(items)?.cloned().into_iter().collect()),
            Function::HasValue => yes(single(items)?.is_some_and(Node::has_value)),
            Function::IsDistinct => yes(self.distinct(items)?.len() == items.len()),
            Function::Not => Ok(truth(items)?
                .map(|t| Node::Boolean(!t))
                .into_iter()
                .collect()),
            Function::Where => self.filtered(items, arguments),
            Function::Select => self.selected(items, arguments),
            Function::Iif => self.iif(items, arguments),
            // References are not followed: what is behind them is not at hand.
            Function::Resolve => Ok(Vec::new()),
            Function::Trace => Ok(items.to_vec()),
            Function::As | Function::Is | Function::OfType => {
                self.typed(function, items, arguments)
            }
            Function::Combine | Function::Intersect => self.joined(function, items, arguments),
            Function::Children | Function::Descendants => self.below(function, items),
            Function::Distinct | Function::First | Function::Last | Function::Tail => {
                self.subset(function, items)
            }
            _ => self.text_function(function, items, arguments),
        }
    }

    fn argument(&self, arguments: &'a [Expression], at: usize, focus: &[Node<'a>]) -> Items<'a> {
        arguments
            .get(at)
            .map_or(Ok(Vec::new()), |a| self.evaluate(a, focus))
    }

    /// `extension(url)`: the extensions of the items that have this address.
    fn extensions(&self, items: &[Node<'a>], arguments: &'a [Expression]) -> Items<'a> {
        let url = self.argument(arguments, 0, items)?;
        let wanted = single(&url)?.and_then(Node::text);
        let mut all = Vec::new();
        for node in items {
            node.member(self.definitions, "extension", &mut all);
        }
        self.spend(all.len())?;
        let has = |extension: &Node<'a>| {
            let mut address = Vec::new();
            extension.member(self.definitions, "url", &mut address);
            wanted.is_some() && address.first().and_then(Node::text) == wanted
        };
        all.retain(has);
        Ok(all)
    }

    fn every(&self, items: &[Node<'a>], arguments: &'a [Expression]) -> Result<bool, Trouble> {
        for node in items {
            let answer = self.argument(arguments, 0, std::slice::from_ref(node))?;
            if truth(&answer)? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn filtered(&self, items: &[Node<'a>], arguments: &'a [Expression]) -> Items<'a> {
        let mut out = Vec::new();
        for node in items {
            let answer = self.argument(arguments, 0, std::slice::from_ref(node))?;
            if truth(&answer)? == Some(true) {
                out.push(node.clone());
            }
        }
        Ok(out)
    }

    fn selected(&self, items: &[Node<'a>], arguments: &'a [Expression]) -> Items<'a> {
        let mut out = Vec::new();
        for node in items {
            out.extend(self.argument(arguments, 0, std::slice::from_ref(node))?);
        }
        Ok(out)
    }

    fn iif(&self, items: &[Node<'a>], arguments: &'a [Expression]) -> Items<'a> {
        let chosen = if truth(&self.argument(arguments, 0, items)?)? == Some(true) {
            1
        } else {
            2
        };
        self.argument(arguments, chosen, items)
    }

    fn typed(
        &self,
        function: Function,
        items: &[Node<'a>],
        arguments: &'a [Expression],
    ) -> Items<'a> {
        let [Expression::Member(_, name)] = arguments else {
            return Err(Trouble::Syntax);
        };
        let test = if function == Function::Is {
            TypeTest::Is
        } else {
            TypeTest::As
        };
        self.of_type(items, name, test)
    }

    fn joined(
        &self,
        function: Function,
        items: &[Node<'a>],
        arguments: &'a [Expression],
    ) -> Items<'a> {
        let other = self.argument(arguments, 0, items)?;
        if function == Function::Combine {
            return Ok(items.iter().cloned().chain(other).collect());
        }
        self.spend(items.len().saturating_mul(other.len()))?;
        let mut both: Vec<Node<'a>> = Vec::new();
        for node in items {
            if other.iter().any(|o| equal(o, node)) && !both.iter().any(|o| equal(o, node)) {
                both.push(node.clone());
            }
        }
        Ok(both)
    }

    fn below(&self, function: Function, items: &[Node<'a>]) -> Items<'a> {
        let mut all = Vec::new();
        let mut level = items.to_vec();
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for node in &level {
                node.children(self.definitions, &mut next);
            }
            self.spend(next.len())?;
            if function == Function::Children || next.is_empty() {
                all.extend(next);
                return Ok(all);
            }
            all.extend(next.iter().cloned());
            level = next;
        }
        Err(Trouble::TooMuch)
    }

    fn distinct(&self, items: &[Node<'a>]) -> Items<'a> {
        let mut out: Vec<Node<'a>> = Vec::with_capacity(items.len());
        for node in items {
            self.spend(out.len())?;
            if !out.iter().any(|other| equal(other, node)) {
                out.push(node.clone());
            }
        }
        Ok(out)
    }

    fn subset(&self, function: Function, items: &[Node<'a>]) -> Items<'a> {
        match function {
            Function::Distinct => self.distinct(items),
            Function::First => Ok(items.first().cloned().into_iter().collect()),
            Function::Last => Ok(items.last().cloned().into_iter().collect()),
            _ => Ok(items.iter().skip(1).cloned().collect()),
        }
    }

    fn text_function(
        &self,
        function: Function,
        items: &[Node<'a>],
        arguments: &'a [Expression],
    ) -> Items<'a> {
        let Some(node) = single(items)? else {
            return Ok(Vec::new());
        };
        if function == Function::ToText {
            return Ok(written(node).into_iter().collect());
        }
        let Some(text) = node.text() else {
            let kept = function == Function::ToInteger && node.number().is_some();
            return Ok(kept.then(|| node.clone()).into_iter().collect());
        };
        let first = self.argument(arguments, 0, items)?;
        let second = self.argument(arguments, 1, items)?;
        let argument = single(&first)?.and_then(Node::text);
        Ok(match function {
            Function::Contains => argument.map(|a| Node::Boolean(text.contains(a))),
            Function::EndsWith => argument.map(|a| Node::Boolean(text.ends_with(a))),
            Function::StartsWith => argument.map(|a| Node::Boolean(text.starts_with(a))),
            Function::Length => Some(number(text.chars().count())),
            Function::ToInteger => text.parse().ok().map(|n: i32| Node::Number(f64::from(n))),
            Function::Substring => substring(text, &first, &second),
            Function::ReplaceMatches => {
                self.spend(PATTERN)?;
                replaced(text, argument, single(&second)?.and_then(Node::text))
            }
            _ => return Err(Trouble::Syntax),
        }
        .into_iter()
        .collect())
    }
}

fn written<'a>(node: &Node<'a>) -> Option<Node<'a>> {
    let number = node.number().map(|n| n.to_string());
    let text = number.or_else(|| node.text().map(str::to_owned));
    text.map(|t| Node::Text(Cow::Owned(t)))
}

fn number<'a>(count: usize) -> Node<'a> {
    Node::Number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
}

fn place(items: &[Node<'_>]) -> Option<usize> {
    let wanted = items.first()?.number()?;
    (0_u32..=u32::from(u16::MAX))
        .find(|at| f64::from(*at) >= wanted)
        .map(|at| at as usize)
}

fn substring<'a>(text: &str, start: &[Node<'a>], length: &[Node<'a>]) -> Option<Node<'a>> {
    let count = place(length).unwrap_or(usize::MAX);
    let start = place(start)?;
    // Beyond the end there is nothing, not an empty text.
    text.chars().nth(start)?;
    let part: String = text.chars().skip(start).take(count).collect();
    Some(Node::Text(Cow::Owned(part)))
}

fn replaced<'a>(text: &str, pattern: Option<&str>, by: Option<&str>) -> Option<Node<'a>> {
    let pattern = regex::Regex::new(pattern?).ok()?;
    Some(Node::Text(Cow::Owned(
        pattern.replace_all(text, by?).into_owned(),
    )))
}
