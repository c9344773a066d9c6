//! Every reason has its texts, and the reader's language comes first.

use super::*;

fn samples() -> Vec<FhirError> {
    let some = || "x".to_owned();
    vec![
        FhirError::BadBody(some()),
        FhirError::BadId { id: some() },
        FhirError::BadBundle {
            entry: 1,
            reason: some(),
        },
        FhirError::Deleted(some()),
        FhirError::Document(some()),
        FhirError::Exports(1),
        FhirError::ExportWaits,
        FhirError::Full(1),
        FhirError::Multiple {
            resource_type: "X",
            found: 2,
        },
        FhirError::Patch(some()),
        FhirError::BadPage,
        FhirError::BadValue {
            name: some(),
            takes: "x",
        },
        FhirError::Conflict(some()),
        FhirError::Format(some()),
        FhirError::Interrupted,
        FhirError::Invalid(vec![Flaw {
            at: "X.y".to_owned(),
            detail: some(),
        }]),
        FhirError::Method(some()),
        FhirError::Modifier {
            name: some(),
            modifier: some(),
        },
        FhirError::NoToken,
        FhirError::OtherPatient {
            what: some(),
            patient: some(),
        },
        FhirError::Precondition {
            what: some(),
            current: 1,
            given: some(),
        },
        FhirError::RealNumber("x"),
        FhirError::ScopeMissing {
            needed: some(),
            granted: some(),
        },
        FhirError::ScopeNarrower(some()),
        FhirError::Terminology(some()),
        FhirError::TooLarge(1),
        FhirError::TooWide,
        FhirError::Type(some()),
        FhirError::Unknown(some()),
        FhirError::UnknownParameter {
            name: some(),
            resource_type: "X",
        },
        FhirError::UnsupportedMedia(some()),
        FhirError::Dataset(synthetic_data::DatasetError::Version(9)),
        FhirError::from(StoreError::UnknownEngine),
    ]
}

#[test]
fn every_reason_has_a_text_in_every_language() {
    for error in samples() {
        let (_, code, _) = error.kind();
        for language in Language::ALL {
            let text = text(code, language);
            assert!(
                text.title.len() > 5 && text.title != code,
                "{code} {language:?}"
            );
            assert!(text.remedy.ends_with('.'), "{code} {language:?}");
        }
    }
    for code in ["store-unavailable", "internal"] {
        assert!(MESSAGES.contains_key(code));
    }
}

#[test]
fn the_reader_chooses_the_language_and_gets_the_other_beside() {
    let outcome = outcome(&FhirError::TooWide.fault(), &[], Language::Nn);
    let details = &outcome["issue"][0]["details"];
    assert!(
        details["text"].as_str().unwrap().contains("pasient"),
        "{details}"
    );
    assert_eq!(
        details["_text"]["extension"][0]["extension"][0]["valueCode"],
        "en"
    );
}
