//! The review desk: what waits, and one case with everything that a decision rests on.

use axum::http::StatusCode;
use serde::Serialize;

use super::Page;
use super::check::FindingGroup;
use super::parts::{AppCard, FieldError, FindingView, HistoryEntry, Worded};
use super::product::{ProductHead, VerdictView};

/// A version that waits.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct QueueRow {
    pub(crate) software_id: String,
    pub(crate) version: String,
    pub(crate) name: Worded,
    pub(crate) vendor: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) submitted_at: i64,
    /// Capacities that have signed already.
    pub(crate) signed: Vec<String>,
}

/// `/vurdering`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct QueuePage {
    pub(crate) waiting: Vec<QueueRow>,
    /// What is approved or suspended and may be followed up.
    pub(crate) listed: Vec<AppCard>,
}

/// A review that was signed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SignedReview {
    pub(crate) role: String,
    pub(crate) reviewer: String,
    pub(crate) organisation: String,
    pub(crate) at: i64,
}

/// `/vurdering/{app}/{version}`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CasePage {
    pub(crate) head: ProductHead,
    pub(crate) purpose: Worded,
    pub(crate) changes: Worded,
    pub(crate) release: String,
    pub(crate) launch_uri: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) hosts: Vec<String>,
    pub(crate) scope: String,
    pub(crate) verdict: Option<VerdictView>,
    pub(crate) failed: Vec<FindingGroup>,
    pub(crate) others: Vec<FindingView>,
    pub(crate) manifest: String,
    pub(crate) entry: String,
    pub(crate) reviews: Vec<SignedReview>,
    pub(crate) history: Vec<HistoryEntry>,
    /// Capacities in which the reader may sign now; empty when they may not.
    pub(crate) roles: Vec<String>,
    /// True when the reader signs with a card of their own.
    pub(crate) has_card: bool,
    /// Why the reader may not sign, as a key below `review.barred`.
    pub(crate) barred: Option<String>,
    /// What the reader may do with an approval: `suspend`, `reinstate`, `revoke`.
    pub(crate) actions: Vec<String>,
    /// What became of a decision just now: `decided` or `needs-another-reviewer`.
    pub(crate) standing: Option<String>,
    pub(crate) reason: String,
    pub(crate) errors: Vec<FieldError>,
}

impl Page for QueuePage {
    const TEMPLATE: &'static str = "pages/reviews.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![
            Self {
                waiting: Vec::new(),
                listed: Vec::new(),
            },
            Self {
                waiting: vec![QueueRow {
                    software_id: "no.fjordhelse.blodtrykk".to_owned(),
                    version: "1.4.0".to_owned(),
                    name: Worded::nb("Blodtrykk over tid"),
                    vendor: "Fjord Helseapper AS".to_owned(),
                    kind: "clinician-app".to_owned(),
                    status: "submitted".to_owned(),
                    submitted_at: 1_795_251_600_000,
                    signed: vec!["security".to_owned()],
                }],
                listed: vec![super::parts::samples::card("approved")],
            },
        ]
    }
}

impl Page for CasePage {
    const TEMPLATE: &'static str = "pages/case.html";

    fn status(&self) -> StatusCode {
        if self.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::CONFLICT
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let finding = super::parts::samples::finding;
        let head = ProductHead {
            software_id: "no.fjordhelse.blodtrykk".to_owned(),
            name: Worded::nb("Blodtrykk over tid"),
            vendor: "Fjord Helseapper AS".to_owned(),
            orgnr: "310000000".to_owned(),
            kind: "clinician-app".to_owned(),
            version: "1.4.0".to_owned(),
            status: "submitted".to_owned(),
            approved_at: None,
            expires_at: None,
        };
        let open = Self {
            head,
            purpose: Worded::nb("Viser blodtrykk som kurve."),
            changes: Worded::nb("Viser også puls."),
            release: "sha256-release".to_owned(),
            launch_uri: "/launch.html".to_owned(),
            redirect_uris: vec!["/index.html".to_owned()],
            hosts: vec!["api.example.org".to_owned()],
            scope: "launch patient/Observation.rs".to_owned(),
            verdict: Some(VerdictView {
                check: "check_01".to_owned(),
                finished_at: 1_795_251_600_000,
                counts: super::parts::samples::counts(),
                suite: "sha256-suite".to_owned(),
                evidence: "sha256-evidence".to_owned(),
            }),
            failed: vec![FindingGroup {
                severity: "recommended".to_owned(),
                findings: vec![finding("failed", "recommended")],
            }],
            others: vec![finding("fulfilled", "blocking")],
            manifest: "{\"software_version\": \"1.4.0\"}".to_owned(),
            entry: "{\"software_id\": \"no.fjordhelse.blodtrykk\"}".to_owned(),
            reviews: Vec::new(),
            history: super::parts::samples::history(),
            roles: vec!["security".to_owned(), "clinical".to_owned()],
            has_card: false,
            barred: None,
            actions: Vec::new(),
            standing: None,
            reason: String::new(),
            errors: Vec::new(),
        };
        let mut half = open.clone();
        half.reviews = vec![SignedReview {
            role: "security".to_owned(),
            reviewer: "Vaken Varde".to_owned(),
            organisation: "Tryggvard AS".to_owned(),
            at: 1_795_251_600_000,
        }];
        half.roles = vec!["clinical".to_owned()];
        half.errors = vec![super::parts::samples::error("reason")];
        let mut approved = open.clone();
        approved.head.status = "approved".to_owned();
        approved.roles.clear();
        approved.actions = vec!["suspend".to_owned(), "revoke".to_owned()];
        approved.standing = Some("decided".to_owned());
        let mut suspended = approved.clone();
        suspended.head.status = "suspended".to_owned();
        suspended.actions = vec!["reinstate".to_owned()];
        suspended.standing = Some("needs-another-reviewer".to_owned());
        suspended.failed.clear();
        let mut barred = open.clone();
        barred.roles.clear();
        barred.barred = Some("own-app".to_owned());
        barred.verdict = None;
        let mut with_card = open.clone();
        with_card.has_card = true;
        vec![open, half, approved, suspended, barred, with_card]
    }
}
