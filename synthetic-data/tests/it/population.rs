//! Realism: the list looks like a Norwegian GP's. Bands come from the binomial deviation of the
//! figure at 8 000 people, or are as wide as the figure's source is uncertain.

use std::collections::BTreeMap;

use synthetic_data::history::{Fact, Service, Value, What};
use synthetic_data::{Dataset, Date, Settings, Sex};

const SIZE: u32 = 8_000;

fn large() -> Dataset {
    let as_of: Date = "2026-06-30".parse().unwrap();
    Dataset::new(Settings {
        size: SIZE,
        ..Settings::default_on(as_of)
    })
    .unwrap()
}

fn age(dataset: &Dataset, birth: Date) -> i32 {
    birth.age_on(dataset.settings().as_of)
}

#[test]
fn ages_and_sexes_are_norways() {
    let dataset = large();
    let mut bands = [0_u32; 9];
    let mut women = 0;
    for person in dataset.people() {
        let years = age(&dataset, person.birth_date);
        let band = [5, 15, 19, 29, 49, 66, 79, 89]
            .iter()
            .filter(|to| years > **to)
            .count();
        bands[band] += 1;
        women += u32::from(person.sex == Sex::Female);
    }
    // Statistics Norway 2024, in permille; within 12 permille.
    for (band, share) in bands.iter().zip([59, 115, 47, 124, 269, 214, 124, 38, 9]) {
        let found = band * 1000 / SIZE;
        assert!(found.abs_diff(share) <= 12, "{bands:?} {share}");
    }
    assert!((480..=515).contains(&(women * 1000 / SIZE)), "{women}");
}

#[test]
fn people_come_as_often_as_statistics_norway_says() {
    let dataset = large();
    let mut visits: BTreeMap<(&str, i32), (u32, u32)> = BTreeMap::new();
    for person in dataset.people().filter(|person| person.index % 2 == 0) {
        let years = age(&dataset, person.birth_date);
        let group = match years {
            6..=15 => "6-15",
            30..=49 => "30-49",
            67..=79 => "67-79",
            80..=89 => "80-89",
            _ => continue,
        };
        let facts = dataset.history(&person).facts;
        let held = facts.iter().filter(|fact| {
            matches!(fact, Fact::Contact(contact) if contact.start.date.year() == 2025
                && contact.service == Service::GeneralPractice)
        });
        let entry = visits.entry((group, 0)).or_default();
        entry.0 += u32::try_from(held.count()).unwrap();
        entry.1 += 1;
    }
    for (group, expected) in [
        ("6-15", 140),
        ("30-49", 320),
        ("67-79", 390),
        ("80-89", 480),
    ] {
        let (held, people) = visits[&(group, 0)];
        let yearly = held * 100 / people;
        assert!(
            yearly.abs_diff(expected) * 100 <= expected * 25,
            "{group}: {yearly} against {expected}"
        );
    }
}

#[test]
fn pressures_show_digit_preference_and_treatment_works() {
    let dataset = large();
    let (mut fives, mut all) = (0_u32, 0_u32);
    let (mut before, mut after) = ((0, 0), (0, 0));
    for person in dataset.people().filter(|person| person.index % 2 == 0) {
        let mut found = None;
        for fact in dataset.history(&person).facts {
            match fact {
                Fact::Problem(problem) if problem.code.code == "K86" => {
                    found = Some(problem.recorded);
                }
                Fact::Reading(reading) => {
                    let Value::Pressure { systolic, .. } = reading.value else {
                        continue;
                    };
                    all += 1;
                    fives += u32::from(systolic % 5 == 0);
                    let Some(since) = found else { continue };
                    let days = reading.at.date.days_since(since.date);
                    if since.date.year() <= 2016 {
                        continue; // found before the journal began: nobody measured then
                    }
                    if days == 0 {
                        before = (before.0 + systolic, before.1 + 1);
                    } else if days > 200 {
                        after = (after.0 + systolic, after.1 + 1);
                    }
                }
                _ => {}
            }
        }
    }
    let share = fives * 1000 / all;
    assert!(
        (250..=350).contains(&share),
        "last digit 0 or 5 in {share} permille"
    );
    let (untreated, treated) = (before.0 / before.1, after.0 / after.1);
    assert!((142..165).contains(&untreated), "{untreated}");
    assert!(
        treated + 8 <= untreated && treated > 125,
        "{untreated} to {treated}"
    );
}

#[test]
fn illnesses_gather_in_the_same_people() {
    let dataset = large();
    let (mut both, mut pressure, mut sugar, mut people) = (0_u64, 0_u64, 0_u64, 0_u64);
    for person in dataset.people() {
        if !(50..80).contains(&age(&dataset, person.birth_date)) {
            continue;
        }
        let facts = dataset.history(&person).facts;
        let has = |code: &str| {
            facts
                .iter()
                .any(|fact| matches!(fact, Fact::Problem(problem) if problem.code.code == code))
        };
        let (high, sweet) = (has("K86"), has("T90"));
        people += 1;
        pressure += u64::from(high);
        sugar += u64::from(sweet);
        both += u64::from(high && sweet);
    }
    let lift = both * people * 100 / (pressure * sugar);
    assert!(
        (130..300).contains(&lift),
        "K86 and T90 together {lift} % of chance"
    );
    assert!(
        (60..130).contains(&(sugar * 1000 / people)),
        "{sugar} of {people}"
    );
}

#[test]
fn heavy_people_weigh_more_and_children_grow() {
    let dataset = large();
    let (mut obese, mut others) = ((0_i64, 0_i64), (0_i64, 0_i64));
    for person in dataset
        .people()
        .filter(|person| age(&dataset, person.birth_date) > 25)
    {
        let facts = dataset.history(&person).facts;
        let heavy = facts
            .iter()
            .any(|fact| matches!(fact, Fact::Problem(one) if one.code.code == "T82"));
        for fact in &facts {
            if let Fact::Reading(reading) = fact
                && let (What::Bmi, Value::Scaled(bmi)) = (reading.what, reading.value)
            {
                let sums = if heavy { &mut obese } else { &mut others };
                *sums = (sums.0 + i64::from(bmi), sums.1 + 1);
            }
        }
    }
    assert!(obese.0 / obese.1 > 300, "obese: BMI {}", obese.0 / obese.1);
    assert!(
        (240..300).contains(&(others.0 / others.1)),
        "others: BMI {}",
        others.0 / others.1
    );
}
