//! `_filter` (R4 `search_filter.html`): tests on search parameters, put together with `and`, `or`, `not`
//! and parentheses, from left to right. A test is a condition of a search; what R4 has of filters within
//! a path (`related[type eq x].target`) is not here.

#[cfg(test)]
mod tests;

use fhir_r4::search::Kind;

use super::condition::Condition;
use super::criterion::{Comparison, Criterion, Surroundings};
use super::types::TypeInfo;
use super::value::Unreadable;

/// Tests of one filter: each may need a search of its own.
const MOST_TESTS: usize = 32;
/// Parentheses within parentheses.
const DEEPEST: usize = 16;

/// Tests with how they are put together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter<C> {
    tests: Vec<C>,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    And(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// The test at this place.
    Test(usize),
}

impl<C> Filter<C> {
    pub(crate) fn tests(&self) -> &[C] {
        &self.tests
    }

    /// The same filter over what became of its tests.
    pub(crate) fn with<D>(self, tests: Vec<D>) -> Filter<D> {
        let shape = self.shape;
        Filter { tests, shape }
    }

    /// Whether the filter holds where its tests do as `test` says.
    pub(crate) fn holds(&self, test: &dyn Fn(&C) -> bool) -> bool {
        self.shape
            .holds(&|place| self.tests.get(place).is_some_and(test))
    }

    /// The tests without which the filter cannot hold.
    pub(crate) fn necessary(&self) -> Vec<&C> {
        let mut places = Vec::new();
        self.shape.necessary(&mut places);
        places
            .iter()
            .filter_map(|place| self.tests.get(*place))
            .collect()
    }
}

impl Shape {
    fn holds(&self, test: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Self::And(left, right) => left.holds(test) && right.holds(test),
            Self::Not(inner) => !inner.holds(test),
            Self::Or(left, right) => left.holds(test) || right.holds(test),
            Self::Test(place) => test(*place),
        }
    }

    fn necessary(&self, places: &mut Vec<usize>) {
        match self {
            Self::And(left, right) => {
                left.necessary(places);
                right.necessary(places);
            }
            Self::Test(place) => places.push(*place),
            Self::Not(_) | Self::Or(..) => {}
        }
    }
}

impl Filter<Condition> {
    /// Reads a filter over a type. What is unknown in it is refused always: to leave it out would find
    /// more than was asked for.
    pub(crate) fn parse(
        info: &'static TypeInfo,
        text: &str,
        around: &dyn Surroundings,
    ) -> Result<Self, Unreadable> {
        let mut reader = Reader {
            rest: text,
            info,
            around,
            tests: Vec::new(),
        };
        let shape = reader.expression(0)?;
        reader.blank();
        if !reader.rest.is_empty() {
            return Err(SYNTAX);
        }
        let tests = reader.tests;
        Ok(Self { tests, shape })
    }
}

const SYNTAX: Unreadable = Unreadable::Value(
    "tests such as name co \"ola\" and birthdate ge 2014-10-10, with and, or, not (…) and parentheses; at most 32 tests",
);

struct Reader<'t> {
    rest: &'t str,
    info: &'static TypeInfo,
    around: &'t dyn Surroundings,
    tests: Vec<Condition>,
}

