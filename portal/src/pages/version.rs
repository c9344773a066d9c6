//! `/leverandor/apper/{app}/versjoner/{version}`: where one version is on its way, and what its
//! vendor can do next.

use axum::http::StatusCode;
use serde::Serialize;

use super::Page;
use super::parts::{Counts, HistoryEntry, Worded};

/// The newest check of a version, in short.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CheckSummary {
    pub(crate) check: String,
    pub(crate) state: String,
    pub(crate) is_over: bool,
    pub(crate) has_passed: bool,
    pub(crate) at: i64,
    pub(crate) counts: Counts,
}

/// The page of an own version.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VersionPage {
    pub(crate) software_id: String,
    pub(crate) name: Worded,
    pub(crate) version: String,
    pub(crate) status: String,
    pub(crate) release: String,
    pub(crate) level: String,
    pub(crate) launch_uri: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) scope: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) size: Option<i64>,
    pub(crate) check: Option<CheckSummary>,
    pub(crate) reviews: i64,
    /// Why it came back, or was suspended or revoked.
    pub(crate) reason: Option<String>,
    pub(crate) can_submit: bool,
    /// What a vendor with a key of its own signs before it submits.
    pub(crate) to_sign: Option<String>,
    pub(crate) can_check: bool,
    pub(crate) can_withdraw: bool,
    /// What was written as the reason of a refused withdrawal.
    pub(crate) withdrawal_reason: String,
    pub(crate) history: Vec<HistoryEntry>,
    /// What was refused just now.
    pub(crate) errors: Vec<super::parts::FieldError>,
}

impl Page for VersionPage {
    const TEMPLATE: &'static str = "pages/version.html";

    fn status(&self) -> StatusCode {
        if self.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::CONFLICT
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let check = |state: &str, is_over, has_passed| CheckSummary {
            check: "check_01".to_owned(),
            state: state.to_owned(),
            is_over,
            has_passed,
            at: 1_795_251_600_000,
            counts: super::parts::samples::counts(),
        };
        let page = |status: &str, check, can_submit| Self {
            software_id: "no.fjordhelse.blodtrykk".to_owned(),
            name: Worded::nb("Blodtrykk over tid"),
            version: "1.4.0".to_owned(),
            status: status.to_owned(),
            release: "sha256-release".to_owned(),
            level: "bundle".to_owned(),
            launch_uri: "/launch.html".to_owned(),
            redirect_uris: vec!["/index.html".to_owned()],
            scope: "launch patient/Observation.rs".to_owned(),
            hosts: Vec::new(),
            size: Some(81_000),
            check,
            reviews: 1,
            reason: None,
            can_submit,
            to_sign: None,
            can_check: !can_submit,
            can_withdraw: true,
            withdrawal_reason: String::new(),
            history: super::parts::samples::history(),
            errors: Vec::new(),
        };
        let mut returned = page("returned", Some(check("failed", true, false)), false);
        returned.reason = Some("Beskriv hva appen lagrer.".to_owned());
        returned.errors = vec![super::parts::samples::error("")];
        let mut hosted = page("draft", Some(check("running", false, false)), false);
        hosted.size = None;
        hosted.hosts = vec!["api.example.org".to_owned()];
        let mut all: Vec<Self> = [
            "submitted",
            "issuing",
            "approved",
            "suspended",
            "revoked",
            "withdrawn",
        ]
        .map(|status| page(status, Some(check("passed", true, true)), false))
        .to_vec();
        let mut signed = page("draft", Some(check("passed", true, true)), true);
        signed.to_sign = Some("{\"custody\": \"vendor\"}".to_owned());
        all.extend([
            signed,
            page("draft", None, false),
            page("draft", Some(check("passed", true, true)), true),
            page("draft", Some(check("broken", true, false)), false),
            returned,
            hosted,
        ]);
        all
    }
}
