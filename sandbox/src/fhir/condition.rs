//! A condition of a search as it is asked: on the resource's own values, on those of what it leads to
//! (chaining, R4 §3.1.1.4.13), of what leads to it (`_has`, §3.1.1.4.14), on its words, or on where it
//! belongs. What a condition finds elsewhere is looked up first ([`Resolved`]).

use std::collections::BTreeSet;

use fhir_r4::search::SearchParameter;
use serde_json::Value;

use super::criterion::{Criterion, Surroundings};
use super::filter::Filter;
use super::keys::{Key, folded};
use super::overlay::Lookups;
use super::population::Indexed;
use super::types::TypeInfo;
use super::value::Unreadable;

/// Steps from one resource to another in one condition.
const MOST_STEPS: usize = 4;

/// A condition as it is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// What the parameter leads to, of any one of these types, fits the condition.
    Chained {
        by: &'static str,
        through: Vec<(&'static str, Self)>,
    },
    /// It is in the compartment of one resource.
    Compartment { of: &'static str, id: String },
    /// What a `_filter` asks.
    Filter(Filter<Self>),
    /// A resource of another type that leads here by the parameter fits the condition.
    Has {
        of: &'static str,
        by: &'static str,
        inner: Box<Self>,
    },
    /// It is in a List.
    Listed(String),
    /// Its own values fit.
    Own(Criterion),
    /// All of these words stand in its narrative, or anywhere in it.
    Words { narrative: bool, words: Vec<String> },
}

/// A condition that can be held against a resource.
#[derive(Clone, Debug)]
pub(crate) enum Resolved {
    Among(BTreeSet<(String, String)>),
    Compartment {
        through: Vec<&'static SearchParameter>,
        of: &'static str,
        id: String,
    },
    Filter(Filter<Self>),
    Leads {
        by: &'static SearchParameter,
        to: BTreeSet<(String, String)>,
    },
    Own(Criterion),
    Words {
        narrative: bool,
        words: Vec<String>,
    },
}

impl Condition {
    /// Reads a condition on a type.
    pub(crate) fn parse(
        info: &'static TypeInfo,
        name: &str,
        value: &str,
        around: &dyn Surroundings,
    ) -> Result<Self, Unreadable> {
        if name == "_filter" {
            return Filter::parse(info, value, around).map(Self::Filter);
        }
        Self::parse_within(info, name, value, around, MOST_STEPS)
    }

    fn parse_within(
        info: &'static TypeInfo,
        name: &str,
        value: &str,
        around: &dyn Surroundings,
        steps: usize,
    ) -> Result<Self, Unreadable> {
        if let Some(rest) = name.strip_prefix("_has:") {
            return Self::has(info, rest, value, around, steps);
        }
        match name {
            "_list" => return Ok(Self::Listed(value.to_owned())),
            "_text" | "_content" => {
                let words = folded(value);
                return Ok(Self::Words {
                    narrative: name == "_text",
                    words: words.split_whitespace().map(str::to_owned).collect(),
                });
            }
            _ => {}
        }
        match Criterion::parse(info, name, value, around) {
            Err(Unreadable::Unknown | Unreadable::Modifier(_)) if name.contains('.') => {
                Self::chained(info, name, value, around, steps)
            }
            read => read.map(Self::Own),
        }
    }

    /// Changes the conditions on values that it ends in.
    pub(super) fn refine(
        &mut self,
        change: &dyn Fn(&mut Criterion) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        match self {
            Self::Own(criterion) => change(criterion),
            Self::Chained { through, .. } => {
                let mut inner = through.iter_mut();
                inner.try_for_each(|(_, condition)| condition.refine(change))
            }
            Self::Has { inner, .. } => inner.refine(change),
            _ => Ok(()),
        }
    }

    /// `subject:Patient.name` or `patient.general-practitioner.name`.
    fn chained(
        info: &'static TypeInfo,
        name: &str,
        value: &str,
        around: &dyn Surroundings,
        steps: usize,
    ) -> Result<Self, Unreadable> {
        let steps = fewer(steps)?;
        let (head, rest) = name.split_once('.').ok_or(Unreadable::Unknown)?;
        let (head, named) = match head.split_once(':') {
            Some((head, named)) => (head, Some(named)),
            None => (head, None),
        };
        let by = reference(info, head)?;
        let targets: Vec<&TypeInfo> = match named {
            Some(named) => TypeInfo::by_name(named)
                .filter(|info| by.leads_to(info.name))
                .into_iter()
                .collect(),
            None => by
                .targets
                .iter()
                .filter_map(|name| TypeInfo::by_name(name))
                .collect(),
        };
        let (mut through, mut refused) = (Vec::new(), Unreadable::Unknown);
        for target in targets {
            match Self::parse_within(target, rest, value, around, steps) {
                Ok(condition) => through.push((target.name, condition)),
                Err(error) => refused = error,
            }
        }
        if through.is_empty() {
            return Err(refused);
        }
        Ok(Self::Chained {
            by: by.code,
            through,
        })
    }

    /// `Observation:patient:code` after `_has:`.
    fn has(
        info: &'static TypeInfo,
        rest: &str,
        value: &str,
        around: &dyn Surroundings,
        steps: usize,
    ) -> Result<Self, Unreadable> {
        let steps = fewer(steps)?;
        let mut parts = rest.splitn(3, ':');
        let mut part = || parts.next().ok_or(Unreadable::Unknown);
        let of = TypeInfo::by_name(part()?).ok_or(Unreadable::Unknown)?;
        let by = reference(of, part()?)?;
        let inner = Self::parse_within(of, part()?, value, around, steps)?;
        if !by.leads_to(info.name) {
            return Err(Unreadable::Unknown);
        }
        Ok(Self::Has {
            of: of.name,
            by: by.code,
            inner: Box::new(inner),
        })
    }
}

fn fewer(steps: usize) -> Result<usize, Unreadable> {
    steps.checked_sub(1).ok_or(Unreadable::Value(
        "at most four steps from one resource to another",
    ))
}

fn reference(info: &TypeInfo, code: &str) -> Result<&'static SearchParameter, Unreadable> {
    info.references()
        .find(|parameter| parameter.code == code)
        .ok_or(Unreadable::Unknown)
}

