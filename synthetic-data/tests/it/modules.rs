//! The modules of care: falls and short stays, nutrition, cultures, physiotherapy, mental health, the heart,
//! NEWS2 over time.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use synthetic_data::history::{Episode, Fact, Finding, PartValue, Service};
use synthetic_data::{Dataset, Person, Settings};

fn all() -> &'static [(Person, Vec<Fact>)] {
    static ALL: OnceLock<Vec<(Person, Vec<Fact>)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let settings = Settings {
            size: 5000,
            ..Settings::default_on("2026-11-21".parse().unwrap())
        };
        let dataset = Dataset::new(settings).unwrap();
        let people = dataset.people();
        people
            .map(|person| {
                let facts = dataset.history(&person).facts;
                (person, facts)
            })
            .collect()
    })
}

fn episodes(facts: &[Fact], service: Service) -> Vec<&Episode> {
    facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Episode(one) if one.service == service => Some(one),
            _ => None,
        })
        .collect()
}

fn findings<'a>(facts: &'a [Fact], name: &'a str) -> impl Iterator<Item = &'a Finding> {
    facts.iter().filter_map(move |fact| match fact {
        Fact::Finding(one) if one.name == name => Some(one),
        _ => None,
    })
}

fn word(finding: &Finding, name: &str) -> Option<&'static str> {
    let part = finding.parts.iter().find(|part| part.name == name)?;
    match part.value? {
        PartValue::Text(text) => Some(text),
        PartValue::Scaled { .. } => None,
    }
}

fn has_problem(facts: &[Fact], codes: &[&str]) -> bool {
    let mut facts = facts.iter();
    facts.any(|fact| matches!(fact, Fact::Problem(one) if codes.contains(&one.code.code)))
}

#[test]
fn a_broken_hip_leads_from_the_clinic_to_training_in_the_nursing_home() {
    let (mut broken, mut trained) = (0, 0);
    for (person, facts) in all() {
        for fact in facts {
            let Fact::Problem(hip) = fact else { continue };
            if hip.code.code != "L75" {
                continue;
            }
            broken += 1;
            assert_eq!(hip.service, Service::OutOfHours);
            assert!(person.birth_date.age_on(hip.recorded.date) >= 64);
            let stay = episodes(facts, Service::ShortStay)
                .into_iter()
                .find(|one| one.at.date == hip.recorded.date.plus_days(6));
            trained += usize::from(stay.is_some_and(|one| one.name.contains("rehabilitering")));
        }
    }
    assert!(broken > 12 && trained * 2 > broken, "{broken} {trained}");
}

#[test]
fn home_care_does_not_visit_during_a_short_stay() {
    let mut stays = 0;
    for (_, facts) in all() {
        let short = episodes(facts, Service::ShortStay);
        stays += short.len();
        for pair in short.windows(2) {
            assert!(
                pair[0].ended.unwrap() < pair[1].at.date,
                "one stay at a time"
            );
        }
        for fact in facts.iter().filter(|fact| fact.is_passing()) {
            let day = fact.at().date;
            let away = short
                .iter()
                .any(|one| one.at.date <= day && one.ended.is_none_or(|end| day <= end));
            assert!(!away, "{day}");
        }
    }
    assert!(stays > 150, "{stays}");
}

#[test]
fn who_is_at_risk_of_malnutrition_has_a_plan_for_it() {
    let (mut screened, mut at_risk) = (0, 0);
    for (_, facts) in all() {
        for one in findings(facts, "Ernæringsscreening") {
            screened += 1;
            let plan = facts.iter().any(|fact| {
                matches!(fact, Fact::Plan(plan) if plan.title == "Ernæringsplan"
                && plan.service == one.service && plan.at.date == one.at.date)
            });
            let risk = one.total.unwrap() >= 3;
            assert_eq!(plan, risk);
            at_risk += i32::from(risk);
        }
    }
    let percent = at_risk * 100 / screened;
    assert!((10..70).contains(&percent), "{at_risk} of {screened}");
}

