//! How an approval hangs together, as a section of an app's page: each link with who made it and
//! when, and what the box that verifies in the reader's own browser needs.

use serde::Serialize;

/// The links of an approval.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChainView {
    pub(crate) release: String,
    pub(crate) content: Option<String>,
    pub(crate) reviews: Vec<ReviewLine>,
    pub(crate) issuer_key: String,
    /// In milliseconds, as all times of a page.
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) origin: String,
    pub(crate) index: i64,
    pub(crate) witnesses: Vec<WitnessLine>,
    /// `prod`, `pilot` or `test`: what the verifier is told that it stands in.
    pub(crate) environment: String,
}

/// A reviewer's decision.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReviewLine {
    pub(crate) role: String,
    pub(crate) organisation: Option<String>,
    pub(crate) key: String,
    pub(crate) decided_at: i64,
}

/// A witness and when it saw the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WitnessLine {
    pub(crate) name: String,
    pub(crate) seen_at: i64,
}

#[cfg(test)]
pub(super) fn sample() -> ChainView {
    let review = |role: &str, organisation: Option<&str>| ReviewLine {
        role: role.to_owned(),
        organisation: organisation.map(str::to_owned),
        key: "q2Vx8m1eJ0w".to_owned(),
        decided_at: 1_795_251_000_000,
    };
    ChainView {
        release: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
        content: Some("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned()),
        reviews: vec![
            review("security", Some("Norsk <helsenett>")),
            review("clinical", None),
        ],
        issuer_key: "xYz0m1eJ0w".to_owned(),
        issued_at: 1_795_251_600_000,
        expires_at: 1_826_787_600_000,
        origin: "localhost:8080/log2026".to_owned(),
        index: 12,
        witnesses: vec![WitnessLine {
            name: "vitne-1.example.no".to_owned(),
            seen_at: 1_795_251_601_000,
        }],
        environment: "test".to_owned(),
    }
}
