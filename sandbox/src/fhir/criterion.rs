//! One condition on a resource's own values, of a search or of a scope: read from its name and value,
//! and held against the keys of a resource.

mod comparison;
mod lookup;

use fhir_r4::search::{Kind, SearchParameter};
use fhir_r4::terminology::Terminology;

pub(crate) use comparison::Comparison;

use super::keys::{Key, Keys, folded};
use super::types::TypeInfo;
use super::value::{
    System, Unreadable, Wanted, alternatives, by_identifier, missing, read, token, typed, value_set,
};

/// A condition: one of the values must fit.
#[derive(Clone, Debug)]
pub(crate) struct Criterion {
    pub(crate) parameter: &'static SearchParameter,
    modifier: Modifier,
    pub(crate) wanted: Vec<Wanted>,
}

impl PartialEq for Criterion {
    fn eq(&self, other: &Self) -> bool {
        self.parameter.code == other.parameter.code
            && self.modifier == other.modifier
            && self.wanted == other.wanted
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modifier {
    Above,
    Begins,
    Below,
    Contains,
    Ends,
    Equal,
    Exact,
    In,
    Missing,
    None,
    Not,
    NotIn,
    OfType,
    Overlaps,
    Text,
    Unequal,
}

/// Code systems whose codes begin with that of what they are part of: their hierarchy needs no table.
const BY_PREFIX: [&str; 4] = [
    "http://www.whocc.no/atc",
    "http://hl7.org/fhir/sid/icd-10",
    "urn:oid:2.16.578.1.12.4.1.1.7110",
    "urn:oid:2.16.578.1.12.4.1.1.7180",
];

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
        if let (Some("identifier"), Kind::Reference) = (modifier, parameter.kind) {
            let wanted = alternatives(value)
                .iter()
                .map(|one| by_identifier(one))
                .collect();
            return Ok(Self::plain(parameter, wanted));
        }
        let (modifier, target) = Modifier::parse(parameter, modifier)?;
        let wanted = alternatives(value)
            .iter()
            .map(|one| match modifier {
                Modifier::Missing => missing(one),
                Modifier::OfType => typed(one),
                Modifier::In | Modifier::NotIn => value_set(one),
                Modifier::Text => Ok(Wanted::Text {
                    folded: folded(one),
                    written: one.clone(),
                }),
                _ => read(parameter, target, one, around.base()),
            })
            .collect::<Result<Vec<Wanted>, Unreadable>>()?;
        Ok(Self {
            parameter,
            modifier,
            wanted,
        })
    }

    fn plain(parameter: &'static SearchParameter, wanted: Vec<Wanted>) -> Self {
        Self {
            parameter,
            modifier: Modifier::None,
            wanted,
        }
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
        Some(Self::plain(parameter, wanted))
    }

    /// Whether a resource with these keys fits.
    pub(crate) fn fits(&self, keys: &Keys) -> bool {
        let any = |wanted: &Wanted| {
            keys.get(self.parameter)
                .any(|key| self.one_fits(wanted, key))
        };
        match self.modifier {
            Modifier::Missing => {
                let is_missing = keys.get(self.parameter).next().is_none();
                self.wanted.contains(&Wanted::Missing(is_missing))
            }
            Modifier::Unequal => keys.get(self.parameter).any(|key| {
                let equal = |wanted| self.one_fits(wanted, key);
                !self.wanted.iter().any(equal)
            }),
            Modifier::Not | Modifier::NotIn => !self.wanted.iter().any(any),
            Modifier::None if self.is_of_a_name() => self
                .wanted
                .iter()
                .any(|wanted| words_fit(wanted, self.parameter, keys)),
            _ => self.wanted.iter().any(any),
        }
    }

    fn is_of_a_name(&self) -> bool {
        self.parameter.code == "name" && self.parameter.kind == Kind::String
    }

