//! One condition of a search or of a scope: read from its name and value, and held against the keys
//! of a resource.

use super::keys::{Key, Keys, folded, split_reference};
use super::parameter::{Kind, Parameter, TypeInfo};
use super::period::{Period, Prefix};

/// A condition: one of the values must fit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Criterion {
    pub(crate) parameter: &'static Parameter,
    modifier: Modifier,
    pub(crate) wanted: Vec<Wanted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modifier {
    Contains,
    Exact,
    Missing,
    None,
    Not,
}

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

/// What reading a condition needs to know of the sandbox.
pub(crate) trait Surroundings {
    /// The public FHIR base.
    fn base(&self) -> &str;
    /// The id of the patient with an identifier.
    fn patient_with(&self, system: &System, value: &str) -> Option<String>;
}

impl Criterion {
    pub(crate) fn parse(
        info: &TypeInfo,
        name: &str,
        value: &str,
        around: &dyn Surroundings,
    ) -> Result<Self, Unreadable> {
        if let Some(chained) = Self::patient_by_identifier(info, name, value, around) {
            return Ok(chained);
        }
        let (name, modifier) = match name.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (name, None),
        };
        let parameter = info.parameter(name).ok_or(Unreadable::Unknown)?;
        let mut type_of_id = parameter.target;
        let modifier = match (modifier, parameter.kind) {
            (None, _) => Modifier::None,
            (Some("missing"), _) => Modifier::Missing,
            (Some("not"), Kind::Token) => Modifier::Not,
            (Some("exact"), Kind::String) => Modifier::Exact,
            (Some("contains"), Kind::String) => Modifier::Contains,
            (Some("identifier"), Kind::Reference) => {
                let wanted = alternatives(value)
                    .iter()
                    .map(|one| by_identifier(one))
                    .collect();
                return Ok(Self {
                    parameter,
                    modifier: Modifier::None,
                    wanted,
                });
            }
            (Some(named), Kind::Reference) if TypeInfo::by_name(named).is_some() => {
                type_of_id = TypeInfo::by_name(named).map(|info| info.name);
                Modifier::None
            }
            (Some(other), _) => return Err(Unreadable::Modifier(other.chars().take(40).collect())),
        };
        let wanted = alternatives(value)
            .iter()
            .map(|one| match modifier {
                Modifier::Missing => missing(one),
                _ => read(parameter.kind, type_of_id, one, around),
            })
            .collect::<Result<Vec<Wanted>, Unreadable>>()?;
        Ok(Self {
            parameter,
            modifier,
            wanted,
        })
    }

    /// `patient.identifier=…`, as national services search: the patient is found by number.
    fn patient_by_identifier(
        info: &TypeInfo,
        name: &str,
        value: &str,
        around: &dyn Surroundings,
    ) -> Option<Self> {
        let plain = name.replacen(":Patient", "", 1);
        let parameter = match plain.as_str() {
            "patient.identifier" => info.parameter("patient")?,
            "subject.identifier" => info.parameter("subject")?,
            _ => return None,
        };
        let wanted = alternatives(value)
            .iter()
            .map(|one| {
                let (system, code) = token(one);
                let id = around.patient_with(&system, &code.unwrap_or_default());
                id.map_or(Wanted::Nothing, |id| Wanted::Reference {
                    resource_type: Some("Patient".to_owned()),
                    id,
                })
            })
            .collect();
        Some(Self {
            parameter,
            modifier: Modifier::None,
            wanted,
        })
    }

    /// Whether a resource with these keys fits.
    pub(crate) fn fits(&self, keys: &Keys) -> bool {
        let any = |wanted: &Wanted| {
            keys.get(self.parameter.name)
                .any(|key| self.one_fits(wanted, key))
        };
        match self.modifier {
            Modifier::Missing => {
                let is_missing = keys.get(self.parameter.name).next().is_none();
                self.wanted.contains(&Wanted::Missing(is_missing))
            }
            Modifier::Not => !self.wanted.iter().any(any),
            _ if self.parameter.name == "name" && self.modifier == Modifier::None => {
                self.wanted.iter().any(|wanted| words_fit(wanted, keys))
            }
            _ => self.wanted.iter().any(any),
        }
    }

    fn one_fits(&self, wanted: &Wanted, key: &Key) -> bool {
        match (wanted, key) {
            (Wanted::Date(prefix, searched), Key::Period(value)) => prefix.holds(*value, *searched),
            (
                Wanted::Identifier { system, value },
                Key::Identifier {
                    system: own,
                    value: found,
                },
            ) => value == found && (system.is_none() || system == own),
            (
                Wanted::Reference { resource_type, id },
                Key::Reference {
                    resource_type: own,
                    id: found,
                },
            ) => id == found && resource_type.as_ref().is_none_or(|wanted| wanted == own),
            (
                Wanted::Text { folded, written },
                Key::Text {
                    folded: plain,
                    written: found,
                },
            ) => match self.modifier {
                Modifier::Exact => found == written,
                Modifier::Contains => plain.contains(folded),
                _ => plain.starts_with(folded),
            },
            (
                Wanted::Token { system, code },
                Key::Token {
                    system: own,
                    code: found,
                },
            ) => {
                code.as_ref().is_none_or(|code| code == found)
                    && match system {
                        System::Any => true,
                        System::Is(system) => own.as_ref() == Some(system),
                        System::None => own.is_none(),
                    }
            }
            (Wanted::Uri(uri), Key::Uri(found)) => uri == found,
            _ => false,
        }
    }

    /// The ids that a reference or `_id` must be among; `None` where it does not narrow to ids.
    pub(crate) fn ids(&self) -> Option<Vec<&str>> {
        if self.modifier != Modifier::None {
            return None;
        }
        self.wanted
            .iter()
            .filter(|wanted| **wanted != Wanted::Nothing)
            .map(|wanted| match wanted {
                Wanted::Reference { id, .. } | Wanted::Token { code: Some(id), .. } => {
                    Some(id.as_str())
                }
                _ => None,
            })
            .collect()
    }

    /// The identifiers asked for; `None` where it does not narrow to identifiers.
    pub(crate) fn identifiers(&self) -> Option<Vec<(&System, &str)>> {
        if self.modifier != Modifier::None {
            return None;
        }
        self.wanted
            .iter()
            .map(|wanted| match wanted {
                Wanted::Token {
                    system,
                    code: Some(code),
                } => Some((system, code.as_str())),
                _ => None,
            })
            .collect()
    }
}

