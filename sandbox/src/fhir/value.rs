//! The values of search parameters as clients write them (R4 §3.1.1.4): tokens, dates, references,
//! alternatives and escapes.

use super::criterion::Surroundings;
use super::keys::{folded, split_reference};
use super::parameter::Kind;
use super::period::{Period, Prefix};

/// A value asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    Date(Prefix, Period),
    Identifier {
        system: Option<String>,
        value: String,
    },
    Missing(bool),
    /// Fits nothing: the value names what does not exist.
    Nothing,
    Reference {
        resource_type: Option<String>,
        id: String,
    },
    Text {
        folded: String,
        written: String,
    },
    Token {
        system: System,
        code: Option<String>,
    },
    Uri(String),
}

/// What stands before the bar of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Any,
    Is(String),
    None,
}

/// Why a condition cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Modifier(String),
    Unknown,
    Value(&'static str),
}

pub(super) fn missing(value: &str) -> Result<Wanted, Unreadable> {
    match value {
        "true" => Ok(Wanted::Missing(true)),
        "false" => Ok(Wanted::Missing(false)),
        _ => Err(Unreadable::Value("true or false")),
    }
}

pub(super) fn read(
    kind: Kind,
    target: Option<&'static str>,
    value: &str,
    around: &dyn Surroundings,
) -> Result<Wanted, Unreadable> {
    match kind {
        Kind::Date => {
            let wrong = Unreadable::Value(
                "a date such as 2026-11-21, with eq, ne, ge, gt, le, lt, sa or eb before it",
            );
            let (prefix, rest) = Prefix::split(value).ok_or_else(|| wrong.clone())?;
            let period = Period::parse(rest).ok_or(wrong)?;
            Ok(Wanted::Date(prefix, period))
        }
        Kind::Reference => Ok(reference(value, target, around.base())),
        Kind::String => {
            let written = unescaped(value);
            Ok(Wanted::Text {
                folded: folded(&written),
                written,
            })
        }
        Kind::Token => {
            let (system, code) = token(value);
            if code.is_none() && !matches!(system, System::Is(_)) {
                return Err(Unreadable::Value("a code, system|code, |code or system|"));
            }
            Ok(Wanted::Token { system, code })
        }
        Kind::Uri => Ok(Wanted::Uri(unescaped(value))),
    }
}

fn reference(value: &str, target: Option<&str>, base: &str) -> Wanted {
    let foreign = value.contains("://") && !value.starts_with(&format!("{base}/"));
    match split_reference(value) {
        _ if foreign => Wanted::Nothing,
        Some((resource_type, id)) => Wanted::Reference {
            resource_type: Some(resource_type.to_owned()),
            id: id.to_owned(),
        },
        None => Wanted::Reference {
            resource_type: target.map(str::to_owned),
            id: value.to_owned(),
        },
    }
}

pub(super) fn by_identifier(value: &str) -> Wanted {
    let (system, code) = token(value);
    let system = if let System::Is(system) = system {
        Some(system)
    } else {
        None
    };
    Wanted::Identifier {
        system,
        value: code.unwrap_or_default(),
    }
}

/// `code`, `system|code`, `|code` or `system|`.
pub(super) fn token(value: &str) -> (System, Option<String>) {
    match split_unescaped(value, '|').as_slice() {
        [system, code @ ..] if !code.is_empty() => {
            let code = unescaped(&code.join("|"));
            let system = unescaped(system);
            let system = if system.is_empty() {
                System::None
            } else {
                System::Is(system)
            };
            (system, Some(code).filter(|code| !code.is_empty()))
        }
        _ => (
            System::Any,
            Some(unescaped(value)).filter(|code| !code.is_empty()),
        ),
    }
}

/// The alternatives of a value, which commas separate.
pub(super) fn alternatives(value: &str) -> Vec<String> {
    split_unescaped(value, ',')
}

/// Splits at a separator that no backslash stands before; backslashes stay.
fn split_unescaped(value: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in value.chars() {
        if letter == separator && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = letter == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts
}

pub(super) fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' {
            letters.next().unwrap_or(letter)
        } else {
            letter
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn escaping_is_undone(parts in proptest::collection::vec("[a-z,|\\\\$]{0,6}", 1..4)) {
            let escape = |part: &String| part.replace('\\', "\\\\").replace(',', "\\,");
            let joined = parts.iter().map(escape).collect::<Vec<_>>().join(",");
            let back: Vec<String> = alternatives(&joined).iter().map(|part| unescaped(part)).collect();
            prop_assert_eq!(back, parts);
        }
    }
}
