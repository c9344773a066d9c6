//! SMART scopes: reading, and the order among them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use verifier::scope::{BadScope, Context, Permission, Permissions, Scope, ScopeSet};

fn covers(approved: &str, requested: &str) -> bool {
    let approved = ScopeSet::parse(approved).unwrap();
    let found = approved.first_beyond(requested).unwrap().is_none();
    assert_eq!(
        approved.covers_all(&ScopeSet::parse(requested).unwrap()),
        found
    );
    found
}

#[test]
fn the_table_of_coverage() {
    let yes = [
        ("patient/Observation.rs", "patient/Observation.rs"),
        ("patient/Observation.rs", "patient/Observation.r"),
        ("patient/Observation.rs", "patient/Observation.s"),
        ("patient/Observation.rs", "patient/Observation.read"),
        ("patient/Observation.read", "patient/Observation.rs"),
        ("patient/Observation.write", "patient/Observation.cud"),
        ("patient/Observation.*", "patient/Observation.cruds"),
        ("patient/*.rs", "patient/Observation.rs"),
        ("patient/*.cruds", "patient/*.read"),
        (
            "patient/Observation.r patient/Observation.s",
            "patient/Observation.rs",
        ),
        (
            "patient/*.r patient/Observation.s",
            "patient/Observation.rs",
        ),
        (
            "patient/Observation.rs",
            "patient/Observation.rs?category=laboratory",
        ),
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.r?category=a&code=b",
        ),
        (
            "patient/Observation.rs?category=a,b",
            "patient/Observation.rs?category=b",
        ),
        (
            "patient/Observation.rs?code=b&category=a",
            "patient/Observation.rs?category=a&code=b",
        ),
        (
            "patient/*.rs?category=a",
            "patient/Observation.rs?category=a",
        ),
        ("launch openid fhirUser offline_access", "fhirUser openid"),
        ("launch/patient", "launch/patient"),
        ("openid", ""),
        ("", ""),
        ("openid", "openid openid"),
    ];
    for (approved, requested) in yes {
        assert!(covers(approved, requested), "{approved} covers {requested}");
    }
    let no = [
        ("patient/Observation.r", "patient/Observation.rs"),
        ("patient/Observation.rs", "patient/Observation.c"),
        ("patient/Observation.read", "patient/Observation.*"),
        ("patient/Observation.rs", "patient/*.rs"),
        ("patient/Observation.rs", "user/Observation.rs"),
        ("user/Observation.rs", "patient/Observation.rs"),
        ("system/*.cruds", "patient/Observation.r"),
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.rs",
        ),
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.rs?category=b",
        ),
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.rs?category=a,b",
        ),
        (
            "patient/Observation.rs?category=a&code=b",
            "patient/Observation.rs?category=a",
        ),
        // Fewer excluded values are more resources.
        (
            "patient/Observation.rs?category:not=a,b",
            "patient/Observation.rs?category:not=a",
        ),
        // Another spelling of the same value is another value.
        (
            "patient/Observation.rs?category=a",
            "patient/Observation.rs?category=%61",
        ),
        (
            "patient/Observation.rs?category=a,b",
            "patient/Observation.rs?category=a%2Cb",
        ),
        // Parts of several filtered scopes are not put together into more than each allows.
        (
            "patient/Observation.r?category=a patient/Observation.s",
            "patient/Observation.rs",
        ),
        ("openid", "profile"),
        ("launch", "launch/patient"),
        ("launch/patient", "launch"),
        ("OpenID", "openid"),
        ("", "openid"),
    ];
    for (approved, requested) in no {
        assert!(
            !covers(approved, requested),
            "{approved} does not cover {requested}"
        );
    }
}

