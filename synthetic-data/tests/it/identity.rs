//! Identity numbers: valid, unique, reversible, and never in a series that real people have.

use std::collections::BTreeSet;

use proptest::prelude::*;
use synthetic_data::ids::{
    ControlRule, Hpr, IdError, IdentifierKind, OrgNr, PersonIdentifier, Rule, Series, check,
};
use synthetic_data::{Dataset, Settings};

use crate::support::dataset;

fn large(seed: u64, size: u32) -> Dataset {
    let settings = Settings {
        seed,
        size,
        ..Settings::default_on("2026-11-21".parse().unwrap())
    };
    Dataset::new(settings).unwrap()
}

#[test]
fn a_hundred_thousand_numbers_are_valid_unique_and_lead_back() {
    let dataset = large(1, 100_000);
    let (mut seen, mut d_numbers) = (BTreeSet::new(), 0);
    for index in 0..100_000 {
        let person = dataset.person(index).unwrap();
        let text = person.identifier.to_string();
        let found = check(&text, ControlRule::Until2031).unwrap();
        assert_eq!(found.series, Series::Month80, "{text}");
        let d_number = person.identifier.kind() == IdentifierKind::DNumber;
        assert_eq!((found.d_number, found.rule), (d_number, Rule::Until2031));
        d_numbers += usize::from(d_number);
        assert_eq!(found.birth_date, Some(person.birth_date));
        assert_eq!(person.identifier.sex(), Some(person.sex));
        assert_eq!(dataset.index_of(&person.identifier), Some(index));
        assert!(seen.insert(text), "{index}");
    }
    // Twelve of a thousand of working age, who are some six of ten.
    assert!((600..900).contains(&d_numbers), "{d_numbers}");
}

#[test]
fn numbers_outside_the_list_lead_nowhere() {
    let (small, whole) = (large(1, 1200), large(1, 200_000));
    let stranger = whole.person(150_000).unwrap();
    assert_eq!(small.index_of(&stranger.identifier), None);
    assert_eq!(small.person(1200), None);
    assert_eq!(
        small.person(7),
        whole.person(7),
        "a person does not depend on the size"
    );
    for practitioner in &small.practice().practitioners {
        assert_eq!(
            whole.index_of(&practitioner.identifier),
            None,
            "staff are nobody's patients"
        );
    }
}

#[test]
fn no_text_in_any_output_is_a_number_that_a_real_person_could_have() {
    let dataset = dataset();
    let mut everything = Vec::new();
    dataset.write_ndjson(&mut everything).unwrap();
    let text = String::from_utf8(everything).unwrap();
    let mut synthetic = 0;
    for run in text.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        if run.len() != 11 || !run.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Ok(found) = check(run, ControlRule::Either) else {
            continue;
        };
        let ours: Result<PersonIdentifier, _> = run.parse();
        assert!(ours.is_ok() && found.series != Series::Real, "{run}");
        synthetic += 1;
    }
    assert!(synthetic >= 1200, "every patient has one: {synthetic}");
}

#[test]
fn a_real_range_number_cannot_become_an_identifier() {
    // The month of a synthetic number less 80, with control digits to fit: built here, never kept.
    let synthetic = dataset().person(3).unwrap().identifier.to_string();
    let (day, rest) = synthetic.split_at(2);
    let number: String = rest.chars().skip(2).take(5).collect();
    for tail in 0..100 {
        let real = format!("{day}01{number}{tail:02}");
        if check(&real, ControlRule::Until2031).is_ok() {
            assert_eq!(real.parse::<PersonIdentifier>(), Err(IdError::NotSynthetic));
            return;
        }
    }
    // One individual number in eleven has no valid control digits; then there is nothing to refuse.
}

#[test]
fn published_synthetic_numbers_are_read() {
    // The pair in Skatteetaten's own documentation.
    let birth = check("17912099997", ControlRule::Until2031).unwrap();
    assert_eq!((birth.series, birth.d_number), (Series::Month80, false));
    let d_number = check("57912075186", ControlRule::Until2031).unwrap();
    assert_eq!(
        (d_number.series, d_number.d_number),
        (Series::Month80, true)
    );
    for (text, kind) in [
        ("17912099997", IdentifierKind::Fnr),
        ("57912075186", IdentifierKind::DNumber),
    ] {
        let read: PersonIdentifier = text.parse().unwrap();
        assert_eq!((read.kind(), read.birth_date()), (kind, birth.birth_date));
    }
    assert_eq!(
        "13717404089".parse::<PersonIdentifier>(),
        Err(IdError::NotSynthetic)
    );
    let syntpop = check("13717404089", ControlRule::Until2031).unwrap();
    assert_eq!(syntpop.series, Series::Month65);
}

