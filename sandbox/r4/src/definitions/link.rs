//! Turns the rows of `elements.tsv` into types that know each other by number, with what they inherit.

use super::table::{ElementRow, RuleRow, TypeRow};
use super::{
    Allowed, Binding, Definitions, Element, Kind, Primitive, Property, Role, Rule, Type, TypeId,
    order as order_of,
};
use crate::terminology::Terminology;

/// Rules that the walker checks in code, for speed or because they cannot be said in `FHIRPath`.
const IN_CODE: [&str; 12] = [
    "bdl-7", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "ele-1", "ext-1", "per-1", "ref-1",
    "txt-1", "txt-2",
];

pub(super) fn link(rows: &[TypeRow]) -> Definitions {
    let linker = Linker::new(rows);
    let types = linker
        .order
        .iter()
        .map(|row| linker.described(row))
        .collect();
    Definitions { types }
}

struct Linker<'r> {
    /// In the order of their names: a type's place here is its id.
    order: Vec<&'r TypeRow>,
    terminology: &'static Terminology,
}

impl<'r> Linker<'r> {
    fn new(rows: &'r [TypeRow]) -> Self {
        let mut order: Vec<_> = rows.iter().chain(system_string()).collect();
        order.sort_by(|a, b| order_of(a.name, b.name));
        Self {
            order,
            terminology: Terminology::r4(),
        }
    }

    fn id(&self, name: &str) -> Option<TypeId> {
        let place = self
            .order
            .binary_search_by(|row| order_of(row.name, name))
            .ok()?;
        u16::try_from(place).ok().map(TypeId)
    }

    fn row(&self, name: &str) -> Option<&'r TypeRow> {
        self.order.get(usize::from(self.id(name)?.0)).copied()
    }

    fn described(&self, row: &'r TypeRow) -> Type {
        let mut lineage = vec![row];
        while let Some(base) = lineage.last().and_then(|last| self.row(last.base)) {
            lineage.push(base);
        }
        lineage.reverse();
        let elements: Vec<_> = lineage
            .iter()
            .flat_map(|r| &r.elements)
            .filter_map(|e| self.element(e))
            .collect();
        let rules = lineage
            .iter()
            .flat_map(|r| &r.rules)
            .filter_map(rule)
            .collect();
        Type {
            name: row.name,
            kind: kind(row),
            role: lineage
                .iter()
                .rev()
                .find_map(|r| role(r.name))
                .unwrap_or(Role::None),
            base: self.id(row.base),
            is_abstract: row.is_abstract,
            properties: self.properties(&elements),
            elements,
            rules,
        }
    }

    fn element(&self, row: &ElementRow) -> Option<Element> {
        let name = row.name.strip_suffix("[x]");
        let types: Vec<_> = row
            .types
            .split('|')
            .filter_map(|text| self.allowed(text))
            .collect();
        let bound = !row.value_set.is_empty();
        (!types.is_empty()).then(|| Element {
            name: name.unwrap_or(row.name),
            is_choice: name.is_some(),
            required: row.min != "0",
            many: row.max == "*",
            in_summary: row.flags.contains('s'),
            types,
            binding: bound.then(|| Binding {
                required: row.strength == "required",
                url: row.value_set,
                set: self
                    .terminology
                    .value_set(row.value_set)
                    .filter(|set| set.is_enumerable()),
            }),
            rules: row.rules.iter().filter_map(rule).collect(),
        })
    }

    fn allowed(&self, text: &'static str) -> Option<Allowed> {
        let (name, targets) = text.split_once('(').unwrap_or((text, ""));
        let targets = targets.trim_end_matches(')');
        Some(Allowed {
            id: self.id(name)?,
            targets: targets.split(',').filter(|t| !t.is_empty()).collect(),
        })
    }

    fn properties(&self, elements: &[Element]) -> Vec<Property> {
        let mut properties = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            for (choice, allowed) in element.types.iter().enumerate() {
                let (Ok(at), Ok(choice)) = (u16::try_from(at), u16::try_from(choice)) else {
                    continue;
                };
                let name = match (element.is_choice, self.order.get(usize::from(allowed.id.0))) {
                    (true, Some(row)) => format!("{}{}", element.name, suffix(row.name)),
                    _ => element.name.to_owned(),
                };
                properties.push(Property {
                    name: name.into_boxed_str(),
                    element: at,
                    choice,
                });
            }
        }
        properties.sort_by(|a, b| order_of(&a.name, &b.name));
        properties
    }
}

/// `System.String` is a type of `FHIRPath`; no structure describes it.
fn system_string() -> &'static [TypeRow] {
    const ROW: &[TypeRow] = &[TypeRow {
        name: "System.String",
        kind: "primitive",
        base: "",
        is_abstract: false,
        rules: Vec::new(),
        elements: Vec::new(),
    }];
    ROW
}

fn kind(row: &TypeRow) -> Kind {
    match row.kind {
        "primitive" => Primitive::named(row.name).map_or(Kind::Complex, Kind::Primitive),
        "resource" => Kind::Resource,
        "backbone" => Kind::Backbone,
        _ => Kind::Complex,
    }
}

fn role(name: &str) -> Option<Role> {
    Some(match name {
        "Bundle" => Role::Bundle,
        "CodeableConcept" => Role::CodeableConcept,
        "Coding" => Role::Coding,
        "Extension" => Role::Extension,
        "Period" => Role::Period,
        "Quantity" => Role::Quantity,
        "Reference" => Role::Reference,
        _ => return None,
    })
}

/// What a choice property ends with; the profiles of Quantity are written as Quantity.
fn suffix(name: &str) -> String {
    if matches!(name, "SimpleQuantity" | "MoneyQuantity") {
        return "Quantity".to_owned();
    }
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

fn rule(row: &RuleRow) -> Option<Rule> {
    (!IN_CODE.contains(&row.key)).then(|| Rule {
        key: row.key,
        is_error: row.severity == "error",
        human: row.human,
        expression: row.expression,
    })
}
