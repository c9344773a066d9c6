//! Search in what is listed: the words of a query, filters, facets with hit counts, order and pages.
//! Counts of a facet ignore the facet's own filter, so that they say what choosing would give.

use std::collections::{BTreeMap, BTreeSet};

use foundation::Timestamp;
use foundation::error::Finding;
use serde::{Deserialize, Serialize};

use super::app::{AppKind, LocalText, PriceModel};
use super::release::ContentLevel;
use super::version::VersionState;

/// An app as the catalogue shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Reverse domain name.
    pub software_id: String,
    /// The listed version.
    pub software_version: String,
    /// `approved` or `suspended`.
    pub status: VersionState,
    /// Name.
    pub name: LocalText,
    /// Intended use.
    pub purpose: LocalText,
    /// What sort of app.
    pub kind: AppKind,
    /// Needs it answers.
    pub needs: BTreeSet<String>,
    /// Languages of its user interface.
    pub languages: BTreeSet<String>,
    /// Vendor's organisation number.
    pub vendor: String,
    /// Vendor's name.
    pub vendor_name: String,
    /// Where personal data is kept.
    pub data_location: String,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceModel>,
    /// How firmly the content is bound.
    pub level: ContentLevel,
    /// The most that it may ask for.
    pub scope: String,
    /// When this version was approved.
    pub approved_at: Option<Timestamp>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Requirements that the check found fulfilled.
    pub fulfilled: BTreeSet<String>,
}

impl Listing {
    /// What a search looks in, in lower case.
    pub(crate) fn search_text(&self) -> String {
        let mut words: Vec<&str> = vec![&self.software_id, &self.vendor_name, &self.vendor];
        words.extend(self.name.texts().map(|(_, text)| text));
        words.extend(self.purpose.texts().map(|(_, text)| text));
        words.extend(self.fulfilled.iter().map(String::as_str));
        words.extend(self.needs.iter().map(String::as_str));
        let needs = super::app::NEEDS.iter();
        let named = needs.filter(|(code, _)| self.needs.contains(*code));
        words.extend(named.map(|(_, name)| *name));
        fold(&words.join("\n"))
    }

    fn values(&self, facet: Facet) -> Vec<&str> {
        match facet {
            Facet::Status => vec![self.status.as_str()],
            Facet::Kind => vec![self.kind.as_str()],
            Facet::Needs => self.needs.iter().map(String::as_str).collect(),
            Facet::Languages => self.languages.iter().map(String::as_str).collect(),
            Facet::Vendor => vec![&self.vendor],
            Facet::DataLocation => vec![&self.data_location],
        }
    }
}

/// Lower case as Unicode has it, composed: `BLÅ`, `blå` and `blå` written with a ring alone are
/// the same.
pub(crate) fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// What the catalogue can be narrowed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Approved or suspended.
    Status,
    /// What sort of app.
    Kind,
    /// Needs.
    Needs,
    /// Languages.
    Languages,
    /// Vendor's organisation number.
    Vendor,
    /// Where personal data is kept.
    DataLocation,
}

impl Facet {
    /// Every facet, in the order of a page.
    pub const ALL: [Self; 6] = [
        Self::Needs,
        Self::Kind,
        Self::Status,
        Self::Vendor,
        Self::Languages,
        Self::DataLocation,
    ];

    /// The name of the query parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Kind => "kind",
            Self::Needs => "needs",
            Self::Languages => "languages",
            Self::Vendor => "vendor",
            Self::DataLocation => "data_location",
        }
    }
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By bokmål name.
    #[default]
    Name,
    /// Newest approval first.
    Approved,
    /// By vendor's name, then name.
    Vendor,
}

/// A question to the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Words that must all be found.
    pub q: String,
    /// Within a facet any value will do; every facet must be met.
    pub filters: BTreeMap<Facet, BTreeSet<String>>,
    /// The order.
    pub sort: Sort,
    /// 1 for the first.
    pub page: usize,
    /// Hits on a page, at most 100.
    pub page_size: usize,
}

impl Default for CatalogueQuery {
    fn default() -> Self {
        Self {
            q: String::new(),
            filters: BTreeMap::new(),
            sort: Sort::Name,
            page: 1,
            page_size: 20,
        }
    }
}

