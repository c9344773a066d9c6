//! `/produkter/{software_id}`: what an app does, who answers for it, what is approved and until
//! when, and how an EPJ checks that; and the page with the verdict per requirement.

use serde::Serialize;

use super::Page;
use super::chain::ChainView;
use super::parts::{Counts, FindingView, HistoryEntry, Worded};

/// What stands on top of both pages.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProductHead {
    pub(crate) software_id: String,
    pub(crate) name: Worded,
    pub(crate) vendor: String,
    pub(crate) orgnr: String,
    pub(crate) kind: String,
    pub(crate) version: String,
    pub(crate) status: String,
    pub(crate) approved_at: Option<i64>,
    pub(crate) expires_at: Option<i64>,
}

/// The check behind an approval.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VerdictView {
    pub(crate) check: String,
    pub(crate) finished_at: i64,
    pub(crate) counts: Counts,
    pub(crate) suite: String,
    pub(crate) evidence: String,
}

/// A line of the price model, in kroner.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PriceLine {
    pub(crate) what: String,
    /// `month`, `year` or `once`.
    pub(crate) period: String,
    pub(crate) kroner: String,
}

/// A version that strangers may see.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionRow {
    pub(crate) version: String,
    pub(crate) status: String,
    pub(crate) approved_at: Option<i64>,
    pub(crate) changes: Worded,
}

/// The page of an app.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProductPage {
    pub(crate) head: ProductHead,
    pub(crate) purpose: Worded,
    /// Why it is suspended or revoked.
    pub(crate) reason: Option<String>,
    pub(crate) needs: Vec<String>,
    pub(crate) languages: Vec<String>,
    pub(crate) data_location: String,
    pub(crate) level: String,
    pub(crate) launch_uri: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) scope: String,
    pub(crate) home: String,
    pub(crate) terms: String,
    pub(crate) privacy: String,
    pub(crate) source: Option<String>,
    pub(crate) security_contact: String,
    pub(crate) privacy_contact: String,
    pub(crate) clinical_contact: String,
    pub(crate) prices: Vec<PriceLine>,
    pub(crate) verdict: Option<VerdictView>,
    pub(crate) chain: Option<ChainView>,
    pub(crate) versions: Vec<VersionRow>,
    pub(crate) history: Vec<HistoryEntry>,
    pub(crate) public_url: String,
}

/// The verdict per requirement.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProductRequirementsPage {
    pub(crate) head: ProductHead,
    pub(crate) verdict: Option<VerdictView>,
    pub(crate) findings: Vec<FindingView>,
}

#[cfg(test)]
fn head(status: &str) -> ProductHead {
    ProductHead {
        software_id: "no.fjordhelse.blodtrykk".to_owned(),
        name: Worded::nb("Blodtrykk over tid"),
        vendor: "Fjord Helseapper AS".to_owned(),
        orgnr: "310000000".to_owned(),
        kind: "clinician-app".to_owned(),
        version: "1.4.0".to_owned(),
        status: status.to_owned(),
        approved_at: Some(1_795_251_600_000),
        expires_at: Some(1_855_251_600_000),
    }
}

#[cfg(test)]
fn verdict() -> VerdictView {
    VerdictView {
        check: "check_01".to_owned(),
        finished_at: 1_795_251_600_000,
        counts: super::parts::samples::counts(),
        suite: "sha256-suite".to_owned(),
        evidence: "sha256-evidence".to_owned(),
    }
}

impl Page for ProductPage {
    const TEMPLATE: &'static str = "pages/product.html";
    const RUNS_WEBASSEMBLY: bool = true;

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let full = Self {
            head: head("approved"),
            purpose: Worded::nb("Viser blodtrykk og puls som kurve."),
            reason: None,
            needs: vec!["K04".to_owned()],
            languages: vec!["nb".to_owned(), "nn".to_owned()],
            data_location: "no".to_owned(),
            level: "bundle".to_owned(),
            launch_uri: "http://localhost:8082/launch.html".to_owned(),
            hosts: vec!["api.example.org".to_owned()],
            scope: "launch openid fhirUser patient/Observation.rs patient/DocumentReference.c"
                .to_owned(),
            home: "https://example.org".to_owned(),
            terms: "https://example.org/vilkar".to_owned(),
            privacy: "https://example.org/personvern".to_owned(),
            source: Some("https://example.org/kode".to_owned()),
            security_contact: "sikkerhet@example.org".to_owned(),
            privacy_contact: "personvern@example.org".to_owned(),
            clinical_contact: "klinikk@example.org".to_owned(),
            prices: vec![PriceLine {
                what: "inhabitant".to_owned(),
                period: "year".to_owned(),
                kroner: "2,50".to_owned(),
            }],
            verdict: Some(verdict()),
            chain: Some(super::chain::sample()),
            versions: vec![VersionRow {
                version: "1.4.0".to_owned(),
                status: "approved".to_owned(),
                approved_at: Some(1_795_251_600_000),
                changes: Worded::nb("Viser også puls."),
            }],
            history: super::parts::samples::history(),
            public_url: "http://localhost:8080".to_owned(),
        };
        let bare = Self {
            head: ProductHead {
                approved_at: None,
                expires_at: None,
                ..head("suspended")
            },
            reason: Some("Et sikkerhetshull blir rettet.".to_owned()),
            hosts: Vec::new(),
            source: None,
            prices: Vec::new(),
            verdict: None,
            chain: None,
            versions: Vec::new(),
            history: Vec::new(),
            ..full.clone()
        };
        let revoked = Self {
            head: head("revoked"),
            reason: None,
            ..bare.clone()
        };
        vec![full, bare, revoked]
    }
}

impl Page for ProductRequirementsPage {
    const TEMPLATE: &'static str = "pages/product-requirements.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let finding = super::parts::samples::finding;
        vec![
            Self {
                head: head("approved"),
                verdict: Some(verdict()),
                findings: vec![
                    finding("fulfilled", "blocking"),
                    finding("failed", "recommended"),
                    finding("not-applicable", "conditional"),
                    finding("not-assessed", "recommended"),
                ],
            },
            Self {
                head: head("suspended"),
                verdict: None,
                findings: Vec::new(),
            },
        ]
    }
}
