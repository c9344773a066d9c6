//! `/kontroller/{check}`: a check while it runs, and what it found.

use serde::Serialize;

use super::Page;
use super::parts::{Counts, FindingView};

/// One thing that the runner did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProgressLine {
    pub(crate) at: i64,
    pub(crate) text: String,
}

/// Findings of one severity.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingGroup {
    pub(crate) severity: String,
    pub(crate) findings: Vec<FindingView>,
}

/// A check.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CheckPage {
    pub(crate) check: String,
    pub(crate) software_id: String,
    pub(crate) version: String,
    /// `waiting`, `running`, `passed`, `failed` or `broken`.
    pub(crate) state: String,
    pub(crate) is_over: bool,
    pub(crate) has_passed: bool,
    pub(crate) started_at: Option<i64>,
    pub(crate) finished_at: Option<i64>,
    /// Why the check itself broke down.
    pub(crate) failure: Option<String>,
    pub(crate) progress: Vec<ProgressLine>,
    pub(crate) counts: Counts,
    /// What is not fulfilled, the worst first.
    pub(crate) failed: Vec<FindingGroup>,
    pub(crate) others: Vec<FindingView>,
    pub(crate) suite: String,
    pub(crate) evidence: Option<String>,
    /// True for the vendor, who may go on from here.
    pub(crate) is_own: bool,
}

impl Page for CheckPage {
    const TEMPLATE: &'static str = "pages/check.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let finding = super::parts::samples::finding;
        let running = Self {
            check: "check_01".to_owned(),
            software_id: "no.fjordhelse.blodtrykk".to_owned(),
            version: "1.4.0".to_owned(),
            state: "running".to_owned(),
            is_over: false,
            has_passed: false,
            started_at: Some(1_795_251_600_000),
            finished_at: None,
            failure: None,
            progress: vec![ProgressLine {
                at: 1_795_251_601_000,
                text: "Starter appen for den første pasienten".to_owned(),
            }],
            counts: Counts::default(),
            failed: Vec::new(),
            others: Vec::new(),
            suite: "sha256-suite".to_owned(),
            evidence: None,
            is_own: true,
        };
        let finished = Self {
            state: "failed".to_owned(),
            is_over: true,
            finished_at: Some(1_795_251_640_000),
            counts: super::parts::samples::counts(),
            failed: vec![
                FindingGroup {
                    severity: "blocking".to_owned(),
                    findings: vec![finding("failed", "blocking")],
                },
                FindingGroup {
                    severity: "recommended".to_owned(),
                    findings: vec![finding("failed", "recommended")],
                },
            ],
            others: vec![finding("fulfilled", "blocking")],
            evidence: Some("sha256-evidence".to_owned()),
            ..running.clone()
        };
        let waiting = Self {
            state: "waiting".to_owned(),
            started_at: None,
            progress: Vec::new(),
            ..running.clone()
        };
        let passed = Self {
            state: "passed".to_owned(),
            has_passed: true,
            failed: Vec::new(),
            is_own: false,
            ..finished.clone()
        };
        let broken = Self {
            state: "broken".to_owned(),
            failure: Some("Nettleseren stoppet.".to_owned()),
            failed: Vec::new(),
            others: Vec::new(),
            evidence: None,
            ..finished.clone()
        };
        vec![running, waiting, finished, passed, broken]
    }
}
