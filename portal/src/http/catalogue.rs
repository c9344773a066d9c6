//! The front page and the catalogue: a GET form in the address, so that a search can be kept and
//! sent to others.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::error::Problem;
use foundation::language::Language;
use registry::{CatalogueQuery, Facet, Results, Sort};

use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::pages::catalogue::{CataloguePage, Chip, Choice, FacetView};
use crate::pages::front::FrontPage;
use crate::pages::parts::{AppCard, PageLink, Paging};
use crate::render::urls::{self, Place};

const PAGE_SIZE: usize = 20;
/// Page numbers shown on each side of the current one.
const NEIGHBOURS: usize = 3;

pub(crate) async fn front(State(portal): State<Portal>, frame: Frame) -> Result<Response, Problem> {
    if let Some(language) = logged_out_in(&frame) {
        return Ok(Redirect::to(&Place::FRONT.href(language, &[])).into_response());
    }
    let latest = latest(&portal, &frame, 6).await?;
    let sandbox_url = portal.config().sandbox_url.clone();
    Ok(Show(FrontPage {
        latest,
        sandbox_url,
    })
    .into_response())
}

/// The language of somebody who comes from a logout at the issuer, which knows one address only.
fn logged_out_in(frame: &Frame) -> Option<Language> {
    let tag = frame.query.as_deref()?.strip_prefix("state=")?;
    Language::ALL
        .into_iter()
        .find(|language| language.tag() == tag)
}

/// The newest approvals.
pub(crate) async fn latest(
    portal: &Portal,
    frame: &Frame,
    most: usize,
) -> Result<Vec<AppCard>, Problem> {
    let query = CatalogueQuery {
        filters: BTreeMap::from([(Facet::Status, BTreeSet::from(["approved".to_owned()]))]),
        sort: Sort::Approved,
        page: 1,
        page_size: most,
        ..CatalogueQuery::default()
    };
    let results = portal.registry().catalogue(&query).await?;
    let hits = results.hits.into_iter();
    Ok(hits.map(|hit| view::card(hit, frame.language)).collect())
}

pub(crate) async fn list(State(portal): State<Portal>, frame: Frame) -> Result<Response, Problem> {
    let asked = Asked::read(frame.query.as_deref().unwrap_or_default());
    let results = portal.registry().catalogue(&asked.query()).await?;
    let page = CataloguePage {
        q: asked.q.clone(),
        sort: view::spelled(&asked.sort),
        hits: view::count(results.total),
        facets: facets(&results),
        chips: asked.chips(&frame, &results),
        paging: asked.paging(&frame, &results),
        cards: results
            .hits
            .into_iter()
            .map(|hit| view::card(hit, frame.language))
            .collect(),
    };
    Ok(Show(page).into_response())
}

/// What the address asks for; what it does not understand is left out.
#[derive(Clone, Debug, Default)]
struct Asked {
    q: String,
    filters: BTreeMap<Facet, BTreeSet<String>>,
    sort: Sort,
    page: usize,
}

impl Asked {
    fn read(query: &str) -> Self {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let mut asked = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in pairs {
            match name.as_str() {
                "q" => asked.q = value.trim().chars().take(200).collect(),
                "page" => asked.page = value.parse().unwrap_or(1).max(1),
                "sort" => {
                    asked.sort = serde_json::from_value(value.into()).unwrap_or_default();
                }
                name => {
                    let facet = Facet::ALL.into_iter().find(|facet| facet.as_str() == name);
                    if let Some(facet) = facet.filter(|_| !value.is_empty()) {
                        asked.filters.entry(facet).or_default().insert(value);
                    }
                }
            }
        }
        asked
    }

    fn query(&self) -> CatalogueQuery {
        CatalogueQuery {
            q: self.q.clone(),
            filters: self.filters.clone(),
            sort: self.sort,
            page: self.page,
            page_size: PAGE_SIZE,
        }
    }

    /// The address of this search.
    fn href(&self, frame: &Frame) -> String {
        let mut parts = Vec::new();
        let mut add =
            |name: &str, value: &str| parts.push(format!("{name}={}", urls::encode(value)));
        if !self.q.is_empty() {
            add("q", &self.q);
        }
        for (facet, values) in &self.filters {
            for value in values {
                add(facet.as_str(), value);
            }
        }
        if self.sort != Sort::default() {
            add("sort", &view::spelled(&self.sort));
        }
        if self.page > 1 {
            add("page", &self.page.to_string());
        }
        let path = Place::PRODUCTS.href(frame.language, &[]);
        if parts.is_empty() {
            path
        } else {
            format!("{path}?{}", parts.join("&"))
        }
    }

