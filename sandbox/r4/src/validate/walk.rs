//! Walks a resource beside its definition: properties, JSON types, and how many.
//!
//! Single values are in `value`. What belongs to one kind of type only is in `special`, `reference`, `contained` and `bundle`; codes
//! are in `bind`, and profiles, which come after the base, in `profile`.

use serde_json::{Map, Value};

use super::addressed::Addressed;
use super::fault::{self, Fault, Shape};
use super::path::Path;
use super::spelling::nearest;
use super::value::{shape, wanted};
use super::{Issue, Options, Severity};
use crate::definitions::{Allowed, Definitions, Element, Kind, Type, TypeId};
use crate::fhirpath::{Node, Scope, sibling};
use crate::terminology::Terminology;

/// The walker: what it knows and what it has found.
#[derive(Debug)]
pub(super) struct Walk<'o> {
    pub(super) definitions: &'static Definitions,
    pub(super) terminology: &'static Terminology,
    pub(super) options: &'o Options<'o>,
    pub(super) issues: Vec<Issue>,
    values: usize,
}

/// The resource that the walker is in.
#[derive(Debug)]
pub(super) struct Frame<'v, 'f> {
    /// The resource itself.
    pub(super) resource: &'v Value,
    /// The resource that contains it, or itself.
    pub(super) root: &'v Value,
    pub(super) scope: Scope<'v>,
    /// The resources that the root contains.
    pub(super) contained: &'f Addressed<'v>,
    /// The resources of the nearest bundle.
    pub(super) entries: Option<&'f Addressed<'v>>,
}

/// What a property of a type is defined to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) element: &'static Element,
    pub(super) allowed: &'static Allowed,
    pub(super) described: &'static Type,
}

/// A value with its `_` sibling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'v> {
    pub(super) value: Option<&'v Value>,
    pub(super) extra: Option<&'v Value>,
}

impl<'o> Walk<'o> {
    pub(super) fn new(
        definitions: &'static Definitions,
        terminology: &'static Terminology,
        options: &'o Options<'o>,
    ) -> Self {
        Self {
            definitions,
            terminology,
            options,
            issues: Vec::new(),
            values: 0,
        }
    }

    /// The outermost resource.
    pub(super) fn whole(&mut self, resource: &Value) {
        let name = resource
            .get("resourceType")
            .and_then(Value::as_str)
            .unwrap_or("Resource");
        self.resource(resource, &Path::root(name), None, None);
    }

    /// Whether an issue of this severity is wanted.
    pub(super) fn wants(&self, severity: Severity) -> bool {
        severity >= self.options.least
    }

    pub(super) fn report(&mut self, path: &Path<'_>, fault: Fault) {
        if !self.wants(fault.severity) || self.issues.len() >= self.options.most_issues {
            return;
        }
        let Fault {
            severity,
            code,
            rule,
            problem,
            remedy,
        } = fault;
        self.issues.push(Issue {
            severity,
            code,
            expression: path.to_string(),
            rule,
            problem,
            remedy,
        });
    }

    /// Counts a value, and says whether there is room to go on.
    pub(super) fn room(&mut self, path: &Path<'_>) -> bool {
        self.values += 1;
        let within =
            self.values <= self.options.most_values && path.depth() <= self.options.deepest;
        if !within
            && self
                .issues
                .last()
                .is_none_or(|i| i.code != super::Code::Limit)
        {
            self.report(path, fault::too_large());
        }
        within && self.issues.len() < self.options.most_issues
    }

