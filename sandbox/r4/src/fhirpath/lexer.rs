//! Splits an expression into tokens (`FHIRPath`, "Lexical Elements").

use super::Trouble;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, with or without backquotes.
    Name(String),
    Number(f64),
    /// An operator or a bracket.
    Sign(&'static str),
    Text(String),
    /// `%name`
    Variable(String),
}

const SIGNS: [&str; 18] = [
    "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "|", "&", "=", "<", ">", "+", "-",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Trouble> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '\'' | '`' => quoted(rest, first)?,
            '%' => {
                let (name, after) = word(rest.get(1..).unwrap_or_default());
                (Token::Variable(name.to_owned()), after)
            }
            '0'..='9' => number(rest)?,
            'a'..='z' | 'A'..='Z' | '_' | '$' => {
                let (name, after) = word(rest);
                (Token::Name(name.to_owned()), after)
            }
            _ => sign(rest)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn split(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn word(text: &str) -> (&str, &str) {
    split(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '$')
    })
}

fn number(text: &str) -> Result<(Token, &str), Trouble> {
    let (whole, after) = split(text, |c| c.is_ascii_digit());
    let fraction = after
        .strip_prefix('.')
        .map(|a| split(a, |c| c.is_ascii_digit()));
    let (digits, after) = match fraction {
        Some((fraction, after)) if !fraction.is_empty() => (format!("{whole}.{fraction}"), after),
        _ => (whole.to_owned(), after),
    };
    digits
        .parse()
        .map(|n| (Token::Number(n), after))
        .map_err(|_| Trouble::Syntax)
}

fn quoted(text: &str, quote: char) -> Result<(Token, &str), Trouble> {
    let mut out = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            let after = text.get(at + 1..).unwrap_or_default();
            return Ok((
                if quote == '`' {
                    Token::Name(out)
                } else {
                    Token::Text(out)
                },
                after,
            ));
        }
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next().ok_or(Trouble::Syntax)?.1 {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let digits: String = letters.by_ref().take(4).map(|(_, digit)| digit).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                let letter = code.filter(|_| digits.len() == 4).and_then(char::from_u32);
                out.push(letter.ok_or(Trouble::Syntax)?);
            }
            other => out.push(other),
        }
    }
    Err(Trouble::Syntax)
}

fn sign(text: &str) -> Result<(Token, &str), Trouble> {
    SIGNS
        .into_iter()
        .find_map(|sign| Some((Token::Sign(sign), text.strip_prefix(sign)?)))
        .ok_or(Trouble::Syntax)
}
