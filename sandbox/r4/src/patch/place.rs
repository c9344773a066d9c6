//! Where a path leads: the way to each element through the JSON, and the types on that way.

use serde_json::Value;

use super::Trouble;
use crate::definitions::{Definitions, Kind, Type, TypeId};
use crate::fhirpath::{Node, Parsed, Scope};

/// One step down into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Item(usize),
    Member(String),
}

/// Where an element stands in the object that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The way to that object.
    pub(super) owner: Vec<Step>,
    /// The property, without the underscore of the one that holds extensions.
    pub(super) property: String,
    /// Which item of a list.
    pub(super) item: Option<usize>,
}

/// The ways to everything that a path gives.
pub(super) fn ways(resource: &Value, path: &str) -> Result<Vec<Vec<Step>>, Trouble> {
    let trouble = |why: crate::fhirpath::Trouble| Trouble::Path(why.to_string());
    let parsed = Parsed::read(path).map_err(trouble)?;
    let definitions = Definitions::r4();
    let root = Node::resource(definitions, resource);
    let scope = Scope::new(definitions, root.clone(), root.clone());
    let found = parsed.items(&scope, &root).map_err(trouble)?;
    let ways = found.iter().map(|node| {
        let json = node.json().ok_or(Trouble::Whole)?;
        let mut way = Vec::new();
        let found = find(resource, json, &mut way);
        found.then_some(way).ok_or(Trouble::Whole)
    });
    ways.collect()
}

/// The one way that a path leads.
pub(super) fn only_way(resource: &Value, path: &str) -> Result<Vec<Step>, Trouble> {
    let mut ways = ways(resource, path)?;
    match (ways.pop(), ways.len()) {
        (None, _) => Err(Trouble::Nothing),
        (Some(way), 0) => Ok(way),
        (Some(_), more) => Err(Trouble::Several(more + 1)),
    }
}

/// Looks for the very value, not for one like it.
fn find(at: &Value, wanted: &Value, way: &mut Vec<Step>) -> bool {
    if std::ptr::eq(at, wanted) {
        return true;
    }
    let mut below = |step: Step, value: &Value| {
        way.push(step);
        let found = find(value, wanted, way);
        if !found {
            way.pop();
        }
        found
    };
    match at {
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.any(|(place, item)| below(Step::Item(place), item))
        }
        Value::Object(members) => {
            let mut members = members.iter();
            members.any(|(name, member)| below(Step::Member(name.clone()), member))
        }
        _ => false,
    }
}

impl Place {
    /// The place that a way ends at; none for the resource itself.
    pub(super) fn of(way: &[Step]) -> Option<Self> {
        let (item, way) = match way.split_last()? {
            (Step::Item(item), before) => (Some(*item), before),
            (Step::Member(_), _) => (None, way),
        };
        let (Step::Member(property), owner) = way.split_last()? else {
            return None;
        };
        Some(Self {
            owner: owner.to_vec(),
            property: property.strip_prefix('_').unwrap_or(property).to_owned(),
            item,
        })
    }
}

/// The type of what a way leads to.
pub(super) fn type_at(resource: &Value, way: &[Step]) -> Option<&'static Type> {
    let definitions = Definitions::r4();
    let mut json = resource;
    let mut id = of_resource(resource)?;
    for step in way {
        match step {
            Step::Item(place) => json = json.get(place)?,
            Step::Member(name) => {
                json = json.get(name)?;
                if name.starts_with('_') {
                    id = definitions.find("Element")?;
                    continue;
                }
                let (_, _, allowed) = definitions.get(id)?.property(name)?;
                id = allowed.id;
            }
        }
        let within = definitions.get(id)?.kind == Kind::Resource && json.is_object();
        if within {
            id = of_resource(json)?;
        }
    }
    definitions.get(id)
}

fn of_resource(json: &Value) -> Option<TypeId> {
    Definitions::r4().resource(json.get("resourceType")?.as_str()?)
}

/// What a way leads to, to be changed; objects and lists of extensions are made where they are missing.
pub(super) fn open<'v>(resource: &'v mut Value, way: &[Step]) -> Option<&'v mut Value> {
    let mut json = resource;
    for step in way {
        json = match step {
            Step::Item(place) => {
                if json.is_null() {
                    *json = Value::Array(Vec::new());
                }
                let items = json.as_array_mut()?;
                if items.len() <= *place {
                    items.resize(place + 1, Value::Null);
                }
                items.get_mut(*place)?
            }
            Step::Member(name) => {
                if json.is_null() {
                    *json = Value::Object(serde_json::Map::new());
                }
                let members = json.as_object_mut()?;
                members.entry(name.as_str()).or_insert(Value::Null)
            }
        };
    }
    Some(json)
}
