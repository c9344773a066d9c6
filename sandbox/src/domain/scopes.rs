//! Which scopes are granted: what was asked for, narrowed to what the client registered, to what the
//! launch allows and to what a person can give. Nothing beyond is refused; it is left out, and the
//! answer says what was granted (SMART 2.2, requirement 78).

use std::collections::BTreeSet;

use verifier::scope::{Context, ResourceScope, Scope, ScopeSet};

/// What narrows a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits<'a> {
    /// What the client registered.
    pub(crate) registered: &'a str,
    /// What the launch allows at most.
    pub(crate) at_most: Option<&'a str>,
    /// True in an EHR launch.
    pub(crate) ehr: bool,
    /// True when a patient is, or will be, in context.
    pub(crate) patient: bool,
    /// True when a patient, not a practitioner, is logged in.
    pub(crate) user_is_patient: bool,
    /// True when nobody is logged in: a backend service by itself.
    pub(crate) backend: bool,
}

impl<'a> Limits<'a> {
    /// Of a backend service: what it registered, in its own name alone.
    pub(crate) fn of_backend(registered: &'a str) -> Self {
        Self {
            registered,
            at_most: None,
            ehr: false,
            patient: false,
            user_is_patient: false,
            backend: true,
        }
    }
}

/// The scopes to grant, separated by spaces, in the words of the request where nothing was narrowed.
pub(crate) fn negotiate(requested: &str, limits: Limits<'_>) -> String {
    let mut bounds = vec![readable(limits.registered)];
    bounds.extend(limits.at_most.map(readable));
    let mut granted = Vec::<String>::new();
    for word in requested.split_ascii_whitespace() {
        let Ok(scope) = Scope::parse(word) else {
            continue;
        };
        if is_possible(&scope, limits) {
            for text in within(word, &bounds) {
                if !granted.contains(&text) {
                    granted.push(text);
                }
            }
        }
    }
    granted.join(" ")
}

/// The readable scopes of a text; the others mean nothing (requirement 129 allows to ignore them).
pub(crate) fn readable(text: &str) -> ScopeSet {
    text.split_ascii_whitespace()
        .filter_map(|word| Scope::parse(word).ok())
        .map(Scope::to_owned)
        .collect()
}

/// True when every scope of `wanted` lies within `granted` (RFC 6749 §6).
pub(crate) fn is_subset(wanted: &str, granted: &str) -> bool {
    ScopeSet::parse(wanted).is_ok_and(|wanted| readable(granted).covers_all(&wanted))
}

fn is_possible(scope: &Scope<&str>, limits: Limits<'_>) -> bool {
    match scope {
        Scope::Resource(scope) => match scope.context() {
            Context::Patient => limits.patient,
            Context::User => !limits.user_is_patient && !limits.backend,
            // Only client credentials can carry system scopes.
            Context::System => limits.backend,
        },
        Scope::Other(_) if limits.backend => false,
        Scope::Other(name) => match *name {
            "openid" | "fhirUser" | "profile" | "offline_access" | "online_access" => true,
            "launch" => limits.ehr,
            "launch/patient" => limits.patient,
            "launch/encounter" => !limits.ehr && limits.patient,
            _ => false,
        },
    }
}

/// What remains of one scope within all bounds.
fn within(word: &str, bounds: &[ScopeSet]) -> Vec<String> {
    let mut left = vec![word.to_owned()];
    for bound in bounds {
        left = left.iter().flat_map(|text| meet_all(text, bound)).collect();
    }
    left
}

fn meet_all(text: &str, bound: &ScopeSet) -> Vec<String> {
    let Ok(scope) = Scope::parse(text) else {
        return Vec::new();
    };
    if bound.covers(&scope) {
        return vec![text.to_owned()];
    }
    let Scope::Resource(wanted) = scope else {
        return Vec::new();
    };
    let meets: BTreeSet<String> = bound
        .resources()
        .filter_map(|mine| meet(&wanted, mine))
        .collect();
    meets.into_iter().collect()
}