impl<'t> Reader<'t> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: char) -> bool {
        self.blank();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Letters up to the first that is none of a word.
    fn word(&mut self, is_part: fn(char) -> bool) -> Result<&'t str, Unreadable> {
        self.blank();
        let end = self.rest.find(|letter| !is_part(letter));
        let (word, after) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = after;
        if word.is_empty() {
            Err(SYNTAX)
        } else {
            Ok(word)
        }
    }

    fn expression(&mut self, depth: usize) -> Result<Shape, Unreadable> {
        if depth > DEEPEST {
            return Err(SYNTAX);
        }
        let mut left = self.term(depth)?;
        loop {
            self.blank();
            if self.rest.is_empty() || self.rest.starts_with(')') {
                return Ok(left);
            }
            let both: fn(Box<Shape>, Box<Shape>) -> Shape = match self.word(is_of_a_name)? {
                "and" => Shape::And,
                "or" => Shape::Or,
                _ => return Err(SYNTAX),
            };
            left = both(Box::new(left), Box::new(self.term(depth)?));
        }
    }

    fn term(&mut self, depth: usize) -> Result<Shape, Unreadable> {
        if self.take('(') {
            return self.within(depth);
        }
        let name = self.word(is_of_a_name)?;
        if name == "not" && self.take('(') {
            return Ok(Shape::Not(Box::new(self.within(depth)?)));
        }
        let operator = self.word(|letter| letter.is_ascii_lowercase())?;
        let value = self.value()?;
        if self.tests.len() == MOST_TESTS {
            return Err(SYNTAX);
        }
        let test = test(self.info, self.around, (name, operator, &value));
        self.tests.push(test.map_err(|error| match error {
            Unreadable::Value(takes) => Unreadable::Value(takes),
            Unreadable::Modifier(_) | Unreadable::Unknown => Unreadable::Value(
                "search parameters of the type, with operators that their kind has",
            ),
        })?);
        Ok(Shape::Test(self.tests.len() - 1))
    }

    fn within(&mut self, depth: usize) -> Result<Shape, Unreadable> {
        let inner = self.expression(depth + 1)?;
        if self.take(')') {
            Ok(inner)
        } else {
            Err(SYNTAX)
        }
    }

    /// A JSON string, or everything up to the next blank or closing parenthesis.
    fn value(&mut self) -> Result<String, Unreadable> {
        self.blank();
        if !self.rest.starts_with('"') {
            let is_part = |letter: char| !letter.is_whitespace() && !matches!(letter, ')' | ']');
            return self.word(is_part).map(str::to_owned);
        }
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        let value = values.next().and_then(Result::ok).ok_or(SYNTAX)?;
        self.rest = self.rest.get(values.byte_offset()..).unwrap_or_default();
        Ok(value)
    }
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':')
}

fn test(
    info: &'static TypeInfo,
    around: &dyn Surroundings,
    (name, operator, value): (&str, &str, &str),
) -> Result<Condition, Unreadable> {
    let last = name.rsplit('.').next().unwrap_or_default();
    if name.starts_with("_filter") || (last.contains(':') && !name.contains("_has:")) {
        return Err(Unreadable::Unknown);
    }
    // Commas part alternatives in a search, and nothing in a filter.
    let escaped = value.replace('\\', "\\\\").replace(',', "\\,");
    let read = |name: &str, value: &str| Condition::parse(info, name, value, around);
    let compared = |value: &str, by: Comparison| {
        let mut condition = read(name, value)?;
        condition.refine(&|criterion| {
            if by != Comparison::Ordered {
                has_no_prefix(criterion, value)?;
            }
            criterion.compare(by)
        })?;
        Ok(condition)
    };
    match operator {
        "eq" => compared(&escaped, Comparison::Equal),
        "ne" => compared(&escaped, Comparison::Unequal),
        "sw" => compared(&escaped, Comparison::Begins),
        "ew" => compared(&escaped, Comparison::Ends),
        "po" => compared(&escaped, Comparison::Overlaps),
        "re" => compared(&escaped, Comparison::Refers),
        "gt" | "lt" | "ge" | "le" | "ap" | "sa" | "eb" => {
            compared(&format!("{operator}{escaped}"), Comparison::Ordered)
        }
        "co" => read(&format!("{name}:contains"), &escaped),
        "pr" => match value {
            "true" => read(&format!("{name}:missing"), "false"),
            "false" => read(&format!("{name}:missing"), "true"),
            _ => Err(Unreadable::Value("true or false after pr")),
        },
        "ss" => read(&format!("{name}:below"), &escaped),
        "sb" => read(&format!("{name}:above"), &escaped),
        "in" => read(&format!("{name}:in"), &escaped),
        "ni" => read(&format!("{name}:not-in"), &escaped),
        _ => Err(Unreadable::Value(
            "an operator: eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni or re",
        )),
    }
}

/// The operator is the filter's: a prefix of a plain search has no place before the value.
fn has_no_prefix(criterion: &Criterion, value: &str) -> Result<(), Unreadable> {
    let ordered = matches!(
        criterion.parameter.kind,
        Kind::Date | Kind::Number | Kind::Quantity
    );
    if ordered && value.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(Unreadable::Value("a date or number after its operator"));
    }
    Ok(())
}