#[test]
fn a_resistant_bacterium_changes_the_antibiotic_when_the_answer_comes() {
    let (mut cultures, mut changed) = (0, 0);
    for (_, facts) in all() {
        for culture in findings(facts, "Dyrkning av urin") {
            cultures += 1;
            let of_contact = |atc: &str| {
                facts.iter().find_map(|fact| match fact {
                    Fact::Prescription(one)
                        if one.contact == culture.contact
                            && one.service == culture.service
                            && one.drug.atc == atc =>
                    {
                        Some(one)
                    }
                    _ => None,
                })
            };
            let resistant = word(culture, "Pivmecillinam") == Some("resistent");
            let first = of_contact("J01CA08");
            let second = of_contact("J01XE01");
            assert_eq!(second.is_some(), resistant && first.is_some());
            if let (Some(first), Some(second)) = (first, second) {
                assert!(second.authored.date > first.authored.date);
                changed += 1;
            }
        }
    }
    assert!(cultures > 150 && changed > 2, "{cultures} {changed}");
}

#[test]
fn physiotherapy_follows_the_gp_and_pain_falls() {
    let (mut courses, mut first, mut last) = (0, 0, 0);
    for (_, facts) in all() {
        let pains = |number: u32| {
            findings(facts, "Smerte siste uke")
                .filter(|one| one.problem == Some(number))
                .filter_map(|one| match one.parts.first()?.value? {
                    PartValue::Scaled { value, .. } => Some(value),
                    PartValue::Text(_) => None,
                })
                .collect::<Vec<i32>>()
        };
        for fact in facts {
            let Fact::Problem(problem) = fact else {
                continue;
            };
            if problem.service != Service::Physiotherapy {
                continue;
            }
            courses += 1;
            assert!(facts.iter().any(|fact| matches!(fact, Fact::Problem(one)
                if one.service == Service::GeneralPractice && one.code == problem.code
                && one.recorded.date < problem.recorded.date)));
            let pains = pains(problem.number);
            assert!(pains.is_sorted_by(|one, next| one >= next), "{pains:?}");
            first += pains.first().copied().unwrap_or(0);
            last += pains.last().copied().unwrap_or(0);
        }
    }
    assert!(
        courses > 300 && last * 3 < first * 2,
        "{courses} {first} {last}"
    );
}

#[test]
fn the_mental_health_team_follows_the_gravely_ill_with_a_plan() {
    let mut followed = 0;
    for (person, facts) in all() {
        let episodes = episodes(facts, Service::MentalHealth);
        let Some(episode) = episodes.first() else {
            continue;
        };
        followed += 1;
        assert_eq!(episodes.len(), 1);
        assert!(person.birth_date.age_on(episode.at.date) >= 18);
        assert!(has_problem(facts, &["P15", "P19", "P72", "P73", "P80"]));
        assert!(facts.iter().any(|fact| matches!(fact, Fact::Plan(one)
            if one.service == Service::MentalHealth && one.steps.contains(&"Kriseplan"))));
    }
    assert!(followed > 20, "{followed}");
}

#[test]
fn who_had_an_infarction_mostly_has_other_disease_of_the_heart_or_vessels() {
    let (mut infarctions, mut others) = (0, 0);
    for (_, facts) in all() {
        if has_problem(facts, &["K75"]) {
            infarctions += 1;
            others += i32::from(has_problem(facts, &["K74", "K76", "K77", "K78", "K86"]));
        }
    }
    assert!(
        infarctions > 60 && others * 3 > infarctions * 2,
        "{others} of {infarctions}"
    );
}

#[test]
fn news2_is_a_series_for_who_is_cared_for_and_scale_2_only_for_copd() {
    let (mut series, mut scales) = (0, BTreeSet::new());
    for (_, facts) in all() {
        let scores: Vec<&Finding> = findings(facts, "NEWS2").collect();
        series += usize::from(scores.len() >= 6);
        for one in scores {
            let scale = word(one, "SpO2-skala").unwrap();
            scales.insert(scale);
            assert!(scale == "Skala 1" || has_problem(facts, &["R95"]));
        }
    }
    assert!(series > 60, "{series}");
    assert_eq!(scales.len(), 2);
}