/// The scope that allows what both allow.
fn meet(one: &ResourceScope<&str>, other: &ResourceScope) -> Option<String> {
    let resource = match (one.resource_type(), other.resource_type()) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.or(other).unwrap_or("*"),
    };
    let permissions = one.permissions().intersection(other.permissions());
    if one.context() != other.context() || permissions.is_empty() {
        return None;
    }
    let mut filters: Vec<String> = Vec::new();
    let all = one
        .filters()
        .map(|f| (f.name, f.value))
        .chain(other.filters().map(|f| (f.name, f.value)));
    for (name, value) in all {
        let condition = format!("{name}={value}");
        if !filters.contains(&condition) {
            filters.push(condition);
        }
    }
    let query = if filters.is_empty() {
        String::new()
    } else {
        format!("?{}", filters.join("&"))
    };
    Some(format!(
        "{}/{resource}.{permissions}{query}",
        one.context().as_str()
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits(registered: &str) -> Limits<'_> {
        Limits {
            registered,
            at_most: None,
            ehr: true,
            patient: true,
            user_is_patient: false,
            backend: false,
        }
    }

    #[test]
    fn a_backend_gets_system_scopes_and_nobody_else_does() {
        let registered = "system/Patient.rs system/Observation.rs user/*.rs openid offline_access";
        let asked = "system/*.rs user/Patient.rs openid offline_access";
        assert_eq!(
            negotiate(asked, Limits::of_backend(registered)),
            "system/Observation.rs system/Patient.rs"
        );
        assert_eq!(
            negotiate(asked, limits(registered)),
            "user/Patient.rs openid offline_access"
        );
    }

    #[test]
    fn what_is_registered_is_granted_in_the_words_of_the_request() {
        let registered = "launch openid fhirUser offline_access patient/*.cruds";
        let asked = "openid fhirUser launch patient/Patient.read patient/Observation.rs";
        assert_eq!(negotiate(asked, limits(registered)), asked);
    }

    #[test]
    fn more_than_registered_is_narrowed_and_the_rest_left_out() {
        let registered = "launch patient/Observation.rs?category=laboratory patient/Patient.r";
        let asked = "launch openid patient/*.cruds system/*.rs nonsense patient/Observation.sr";
        assert_eq!(
            negotiate(asked, limits(registered)),
            "launch patient/Observation.rs?category=laboratory patient/Patient.r"
        );
    }

    #[test]
    fn the_launch_narrows_too() {
        let narrow = Limits {
            at_most: Some("launch patient/Patient.rs"),
            ..limits("launch patient/*.rs")
        };
        assert_eq!(
            negotiate("launch patient/*.read", narrow),
            "launch patient/Patient.rs"
        );
    }

    #[test]
    fn requirement_164_patient_scopes_need_a_patient() {
        let without = Limits {
            patient: false,
            ..limits("patient/*.rs user/*.rs")
        };
        assert_eq!(negotiate("patient/*.rs user/*.rs", without), "user/*.rs");
    }

    fn scope() -> impl Strategy<Value = String> {
        let context = prop::sample::select(vec!["patient", "user"]);
        let resource = prop::sample::select(vec!["*", "Patient", "Observation"]);
        let permissions = prop::sample::select(vec!["r", "rs", "cud", "cruds", "read", "*"]);
        let query = prop::sample::select(vec!["", "?category=a", "?category=a,b", "?code=x"]);
        (context, resource, permissions, query).prop_map(|(c, r, p, q)| format!("{c}/{r}.{p}{q}"))
    }

    proptest! {
        #[test]
        fn nothing_beyond_any_bound_is_granted(
            asked in prop::collection::vec(scope(), 0..5),
            registered in prop::collection::vec(scope(), 0..5),
            at_most in prop::collection::vec(scope(), 0..5),
        ) {
            let (asked, registered, at_most) = (asked.join(" "), registered.join(" "), at_most.join(" "));
            let bound = Limits { at_most: Some(&at_most), ..limits(&registered) };
            let granted = negotiate(&asked, bound);
            for outer in [&asked, &registered, &at_most] {
                prop_assert!(is_subset(&granted, outer), "{granted} is beyond {outer}");
            }
        }

        #[test]
        fn what_was_granted_is_granted_again(asked in prop::collection::vec(scope(), 0..5)) {
            let asked = asked.join(" ");
            let once = negotiate(&asked, limits(&asked));
            prop_assert!(is_subset(&asked, &once));
            let twice = negotiate(&once, limits(&asked));
            prop_assert_eq!(twice, once);
        }
    }
}
