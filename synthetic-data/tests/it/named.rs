//! The seventeen named patients: the same people in every dataset, each with what the story says.

use std::collections::BTreeSet;

use synthetic_data::history::{Fact, Form, Onset, Service, Source};
use synthetic_data::{Dataset, Person, Settings};

use crate::support::{dataset, dataset_on};

fn of(given: &str) -> (Person, Vec<Fact>) {
    let dataset = dataset();
    let person = dataset.named().find(|one| one.name.given == given).unwrap();
    let facts = dataset.history(&person).facts;
    (person, facts)
}

fn has_problem(facts: &[Fact], code: &str) -> bool {
    let mut facts = facts.iter();
    facts.any(|fact| matches!(fact, Fact::Problem(one) if one.code.code == code))
}

fn takes(facts: &[Fact], atc: &str) -> bool {
    let mut facts = facts.iter();
    facts.any(|fact| matches!(fact, Fact::Prescription(one) if one.drug.atc == atc))
}

fn is_told(facts: &[Fact], words: &str) -> bool {
    let mut facts = facts.iter();
    facts.any(|fact| matches!(fact, Fact::Note(one) if one.text.contains(words)))
}

/// The day from which a service has the responsibility.
fn since(facts: &[Fact], service: Service) -> Option<String> {
    facts.iter().find_map(|fact| match fact {
        Fact::Episode(one) if one.service == service => Some(one.at.date.to_string()),
        _ => None,
    })
}

fn count(facts: &[Fact], has: impl Fn(&Fact) -> bool) -> usize {
    facts.iter().filter(|fact| has(fact)).count()
}

#[test]
fn all_seventeen_are_there_in_every_dataset_and_found_by_their_number() {
    let other = Dataset::new(Settings {
        seed: 77,
        size: 30,
        ..Settings::country_on("2026-11-21".parse().unwrap())
    });
    for dataset in [dataset(), other.unwrap()] {
        let names: BTreeSet<String> = dataset.named().map(|one| one.name.full()).collect();
        assert_eq!(names.len(), 17);
        for (place, person) in (0..).zip(dataset.named()) {
            assert_eq!(person.index, 30_000_000 + place);
            assert_eq!(dataset.index_of(&person.identifier), Some(person.index));
            assert!(dataset.story(person.index).is_some());
            assert!(dataset.relations(&person).is_empty());
            let patient = dataset.patient(person.index).unwrap();
            assert_eq!(patient.id, format!("p{}", person.index));
        }
        assert_eq!(dataset.person(30_000_017), None);
    }
}

#[test]
fn nothing_of_a_story_is_known_before_it_happens_and_nothing_changes_after() {
    for (early, late) in [("2026-09-01", "2026-10-20"), ("2026-11-10", "2027-03-01")] {
        let (early, late) = (dataset_on(early), dataset_on(late));
        for person in early.named() {
            let later = late.person(person.index).unwrap();
            let (mut before, mut after) =
                (early.resources(person.index), late.resources(later.index));
            let visits = |id: &str| {
                let number = id
                    .split_once("-he")
                    .and_then(|(_, rest)| rest.parse::<u32>().ok());
                number.is_some_and(|number| number % 5 != 0)
            };
            before.retain(|one| !visits(&one.id));
            after.retain(|one| !visits(&one.id));
            for (old, new) in before.iter().zip(&after) {
                assert_eq!(old.id, new.id, "{}", person.name.full());
                assert!(
                    old.json == new.json || new.version > old.version,
                    "{}",
                    new.id
                );
            }
        }
    }
}

#[test]
fn astrids_injections_pass_from_the_clinic_to_home_care() {
    let (_, facts) = of("Astrid");
    assert!(takes(&facts, "B01AB04") && has_problem(&facts, "K94"));
    assert_eq!(since(&facts, Service::HomeCare).unwrap(), "2026-11-14");
    let given = |fact: &Fact| {
        matches!(fact, Fact::Procedure(one)
            if one.service == Service::HomeCare && one.name == "Injeksjon under huden")
    };
    assert_eq!(count(&facts, given), 1);
}