/// What conditions are looked up by in an index of keys.
pub(crate) fn lookups(conditions: &[Resolved]) -> Vec<Lookups<'_>> {
    let own = conditions.iter().filter_map(|condition| match condition {
        Resolved::Own(criterion) => criterion.lookups(),
        _ => None,
    });
    own.collect()
}

impl Resolved {
    /// Whether a resource fits.
    pub(crate) fn fits(&self, one: &Indexed) -> bool {
        let leads = |by: &SearchParameter, admits: &dyn Fn(&str, &str) -> bool| {
            one.keys.get(by).any(|key| match key {
                Key::Reference { resource_type, id } => admits(resource_type, id),
                _ => false,
            })
        };
        match self {
            Self::Among(ids) => {
                ids.contains(&(one.entry.resource_type.to_owned(), one.entry.id.clone()))
            }
            Self::Compartment { through, of, id } => {
                let itself = one.entry.resource_type == *of && one.entry.id == *id;
                let inside =
                    |by: &&SearchParameter| leads(by, &|kind, found| kind == *of && found == id);
                itself || through.iter().any(inside)
            }
            Self::Filter(filter) => filter.holds(&|test| test.fits(one)),
            Self::Leads { by, to } => leads(by, &|kind, id| {
                to.contains(&(kind.to_owned(), id.to_owned()))
            }),
            Self::Own(criterion) => criterion.fits(&one.keys),
            Self::Words { narrative, words } => {
                let text = words_of(&one.entry.json, *narrative);
                words.iter().all(|word| text.contains(word.as_str()))
            }
        }
    }
}

/// The text of a narrative without its tags, or every text of the resource; folded.
fn words_of(json: &[u8], narrative: bool) -> String {
    let resource: Value = serde_json::from_slice(json).unwrap_or_default();
    let mut text = String::new();
    if narrative {
        let div = resource.pointer("/text/div").and_then(Value::as_str);
        let mut inside = false;
        for letter in div.unwrap_or_default().chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                letter if !inside => text.push(letter),
                _ => {}
            }
        }
    } else {
        gather(&resource, &mut text);
    }
    folded(&text)
}

fn gather(value: &Value, text: &mut String) {
    match value {
        Value::String(own) => {
            text.push_str(own);
            text.push(' ');
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, text)),
        Value::Object(members) => members.values().for_each(|member| gather(member, text)),
        _ => {}
    }
}
