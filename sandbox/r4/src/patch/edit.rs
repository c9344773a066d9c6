//! What each kind of operation does to the JSON. A property and its `_` sibling are changed together, so
//! that the extensions of a primitive stay with their value; nothing empty is left behind.

use serde_json::{Map, Value};

use super::Trouble;
use super::given::{Given, Made};
use super::operation::Operation;
use super::place::{Place, Step, only_way, open, type_at, ways};
use crate::definitions::{Element, Type};

/// The items of a property, each with what its `_` sibling holds for it.
#[derive(Debug, Default)]
pub(super) struct Items(Vec<(Value, Value)>);

impl Items {
    pub(super) fn of(object: &Map<String, Value>, property: &str) -> Self {
        let list = |value: Option<&Value>| match value {
            None => Vec::new(),
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
        };
        let values = list(object.get(property));
        let extras = list(object.get(&format!("_{property}")));
        let count = values.len().max(extras.len());
        let at = |all: &[Value], place: usize| all.get(place).cloned().unwrap_or_default();
        let pairs = (0..count).map(|place| (at(&values, place), at(&extras, place)));
        Self(pairs.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, value: Value, extra: Value) {
        self.0.push((value, extra));
    }

    /// Puts the items back; what has none goes.
    pub(super) fn store(self, object: &mut Map<String, Value>, property: &str, many: bool) {
        let (values, extras): (Vec<Value>, Vec<Value>) = self.0.into_iter().unzip();
        let mut put = |name: String, mut all: Vec<Value>| {
            let last = if many { None } else { all.pop() };
            if all.iter().chain(&last).all(Value::is_null) {
                object.shift_remove(&name);
            } else {
                object.insert(name, last.unwrap_or(Value::Array(all)));
            }
        };
        put(property.to_owned(), values);
        put(format!("_{property}"), extras);
    }
}

/// Carries out one operation.
pub(super) fn carry_out(resource: &mut Value, operation: &Operation<'_>) -> Result<(), Trouble> {
    match operation {
        Operation::Add { path, name, value } => add(resource, path, name, value),
        Operation::Delete { path } => delete(resource, path),
        Operation::Insert { path, value, index } => insert(resource, path, value, *index),
        Operation::Move {
            path,
            source,
            destination,
        } => shift(resource, path, *source, *destination),
        Operation::Replace { path, value } => replace(resource, path, value),
    }
}

fn add(resource: &mut Value, path: &str, name: &str, value: &Given<'_>) -> Result<(), Trouble> {
    let mut way = only_way(resource, path)?;
    let is_primitive = !open(resource, &way).ok_or(Trouble::Nothing)?.is_object();
    // What is added to a primitive value is added to its sibling, which holds ids and extensions.
    if is_primitive {
        let place = Place::of(&way).ok_or(Trouble::Whole)?;
        way = place.owner;
        way.push(Step::Member(format!("_{}", place.property)));
        way.extend(place.item.map(Step::Item));
    }
    let owner = if is_primitive {
        crate::definitions::Definitions::r4().get_named("Element")
    } else {
        type_at(resource, &way)
    };
    let owner = owner.ok_or(Trouble::Whole)?;
    let made = value.made(owner, name)?;
    let many = element(owner, name).is_some_and(|element| element.many);
    let at = open(resource, &way).ok_or(Trouble::Nothing)?;
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    let object = at.as_object_mut().ok_or(Trouble::Nothing)?;
    let taken = |property: &str| {
        object.contains_key(property) || object.contains_key(&format!("_{property}"))
    };
    if !many && owner.names_of(name).any(|(property, _)| taken(property)) {
        return Err(Trouble::Already(format!("{}.{name}", owner.name)));
    }
    let mut items = Items::of(object, &made.property);
    items.push(made.value, made.extra);
    items.store(object, &made.property, many);
    Ok(())
}

fn delete(resource: &mut Value, path: &str) -> Result<(), Trouble> {
    let way = match only_way(resource, path) {
        // What is not there need not be deleted.
        Err(Trouble::Nothing) => return Ok(()),
        way => way?,
    };
    let place = Place::of(&way).ok_or(Trouble::Whole)?;
    change(resource, &place, |items| {
        match place.item {
            Some(item) if item < items.0.len() => drop(items.0.remove(item)),
            _ => items.0.clear(),
        }
        Ok(())
    })?;
    prune(resource, &place.owner);
    Ok(())
}

fn replace(resource: &mut Value, path: &str, value: &Given<'_>) -> Result<(), Trouble> {
    let way = only_way(resource, path)?;
    let place = Place::of(&way).ok_or(Trouble::Whole)?;
    let made = made_at(resource, &place, value)?;
    if made.property != place.property {
        // A choice changes its type, and so its property.
        change(resource, &place, |items| {
            items.0.clear();
            Ok(())
        })?;
    }
    let place = Place {
        property: made.property.clone(),
        ..place
    };
    let item = place.item.unwrap_or(0);
    change(resource, &place, |items| {
        let pair = (made.value, made.extra);
        match items.0.get_mut(item) {
            Some(old) => *old = pair,
            None => items.0.push(pair),
        }
        Ok(())
    })
}

fn insert(
    resource: &mut Value,
    path: &str,
    value: &Given<'_>,
    index: usize,
) -> Result<(), Trouble> {
    let place = list(resource, path)?;
    let made = made_at(resource, &place, value)?;
    change(resource, &place, |items| {
        let length = items.0.len();
        if index > length {
            return Err(outside("index", index, length, length));
        }
        items.0.insert(index, (made.value, made.extra));
        Ok(())
    })
}

fn shift(
    resource: &mut Value,
    path: &str,
    source: usize,
    destination: usize,
) -> Result<(), Trouble> {
    let place = list(resource, path)?;
    change(resource, &place, |items| {
        let length = items.0.len();
        for (name, given) in [("source", source), ("destination", destination)] {
            if given >= length {
                return Err(outside(name, given, length, length - 1));
            }
        }
        let moved = items.0.remove(source);
        items.0.insert(destination, moved);
        Ok(())
    })
}

fn outside(name: &'static str, given: usize, length: usize, last: usize) -> Trouble {
    Trouble::Index {
        name,
        given,
        length,
        takes: format!("0 to {last}"),
    }
}

/// The list whose items, all of them, a path leads to.
fn list(resource: &Value, path: &str) -> Result<Place, Trouble> {
    let ways = ways(resource, path)?;
    let mut whole: Option<Place> = None;
    for (number, way) in ways.iter().enumerate() {
        let place = Place::of(way).ok_or(Trouble::Whole)?;
        let follows = place.item == Some(number);
        let together = whole
            .as_ref()
            .is_none_or(|first| (&first.owner, &first.property) == (&place.owner, &place.property));
        if !follows || !together {
            return Err(Trouble::NotAList);
        }
        whole.get_or_insert(place);
    }
    let place = whole.ok_or(Trouble::Nothing)?;
    let object = at(resource, &place.owner).and_then(Value::as_object);
    let items = object.map(|object| Items::of(object, &place.property));
    if items.is_none_or(|items| items.0.len() != ways.len()) {
        return Err(Trouble::NotAList);
    }
    Ok(place)
}

fn at<'v>(resource: &'v Value, way: &[Step]) -> Option<&'v Value> {
    way.iter().try_fold(resource, |json, step| match step {
        Step::Item(place) => json.get(place),
        Step::Member(name) => json.get(name),
    })
}

