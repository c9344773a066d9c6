//! One condition of a search or of a scope: read from its name and value, and held against the keys
//! of a resource.

use super::keys::{Key, Keys};
use super::parameter::{Kind, Parameter, TypeInfo};
use super::value::{System, Unreadable, Wanted, alternatives, by_identifier, missing, read, token};

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
