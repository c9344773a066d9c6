//! What an expression is evaluated over: JSON that knows its type, or a value made on the way.

use std::borrow::Cow;

use serde_json::Value;

use crate::definitions::{Definitions, Kind, TypeId};

/// An item of a collection.
#[derive(Clone, Debug)]
pub(crate) enum Node<'a> {
    Boolean(bool),
    /// An element or resource: its JSON, and the JSON of its `_` sibling.
    Element {
        value: Option<&'a Value>,
        extra: Option<&'a Value>,
        described: Option<TypeId>,
    },
    Number(f64),
    Text(Cow<'a, str>),
}

impl<'a> Node<'a> {
    /// A resource, by its `resourceType`.
    pub(crate) fn resource(definitions: &Definitions, value: &'a Value) -> Self {
        let name = value.get("resourceType").and_then(Value::as_str);
        let described = name.and_then(|name| definitions.find(name));
        Self::Element {
            value: Some(value),
            extra: None,
            described,
        }
    }

    /// An element of a known type.
    pub(crate) fn element(
        value: Option<&'a Value>,
        extra: Option<&'a Value>,
        described: TypeId,
    ) -> Self {
        Self::Element {
            value,
            extra,
            described: Some(described),
        }
    }

    /// The JSON that it stands for: that of the value, or that of its extensions where it has none.
    pub(crate) fn json(&self) -> Option<&'a Value> {
        match self {
            Self::Element { value, extra, .. } => value.or(*extra),
            _ => None,
        }
    }

    /// The text of a string, whatever it came from.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Element {
                value: Some(Value::String(text)),
                ..
            } => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Element {
                value: Some(Value::Number(number)),
                ..
            } => number.as_f64(),
            _ => None,
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth)
            | Self::Element {
                value: Some(Value::Bool(truth)),
                ..
            } => Some(*truth),
            _ => None,
        }
    }

    /// Whether there is a value, and not only extensions (R4, `FHIRPath`, `hasValue`).
    pub(super) fn has_value(&self) -> bool {
        match self {
            Self::Element { value, .. } => {
                value.is_some_and(|v| !(v.is_object() || v.is_array() || v.is_null()))
            }
            _ => true,
        }
    }

    /// The items of one property.
    pub(super) fn member(&self, definitions: &Definitions, name: &str, out: &mut Vec<Self>) {
        let Self::Element {
            value,
            extra,
            described,
        } = self
        else {
            return;
        };
        for object in [*value, *extra].into_iter().flatten() {
            let Value::Object(properties) = object else {
                continue;
            };
            if add(properties, definitions, *described, name, out) {
                return;
            }
            let Some(own) = described.and_then(|id| definitions.get(id)) else {
                continue;
            };
            if own.elements.iter().any(|e| e.is_choice && e.name == name) {
                for (property, allowed) in own.names_of(name) {
                    push(properties, property, Some(allowed.id), definitions, out);
                }
            }
        }
    }

    /// Everything directly below.
    pub(super) fn children(&self, definitions: &Definitions, out: &mut Vec<Self>) {
        let Self::Element {
            value,
            extra,
            described,
        } = self
        else {
            return;
        };
        for object in [*value, *extra].into_iter().flatten() {
            let Value::Object(properties) = object else {
                continue;
            };
            for name in properties.keys() {
                if name == "resourceType" {
                    continue;
                }
                match name.strip_prefix('_') {
                    Some(plain) if properties.contains_key(plain) => {}
                    Some(plain) => _ = add(properties, definitions, *described, plain, out),
                    None => _ = add(properties, definitions, *described, name, out),
                }
            }
        }
    }
}

type Properties = serde_json::Map<String, Value>;

/// Adds a property under the very name; whether there was one.
fn add<'a>(
    properties: &'a Properties,
    definitions: &Definitions,
    owner: Option<TypeId>,
    name: &str,
    out: &mut Vec<Node<'a>>,
) -> bool {
    let before = out.len();
    let own = owner.and_then(|id| definitions.get(id));
    let described = own
        .and_then(|o| o.property(name))
        .map(|(_, _, allowed)| allowed.id);
    push(properties, name, described, definitions, out);
    out.len() > before
}

fn push<'a>(
    properties: &'a Properties,
    name: &str,
    described: Option<TypeId>,
    definitions: &Definitions,
    out: &mut Vec<Node<'a>>,
) {
    let value = properties.get(name);
    let kind = described.and_then(|id| definitions.get(id)).map(|d| d.kind);
    let extra = match kind {
        Some(Kind::Primitive(_)) => sibling(properties, name),
        _ => None,
    };
    let many = |v: Option<&'a Value>| v.and_then(Value::as_array);
    let typed = |value: Option<&'a Value>, extra: Option<&'a Value>| match (kind, value) {
        (Some(Kind::Resource), Some(resource)) => Node::resource(definitions, resource),
        _ => Node::Element {
            value,
            extra,
            described,
        },
    };
    if many(value).is_none() && many(extra).is_none() {
        let present = value.is_some() || extra.is_some();
        out.extend(present.then(|| typed(value, extra)));
        return;
    }
    let count = many(value)
        .map_or(0, Vec::len)
        .max(many(extra).map_or(0, Vec::len));
    for at in 0..count {
        let value = many(value).and_then(|v| v.get(at)).filter(|v| !v.is_null());
        let extra = many(extra).and_then(|v| v.get(at)).filter(|v| !v.is_null());
        out.extend((value.is_some() || extra.is_some()).then(|| typed(value, extra)));
    }
}

/// The `_` sibling of a property; looked for without making its name.
pub(crate) fn sibling<'a>(properties: &'a Properties, name: &str) -> Option<&'a Value> {
    let mut found = properties
        .iter()
        .filter(|(own, _)| own.strip_prefix('_') == Some(name));
    found.next().map(|(_, value)| value)
}
