//! Values that a patch brings: with a type (`valueHumanName`), as a resource, or as parts that make up
//! an element without a type of its own. Here they become the JSON of the element that takes them.

use serde_json::{Map, Value};

use super::Trouble;
use crate::definitions::{Allowed, Definitions, Element, Kind, Primitive, Type};

/// A value as it is sent.
#[derive(Debug)]
pub(super) enum Given<'p> {
    Parts(Vec<(&'p str, Self)>),
    Resource(&'p Value),
    Typed {
        /// The type as the property name has it: `HumanName`, `String`.
        suffix: &'p str,
        value: Option<&'p Value>,
        /// Extensions of a primitive value.
        extra: Option<&'p Value>,
    },
}

/// A value as the resource holds it.
#[derive(Debug)]
pub(super) struct Made {
    /// The JSON property: that of a choice tells its type.
    pub(super) property: String,
    pub(super) value: Value,
    /// What stands under the property's `_` sibling; null where nothing does.
    pub(super) extra: Value,
}

impl<'p> Given<'p> {
    /// Reads a part; none where it has no value, or several.
    pub(super) fn read(part: &'p Value) -> Option<Self> {
        let members = part.as_object()?;
        if let Some(parts) = members.get("part").and_then(Value::as_array) {
            let read = parts.iter().map(|part| {
                let name = part.get("name")?.as_str()?;
                Some((name, Self::read(part)?))
            });
            return read.collect::<Option<Vec<_>>>().map(Self::Parts);
        }
        if let Some(resource) = members.get("resource") {
            return Some(Self::Resource(resource));
        }
        let suffix = |name: &'p String| {
            let plain = name.strip_prefix('_').unwrap_or(name);
            plain.strip_prefix("value")
        };
        let mut suffixes = members.keys().filter_map(suffix);
        let found = suffixes.next()?;
        if suffixes.any(|other| other != found) {
            return None;
        }
        Some(Self::Typed {
            suffix: found,
            value: members.get(&format!("value{found}")),
            extra: members.get(&format!("_value{found}")),
        })
    }

    /// The JSON of the value as an element of a type takes it.
    pub(super) fn made(&self, owner: &Type, name: &str) -> Result<Made, Trouble> {
        let element = owner.elements.iter().find(|one| one.name == name);
        let element = element.ok_or_else(|| Trouble::Unknown {
            owner: owner.name.to_owned(),
            name: name.chars().take(64).collect(),
        })?;
        let mut names = owner.names_of(name);
        let taken = names.find_map(|(property, allowed)| {
            let (value, extra) = self.as_type(allowed, element.is_choice)?;
            Some(Made {
                property: property.to_owned(),
                value,
                extra,
            })
        });
        taken.ok_or_else(|| Trouble::Type {
            element: format!("{}.{name}", owner.name),
            takes: takes(element),
            given: self.shown(),
        })
    }

    /// The JSON as a value of a type. Where the element has a choice, the type is the one that was sent;
    /// elsewhere it is the element's, and a text may come as any type that is one.
    fn as_type(&self, allowed: &Allowed, is_choice: bool) -> Option<(Value, Value)> {
        let definitions = Definitions::r4();
        let described = definitions.get(allowed.id)?;
        match (self, described.kind) {
            (Self::Resource(resource), Kind::Resource) => {
                let name = resource.get("resourceType")?.as_str()?;
                definitions.resource(name)?;
                Some(((*resource).clone(), Value::Null))
            }
            (Self::Parts(parts), Kind::Backbone | Kind::Complex) => {
                Some((object(described, parts)?, Value::Null))
            }
            (
                Self::Typed {
                    suffix,
                    value: Some(value),
                    ..
                },
                Kind::Complex,
            ) => {
                let given = definitions.find(suffix)?;
                // An Age is a Quantity, and a Quantity may stand where an Age is asked for.
                let related = given == allowed.id
                    || (!is_choice
                        && (definitions.is_a(given, described.name)
                            || definitions.is_a(allowed.id, suffix)));
                (related && value.is_object()).then(|| ((*value).clone(), Value::Null))
            }
            (
                Self::Typed {
                    suffix,
                    value,
                    extra,
                },
                Kind::Primitive(primitive),
            ) => {
                let given = Primitive::named(&lowered(suffix))?;
                let same = given == primitive
                    || (!is_choice && is_written(primitive) == is_written(given));
                let fits = same
                    && value.is_none_or(|value| is_of(value, primitive))
                    && extra.is_none_or(Value::is_object);
                let json = |one: Option<&Value>| one.cloned().unwrap_or_default();
                fits.then(|| (json(*value), json(*extra)))
            }
            _ => None,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Parts(parts) => {
                let names: Vec<&str> = parts.iter().map(|(name, _)| *name).take(8).collect();
                format!("parts named {}", names.join(", "))
            }
            Self::Resource(_) => "a resource".to_owned(),
            Self::Typed { suffix, .. } => suffix.chars().take(40).collect(),
        }
    }
}

/// The types that an element takes, as parts are named: `valueString, valueCode`.
fn takes(element: &Element) -> String {
    let types = element.types.iter().filter_map(|allowed| {
        let described = Definitions::r4().get(allowed.id)?;
        Some(match described.kind {
            Kind::Backbone => "parts".to_owned(),
            Kind::Resource => "a resource".to_owned(),
            Kind::Complex | Kind::Primitive(_) => described.name.to_owned(),
        })
    });
    types.take(12).collect::<Vec<_>>().join(", ")
}

/// The object that parts make up; none where one of them does not fit.
fn object(described: &Type, parts: &[(&str, Given<'_>)]) -> Option<Value> {
    let mut object = Map::new();
    for (name, given) in parts {
        let made = given.made(described, name).ok()?;
        let many = described
            .elements
            .iter()
            .any(|one| one.name == *name && one.many);
        let mut items = super::edit::Items::of(&object, &made.property);
        if !many && !items.is_empty() {
            return None;
        }
        items.push(made.value, made.extra);
        items.store(&mut object, &made.property, many);
    }
    (!object.is_empty()).then_some(Value::Object(object))
}

fn lowered(suffix: &str) -> String {
    let mut letters = suffix.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// How the value of a primitive is written in JSON.
#[derive(PartialEq, Eq)]
enum Written {
    Boolean,
    Number,
    Text,
}

fn is_written(primitive: Primitive) -> Written {
    match primitive {
        Primitive::Boolean => Written::Boolean,
        Primitive::Decimal
        | Primitive::Integer
        | Primitive::PositiveInt
        | Primitive::UnsignedInt => Written::Number,
        _ => Written::Text,
    }
}

fn is_of(value: &Value, primitive: Primitive) -> bool {
    match is_written(primitive) {
        Written::Boolean => value.is_boolean(),
        Written::Number => value.is_number(),
        Written::Text => value.is_string(),
    }
}