    fn one_fits(&self, wanted: &Wanted, key: &Key) -> bool {
        match (wanted, key) {
            (Wanted::Composite(wanted), Key::Composite(parts)) => {
                let mut pairs = wanted.iter().zip(parts);
                pairs.all(|(wanted, keys)| keys.iter().any(|key| self.one_fits(wanted, key)))
            }
            (Wanted::Date(prefix, searched), Key::Period(value)) => match self.modifier {
                Modifier::Overlaps => value.overlaps(*searched),
                _ => prefix.holds(*value, *searched),
            },
            (
                Wanted::Amount {
                    number,
                    system,
                    unit,
                },
                Key::Amount(amount),
            ) => {
                let of_unit = unit.as_ref().is_none_or(|unit| {
                    amount.code.as_ref() == Some(unit)
                        || (*system == System::Any && amount.unit.as_ref() == Some(unit))
                });
                of_unit && system.admits(amount.system.as_deref()) && number.holds(amount)
            }
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
                Wanted::Typed {
                    system,
                    code,
                    value,
                },
                Key::Typed {
                    system: own,
                    code: kind,
                    value: found,
                },
            ) => code == kind && value == found && system.admits(own.as_deref()),
            (Wanted::Uri(uri), Key::Uri(found)) => self.uri_fits(uri, found),
            (Wanted::ValueSet(set), Key::Token { system, code, .. }) => {
                let found = Terminology::r4().contains(set, system.as_deref(), code);
                found == Ok(true)
            }
            (Wanted::Text { .. }, _) => self.text_fits(wanted, key),
            (Wanted::Token { .. }, _) => self.token_fits(wanted, key),
            _ => false,
        }
    }

    fn uri_fits(&self, uri: &str, found: &str) -> bool {
        let plain = |uri: &str| uri.trim_end_matches('/').to_owned();
        match self.modifier {
            Modifier::Below => found == uri || found.starts_with(&(plain(uri) + "/")),
            Modifier::Above => found == uri || uri.starts_with(&(plain(found) + "/")),
            // A canonical with a version is found without it too.
            _ => found == uri || found.split_once('|').is_some_and(|(found, _)| found == uri),
        }
    }

    fn text_fits(&self, wanted: &Wanted, key: &Key) -> bool {
        let Wanted::Text { folded, written } = wanted else {
            return false;
        };
        match key {
            Key::Text {
                folded: plain,
                written: found,
            } => match self.modifier {
                Modifier::Exact => found == written,
                Modifier::Equal | Modifier::Unequal => plain == folded,
                Modifier::Ends => plain.ends_with(folded),
                Modifier::Contains | Modifier::Text => plain.contains(folded),
                _ => plain.starts_with(folded),
            },
            // `:text` of a code: words that its name begins with, or that begin a word of it.
            Key::Token {
                display: Some(display),
                ..
            } => display.starts_with(folded) || display.contains(&format!(" {folded}")),
            _ => false,
        }
    }

    fn token_fits(&self, wanted: &Wanted, key: &Key) -> bool {
        let (
            Wanted::Token { system, code },
            Key::Token {
                system: own,
                code: found,
                ..
            },
        ) = (wanted, key)
        else {
            return false;
        };
        let by_prefix = || own.as_deref().is_some_and(|own| BY_PREFIX.contains(&own));
        let same = |code: &String| match self.modifier {
            Modifier::Below => code == found || (by_prefix() && found.starts_with(code)),
            Modifier::Above => code == found || (by_prefix() && code.starts_with(found)),
            _ => code == found,
        };
        system.admits(own.as_deref()) && code.as_ref().is_none_or(same)
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

    /// Whether every value names a resource of one type.
    pub(crate) fn is_only_of(&self, wanted_type: &str) -> bool {
        self.wanted.iter().all(|wanted| match wanted {
            Wanted::Reference {
                resource_type: Some(kind),
                ..
            } => kind == wanted_type,
            Wanted::Reference { .. } | Wanted::Nothing => true,
            _ => false,
        })
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

impl Modifier {
    /// The modifier of a parameter, and the type that an id without a type is of (R4 §3.1.1.4.3).
    fn parse(
        parameter: &SearchParameter,
        modifier: Option<&str>,
    ) -> Result<(Self, Option<&'static str>), Unreadable> {
        let target = parameter.only_target();
        let found = match (modifier, parameter.kind) {
            (None, _) => Self::None,
            (Some("missing"), _) => Self::Missing,
            (Some("not"), Kind::Token) => Self::Not,
            (Some("in"), Kind::Token) => Self::In,
            (Some("not-in"), Kind::Token) => Self::NotIn,
            (Some("text"), Kind::Token | Kind::String) => Self::Text,
            (Some("of-type"), Kind::Token) if parameter.code == "identifier" => Self::OfType,
            (Some("above"), Kind::Token | Kind::Uri) => Self::Above,
            (Some("below"), Kind::Token | Kind::Uri) => Self::Below,
            (Some("exact"), Kind::String) => Self::Exact,
            (Some("contains"), Kind::String) => Self::Contains,
            (Some(named), Kind::Reference) if parameter.leads_to(named) => {
                let info = TypeInfo::by_name(named).ok_or(Unreadable::Unknown)?;
                return Ok((Self::None, Some(info.name)));
            }
            (Some(other), _) => {
                return Err(Unreadable::Modifier(other.chars().take(40).collect()));
            }
        };
        Ok((found, target))
    }
}

/// A name fits when each of its words begins some part of the person's name.
fn words_fit(wanted: &Wanted, parameter: &SearchParameter, keys: &Keys) -> bool {
    let Wanted::Text { folded, .. } = wanted else {
        return false;
    };
    let begins = |word: &str| {
        keys.get(parameter).any(|key| match key {
            Key::Text { folded, .. } => folded.split(' ').any(|part| part.starts_with(word)),
            _ => false,
        })
    };
    folded.split_whitespace().all(begins)
}
