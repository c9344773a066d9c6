//! The calibration report: complete, honest about what is out, and without a broken rule.

use synthetic_data::calibration::{MOST_OUT, Report, Verdict, report};
use synthetic_data::{Dataset, Settings};

fn of(size: u32) -> Report {
    let dataset = Dataset::new(Settings {
        size,
        ..Settings::country_on("2026-11-21".parse().unwrap())
    });
    report(&dataset.unwrap())
}

fn verdict(report: &Report, name: &str) -> Verdict {
    let row = report.rows.iter().find(|row| row.name == name);
    row.unwrap_or_else(|| panic!("{name}")).verdict()
}

fn assert_few_are_out(report: &Report) {
    let out: Vec<_> = report.out().map(|row| (&row.name, row.value)).collect();
    assert!(
        report.passes(MOST_OUT),
        "{} rows are out: {out:?}",
        out.len()
    );
}

#[test]
fn twenty_thousand_people_are_no_further_from_norway_than_is_known() {
    let report = of(20_000);
    for check in &report.checks {
        assert_eq!(check.broken, 0, "{}: {:?}", check.rule, check.example);
    }
    assert_few_are_out(&report);
}

#[test]
fn no_rule_is_broken_and_what_was_tuned_is_near_its_target() {
    let report = of(4000);
    for check in &report.checks {
        assert!(check.examined > 100, "{} examined too little", check.rule);
        assert_eq!(check.broken, 0, "{}: {:?}", check.rule, check.example);
    }
    for name in [
        "Konsultasjoner, til og med 66 år",
        "Minst en konsultasjon, til og med 29 år",
        "Statiner",
        "K90, kvinner på om lag 75 år",
        "Kontakter, alle",
        "Minst en kontakt, alle",
        "Helsetjenester i hjemmet, 80 år og mer",
        "Langtidsopphold",
        "Åpent kronisk sår",
        "KOLS, over 40 år",
        "Demens, 70 år og mer",
        "MMR ved 2 år",
    ] {
        assert_ne!(verdict(&report, name), Verdict::Out, "{name}");
    }
}

#[test]
fn the_report_is_json_and_one_page_that_needs_nothing_else() {
    let report = of(300);
    let json = report.json();
    assert_eq!(json["people"].as_u64().unwrap(), u64::from(report.people));
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), report.rows.len());
    for row in rows {
        assert!(!row["target"].is_null() && row["source"].as_str().is_some());
        let verdict = row["verdict"].as_str().unwrap();
        assert!(["within", "near", "out", "unsure"].contains(&verdict));
    }
    let page = report.html();
    for foreign in ["http:", "https:", "<script", "src=", "href="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert_eq!(page.matches("<svg").count(), report.rows.len());
    for (open, close) in [("<table>", "</table>"), ("<tr>", "</tr>"), ("<td", "</td>")] {
        assert_eq!(page.matches(open).count(), page.matches(close).count());
    }
    for row in &report.rows {
        let name = row.name.replace('&', "&amp;");
        assert!(page.contains(&name), "{name}");
    }
}

#[test]
#[ignore = "a hundred thousand people: some minutes"]
fn a_hundred_thousand_people_break_no_rule() {
    let report = of(100_000);
    assert!(report.people > 99_000 - 2_000);
    for check in &report.checks {
        assert_eq!(check.broken, 0, "{}: {:?}", check.rule, check.example);
    }
    assert_few_are_out(&report);
}
