//! `/`: what this is, for whom, and the ways in.

use serde::Serialize;

use super::Page;
use super::parts::AppCard;

/// The front page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FrontPage {
    /// Newest approvals first.
    pub(crate) latest: Vec<AppCard>,
    pub(crate) sandbox_url: String,
}

impl Page for FrontPage {
    const TEMPLATE: &'static str = "pages/front.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let page = |latest| Self {
            latest,
            sandbox_url: "http://localhost:8081".to_owned(),
        };
        vec![
            page(Vec::new()),
            page(vec![super::parts::samples::card("approved")]),
        ]
    }
}
