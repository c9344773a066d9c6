//! Single values: primitives with their siblings, and what is said of every value: codes and invariants.

use serde_json::Value;

use super::fault::{self, Shape};
use super::path::Path;
use super::walk::{Frame, Pair, Slot, Walk};
use super::{Severity, primitive, xhtml};
use crate::definitions::{Kind, Primitive, Rule, Type};
use crate::fhirpath::Node;

impl Walk<'_> {
    /// One value of an element.
    pub(super) fn value<'v>(
        &mut self,
        slot: Slot,
        pair: Pair<'v>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        if !self.room(path) {
            return;
        }
        let Slot {
            element,
            allowed,
            described,
        } = slot;
        match (described.kind, pair.value) {
            (Kind::Primitive(kind), _) => self.primitive(kind, described, pair, path, frame),
            (Kind::Resource, Some(value)) => {
                let container = (element.name == "contained").then_some(frame);
                return self.resource(value, path, container, frame.entries);
            }
            (Kind::Backbone | Kind::Complex, Some(value)) => {
                let Some(properties) = self.properties(value, path) else {
                    return;
                };
                let node = Node::element(Some(value), None, allowed.id);
                self.object(described, properties, path, frame);
                self.content(properties, path);
                self.special(described, allowed, properties, path, frame);
                self.rules(&described.rules, &node, path, frame);
            }
            (_, None) => return,
        }
        if let Some(binding) = &element.binding {
            self.binding(binding, described, pair.value, path);
        }
        let node = Node::element(pair.value, pair.extra, allowed.id);
        self.rules(&element.rules, &node, path, frame);
    }

    fn primitive<'v>(
        &mut self,
        kind: Primitive,
        described: &'static Type,
        pair: Pair<'v>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        if let Some(extra) = pair.extra {
            let own = self
                .definitions
                .find("Element")
                .and_then(|id| self.definitions.get(id));
            if let (Some(own), Some(properties)) = (own, self.properties(extra, path)) {
                self.object(own, properties, path, frame);
                if pair.value.is_none() {
                    self.content(properties, path);
                }
            }
        }
        match pair.value {
            None => {}
            Some(Value::Null) => self.report(path, fault::empty(Shape::Null)),
            Some(Value::String(text)) if text.is_empty() => {
                self.report(path, fault::empty(Shape::Text));
            }
            Some(value) => self.written(kind, described, value, path),
        }
    }

    /// Whether a primitive is written as its type is.
    fn written(
        &mut self,
        kind: Primitive,
        described: &'static Type,
        value: &Value,
        path: &Path<'_>,
    ) {
        let wanted = wanted(Kind::Primitive(kind));
        let found = shape(value);
        if wanted != found {
            return self.report(path, fault::wrong_shape(path.name(), wanted, found));
        }
        let name = if kind == Primitive::System {
            "string"
        } else {
            described.name
        };
        match value {
            Value::String(text) if kind == Primitive::Xhtml => {
                if let Some(markup) = xhtml::fault(text) {
                    self.report(path, fault::narrative(&markup));
                }
            }
            Value::String(text) if !primitive::fits(kind, text) => {
                self.report(path, fault::format(name, kind, text));
            }
            Value::Number(number) if !primitive::fits_number(kind, number) => {
                self.report(path, fault::format(name, kind, &number.to_string()));
            }
            _ => {}
        }
    }

    /// Invariants; one that cannot be evaluated on this value says nothing.
    pub(super) fn rules<'v>(
        &mut self,
        rules: &'static [Rule],
        node: &Node<'v>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        for rule in rules {
            let severity = if rule.is_error {
                Severity::Error
            } else {
                Severity::Warning
            };
            if !self.wants(severity) {
                continue;
            }
            let Some(expression) = rule.expression.get() else {
                continue;
            };
            if expression.holds(&frame.scope, node) == Ok(Some(false)) {
                self.report(path, fault::invariant(rule.key, rule.human, rule.is_error));
            }
        }
    }
}

pub(super) fn shape(value: &Value) -> Shape {
    match value {
        Value::Array(_) => Shape::Array,
        Value::Bool(_) => Shape::Boolean,
        Value::Null => Shape::Null,
        Value::Number(_) => Shape::Number,
        Value::Object(_) => Shape::Object,
        Value::String(_) => Shape::Text,
    }
}

pub(super) fn wanted(kind: Kind) -> Shape {
    match kind {
        Kind::Primitive(Primitive::Boolean) => Shape::Boolean,
        Kind::Primitive(
            Primitive::Decimal
            | Primitive::Integer
            | Primitive::PositiveInt
            | Primitive::UnsignedInt,
        ) => Shape::Number,
        Kind::Primitive(_) => Shape::Text,
        _ => Shape::Object,
    }
}
