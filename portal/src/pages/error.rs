//! The page that is shown instead of another: not found, not allowed, failed. It always has a way
//! out and the request id.

use axum::http::StatusCode;
use serde::Serialize;

use super::Page;

/// A refusal or failure, for people.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ErrorPage {
    pub(crate) code: String,
    pub(crate) http_status: u16,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) remedy: String,
    /// Language of title, detail and remedy.
    pub(crate) lang: &'static str,
    pub(crate) request_id: Option<String>,
    pub(crate) findings: Vec<super::parts::FieldError>,
    /// Where logging in as somebody else leads, when that may help.
    pub(crate) can_log_in: bool,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "pages/error.html";

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let page = |http_status, can_log_in: bool| Self {
            code: "page-not-found".to_owned(),
            http_status,
            title: "The page is not here".to_owned(),
            detail: "The address leads to nothing.".to_owned(),
            remedy: "Check the address.".to_owned(),
            lang: "en",
            request_id: can_log_in.then(|| "req_01".to_owned()),
            findings: Vec::new(),
            can_log_in,
        };
        let mut with_findings = page(422, false);
        with_findings.findings = vec![super::parts::samples::error("")];
        vec![page(404, false), page(403, true), with_findings]
    }
}
