//! The values of search parameters as clients write them (R4 §3.1.1.4): tokens, dates, references,
//! alternatives and escapes.

use fhir_r4::search::{Kind, SearchParameter};
use fhir_r4::terminology::{Terminology, ValueSet};

use super::amount::Searched;
use super::keys::{folded, own_reference};
use super::period::{Period, Prefix};

/// A value asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    Amount {
        number: Searched,
        system: System,
        unit: Option<String>,
    },
    Composite(Vec<Self>),
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
    Typed {
        system: System,
        code: String,
        value: String,
    },
    Uri(String),
    /// A value set whose codes are here.
    ValueSet(String),
}

/// What stands before the bar of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Any,
    Is(String),
    None,
}

impl System {
    /// Whether a resource's system is the one asked for.
    pub(crate) fn admits(&self, own: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Is(system) => own == Some(system),
            Self::None => own.is_none(),
        }
    }
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

/// Reads one value of a parameter. An id without a type is of the type `target`.
pub(super) fn read(
    parameter: &SearchParameter,
    target: Option<&str>,
    value: &str,
    base: &str,
) -> Result<Wanted, Unreadable> {
    if parameter.kind != Kind::Composite {
        return single(parameter.kind, target, value, base);
    }
    let values = split_unescaped(value, '$');
    if values.len() != parameter.parts.len() {
        return Err(Unreadable::Value(
            "the values of all its parts, with $ between them",
        ));
    }
    let parts = parameter.parts.iter().zip(&values);
    let parts = parts.map(|(part, value)| single(part.kind, None, value, base));
    Ok(Wanted::Composite(parts.collect::<Result<_, _>>()?))
}

fn single(kind: Kind, target: Option<&str>, value: &str, base: &str) -> Result<Wanted, Unreadable> {
    match kind {
        Kind::Composite | Kind::Special => Err(Unreadable::Unknown),
        Kind::Date => {
            let wrong = Unreadable::Value(
                "a date such as 2026-11-21, with eq, ne, ge, gt, le, lt, sa, eb or ap before it",
            );
            let (prefix, rest) = Prefix::split(value).ok_or_else(|| wrong.clone())?;
            let period = Period::parse(rest).ok_or(wrong)?;
            Ok(Wanted::Date(prefix, period))
        }
        Kind::Number => {
            let wrong = "a number such as 5.4, with a prefix such as ge before it";
            let number = Searched::parse(value).ok_or(Unreadable::Value(wrong))?;
            Ok(Wanted::Amount {
                number,
                system: System::Any,
                unit: None,
            })
        }
        Kind::Quantity => quantity(value),
        Kind::Reference => Ok(reference(value, target, base)),
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

/// `5.4`, `5.4|http://unitsofmeasure.org|mg` or `5.4||mg`.
fn quantity(value: &str) -> Result<Wanted, Unreadable> {
    let wrong = "a number such as 5.4, 5.4|system|code or 5.4||unit, with a prefix before it";
    let parts = split_unescaped(value, '|');
    let (number, system, unit) = match parts.as_slice() {
        [number] => (number, System::Any, None),
        [number, system, unit] => {
            let system = unescaped(system);
            let system = if system.is_empty() {
                System::Any
            } else {
                System::Is(system)
            };
            (number, system, Some(unescaped(unit)))
        }
        _ => return Err(Unreadable::Value(wrong)),
    };
    Ok(Wanted::Amount {
        number: Searched::parse(number).ok_or(Unreadable::Value(wrong))?,
        system,
        unit: unit.filter(|unit| !unit.is_empty()),
    })
}

fn reference(value: &str, target: Option<&str>, base: &str) -> Wanted {
    match own_reference(value, base) {
        Some((resource_type, id)) => Wanted::Reference {
            resource_type: Some(resource_type.to_owned()),
            id: id.to_owned(),
        },
        None if value.contains(':') => Wanted::Uri(unescaped(value)),
        None => Wanted::Reference {
            resource_type: target.map(str::to_owned),
            id: value.to_owned(),
        },
    }
}

/// `system|code|value` of an identifier with its type (R4 §3.1.1.5.4, `:of-type`).
pub(super) fn typed(value: &str) -> Result<Wanted, Unreadable> {
    let wrong = Unreadable::Value("the type's system, its code and the identifier, with | between");
    match split_unescaped(value, '|').as_slice() {
        [system, code, value] if !code.is_empty() && !value.is_empty() => {
            let system = unescaped(system);
            Ok(Wanted::Typed {
                system: if system.is_empty() {
                    System::None
                } else {
                    System::Is(system)
                },
                code: unescaped(code),
                value: unescaped(value),
            })
        }
        _ => Err(wrong),
    }
}

/// The address of a value set, for `:in` and `:not-in`.
pub(super) fn value_set(value: &str) -> Result<Wanted, Unreadable> {
    let url = unescaped(value);
    let known = Terminology::r4().value_set(&url);
    if known.is_some_and(ValueSet::is_enumerable) {
        Ok(Wanted::ValueSet(url))
    } else {
        Err(Unreadable::Value(
            "the address of a value set whose codes are known here",
        ))
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
