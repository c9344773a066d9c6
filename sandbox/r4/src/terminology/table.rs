//! Unpacks and reads `terminology.tsv.gz`. The columns are described in `definitions/README.md`.

use std::io::Read;
use std::sync::OnceLock;

use super::{CodeSystem, Concept, Part, Terminology, ValueSet, no_basis};

/// The text of the table; it lives as long as the process, so that nothing of it is copied.
pub(super) fn unpack(packed: &[u8]) -> &'static str {
    let mut text = String::with_capacity(1 << 20);
    match flate2::read::GzDecoder::new(packed).read_to_string(&mut text) {
        Ok(_) => Box::leak(text.into_boxed_str()),
        // The bytes are part of the program: a test reads them.
        Err(_) => "",
    }
}

/// The systems and sets of the table, and those of no-basis.
pub(super) fn read(text: &'static str) -> Terminology {
    let mut systems: Vec<CodeSystem> = Vec::with_capacity(1100);
    let mut sets: Vec<ValueSet> = Vec::with_capacity(1400);
    for line in text.lines().chain(no_basis::TABLE.lines()) {
        let mut columns = line.split('\t');
        match columns.next() {
            Some("system") => systems.extend(system(columns)),
            Some("set") => sets.extend(set(columns)),
            Some("in") => {
                if let Some(last) = sets.last_mut() {
                    last.parts.extend(part(columns));
                }
            }
            Some(depth) => {
                if let (Some(last), Ok(depth)) = (systems.last_mut(), depth.parse()) {
                    last.concepts.extend(concept(depth, columns));
                }
            }
            None => {}
        }
    }
    systems.sort_by_key(|system| system.url);
    sets.sort_by_key(|set| set.url);
    let mut all = Terminology { systems, sets };
    all.look_up_parts();
    all
}

fn system(mut columns: std::str::Split<'static, char>) -> Option<CodeSystem> {
    Some(CodeSystem {
        url: columns.next()?,
        version: columns.next()?,
        title: columns.next()?,
        content: columns.next()?,
        ignores_case: columns.next() == Some("fold"),
        is_mounted: false,
        concepts: Vec::new(),
        names: Vec::new(),
        by_code: OnceLock::new(),
    })
}

fn concept(depth: u8, mut columns: std::str::Split<'static, char>) -> Option<Concept> {
    let code = columns.next()?;
    let display = columns
        .next()
        .filter(|text| !text.is_empty())
        .unwrap_or(code);
    Some(Concept {
        code,
        display,
        depth,
        is_abstract: columns.next() == Some("a"),
    })
}

fn set(mut columns: std::str::Split<'static, char>) -> Option<ValueSet> {
    Some(ValueSet {
        url: columns.next()?,
        version: columns.next()?,
        title: columns.next()?,
        closed: columns.next() == Some("closed"),
        parts: Vec::new(),
    })
}

fn part(mut columns: std::str::Split<'static, char>) -> Option<Part> {
    let system = columns.next()?;
    let codes: Vec<_> = columns.collect();
    let whole = codes.first() == Some(&"*");
    Some(Part {
        system,
        known: None,
        codes: (!whole).then_some(codes),
        sorted: false,
    })
}
