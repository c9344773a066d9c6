//! `/produkter`: search and filters in one GET form, hits as cards.

use serde::Serialize;

use super::Page;
use super::parts::{AppCard, Paging};

/// A filter with its choices.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FacetView {
    /// Name of the query parameter.
    pub(crate) name: String,
    pub(crate) choices: Vec<Choice>,
}

/// One choice of a filter and how many hits it would give.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Choice {
    pub(crate) value: String,
    /// What to show; empty when the value has a word of its own.
    pub(crate) label: String,
    pub(crate) count: i64,
    pub(crate) is_checked: bool,
}

/// A filter that is on, and the address without it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Chip {
    pub(crate) facet: String,
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) href: String,
}

/// The catalogue.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CataloguePage {
    pub(crate) q: String,
    pub(crate) sort: String,
    pub(crate) hits: i64,
    pub(crate) facets: Vec<FacetView>,
    pub(crate) chips: Vec<Chip>,
    pub(crate) cards: Vec<AppCard>,
    pub(crate) paging: Option<Paging>,
}

impl Page for CataloguePage {
    const TEMPLATE: &'static str = "pages/catalogue.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let choice = |value: &str, label: &str, is_checked| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            count: 12,
            is_checked,
        };
        let facet = |name: &str, choices| FacetView {
            name: name.to_owned(),
            choices,
        };
        let full = Self {
            q: "blod \"<trykk>\"".to_owned(),
            sort: "name".to_owned(),
            hits: 41,
            facets: vec![
                facet(
                    "needs",
                    vec![choice("K04", "", true), choice("K18", "", false)],
                ),
                facet("kind", vec![choice("clinician-app", "", false)]),
                facet("status", vec![choice("approved", "", false)]),
                facet("languages", vec![choice("nb", "", false)]),
                facet("data_location", vec![choice("no", "", false)]),
                facet(
                    "vendor",
                    vec![choice("310000000", "Fjord Helseapper AS", false)],
                ),
            ],
            chips: vec![Chip {
                facet: "needs".to_owned(),
                value: "K04".to_owned(),
                label: String::new(),
                href: "/produkter".to_owned(),
            }],
            cards: vec![
                super::parts::samples::card("approved"),
                super::parts::samples::card("suspended"),
            ],
            paging: Some(Paging {
                current: 2,
                last: 3,
                previous: Some("/produkter".to_owned()),
                next: Some("/produkter?page=3".to_owned()),
                numbers: [1, 2, 3]
                    .map(|number| super::parts::PageLink {
                        number,
                        href: format!("/produkter?page={number}"),
                    })
                    .to_vec(),
            }),
        };
        let empty = Self {
            hits: 0,
            chips: Vec::new(),
            cards: Vec::new(),
            paging: None,
            ..full.clone()
        };
        let untouched = Self {
            q: String::new(),
            hits: 1,
            chips: Vec::new(),
            facets: Vec::new(),
            ..empty.clone()
        };
        vec![full, empty, untouched]
    }
}