    /// A resource: the outermost, a contained one (`container` is given), or one in a bundle.
    pub(super) fn resource<'v>(
        &mut self,
        resource: &'v Value,
        path: &Path<'_>,
        container: Option<&Frame<'v, '_>>,
        entries: Option<&Addressed<'v>>,
    ) {
        let Some(properties) = self.properties(resource, path) else {
            return;
        };
        let Some((id, described)) = self.resource_type(properties, path) else {
            return;
        };
        let root = container.map_or(resource, |frame| frame.root);
        let node = |value| Node::resource(self.definitions, value);
        let bundled = (described.name == "Bundle").then(|| Addressed::of_bundle(resource));
        let own;
        let contained = if let Some(frame) = container {
            frame.contained
        } else {
            own = Addressed::of_contained(resource);
            &own
        };
        let frame = Frame {
            resource,
            root,
            scope: Scope::new(self.definitions, node(resource), node(root)),
            contained,
            entries: bundled.as_ref().or(entries),
        };
        let whole = Node::element(Some(resource), None, id);
        self.object(described, properties, path, &frame);
        self.rules(&described.rules, &whole, path, &frame);
        if container.is_none() {
            self.containing(described, properties, path);
        }
        if described.name == "Bundle" {
            self.addresses(resource, path);
        }
        self.profiles(described, properties, path, &frame);
    }

    pub(super) fn properties<'v>(
        &mut self,
        value: &'v Value,
        path: &Path<'_>,
    ) -> Option<&'v Map<String, Value>> {
        match value {
            Value::Object(properties) if properties.is_empty() => {
                self.report(path, fault::empty(Shape::Object));
            }
            Value::Object(properties) => return Some(properties),
            Value::Null => self.report(path, fault::empty(Shape::Null)),
            other => self.report(
                path,
                fault::wrong_shape(path.name(), Shape::Object, shape(other)),
            ),
        }
        None
    }

    fn resource_type(
        &mut self,
        properties: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Option<(TypeId, &'static Type)> {
        let found = match properties.get("resourceType") {
            Some(Value::String(name)) => match self.definitions.resource(name) {
                Some(id) => return Some((id, self.definitions.get(id)?)),
                None => fault::unknown_resource(name),
            },
            _ => fault::no_resource_type(),
        };
        self.report(path, found);
        None
    }

    /// An object: each property, then what is missing, then the rules of the type.
    pub(super) fn object<'v>(
        &mut self,
        described: &'static Type,
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let mut seen = 0_u128;
        let has_siblings = properties.keys().any(|name| name.starts_with('_'));
        for (name, value) in properties {
            if self.issues.len() >= self.options.most_issues {
                return;
            }
            if described.kind == Kind::Resource && name == "resourceType" {
                continue;
            }
            let pair = match name.strip_prefix('_') {
                Some(plain) if properties.contains_key(plain) => continue,
                Some(_) => Pair {
                    value: None,
                    extra: Some(value),
                },
                None if has_siblings => Pair {
                    value: Some(value),
                    extra: sibling(properties, name),
                },
                None => Pair {
                    value: Some(value),
                    extra: None,
                },
            };
            self.property(described, name, pair, path, frame, &mut seen);
        }
        for (at, element) in described.elements.iter().enumerate() {
            if element.required && seen & bit(at) == 0 {
                let choice = if element.is_choice { "[x]" } else { "" };
                self.report(
                    path,
                    fault::missing(&format!("{}{choice}", element.name), described.name),
                );
            }
        }
    }

    /// ele-1: an id alone is not content.
    pub(super) fn content(&mut self, properties: &Map<String, Value>, path: &Path<'_>) {
        if properties.len() == 1 && properties.contains_key("id") {
            self.report(path, fault::no_content());
        }
    }

    fn property<'v>(
        &mut self,
        owner: &'static Type,
        written: &str,
        pair: Pair<'v>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
        seen: &mut u128,
    ) {
        let name = written.strip_prefix('_').unwrap_or(written);
        let Some((at, element, allowed)) = owner.property(name) else {
            let nearest = nearest(name, owner);
            return self.report(path, fault::unknown_element(written, owner.name, nearest));
        };
        let Some(described) = self.definitions.get(allowed.id) else {
            return;
        };
        if pair.extra.is_some() && !matches!(described.kind, Kind::Primitive(_)) {
            return self.report(
                path,
                fault::unknown_element(&format!("_{name}"), owner.name, Some(name)),
            );
        }
        if *seen & bit(at) != 0 {
            self.report(path, fault::two_choices(element.name));
        }
        *seen |= bit(at);
        let slot = Slot {
            element,
            allowed,
            described,
        };
        if element.many {
            return self.items(slot, pair, path, frame);
        }
        let here = path.child(element.name, None);
        for value in [pair.value, pair.extra].into_iter().flatten() {
            if value.is_array() {
                let wanted = wanted(described.kind);
                return self.report(&here, fault::wrong_shape(name, wanted, Shape::Array));
            }
        }
        self.value(slot, pair, &here, frame);
    }

    /// The items of a repeating element, with their siblings at the same places.
    fn items<'v>(&mut self, slot: Slot, pair: Pair<'v>, path: &Path<'_>, frame: &Frame<'v, '_>) {
        let name = slot.element.name;
        let here = path.child(name, None);
        if let Some(found) = [pair.value, pair.extra]
            .into_iter()
            .flatten()
            .find_map(|v| not_items(name, v))
        {
            return self.report(&here, found);
        }
        let list = |value: Option<&'v Value>| value.and_then(Value::as_array);
        let (values, extras) = (list(pair.value), list(pair.extra));
        let lengths = (values.map_or(0, Vec::len), extras.map_or(0, Vec::len));
        if values.is_some() && extras.is_some() && lengths.0 != lengths.1 {
            self.report(&here, fault::misaligned(name));
        }
        for at in 0..lengths.0.max(lengths.1) {
            let extra = extras.and_then(|e| e.get(at)).filter(|e| !e.is_null());
            let value = values.and_then(|v| v.get(at));
            // A null holds the place of a value that has only a sibling.
            let value = value.filter(|v| extra.is_none() || !v.is_null());
            let item = path.child(name, Some(at));
            if value.is_none() && extra.is_none() {
                self.report(&item, fault::empty(Shape::Null));
            } else {
                self.value(slot, Pair { value, extra }, &item, frame);
            }
        }
    }
}

/// What is wrong with a value that is not an array with something in it.
fn not_items(name: &str, value: &Value) -> Option<Fault> {
    match value {
        Value::Array(items) if items.is_empty() => Some(fault::empty(Shape::Array)),
        Value::Array(_) => None,
        Value::Null => Some(fault::empty(Shape::Null)),
        other => Some(fault::wrong_shape(name, Shape::Array, shape(other))),
    }
}

fn bit(at: usize) -> u128 {
    u32::try_from(at)
        .ok()
        .and_then(|at| 1_u128.checked_shl(at))
        .unwrap_or(0)
}
