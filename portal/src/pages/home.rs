//! `/min-side`: where a login lands, with what the person's roles can do, and the API keys.

use serde::Serialize;

use super::Page;
use super::parts::AppCard;

/// The landing page of a person.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HomePage {
    pub(crate) latest: Vec<AppCard>,
    /// How many versions wait for a review, for reviewers.
    pub(crate) waiting: Option<i64>,
    pub(crate) sandbox_url: String,
    pub(crate) public_url: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "pages/home.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let page = |latest, waiting| Self {
            latest,
            waiting,
            sandbox_url: "http://localhost:8081".to_owned(),
            public_url: "http://localhost:8080".to_owned(),
        };
        vec![
            page(Vec::new(), None),
            page(vec![super::parts::samples::card("approved")], Some(2)),
        ]
    }
}

/// A key as its owner sees it: never the secret.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokenRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) is_revoked: bool,
}

/// The API keys of a person.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokensPage {
    pub(crate) tokens: Vec<TokenRow>,
    /// The secret of a key made just now; shown this once.
    pub(crate) fresh: Option<String>,
    pub(crate) public_url: String,
    pub(crate) errors: Vec<super::parts::FieldError>,
}

impl Page for TokensPage {
    const TEMPLATE: &'static str = "pages/tokens.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let token = |id: &str, is_revoked| TokenRow {
            id: id.to_owned(),
            name: "Byggserver".to_owned(),
            created_at: 1_795_251_600_000,
            expires_at: 1_805_251_600_000,
            is_revoked,
        };
        let page = |tokens, fresh: Option<&str>| Self {
            tokens,
            fresh: fresh.map(str::to_owned),
            public_url: "http://localhost:8080".to_owned(),
            errors: Vec::new(),
        };
        vec![
            page(Vec::new(), None),
            page(
                vec![token("tok_1", false), token("tok_2", true)],
                Some("mpk_secret"),
            ),
        ]
    }
}