#[test]
fn malformed_scopes_are_refused() {
    let bad = [
        ("patient/Observation.sr", BadScope::Resource),
        ("patient/Observation.rr", BadScope::Resource),
        ("patient/Observation.", BadScope::Resource),
        ("patient/Observation", BadScope::Resource),
        ("patient/observation.rs", BadScope::Resource),
        ("patient/.rs", BadScope::Resource),
        ("patient/**.rs", BadScope::Resource),
        ("patient/Observation.rsx", BadScope::Resource),
        ("patient/Observation.Read", BadScope::Resource),
        ("user/*", BadScope::Resource),
        ("system/*.x", BadScope::Resource),
        ("patient/Observation.rs?", BadScope::Query),
        ("patient/Observation.rs?category", BadScope::Query),
        ("patient/Observation.rs?category=", BadScope::Query),
        ("patient/Observation.rs?=a", BadScope::Query),
        ("patient/Observation.rs?a=b&", BadScope::Query),
        ("patient/Observation.rs?a b=c", BadScope::Query),
        ("open\"id", BadScope::Token),
        ("open\\id", BadScope::Token),
        ("åpen", BadScope::Token),
        ("", BadScope::Token),
    ];
    for (text, error) in bad {
        if !text.contains(' ') {
            assert_eq!(Scope::parse(text), Err(error), "{text}");
        }
    }
    for text in [
        " ",
        "openid ",
        " openid",
        "openid  fhirUser",
        "openid\tfhirUser",
    ] {
        assert_eq!(ScopeSet::parse(text), Err(BadScope::Token), "{text:?}");
    }
    let everything = ScopeSet::parse("patient/*.cruds").unwrap();
    assert!(everything.first_beyond("patient/Observation.sr").is_err());
}