#[test]
fn the_rule_of_2032_allows_three_more_first_control_digits_and_only_where_asked() {
    let known = dataset().person(11).unwrap().identifier.to_string();
    let (known, _) = known.split_at(9);
    let mut met = Vec::new();
    for tail in 0..100 {
        let text = format!("{known}{tail:02}");
        let (strict, either) = (
            check(&text, ControlRule::Until2031),
            check(&text, ControlRule::Either),
        );
        if let Ok(found) = either {
            met.push(found.rule);
            assert_eq!(strict.is_ok(), found.rule == Rule::Until2031);
        } else {
            assert_eq!(strict, Err(IdError::Control));
        }
    }
    assert!((3..=4).contains(&met.len()), "{met:?}");
    assert_eq!(
        met.iter().filter(|rule| **rule == Rule::Until2031).count(),
        1
    );
}

#[test]
fn staff_and_practice_have_numbers_of_the_synthetic_series() {
    for seed in 0..300 {
        let dataset = large(seed, 1);
        let practice = dataset.practice();
        assert!(practice.organization.orgnr.is_synthetic());
        let hpr: BTreeSet<Hpr> = practice.practitioners.iter().map(|one| one.hpr).collect();
        assert_eq!(hpr.len(), practice.practitioners.len());
        for practitioner in &practice.practitioners {
            assert_eq!(
                practitioner.identifier.birth_date(),
                Some(practitioner.birth_date)
            );
        }
    }
}

proptest! {
    #[test]
    fn one_wrong_digit_is_always_found(index in 0u32..100_000, place in 0usize..11, add in 1u8..10) {
        let text = large(1, 100_000).person(index).unwrap().identifier.to_string();
        let mut bytes = text.into_bytes();
        bytes[place] = b'0' + (bytes[place] - b'0' + add) % 10;
        let wrong = String::from_utf8(bytes).unwrap();
        prop_assert!(check(&wrong, ControlRule::Until2031).is_err());
    }

    #[test]
    fn no_text_makes_a_check_fall_over(text in "\\PC{0,14}|[0-9]{11}|[0-9]{9}") {
        let _ = check(&text, ControlRule::Either);
        let _ = text.parse::<Hpr>();
        if let Ok(orgnr) = text.parse::<OrgNr>() {
            prop_assert_eq!(orgnr.to_string(), text);
        }
    }

    #[test]
    fn another_seed_gives_other_people_and_the_map_still_holds(seed in any::<u64>(), index in 0u32..5_000_000) {
        let dataset = large(seed, 5_000_000);
        let person = dataset.person(index).unwrap();
        prop_assert_eq!(dataset.index_of(&person.identifier), Some(index));
    }
}

#[test]
fn help_numbers_are_understood_and_none_is_a_fødselsnummer() {
    let dataset = large(1, 30_000);
    let mut kinds = [0, 0, 0];
    for visitor in dataset.visitors() {
        let text = visitor.identifier.to_string();
        let found = check(&text, ControlRule::Until2031).unwrap();
        assert_eq!(check(&text, ControlRule::Either), Ok(found));
        match visitor.identifier.kind() {
            IdentifierKind::HNumber => {
                kinds[0] += 1;
                assert_eq!((found.series, found.d_number), (Series::Month40, false));
                assert_eq!(found.birth_date, Some(visitor.birth_date));
                assert_eq!(visitor.identifier.sex(), Some(visitor.sex));
            }
            IdentifierKind::FhNumber => {
                kinds[1] += 1;
                assert!(text.starts_with("99"));
                assert_eq!((found.series, found.birth_date), (Series::Help, None));
                assert_eq!(visitor.identifier.sex(), None);
            }
            _ => {
                kinds[2] += 1;
                assert_ne!(visitor.address.municipality, Some(visitor.municipality));
            }
        }
        assert_eq!(text.parse(), Ok(visitor.identifier));
        assert_eq!(dataset.index_of(&visitor.identifier), Some(visitor.index));
    }
    assert!(kinds.iter().all(|count| *count > 40), "{kinds:?}");
    for wrong in ["99000000012", "8012345678", "80000000000", "00000000000"] {
        assert!(wrong.parse::<PersonIdentifier>().is_err(), "{wrong}");
    }
}

#[test]
fn visitors_have_numbers_of_their_own_in_the_whole_country_too() {
    let as_of = "2039-12-31".parse().unwrap();
    let dataset = Dataset::new(Settings::country_on(as_of)).unwrap();
    for number in 0..2000 {
        let Some(visitor) = dataset.person(20_000_000 + number) else {
            continue;
        };
        assert_eq!(dataset.index_of(&visitor.identifier), Some(visitor.index));
        let kind = visitor.identifier.kind();
        assert!(matches!(
            kind,
            IdentifierKind::HNumber | IdentifierKind::FhNumber
        ));
    }
}
