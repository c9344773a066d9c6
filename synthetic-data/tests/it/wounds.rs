//! Wound care: measurements that hang together, and visits within the episode of care.

use synthetic_data::history::{Fact, Finding, PartValue, Service};
use synthetic_data::{Dataset, Settings};

fn part(finding: &Finding, name: &str) -> Option<i32> {
    let part = finding.parts.iter().find(|part| part.name == name)?;
    match part.value? {
        PartValue::Scaled { value, .. } => Some(value),
        PartValue::Text(_) => None,
    }
}

/// What wound care wrote of the old among 12 000 people.
fn journals() -> Vec<Vec<Fact>> {
    let as_of = "2026-11-21".parse().unwrap();
    let dataset = Dataset::new(Settings {
        size: 12_000,
        ..Settings::default_on(as_of)
    })
    .unwrap();
    let old = dataset
        .people()
        .filter(|person| person.birth_date.age_on(as_of) >= 65);
    let facts = old.map(|person| {
        let facts = dataset.history(&person).facts.into_iter();
        facts
            .filter(|fact| fact.service() == Service::WoundCare)
            .collect::<Vec<_>>()
    });
    facts.filter(|facts| !facts.is_empty()).collect()
}

#[test]
fn wounds_are_measured_visited_and_closed() {
    let journals = journals();
    assert!(journals.len() > 100, "{}", journals.len());
    let (mut measured, mut missing, mut impossible) = (0, 0, 0);
    let (mut closed, mut smaller) = (0, 0);
    for facts in &journals {
        let mut latest: Option<(u32, i32)> = None;
        for fact in facts {
            match fact {
                Fact::Contact(contact) => assert!(
                    facts.iter().any(|other| matches!(other, Fact::Episode(one)
                        if one.at <= contact.start
                        && one.ended.is_none_or(|end| contact.start.date <= end))),
                    "a visit lies in an episode"
                ),
                Fact::Finding(finding) if finding.name == "Sårmåling" => {
                    measured += 1;
                    let length = part(finding, "Lengde").unwrap();
                    let Some(width) = part(finding, "Bredde") else {
                        missing += 1;
                        assert_eq!(part(finding, "Areal"), None);
                        continue;
                    };
                    let area = part(finding, "Areal").unwrap();
                    assert_eq!(area, length * width * 785 / 10_000);
                    impossible += u32::from(length > 180);
                    let tissue = ["Granulasjonsvev", "Fibrin", "Nekrose", "Epitel"];
                    let sum: i32 = tissue.iter().filter_map(|name| part(finding, name)).sum();
                    assert!(sum == 100 || length == 0, "{sum}");
                    let problem = finding.problem.unwrap();
                    if let Some((before, first)) = latest.filter(|(before, _)| *before == problem) {
                        latest = Some((before, first));
                        if length == 0 {
                            closed += 1;
                        }
                        smaller += u32::from(area < first);
                    } else {
                        latest = Some((problem, area));
                    }
                }
                _ => {}
            }
        }
    }
    let permille = |count: u32| count * 1000 / measured;
    assert!(
        (20..=60).contains(&permille(missing)),
        "{missing} of {measured}"
    );
    assert!(impossible > 0 && permille(impossible) <= 8, "{impossible}");
    assert!(closed > 60, "{closed}");
    assert!(smaller * 10 > measured * 6, "{smaller} of {measured}");
}

#[test]
fn a_closed_wound_ends_problem_plan_and_episode_on_one_day() {
    let mut ended = 0;
    for facts in journals() {
        let ends = |number: u32| {
            facts.iter().filter_map(move |fact| match fact {
                Fact::Problem(one) if one.number == number => Some(one.abated),
                Fact::Plan(one) if one.problem == Some(number) => Some(one.ended),
                Fact::Episode(one) if one.problem == Some(number) => Some(one.ended),
                _ => None,
            })
        };
        for number in (1..).take(facts.len()) {
            let all: Vec<_> = ends(number).collect();
            let Some(first) = all.first() else { break };
            let dead = all.iter().any(Option::is_some) && first.is_none();
            assert!(dead || all.iter().all(|end| end == first), "{all:?}");
            assert_eq!(all.len(), 3);
            ended += usize::from(first.is_some());
        }
    }
    assert!(ended > 60, "{ended}");
}

#[test]
fn a_measured_wound_is_photographed_and_the_picture_is_its_own() {
    let as_of = "2026-11-21".parse().unwrap();
    let dataset = Dataset::new(Settings::default_on(as_of)).unwrap();
    let (mut pictures, mut measured) = (0, 0);
    for index in dataset.indices() {
        let history = dataset.person(index).map(|person| dataset.history(&person));
        let facts = history.map_or_else(Vec::new, |history| history.facts);
        let photos: Vec<&Finding> = facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::Finding(finding) if finding.name == "Sårmåling" => Some(finding),
                _ => None,
            })
            .inspect(|_| measured += 1)
            .filter(|finding| finding.photo.is_some())
            .collect();
        for finding in &photos {
            let photo = finding.photo.as_ref().unwrap();
            let area = part(finding, "Areal").unwrap().unsigned_abs();
            // But where centimetres were written as millimetres.
            let slipped = part(finding, "Lengde").unwrap().unsigned_abs() == photo.length * 10;
            assert!(slipped || area == photo.area, "{area} {photo:?}");
        }
        if photos.is_empty() {
            continue;
        }
        let resources: Vec<serde_json::Value> = dataset
            .resources(index)
            .iter()
            .map(|one| serde_json::from_slice(&one.json).unwrap())
            .collect();
        let of = |kind: &'static str| {
            resources
                .iter()
                .filter(move |one| one["resourceType"] == kind)
        };
        assert_eq!(of("Media").count(), photos.len());
        for media in of("Media") {
            let reference = format!("Media/{}", media["id"].as_str().unwrap());
            let from = |one: &&serde_json::Value| one["derivedFrom"][0]["reference"] == reference;
            assert_eq!(of("Observation").filter(from).count(), 1);
            let data = media["content"]["data"].as_str().unwrap();
            assert!(data.starts_with("iVBORw0KGgo"), "PNG");
            assert!(data.len() < 3200, "{}", data.len());
            pictures += 1;
        }
    }
    assert!(
        pictures > 10 && measured > pictures,
        "{pictures} of {measured}"
    );
}