#[test]
fn a_scope_is_taken_apart() {
    let text = "user/MedicationRequest.rs?status=active&intent=order,plan";
    let Ok(Scope::Resource(scope)) = Scope::parse(text) else {
        panic!()
    };
    assert_eq!(scope.context(), Context::User);
    assert_eq!(scope.resource_type(), Some("MedicationRequest"));
    assert_eq!(scope.permissions(), Permissions::V1_READ);
    let filters: Vec<_> = scope
        .filters()
        .map(|f| (f.name, f.values().collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        filters,
        [
            ("status", vec!["active"]),
            ("intent", vec!["order", "plan"])
        ]
    );
    assert_eq!(
        Scope::parse("patient/*.read").unwrap().to_string(),
        "patient/*.rs"
    );
    assert_eq!(
        Scope::parse("patient/*.*").unwrap().to_string(),
        "patient/*.cruds"
    );
    // A word before a slash that is no SMART context is a scope of its own.
    assert_eq!(
        Scope::parse("launch/patient"),
        Ok(Scope::Other("launch/patient"))
    );
    assert_eq!(
        Scope::parse("nhn:journal/read"),
        Ok(Scope::Other("nhn:journal/read"))
    );
}

#[test]
fn what_is_granted_is_enforced_per_interaction() {
    let set =
        ScopeSet::parse("launch patient/Observation.rs?category=a patient/*.r user/Patient.cu")
            .unwrap();
    assert!(set.has("launch") && !set.has("openid"));
    let found = |name, permission| {
        set.granting(name, permission)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found("Observation", Permission::Search),
        ["patient/Observation.rs?category=a"]
    );
    assert_eq!(found("Observation", Permission::Read).len(), 2);
    assert_eq!(found("Condition", Permission::Search).len(), 0);
    assert_eq!(found("Patient", Permission::Update), ["user/Patient.cu"]);
    assert_eq!(found("Patient", Permission::Delete).len(), 0);
    let asked = "openid launch patient/Condition.r patient/Condition.rs user/Patient.write";
    let granted = set.grantable(&ScopeSet::parse(asked).unwrap());
    assert_eq!(granted.to_string(), "launch patient/Condition.r");
    // What is granted keeps the client's own spelling.
    let all = ScopeSet::parse("user/*.cruds").unwrap();
    let granted = all.grantable(&ScopeSet::parse("user/Patient.read user/Patient.*").unwrap());
    assert_eq!(granted.to_string(), "user/Patient.read user/Patient.*");
}

fn resource_scope() -> impl Strategy<Value = String> {
    let context = prop::sample::select(vec!["patient", "user"]);
    let resource = prop::sample::select(vec!["Observation", "Patient", "*"]);
    let letters = (1u8..32).prop_map(|bits| {
        let chosen = "cruds"
            .chars()
            .enumerate()
            .filter(|(at, _)| bits >> at & 1 == 1);
        chosen.map(|(_, letter)| letter).collect::<String>()
    });
    let values = prop::sample::subsequence(vec!["x", "y", "z"], 1..=3);
    let query = prop::collection::vec((prop::sample::select(vec!["a", "b"]), values), 0..3);
    (context, resource, letters, query).prop_map(|(context, resource, letters, query)| {
        let pairs: Vec<_> = query
            .iter()
            .map(|(n, v)| format!("{n}={}", v.join(",")))
            .collect();
        let mark = if pairs.is_empty() { "" } else { "?" };
        format!("{context}/{resource}.{letters}{mark}{}", pairs.join("&"))
    })
}

/// Whether a scope allows an interaction with a resource whose parameters have these values: the
/// meaning that coverage must agree with.
fn allows(
    scope: &str,
    context: &str,
    resource: &str,
    letter: char,
    values: &BTreeMap<&str, &str>,
) -> bool {
    let (head, query) = scope.split_once('?').unwrap_or((scope, ""));
    let (mine, rest) = head.split_once('/').unwrap();
    let (types, letters) = rest.split_once('.').unwrap();
    let filtered = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .all(|pair| {
            let (name, list) = pair.split_once('=').unwrap();
            values
                .get(name)
                .is_some_and(|value| list.split(',').any(|one| one == *value))
        });
    mine == context && (types == "*" || types == resource) && letters.contains(letter) && filtered
}

proptest! {
    #[test]
    fn scopes_read_back(text in resource_scope()) {
        prop_assert_eq!(Scope::parse(&text).unwrap().to_string(), text);
    }

    #[test]
    fn coverage_is_reflexive_and_transitive(a in resource_scope(), b in resource_scope(), c in resource_scope()) {
        let [a, b, c] = [&a, &b, &c].map(|text| Scope::parse(text).unwrap());
        prop_assert!(a.covers(&a));
        if a.covers(&b) && b.covers(&c) {
            prop_assert!(a.covers(&c), "{} {} {}", a, b, c);
        }
    }

    #[test]
    fn narrowing_stays_covered(text in resource_scope(), value in "[a-z]{1,3}") {
        let joint = if text.contains('?') { '&' } else { '?' };
        let narrower = format!("{text}{joint}extra={value}");
        prop_assert!(covers(&text, &narrower));
        prop_assert!(!covers(&narrower, &text));
    }

    #[test]
    fn what_is_covered_is_allowed(
        approved in prop::collection::vec(resource_scope(), 1..4),
        requested in resource_scope(),
        a in prop::option::of(prop::sample::select(vec!["x", "y", "z"])),
        b in prop::option::of(prop::sample::select(vec!["x", "y", "z"])),
    ) {
        if covers(&approved.join(" "), &requested) {
            let values: BTreeMap<_, _> = [("a", a), ("b", b)].into_iter()
                .filter_map(|(name, value)| Some((name, value?))).collect();
            for context in ["patient", "user"] {
                for resource in ["Observation", "Patient", "Condition"] {
                    for letter in "cruds".chars() {
                        let asked = allows(&requested, context, resource, letter, &values);
                        let given = approved.iter().any(|s| allows(s, context, resource, letter, &values));
                        prop_assert!(!asked || given, "{:?} {}", approved, requested);
                    }
                }
            }
        }
    }

    #[test]
    fn more_approval_never_covers_less(approved in prop::collection::vec(resource_scope(), 0..4), more in resource_scope(), requested in resource_scope()) {
        let before = covers(&approved.join(" "), &requested);
        let wider = [approved, vec![more]].concat().join(" ");
        prop_assert!(!before || covers(&wider, &requested));
    }

    #[test]
    fn garbage_never_panics(text in "\\PC{0,60}") {
        let set = ScopeSet::parse("patient/*.rs").unwrap();
        let _ = set.first_beyond(&text);
    }
}
