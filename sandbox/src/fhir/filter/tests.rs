//! What a filter is read as, and what of it is refused.

use proptest::prelude::*;
use serde_json::json;

use super::super::criterion_tests::Anywhere;
use super::super::keys::Keys;
use super::*;

fn parse(text: &str) -> Result<Filter<Condition>, Unreadable> {
    let info = TypeInfo::by_name("Patient").unwrap();
    Filter::parse(info, text, &Anywhere)
}

fn fits(text: &str) -> bool {
    let info = TypeInfo::by_name("Patient").unwrap();
    let patient = json!({"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1990-05-05",
        "name": [{"family": "Åsgård Berg", "given": ["Kari", "Anne, Lise"]}],
        "generalPractitioner": [{"reference": "Practitioner/x"}]});
    let keys = Keys::of(info, &patient, "");
    let filter = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    filter.holds(&|condition| match condition {
        Condition::Own(criterion) => criterion.fits(&keys),
        other => panic!("{other:?}"),
    })
}

#[test]
fn each_operator_compares_as_the_specification_says() {
    for (text, expected) in [
        ("family eq \"ÅSGÅRD berg\"", true),
        ("family eq asgard", false),
        ("family ne asgard", true),
        ("given ne kari", true),
        ("gender ne female", false),
        ("family co GÅRD", true),
        ("family sw ås", true),
        ("family sw berg", false),
        ("family ew BERG", true),
        ("given eq \"Anne, Lise\"", true),
        ("name eq kari", true),
        ("name co ari", true),
        ("gender eq female", true),
        ("birthdate eq 1990-05", true),
        ("birthdate ne 1990", false),
        ("birthdate ge 1990-05-05", true),
        ("birthdate gt 1990-05-05", false),
        ("birthdate lt 1991", true),
        ("birthdate le 1989", false),
        ("birthdate sa 1989", true),
        ("birthdate eb 1989", false),
        ("birthdate ap 1990-05-05", true),
        ("birthdate po 1990-05-05T10:00:00+02:00", true),
        ("birthdate po 1990-05-06", false),
        ("death-date pr false", true),
        ("family pr true", true),
        (
            "gender in http://hl7.org/fhir/ValueSet/administrative-gender",
            true,
        ),
        (
            "gender ni http://hl7.org/fhir/ValueSet/administrative-gender",
            false,
        ),
        ("gender ss female", true),
        ("gender sb male", false),
        ("general-practitioner re Practitioner/x", true),
        ("general-practitioner re Practitioner/y", false),
    ] {
        assert_eq!(fits(text), expected, "{text}");
    }
}

#[test]
fn tests_are_put_together_from_left_to_right() {
    let (yes, no) = ("gender eq female", "gender eq male");
    for (text, expected) in [
        (format!("{yes} and {no}"), false),
        (format!("{yes} or {no}"), true),
        (format!("{yes} or {yes} and {no}"), false),
        (format!("{yes} or ({yes} and {no})"), true),
        (format!("not ({no}) and not({no})"), true),
        (format!("not (({yes}))"), false),
    ] {
        assert_eq!(fits(&text), expected, "{text}");
    }
    let filter =
        parse("gender eq male and family eq x and (given eq y or given eq z) and not (given eq å)");
    assert_eq!(filter.unwrap().necessary().len(), 2);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let deep = format!("{}gender eq male{}", "(".repeat(17), ")".repeat(17));
    let many = vec!["gender eq male"; 33].join(" or ");
    for text in [
        "",
        "gender",
        "gender eq",
        "gender is male",
        "gender eq male or",
        "(gender eq male",
        "gender eq male)",
        "gender eq male xor gender eq male",
        "shade eq red",
        "gender:not eq male",
        "gender co ma",
        "gender sw ma",
        "family gt x",
        "birthdate eq ge1990",
        "birthdate po soon",
        "family re x",
        "death-date pr perhaps",
        "link[type eq x].other eq y",
        "family eq \"open",
        "_filter eq x",
        &deep,
        &many,
    ] {
        let refused = parse(text);
        assert!(
            matches!(refused, Err(Unreadable::Value(_))),
            "{text}: {refused:?}"
        );
    }
    assert!(parse(&vec!["gender eq male"; 32].join(" and ")).is_ok());
}

proptest! {
    #[test]
    fn anything_sent_is_read_or_refused(text in "\\PC{0,60}|(\\(|not ?\\(|gender|birthdate|family| eq | and | or |\"|male|1990|\\)| ){0,20}") {
        if let Ok(filter) = parse(&text) {
            prop_assert!(filter.holds(&|_| true) || filter.holds(&|_| false) || text.contains("not"));
        }
    }
}
