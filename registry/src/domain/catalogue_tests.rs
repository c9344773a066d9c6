//! Tests of search, facets, order and pages.

use super::*;

fn listing(id: &str, name: &str, kind: AppKind, needs: &[&str]) -> Listing {
    Listing {
        software_id: id.to_owned(),
        software_version: "1.0.0".to_owned(),
        status: VersionState::Approved,
        name: LocalText {
            nb: name.to_owned(),
            ..LocalText::default()
        },
        purpose: LocalText {
            nb: "Viser målinger".to_owned(),
            ..LocalText::default()
        },
        kind,
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        languages: BTreeSet::from(["nb".to_owned()]),
        vendor: "974760673".to_owned(),
        vendor_name: "Ås Øyeblikk".to_owned(),
        data_location: "no".to_owned(),
        price: None,
        level: ContentLevel::Bundle,
        scope: "launch".to_owned(),
        approved_at: None,
        expires_at: None,
        fulfilled: BTreeSet::from(["SMA-02".to_owned()]),
    }
}

fn three() -> Vec<Listing> {
    vec![
        listing("no.a.en", "Ærlig", AppKind::ClinicianApp, &["K04", "K06"]),
        listing("no.a.to", "Zebra", AppKind::ClinicianApp, &["K04"]),
        listing("no.a.tre", "Åpen", AppKind::PatientApp, &["K06"]),
    ]
}

#[test]
fn norwegian_letters_sort_last_and_fold() {
    let results = CatalogueQuery::default().answer(three());
    let names: Vec<_> = results
        .hits
        .iter()
        .map(|hit| hit.name.nb.as_str())
        .collect();
    assert_eq!(names, ["Zebra", "Ærlig", "Åpen"]);
    assert_eq!(fold("BLÅBÆR"), "blåbær");
    assert_eq!(fold("bla\u{30a}bær"), "blåbær");
    assert!(three()[0].search_text().contains("ås øyeblikk"));
    assert!(three()[0].search_text().contains("sma-02"));
    assert!(three()[0].search_text().contains("legemiddelliste"));
}

#[test]
fn a_facet_counts_what_choosing_would_give() {
    let query = CatalogueQuery::parse("kind=clinician-app&needs=K06").unwrap();
    let results = query.answer(three());
    assert_eq!(results.total, 1);
    let count = |facet, value: &str| {
        let values = &results.facets[&facet];
        values
            .iter()
            .find(|entry| entry.value == value)
            .map(|entry| (entry.count, entry.chosen))
    };
    assert_eq!(count(Facet::Kind, "clinician-app"), Some((1, true)));
    assert_eq!(count(Facet::Kind, "patient-app"), Some((1, false)));
    assert_eq!(count(Facet::Needs, "K04"), Some((2, false)));
    assert_eq!(count(Facet::Needs, "K06"), Some((1, true)));
    let nothing = CatalogueQuery::parse("needs=K24").unwrap().answer(three());
    assert_eq!(nothing.total, 0);
    assert!(
        nothing.facets[&Facet::Needs]
            .iter()
            .any(|value| value.value == "K24" && value.chosen)
    );
}

#[test]
fn pages_cut_and_bad_parameters_are_named() {
    let query = CatalogueQuery::parse("page=2&page_size=2").unwrap();
    let results = query.answer(three());
    assert_eq!(
        (results.total, results.pages, results.hits.len()),
        (3, 2, 1)
    );
    let findings =
        CatalogueQuery::parse("page=0&sort=price&colour=red&page_size=1000").unwrap_err();
    let pointers: Vec<_> = findings
        .iter()
        .map(|finding| finding.pointer.as_str())
        .collect();
    assert_eq!(pointers, ["page", "sort", "colour", "page_size"]);
}