#[test]
fn yamal_moved_here_with_dementia_and_was_found_by_the_police() {
    let (_, facts) = of("Yamal");
    // The journal here begins with the move: of what is older, only the year is known.
    assert!(
        facts
            .iter()
            .all(|fact| fact.at().date.to_string().as_str() >= "2026-05-04")
    );
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Problem(one)
        if one.code.code == "P70" && one.onset == Onset::Year(2024))));
    let (person, facts) = of("Yamal");
    assert_eq!(person.moved.unwrap().date.to_string(), "2026-05-04");
    assert!(has_problem(&facts, "P70") && is_told(&facts, "politiet"));
    assert!(since(&facts, Service::HomeCare).unwrap().as_str() < "2026-10-18");
}

#[test]
fn pers_new_medicine_is_advised_against() {
    let (_, facts) = of("Per");
    assert!(takes(&facts, "M01AE02") && has_problem(&facts, "K77") && has_problem(&facts, "K78"));
    assert!(is_told(&facts, "multidosen"));
}

#[test]
fn anne_is_pregnant_and_known_so_to_gp_and_midwife() {
    let (_, facts) = of("Anne");
    for service in [Service::GeneralPractice, Service::Maternity] {
        assert!(facts.iter().any(|fact| matches!(fact, Fact::Problem(one)
            if one.code.code == "W78" && one.service == service && one.abated.is_none())));
    }
    let controls = count(
        &facts,
        |fact| matches!(fact, Fact::Finding(one) if one.name == "Svangerskapskontroll"),
    );
    assert!((1..=3).contains(&controls), "{controls}");
}

#[test]
fn kari_fell_at_home_and_the_clinic_sees_her_services() {
    let (_, facts) = of("Kari");
    assert!(
        facts
            .iter()
            .any(|fact| matches!(fact, Fact::Allergy(one) if one.atc == "J01C"))
    );
    assert!(
        facts
            .iter()
            .any(|fact| matches!(fact, Fact::Statement(one) if one.drug.atc == "B01AF02"))
    );
    assert!(
        has_problem(&facts, "A80") && is_told(&facts, "penicillin") && is_told(&facts, "to timer")
    );
    assert!(
        since(&facts, Service::HomeCare)
            .unwrap()
            .starts_with("2024")
    );
}

#[test]
fn olgas_bacterium_is_resistant() {
    let (_, facts) = of("Olga");
    assert!(takes(&facts, "J01CA08") && takes(&facts, "J01XE01") && has_problem(&facts, "U70"));
    assert_eq!(
        count(
            &facts,
            |fact| matches!(fact, Fact::Finding(one) if one.name == "Dyrkning av urin")
        ),
        1
    );
}

#[test]
fn magnus_grows_but_not_as_he_should() {
    let (person, facts) = of("Magnus");
    assert_eq!(person.birth_date.age_on("2026-11-21".parse().unwrap()), 1);
    assert!(is_told(&facts, "prosentil") && has_problem(&facts, "T08"));
    assert_eq!(count(&facts, |fact| matches!(fact, Fact::Reading(_))), 7);
}

#[test]
fn odd_is_at_home_with_a_plan_and_the_four_medicines() {
    let (person, facts) = of("Odd");
    assert_eq!(person.deceased, None);
    for atc in ["N02AA01", "N05CD08", "N05AD01", "A03AB02"] {
        assert!(takes(&facts, atc), "{atc}");
    }
    assert_eq!(since(&facts, Service::Palliative).unwrap(), "2026-11-03");
    let dead = dataset_on("2027-02-01").named().nth(7).unwrap();
    assert_eq!(dead.deceased.unwrap().to_string(), "2027-01-20");
}

