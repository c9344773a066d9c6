//! HL7's own test cases of `FHIRPath` for R4, against the part of it that is here. They are fetched by
//! `.ci/ensure-r4-cases` and are no part of this tree; `TEST_R4_CASES` says where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::definitions::Definitions;

#[derive(Deserialize)]
struct Case {
    name: String,
    input: Option<String>,
    expression: String,
    /// Why it must be refused, when it must.
    invalid: Option<String>,
    /// Whether the result is asked for as a truth.
    predicate: bool,
    outputs: Vec<(String, String)>,
}

/// What is left out of an engine that reads invariants and the paths of patches, and how an expression
/// tells that it needs it.
const OUT_OF_SCOPE: [(&str, &[&str]); 11] = [
    ("comments", &["//", "/*"]),
    (
        "dates and times as values of their own, and their precision",
        &[
            "@",
            "today(",
            "now(",
            "lowBoundary(",
            "highBoundary(",
            "precision(",
        ],
    ),
    (
        "quantities as values of their own",
        &[
            "toQuantity(",
            "comparable(",
            "'mg'",
            "'wk'",
            "week",
            "day",
            "'[lb_av]'",
            "'kg'",
        ],
    ),
    (
        "conversions, and asking for them",
        &["convertsTo", "toDecimal(", "toBoolean("],
    ),
    ("equivalence", &["~"]),
    (
        "arithmetic beyond sums and differences",
        &[
            " * ",
            " / ",
            "1/0",
            "2*3",
            " div ",
            " mod ",
            "round(",
            "sqrt(",
            "abs(",
            "ceiling(",
            "exp(",
            "floor(",
            "ln(",
            "log(",
            "power(",
            "truncate(",
        ],
    ),
    (
        "functions of texts that no invariant uses",
        &[
            "upper(",
            "lower(",
            "toChars(",
            "indexOf(",
            "replace(",
            "encode(",
            "decode(",
            "escape(",
            "trim(",
            "split(",
            "join(",
            "matches({})",
        ],
    ),
    (
        "functions of collections that no invariant uses",
        &[
            "skip(",
            "take(",
            "allTrue(",
            "subsetOf(",
            "supersetOf(",
            "repeat(",
            "aggregate(",
            "exclude(",
            "union(",
        ],
    ),
    ("reflection", &["type("]),
    ("variables with names in quotes", &["%`"]),
    // Last: many expressions have the sign, few for this.
    ("numbers with a sign", &["-", "+1"]),
];

/// Cases that are read and answered otherwise, with why.
const OTHERWISE: [(&str, &[&str]); 9] = [
    (
        "what is not at the end of a path is nothing, where a type that cannot have it asks for an error",
        &[
            "testSimpleFail",
            "testSimpleWithWrongContext",
            "testPolymorphismB",
            "testPolymorphismAsB",
            "testStartsWithNonString1",
            "testEndsWithNonString1",
            "testContainsNonString1",
            "testPolymorphicsB",
        ],
    ),
    (
        "values without an order or a difference give nothing, where an error is asked for",
        &["testLiteralDecimalLessThanInvalid", "testMinus4"],
    ),
    (
        "numbers are binary and of one type, without the digits that they were written with",
        &[
            "testIntegerLiteralIsNotDecimal",
            "testDecimalLiteralToString",
            "testToString4",
            "testMinus3",
        ],
    ),
    (
        "a truth becomes neither a number nor a text",
        &["testBooleanLiteralToInteger", "testBooleanLiteralToString"],
    ),
    (
        "a criterion that is no truth, and several items, are not refused by iif; there is no $index",
        &["testIif6", "testIif10", "testIndex"],
    ),
    (
        "R4's invariants are written for patterns that fit a whole text; an empty one fits everywhere",
        &["testMatchesWithinUrl2", "testReplaceMatches2"],
    ),
    (
        "is binds tighter than what stands before it",
        &["testPrecedence3", "testPrecedence4"],
    ),
    (
        "a type is R4's, and never FHIRPath's own of the same name; as takes several items, and \
         no code for a string",
        &[
            "testType12",
            "testType14",
            "testType22",
            "testFHIRPathAsFunction11",
            "testFHIRPathAsFunction16",
            "testFHIRPathAsFunction21",
            "testFHIRPathAsFunction23",
            "testFHIRPathAsFunction24",
        ],
    ),
    (
        "the example that is published is another than the case has before it",
        &[
            "testCombine1",
            "testFHIRPathIsFunction8",
            "testFHIRPathIsFunction9",
            "testFHIRPathIsFunction10",
        ],
    ),
];