impl CatalogueQuery {
    /// Reads the query part of an address. A parameter may be repeated; empty ones are ignored.
    pub fn parse(query: &str) -> Result<Self, Vec<Finding>> {
        let mut parsed = Self::default();
        let mut findings = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match &*name {
                "q" => value.clone_into(&mut parsed.q),
                "sort" => match value {
                    "name" => parsed.sort = Sort::Name,
                    "approved" => parsed.sort = Sort::Approved,
                    "vendor" => parsed.sort = Sort::Vendor,
                    _ => findings.push(finding("sort", "Use `name`, `approved` or `vendor`.")),
                },
                "page" => match value.parse() {
                    Ok(page) if page >= 1 => parsed.page = page,
                    _ => findings.push(finding("page", "Use a number from 1.")),
                },
                "page_size" => match value.parse() {
                    Ok(size) if (1..=100).contains(&size) => parsed.page_size = size,
                    _ => findings.push(finding("page_size", "Use a number from 1 to 100.")),
                },
                name => match Facet::ALL.into_iter().find(|facet| facet.as_str() == name) {
                    Some(facet) => {
                        parsed
                            .filters
                            .entry(facet)
                            .or_default()
                            .insert(value.to_owned());
                    }
                    None => findings.push(finding(name, UNKNOWN_PARAMETER)),
                },
            }
        }
        if findings.is_empty() {
            Ok(parsed)
        } else {
            Err(findings)
        }
    }

    /// The words to look for, in lower case.
    pub(crate) fn words(&self) -> Vec<String> {
        fold(&self.q)
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    }

    fn admits(&self, listing: &Listing, but: Option<Facet>) -> bool {
        self.filters.iter().all(|(facet, wanted)| {
            Some(*facet) == but
                || wanted.is_empty()
                || listing
                    .values(*facet)
                    .iter()
                    .any(|value| wanted.contains(*value))
        })
    }

    /// Filters, counts, sorts and pages what the search for words found.
    pub(crate) fn answer(&self, found: Vec<Listing>) -> Results {
        let facets = Facet::ALL
            .into_iter()
            .map(|facet| (facet, self.counts(facet, &found)))
            .collect();
        let mut hits: Vec<Listing> = found
            .into_iter()
            .filter(|listing| self.admits(listing, None))
            .collect();
        self.order(&mut hits);
        let total = hits.len();
        let first = self.page.saturating_sub(1).saturating_mul(self.page_size);
        Results {
            total,
            page: self.page,
            page_size: self.page_size,
            pages: total.div_ceil(self.page_size).max(1),
            hits: hits.into_iter().skip(first).take(self.page_size).collect(),
            facets,
        }
    }

    fn counts(&self, facet: Facet, found: &[Listing]) -> Vec<FacetValue> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for listing in found {
            let counted = usize::from(self.admits(listing, Some(facet)));
            for value in listing.values(facet) {
                *counts.entry(value).or_default() += counted;
            }
        }
        let chosen = self.filters.get(&facet);
        // A chosen value stays visible without hits, or it could not be unchosen.
        for value in chosen.into_iter().flatten() {
            counts.entry(value).or_default();
        }
        let labels: BTreeMap<&str, &str> = match facet {
            Facet::Vendor => found
                .iter()
                .map(|listing| (listing.vendor.as_str(), listing.vendor_name.as_str()))
                .collect(),
            Facet::Needs => super::app::NEEDS.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        counts
            .into_iter()
            .map(|(value, count)| FacetValue {
                value: value.to_owned(),
                label: labels.get(value).map(|label| (*label).to_owned()),
                count,
                chosen: chosen.is_some_and(|chosen| chosen.contains(value)),
            })
            .collect()
    }

    fn order(&self, hits: &mut [Listing]) {
        let name = |listing: &Listing| {
            (
                norwegian_order(&listing.name.nb),
                listing.software_id.clone(),
            )
        };
        match self.sort {
            Sort::Name => hits.sort_by_cached_key(name),
            Sort::Vendor => hits.sort_by_cached_key(|listing| {
                (norwegian_order(&listing.vendor_name), name(listing))
            }),
            Sort::Approved => hits.sort_by_cached_key(|listing| {
                (std::cmp::Reverse(listing.approved_at), name(listing))
            }),
        }
    }
}

/// A key that sorts æ, ø and å after z, in that order, and `aa` as `aa`.
fn norwegian_order(text: &str) -> Vec<u32> {
    fold(text)
        .chars()
        .map(|c| match c {
            'æ' | 'ä' => AFTER_Z,
            'ø' | 'ö' => AFTER_Z + 1,
            'å' => AFTER_Z + 2,
            c if u32::from(c) > u32::from('z') => u32::from(c) + AFTER_Z,
            c => u32::from(c),
        })
        .collect()
}

fn finding(parameter: &str, remedy: &str) -> Finding {
    Finding {
        code: "query-invalid".to_owned(),
        pointer: parameter.to_owned(),
        detail: format!("The parameter `{parameter}` is not understood."),
        remedy: remedy.to_owned(),
    }
}

/// A page of hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Results {
    /// Hits on all pages.
    pub total: usize,
    /// This page.
    pub page: usize,
    /// Hits on a page.
    pub page_size: usize,
    /// How many pages.
    pub pages: usize,
    /// The hits of this page.
    pub hits: Vec<Listing>,
    /// Every facet with its values.
    pub facets: BTreeMap<Facet, Vec<FacetValue>>,
}

/// A value that the catalogue can be narrowed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value, as in a query.
    pub value: String,
    /// A name to show, where the value is a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many hits it would give.
    pub count: usize,
    /// True when the query asks for it.
    pub chosen: bool,
}

const AFTER_Z: u32 = 0x0011_0000;
const UNKNOWN_PARAMETER: &str = "Use `q`, `status`, `kind`, `needs`, `languages`, `vendor`, \
    `data_location`, `sort`, `page` and `page_size`.";

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