fn element<'t>(owner: &'t Type, name: &str) -> Option<&'t Element> {
    owner.elements.iter().find(|one| one.name == name)
}

/// A value for the element that stands at a place.
fn made_at(resource: &Value, place: &Place, value: &Given<'_>) -> Result<Made, Trouble> {
    let owner = type_at(resource, &place.owner).ok_or(Trouble::Whole)?;
    let found = owner.property(&place.property);
    let (_, element, _) = found.ok_or_else(|| Trouble::Unknown {
        owner: owner.name.to_owned(),
        name: place.property.clone(),
    })?;
    value.made(owner, element.name)
}

/// Changes the items of the property at a place.
fn change(
    resource: &mut Value,
    place: &Place,
    change: impl FnOnce(&mut Items) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let object = open(resource, &place.owner).and_then(Value::as_object_mut);
    let object = object.ok_or(Trouble::Nothing)?;
    let mut items = Items::of(object, &place.property);
    change(&mut items)?;
    items.store(object, &place.property, place.item.is_some());
    Ok(())
}

/// Takes away objects and lists that were left empty, from the inside out.
fn prune(resource: &mut Value, owner: &[Step]) {
    let mut way = owner;
    while !way.is_empty() {
        let empty = match at(resource, way) {
            Some(Value::Object(members)) => members.is_empty(),
            _ => false,
        };
        let Some(place) = Place::of(way).filter(|_| empty) else {
            return;
        };
        let under_sibling = way.iter().rev().find_map(|step| match step {
            Step::Member(name) => Some(name.starts_with('_')),
            Step::Item(_) => None,
        });
        let taken = change(resource, &place, |items| {
            let item = place.item.unwrap_or(0);
            match items.0.get_mut(item) {
                // Only the extensions went: the value stays.
                Some((value, extra)) if under_sibling == Some(true) && !value.is_null() => {
                    *extra = Value::Null;
                }
                Some(_) => drop(items.0.remove(item)),
                None => {}
            }
            Ok(())
        });
        if taken.is_err() {
            return;
        }
        way = way.get(..place.owner.len()).unwrap_or_default();
    }
}