/// Inputs that no package carries: they are made for the cases and are no examples of R4.
const NOT_TO_BE_HAD: [&str; 3] = [
    "parameters-example-types",
    "patient-container-example",
    "patient-example-period",
];

/// The example that a case calls by another name.
fn published(name: &str) -> &str {
    match name {
        "appointment-examplereq" => "appointment-example-request",
        other => other,
    }
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("TEST_R4_CASES").map(PathBuf::from)
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn fits(found: &Node<'_>, (kind, value): &(String, String)) -> bool {
    match kind.as_str() {
        "boolean" => found.boolean() == value.parse().ok(),
        "integer" | "decimal" => found.number() == value.parse().ok(),
        _ => found.text() == Some(value.trim_start_matches('@').trim_start_matches('T')),
    }
}

/// Whether the engine answers as the case says; `None` when it cannot read the expression.
fn agrees(case: &Case, input: &'static Value) -> Option<bool> {
    let read = parser::parse(&case.expression).map(Parsed);
    if case.invalid.is_some() && read.is_err() {
        return Some(true);
    }
    let parsed: &'static Parsed = Box::leak(Box::new(read.ok()?));
    let node = Node::resource(Definitions::r4(), input);
    let scope = Scope::new(Definitions::r4(), node.clone(), node.clone());
    let Ok(found) = parsed.items(&scope, &node) else {
        return Some(case.invalid.is_some());
    };
    if case.predicate {
        let expected = case.outputs.iter().all(|(_, value)| value == "true");
        return Some(found.is_empty() != expected);
    }
    let same = found.len() == case.outputs.len()
        && found.iter().zip(&case.outputs).all(|(a, b)| fits(a, b));
    Some(case.invalid.is_none() && same)
}

#[test]
fn the_official_cases_are_answered_as_they_say() {
    let Some(folder) = folder() else {
        return;
    };
    let mut inputs: BTreeMap<String, &'static Value> = BTreeMap::new();
    let (mut agreed, mut outside, mut wrong) = (0, BTreeMap::new(), Vec::new());
    let signs: Vec<&str> = OUT_OF_SCOPE
        .iter()
        .flat_map(|(_, signs)| *signs)
        .copied()
        .collect();
    let mut otherwise: BTreeSet<&str> = OTHERWISE
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    for line in read(&folder.join("fhirpath.ndjson")).lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let name = case
            .input
            .clone()
            .unwrap_or_else(|| "patient-example".to_owned());
        if NOT_TO_BE_HAD.contains(&name.as_str()) {
            continue;
        }
        let input = inputs.entry(name).or_insert_with_key(|name| {
            let text = read(&folder.join(format!("examples/{}.json", published(name))));
            Box::leak(Box::new(serde_json::from_str(&text).unwrap()))
        });
        let listed = otherwise.remove(case.name.as_str());
        let answer = agrees(&case, input);
        let feature = signs.iter().find(|sign| case.expression.contains(**sign));
        match (answer, feature, listed) {
            (Some(true), _, false) => agreed += 1,
            (None, Some(sign), false) => *outside.entry(*sign).or_insert(0) += 1,
            (Some(false), _, true) => {}
            _ => wrong.push(format!("{}: {} {answer:?}", case.name, case.expression)),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {agreed}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(otherwise.is_empty(), "no such case: {otherwise:?}");
    let unused: Vec<_> = signs
        .iter()
        .filter(|sign| !outside.contains_key(**sign))
        .collect();
    assert!(unused.is_empty(), "no case has these: {unused:?}");
    assert_eq!((agreed, outside.values().sum::<usize>()), (357, 480));
}