/// A name fits when each of its words begins some part of the person's name.
fn words_fit(wanted: &Wanted, keys: &Keys) -> bool {
    let Wanted::Text { folded, .. } = wanted else {
        return false;
    };
    let begins = |word: &str| {
        keys.get("name").any(|key| match key {
            Key::Text { folded, .. } => folded.split(' ').any(|part| part.starts_with(word)),
            _ => false,
        })
    };
    folded.split_whitespace().all(begins)
}

fn missing(value: &str) -> Result<Wanted, Unreadable> {
    match value {
        "true" => Ok(Wanted::Missing(true)),
        "false" => Ok(Wanted::Missing(false)),
        _ => Err(Unreadable::Value("true or false")),
    }
}

fn read(
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

fn by_identifier(value: &str) -> Wanted {
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
fn token(value: &str) -> (System, Option<String>) {
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
fn alternatives(value: &str) -> Vec<String> {
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

fn unescaped(value: &str) -> String {
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
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// Surroundings with one patient, `p7`, whose number is `42`.
    pub(crate) struct Anywhere;

    impl Surroundings for Anywhere {
        fn base(&self) -> &'static str {
            "http://here/demo/fhir"
        }
        fn patient_with(&self, _system: &System, value: &str) -> Option<String> {
            (value == "42").then(|| "p7".to_owned())
        }
    }

    fn fits(kind: &str, resource: &Value, name: &str, value: &str) -> bool {
        let info = TypeInfo::by_name(kind).unwrap();
        let keys = Keys::of(info, resource);
        Criterion::parse(info, name, value, &Anywhere)
            .unwrap()
            .fits(&keys)
    }

    #[test]
    fn tokens_compare_with_and_without_system() {
        let resource = json!({"code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}, "status": "final"});
        for value in [
            "85354-9",
            "http://loinc.org|85354-9",
            "http://loinc.org|",
            "x,85354-9",
        ] {
            assert!(fits("Observation", &resource, "code", value), "{value}");
        }
        for value in ["|85354-9", "http://other|85354-9", "85354", "85354-9\\,x"] {
            assert!(!fits("Observation", &resource, "code", value), "{value}");
        }
        assert!(fits("Observation", &resource, "status", "|final"));
        assert!(!fits("Observation", &resource, "status:not", "final"));
        assert!(fits("Observation", &resource, "encounter:missing", "true"));
        assert!(!fits("Observation", &resource, "code:missing", "true"));
    }

    #[test]
    fn references_compare_in_every_form() {
        let resource = json!({"subject": {"reference": "Patient/p7"}});
        for (name, value) in [
            ("patient", "p7"),
            ("patient", "Patient/p7"),
            ("subject", "http://here/demo/fhir/Patient/p7"),
            ("subject:Patient", "p7"),
            ("patient.identifier", "42"),
            ("subject:Patient.identifier", "urn:x|42"),
        ] {
            assert!(
                fits("Observation", &resource, name, value),
                "{name}={value}"
            );
        }
        for (name, value) in [
            ("patient", "p8"),
            ("subject", "http://elsewhere/fhir/Patient/p7"),
            ("patient.identifier", "43"),
            ("subject:Practitioner", "p7"),
            ("patient", "Group/p7"),
        ] {
            assert!(
                !fits("Observation", &resource, name, value),
                "{name}={value}"
            );
        }
    }

    #[test]
    fn names_compare_by_the_beginning_of_words() {
        let resource = json!({"name": [{"family": "Blåklokke", "given": ["Åse", "Renée"], "text": "Åse Renée Blåklokke"}]});
        for (name, value) in [
            ("name", "blå"),
            ("name", "åse blåk"),
            ("given", "RENEE"),
            ("family:exact", "Blåklokke"),
            ("family:contains", "klok"),
        ] {
            assert!(fits("Patient", &resource, name, value), "{name}={value}");
        }
        for (name, value) in [
            ("name", "klokke"),
            ("family", "ås"),
            ("name", "åse eik"),
            ("family:exact", "blåklokke"),
        ] {
            assert!(!fits("Patient", &resource, name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let info = TypeInfo::by_name("Observation").unwrap();
        let parse =
            |name: &str, value: &str| Criterion::parse(info, name, value, &Anywhere).unwrap_err();
        assert_eq!(parse("colour", "red"), Unreadable::Unknown);
        assert_eq!(
            parse("code:above", "x"),
            Unreadable::Modifier("above".to_owned())
        );
        assert!(matches!(parse("date", "soon"), Unreadable::Value(_)));
        assert!(matches!(
            parse("code:missing", "maybe"),
            Unreadable::Value(_)
        ));
        assert!(matches!(parse("code", ""), Unreadable::Value(_)));
    }

    proptest! {
        #[test]
        fn escaping_is_undone(parts in proptest::collection::vec("[a-z,|\\\\$]{0,6}", 1..4)) {
            let escape = |part: &String| part.replace('\\', "\\\\").replace(',', "\\,");
            let joined = parts.iter().map(escape).collect::<Vec<_>>().join(",");
            let back: Vec<String> = alternatives(&joined).iter().map(|part| unescaped(part)).collect();
            prop_assert_eq!(back, parts);
        }

        #[test]
        fn no_condition_makes_it_fall_over(name in "[a-z._:-]{0,20}|code|date|patient|name", value in "\\PC{0,20}") {
            for info in &super::super::parameter::TYPES {
                if let Ok(criterion) = Criterion::parse(info, &name, &value, &Anywhere) {
                    criterion.fits(&Keys::of(info, &json!({"code": "x", "subject": {"reference": "Patient/p7"}})));
                }
            }
        }
    }
}