#[test]
fn henrik_has_a_physiotherapist_with_two_journals() {
    let (person, facts) = of("Henrik");
    assert!(is_told(&facts, "eget system"));
    let dataset = dataset();
    let who = |service: Service, day: &str| {
        let contact = facts.iter().find_map(|fact| match fact {
            Fact::Contact(one) if one.service == service && one.start.date.to_string() == day => {
                Some(one)
            }
            _ => None,
        });
        let unit = dataset.unit(person.unit(service.unit())).unwrap();
        let found = unit.practitioners.get(contact.unwrap().practitioner);
        found.cloned().unwrap()
    };
    let (here, there) = (
        who(Service::HealthStation, "2026-09-07"),
        who(Service::Physiotherapy, "2026-09-21"),
    );
    assert_eq!((here.hpr, here.name), (there.hpr, there.name));
    assert_ne!(here.id, there.id, "each system has its own entry of her");
}

#[test]
fn arne_does_not_want_to_be_resuscitated() {
    let (_, facts) = of("Arne");
    assert!(is_told(&facts, "HLR minus"));
    assert!(
        facts
            .iter()
            .any(|fact| matches!(fact, Fact::Alert(one) if one.text.starts_with("HLR minus")))
    );
    assert_eq!(since(&facts, Service::NursingHome).unwrap(), "2025-02-03");
}

#[test]
fn randis_wound_is_treated_at_home() {
    let (_, facts) = of("Randi");
    assert!(has_problem(&facts, "K77") && has_problem(&facts, "T90"));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Problem(one)
        if one.service == Service::WoundCare && one.code.name == "Diabetisk fotsår")));
    assert!(count(&facts, |fact| matches!(fact, Fact::Procedure(_))) > 2);
}

#[test]
fn lars_is_92_and_must_not_have_ibuprofen() {
    let (person, facts) = of("Lars");
    assert_eq!(person.birth_date.age_on("2026-11-21".parse().unwrap()), 92);
    assert!(has_problem(&facts, "D86") && is_told(&facts, "kontraindisert"));
    assert!(!takes(&facts, "M01AE01"));
    // His own list says otherwise.
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Statement(one)
        if one.drug.atc == "M01AE01" && one.source == Source::Person)));
}

#[test]
fn solveig_comes_to_home_care_with_a_summary() {
    let (_, facts) = of("Solveig");
    assert!(is_told(&facts, "Sammendrag til hjemmetjenesten"));
    assert_eq!(since(&facts, Service::HomeCare).unwrap(), "2026-11-16");
}

#[test]
fn linn_lives_elsewhere() {
    let (person, facts) = of("Linn");
    assert!(person.arrived.is_some() && person.general_practitioner.is_none());
    assert_ne!(person.address.municipality, Some(person.municipality));
    assert!(has_problem(&facts, "P80"));
    let sensitive = |kind: &str| {
        let resources = dataset().resources(person.index);
        let mut of_kind = resources
            .iter()
            .filter(|one| one.resource_type.name() == kind);
        of_kind.all(|one| String::from_utf8_lossy(&one.json).contains("\"security\":"))
    };
    assert!(sensitive("Condition") && sensitive("DocumentReference"));
}

#[test]
fn gunnars_new_service_is_there_when_the_clinic_looks() {
    let (_, facts) = of("Gunnar");
    assert_eq!(since(&facts, Service::HomeCare).unwrap(), "2026-11-18");
    assert!(is_told(&facts, "begynte i går"));
}

#[test]
fn turids_news_is_scored_morning_and_evening() {
    let (_, facts) = of("Turid");
    let scores: Vec<i32> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Finding(one) if one.name == "NEWS2" => one.total,
            _ => None,
        })
        .collect();
    assert_eq!(scores.len(), 5);
    assert!(scores[0] > scores[4], "{scores:?}");
    assert!(
        facts
            .iter()
            .any(|fact| matches!(fact, Fact::Contact(one) if one.form == Form::Stay))
    );
}

#[test]
fn bjarne_has_a_family_that_needs_help_too() {
    let (_, facts) = of("Bjarne");
    assert!(has_problem(&facts, "L75") && has_problem(&facts, "P70") && has_problem(&facts, "R95"));
    assert!(is_told(&facts, "rullestol") && is_told(&facts, "sønn"));
}
