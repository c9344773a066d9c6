//! Paths into the JSON of a resource, as `definitions/convert-search.mjs` writes them: member names
//! through arrays, with a filter or a place now and then, and the FHIR type that they lead to.

use serde_json::Value;

/// A path such as `telecom[system=phone]:ContactPoint` or `subject:Reference>Patient`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
    leaf: String,
    target: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    member: String,
    only: Only,
}

/// Which values of a step are gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Only {
    All,
    At(usize),
    Where { member: String, is: String },
}

impl Path {
    /// Reads a path. The empty text is the resource itself.
    pub fn parse(text: &str) -> Self {
        let (places, leaf) = text.rsplit_once(':').unwrap_or((text, ""));
        let (leaf, target) = match leaf.split_once('>') {
            Some((leaf, target)) => (leaf, Some(target.to_owned())),
            None => (leaf, None),
        };
        let steps = places.split('.').filter(|step| !step.is_empty());
        Self {
            steps: steps.map(Step::parse).collect(),
            leaf: leaf.to_owned(),
            target,
        }
    }

    /// The FHIR type at the end: `CodeableConcept`, `dateTime` …; `exists` where only its being there
    /// counts.
    pub fn leaf(&self) -> &str {
        &self.leaf
    }

    /// The only type of resource that a reference at the end is followed to, if it is restricted.
    pub fn target(&self) -> Option<&str> {
        self.target.as_deref()
    }

    /// The element that the path leads to, as `FHIRPath` has it below the resource: `context.encounter`.
    pub fn element(&self) -> String {
        let members: Vec<&str> = self.steps.iter().map(|step| step.member.as_str()).collect();
        members.join(".")
    }

    /// Visits every value that the path leads to.
    pub fn visit<'v>(&self, resource: &'v Value, visit: &mut dyn FnMut(&'v Value)) {
        walk(resource, &self.steps, visit);
    }
}

impl Step {
    fn parse(text: &str) -> Self {
        let (member, rest) = text.split_once('[').unwrap_or((text, ""));
        let inside = rest.trim_end_matches(']');
        let only = match inside.split_once('=') {
            Some((member, is)) => Only::Where {
                member: member.to_owned(),
                is: is.to_owned(),
            },
            None => inside.parse().map_or(Only::All, Only::At),
        };
        Self {
            member: member.to_owned(),
            only,
        }
    }

    fn admits(&self, place: usize, value: &Value) -> bool {
        match &self.only {
            Only::All => true,
            Only::At(wanted) => place == *wanted,
            Only::Where { member, is } => value.get(member).and_then(Value::as_str) == Some(is),
        }
    }
}

fn walk<'v>(value: &'v Value, steps: &[Step], visit: &mut dyn FnMut(&'v Value)) {
    let Some((step, rest)) = steps.split_first() else {
        return visit(value);
    };
    match value.get(&step.member) {
        Some(Value::Array(items)) => {
            let admitted = items.iter().enumerate();
            for (_, item) in admitted.filter(|(place, item)| step.admits(*place, item)) {
                walk(item, rest, visit);
            }
        }
        Some(found) if step.admits(0, found) => walk(found, rest, visit),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str, resource: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        Path::parse(path).visit(resource, &mut |value| found.push(value.clone()));
        found
    }

    #[test]
    fn a_path_goes_through_arrays_filters_and_places() {
        let patient = json!({
            "name": [{"given": ["Kari", "Anne"]}, {"given": ["Mo"]}],
            "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
        });
        assert_eq!(found("name.given:string", &patient).len(), 3);
        assert_eq!(
            Path::parse("telecom[system=phone].value:string").element(),
            "telecom.value"
        );
        assert_eq!(found("name[1].given:string", &patient), [json!("Mo")]);
        assert_eq!(
            found("telecom[system=phone].value:string", &patient),
            [json!("1")]
        );
        assert_eq!(found("", &patient), std::slice::from_ref(&patient));
        assert!(found("name.given.more:string", &patient).is_empty());
    }

    #[test]
    fn what_stands_after_the_colon_is_the_type_and_the_target() {
        let path = Path::parse("subject:Reference>Patient");
        assert_eq!((path.leaf(), path.target()), ("Reference", Some("Patient")));
        let path = Path::parse("deceasedDateTime:exists");
        assert_eq!((path.leaf(), path.target()), ("exists", None));
    }
}
