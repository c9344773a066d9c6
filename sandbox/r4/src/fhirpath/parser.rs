//! Reads an expression by precedence (`FHIRPath`, "Operator Precedence").

use super::lexer::{Token, tokens};
use super::{Expression, Function, Operator, Trouble, TypeTest};

/// Expressions nested deeper than this are refused, so that reading cannot exhaust the stack.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expression, Trouble> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expression = parser.binary(0)?;
    if parser.at == parser.tokens.len() {
        Ok(expression)
    } else {
        Err(Trouble::Syntax)
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, Trouble> {
        let token = self.tokens.get(self.at).cloned().ok_or(Trouble::Syntax)?;
        self.at += 1;
        Ok(token)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Trouble> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(Trouble::Syntax)
        }
    }

    fn name(&mut self) -> Result<String, Trouble> {
        match self.next()? {
            Token::Name(name) => Ok(name),
            _ => Err(Trouble::Syntax),
        }
    }

    /// An expression of operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Result<Expression, Trouble> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Trouble::Syntax);
        }
        let mut left = self.postfix()?;
        loop {
            if let Some(test) = self.type_test() {
                if TYPE_TEST < least {
                    break;
                }
                self.at += 1;
                left = Expression::OfType(Box::new(left), self.type_name()?, test);
                continue;
            }
            let Some((operator, tightness)) = self.operator().filter(|(_, t)| *t >= least) else {
                break;
            };
            self.at += 1;
            let right = self.binary(tightness + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn type_test(&self) -> Option<TypeTest> {
        match self.peek()? {
            Token::Name(name) if name == "is" => Some(TypeTest::Is),
            Token::Name(name) if name == "as" => Some(TypeTest::As),
            _ => None,
        }
    }

    /// `Quantity` or `FHIR.Quantity`.
    fn type_name(&mut self) -> Result<Box<str>, Trouble> {
        let mut name = self.name()?;
        while self.take(".") {
            name = self.name()?;
        }
        Ok(name.into_boxed_str())
    }

    fn operator(&self) -> Option<(Operator, u8)> {
        let word = match self.peek()? {
            Token::Name(name) => name.as_str(),
            Token::Sign(sign) => sign,
            _ => return None,
        };
        Some(match word {
            "implies" => (Operator::Implies, 0),
            "or" => (Operator::Or, 1),
            "xor" => (Operator::Xor, 1),
            "and" => (Operator::And, 2),
            "in" => (Operator::In, 3),
            "contains" => (Operator::Contains, 3),
            "=" => (Operator::Equal, 4),
            "!=" => (Operator::NotEqual, 4),
            "<" => (Operator::Less, 5),
            "<=" => (Operator::LessOrEqual, 5),
            ">" => (Operator::Greater, 5),
            ">=" => (Operator::GreaterOrEqual, 5),
            "|" => (Operator::Union, 6),
            "+" => (Operator::Add, 8),
            "-" => (Operator::Subtract, 8),
            "&" => (Operator::Concatenate, 8),
            _ => return None,
        })
    }

    fn postfix(&mut self) -> Result<Expression, Trouble> {
        let mut left = self.term()?;
        loop {
            if self.take(".") {
                let name = self.name()?;
                left = self.invocation(Some(left), name)?;
            } else if self.take("[") {
                let index = self.binary(0)?;
                self.expect("]")?;
                left = Expression::Index(Box::new(left), Box::new(index));
            } else {
                return Ok(left);
            }
        }
    }

    fn term(&mut self) -> Result<Expression, Trouble> {
        match self.next()? {
            Token::Name(name) => self.invocation(None, name),
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Text(text) => Ok(Expression::Text(text.into_boxed_str())),
            Token::Variable(name) => Ok(Expression::Variable(name.into_boxed_str())),
            Token::Sign("(") => {
                let inner = self.binary(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("{") => {
                self.expect("}")?;
                Ok(Expression::Empty)
            }
            Token::Sign(_) => Err(Trouble::Syntax),
        }
    }

    fn invocation(
        &mut self,
        left: Option<Expression>,
        name: String,
    ) -> Result<Expression, Trouble> {
        let left = left.map(Box::new);
        if !self.take("(") {
            return Ok(match (name.as_str(), &left) {
                ("true", None) => Expression::Boolean(true),
                ("false", None) => Expression::Boolean(false),
                ("$this", None) => Expression::This,
                _ => Expression::Member(left, name.into_boxed_str()),
            });
        }
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.binary(0)?);
        }
        call(left, &name, arguments)
    }
}

/// How tightly `is` and `as` bind.
const TYPE_TEST: u8 = 7;

fn call(
    left: Option<Box<Expression>>,
    name: &str,
    arguments: Vec<Expression>,
) -> Result<Expression, Trouble> {
    if name == "matches" {
        let [Expression::Text(pattern)] = arguments.as_slice() else {
            return Err(Trouble::Syntax);
        };
        let whole = regex::Regex::new(&format!("^(?s:{pattern})$")).map_err(|_| Trouble::Syntax)?;
        return Ok(Expression::Matches(left, whole));
    }
    let function = function(name).ok_or(Trouble::Syntax)?;
    Ok(Expression::Call(left, function, arguments))
}

fn function(name: &str) -> Option<Function> {
    Some(match name {
        "all" => Function::All,
        "allFalse" => Function::AllFalse,
        "as" => Function::As,
        "children" => Function::Children,
        "combine" => Function::Combine,
        "contains" => Function::Contains,
        "count" => Function::Count,
        "descendants" => Function::Descendants,
        "distinct" => Function::Distinct,
        "empty" => Function::Empty,
        "endsWith" => Function::EndsWith,
        "exists" => Function::Exists,
        "extension" => Function::Extension,
        "first" => Function::First,
        "hasValue" => Function::HasValue,
        "iif" => Function::Iif,
        "intersect" => Function::Intersect,
        "is" => Function::Is,
        "isDistinct" => Function::IsDistinct,
        "last" => Function::Last,
        "length" => Function::Length,
        "not" => Function::Not,
        "ofType" => Function::OfType,
        "replaceMatches" => Function::ReplaceMatches,
        "resolve" => Function::Resolve,
        "select" => Function::Select,
        "single" => Function::Single,
        "startsWith" => Function::StartsWith,
        "substring" => Function::Substring,
        "tail" => Function::Tail,
        "toInteger" => Function::ToInteger,
        "toString" => Function::ToText,
        "trace" => Function::Trace,
        "where" => Function::Where,
        _ => return None,
    })
}
