//! References: how they are written, and whether what they point to is of a type that is allowed
//! (R4, `references.html`). Nothing is looked up outside the resource and its bundle.

use serde_json::{Map, Value};

use super::fault;
use super::path::Path;
use super::primitive;
use super::walk::{Frame, Walk};
use crate::definitions::{Definitions, Primitive};

/// What a reference says of its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target<'v> {
    /// It points into `contained`, and nothing is there.
    Dangling,
    Malformed,
    /// It cannot be seen which type it points to.
    Open,
    Typed(&'v str),
}

impl Walk<'_> {
    /// ref-1, the form of the reference, and the type of its target.
    pub(super) fn reference<'v>(
        &mut self,
        targets: &[&str],
        properties: &'v Map<String, Value>,
        path: &Path<'_>,
        frame: &Frame<'v, '_>,
    ) {
        let stated = properties.get("type").and_then(Value::as_str);
        let text = properties.get("reference").and_then(Value::as_str);
        let target = text.map_or(Target::Open, |text| target(self.definitions, text, frame));
        let here = path.child("reference", None);
        let found = match target {
            Target::Dangling => {
                return self.report(&here, fault::dangling(text.unwrap_or_default()));
            }
            Target::Malformed => {
                return self.report(&here, fault::not_a_reference(text.unwrap_or_default()));
            }
            Target::Open => stated.filter(|name| self.definitions.resource(name).is_some()),
            Target::Typed(name) => Some(name),
        };
        if let Some(found) = found.filter(|found| !targets.is_empty() && !targets.contains(found)) {
            self.report(path, fault::wrong_target(found, targets));
        }
    }
}

fn target<'v>(definitions: &Definitions, text: &'v str, frame: &Frame<'v, '_>) -> Target<'v> {
    if let Some(id) = text.strip_prefix('#') {
        return contained(id, frame);
    }
    if let Some(inside) = frame.entries.and_then(|entries| entries.find(text)) {
        return type_of(inside).map_or(Target::Open, Target::Typed);
    }
    if text.starts_with("urn:") {
        return Target::Open;
    }
    if text.contains("://") {
        return typed(definitions, text).map_or(Target::Open, Target::Typed);
    }
    relative(definitions, text)
}

fn type_of(resource: &Value) -> Option<&str> {
    resource.get("resourceType").and_then(Value::as_str)
}

fn contained<'v>(id: &str, frame: &Frame<'v, '_>) -> Target<'v> {
    // `#` alone is the resource that contains this one.
    let found = if id.is_empty() {
        Some(frame.root)
    } else {
        frame.contained.find(id)
    };
    found.map_or(Target::Dangling, |r| {
        type_of(r).map_or(Target::Open, Target::Typed)
    })
}

/// The type in `…/Type/id` or `…/Type/id/_history/version`.
fn typed<'v>(definitions: &Definitions, text: &'v str) -> Option<&'v str> {
    let address = text.split(['?', '#']).next()?;
    let mut segments = address.rsplit('/');
    segments.next()?;
    let mut name = segments.next()?;
    if name == "_history" {
        segments.next()?;
        name = segments.next()?;
    }
    definitions.resource(name).map(|_| name)
}

/// `Type/id`, `Type/id/_history/version`, or `Type?search` for a transaction to resolve.
fn relative<'v>(definitions: &Definitions, text: &'v str) -> Target<'v> {
    if let Some((name, _)) = text.split_once('?') {
        return if definitions.resource(name).is_some() {
            Target::Typed(name)
        } else {
            Target::Malformed
        };
    }
    let address = text.split_once('#').map_or(text, |(address, _)| address);
    let mut segments = address.split('/');
    let (name, id) = (
        segments.next().unwrap_or_default(),
        segments.next().unwrap_or_default(),
    );
    let version = match (segments.next(), segments.next(), segments.next()) {
        (None, ..) => true,
        (Some("_history"), Some(version), None) => primitive::fits(Primitive::Id, version),
        _ => false,
    };
    let whole =
        version && primitive::fits(Primitive::Id, id) && definitions.resource(name).is_some();
    if whole {
        Target::Typed(name)
    } else {
        Target::Malformed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_read_from_the_address() {
        let r4 = Definitions::r4();
        for good in [
            "Patient/1",
            "Patient/1/_history/2",
            "Patient?identifier=x|1",
        ] {
            assert_eq!(relative(r4, good), Target::Typed("Patient"), "{good}");
        }
        for bad in [
            "Patient",
            "1",
            "Pasient/1",
            "Patient/1/2",
            "Patient/ø",
            "/Patient/1",
            "",
        ] {
            assert_eq!(relative(r4, bad), Target::Malformed, "{bad}");
        }
        assert_eq!(
            typed(r4, "https://example.org/fhir/Patient/1"),
            Some("Patient")
        );
        assert_eq!(
            typed(r4, "https://example.org/fhir/Patient/1/_history/2"),
            Some("Patient")
        );
        assert_eq!(typed(r4, "https://example.org/some/page"), None);
    }
}