    fn without(&self, facet: Facet, value: &str) -> Self {
        let mut other = self.clone();
        other.page = 1;
        if let Some(values) = other.filters.get_mut(&facet) {
            values.remove(value);
        }
        other
    }

    fn at(&self, page: usize) -> Self {
        Self {
            page,
            ..self.clone()
        }
    }

    fn chips(&self, frame: &Frame, results: &Results) -> Vec<Chip> {
        let mut chips = Vec::new();
        for (facet, values) in &self.filters {
            for value in values {
                chips.push(Chip {
                    facet: facet.as_str().to_owned(),
                    value: value.clone(),
                    label: label(results, *facet, value),
                    href: self.without(*facet, value).href(frame),
                });
            }
        }
        chips
    }

    fn paging(&self, frame: &Frame, results: &Results) -> Option<Paging> {
        if results.pages < 2 {
            return None;
        }
        let current = results.page;
        let href = |page: usize| self.at(page).href(frame);
        let first = current.saturating_sub(NEIGHBOURS).max(1);
        let last = (current + NEIGHBOURS).min(results.pages);
        Some(Paging {
            current: view::count(current),
            last: view::count(results.pages),
            previous: (current > 1).then(|| href(current - 1)),
            next: (current < results.pages).then(|| href(current + 1)),
            numbers: (first..=last)
                .map(|page| PageLink {
                    number: view::count(page),
                    href: href(page),
                })
                .collect(),
        })
    }
}

fn facets(results: &Results) -> Vec<FacetView> {
    Facet::ALL
        .into_iter()
        .filter_map(|facet| {
            let values = results
                .facets
                .get(&facet)
                .filter(|values| !values.is_empty())?;
            let choices = values
                .iter()
                .map(|value| Choice {
                    label: label(results, facet, &value.value),
                    value: value.value.clone(),
                    count: view::count(value.count),
                    is_checked: value.chosen,
                })
                .collect();
            Some(FacetView {
                name: facet.as_str().to_owned(),
                choices,
            })
        })
        .collect()
}

/// The registry knows vendors' names; words for codes are the portal's, in each language.
fn label(results: &Results, facet: Facet, value: &str) -> String {
    if facet != Facet::Vendor {
        return String::new();
    }
    results
        .facets
        .get(&facet)
        .and_then(|values| values.iter().find(|known| known.value == value))
        .and_then(|known| known.label.clone())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use foundation::testing;
    use proptest::prelude::*;

    use super::*;

    fn frame() -> Frame {
        Frame::new("/nn/produkter", None, None, &*testing::entropy())
    }

    fn query(href: &str) -> &str {
        href.split_once('?').map_or("", |(_, query)| query)
    }

    #[test]
    fn an_address_without_sense_is_an_open_search() {
        let asked = Asked::read("page=-3&sort=price&colour=red&status=&q=%20");
        assert_eq!(asked.href(&frame()), "/nn/produkter");
    }

    #[test]
    fn a_removed_filter_starts_from_the_first_page() {
        let asked = Asked::read("kind=portal&kind=backend&page=4");
        let href = asked.without(Facet::Kind, "portal").href(&frame());
        assert_eq!(href, "/nn/produkter?kind=backend");
    }

    proptest! {
        #[test]
        fn a_search_reads_back_from_its_address(
            q in "[a-zæøå &=+%]{0,12}",
            values in proptest::collection::btree_set("[A-Za-z0-9&=? ]{1,6}", 0..4),
            page in 1_usize..9,
        ) {
            let mut asked = Asked { q: q.trim().to_owned(), page, sort: Sort::Vendor, ..Asked::default() };
            if !values.is_empty() {
                asked.filters.insert(Facet::Needs, values);
            }
            let read = Asked::read(query(&asked.href(&frame())));
            prop_assert_eq!(read.href(&frame()), asked.href(&frame()));
            prop_assert_eq!(read.q, asked.q);
            prop_assert_eq!(read.filters, asked.filters);
        }
    }
}
