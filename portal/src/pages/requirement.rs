//! `/krav` and `/krav/{id}`: what is demanded, from where, and how it is measured.

use serde::Serialize;

use super::Page;
use super::parts::Worded;

/// A requirement in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RequirementRow {
    pub(crate) id: String,
    pub(crate) title: Worded,
    pub(crate) severity: String,
    pub(crate) method: String,
}

/// Requirements of one area (the letters of the id).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RequirementArea {
    pub(crate) area: String,
    pub(crate) requirements: Vec<RequirementRow>,
}

/// The catalogue of requirements.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RequirementsPage {
    pub(crate) suite: Worded,
    pub(crate) version: String,
    pub(crate) component: String,
    pub(crate) total: i64,
    pub(crate) areas: Vec<RequirementArea>,
}

#[cfg(test)]
fn row(id: &str, severity: &str, method: &str) -> RequirementRow {
    RequirementRow {
        id: id.to_owned(),
        title: Worded::nb("Appen bruker PKCE med S256"),
        severity: severity.to_owned(),
        method: method.to_owned(),
    }
}

impl Page for RequirementsPage {
    const TEMPLATE: &'static str = "pages/requirements.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![Self {
            suite: Worded::nb("SMART-app"),
            version: "1.0.0".to_owned(),
            component: "sha256-abc".to_owned(),
            total: 3,
            areas: vec![RequirementArea {
                area: "SMA".to_owned(),
                requirements: vec![
                    row("SMA-01", "blocking", "automatic"),
                    row("SMA-02.1", "conditional", "automatic-in-part"),
                    row("SMA-02.2", "recommended", "automatic"),
                ],
            }],
        }]
    }
}

/// Where a requirement comes from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SourceView {
    pub(crate) document: String,
    pub(crate) place: String,
    pub(crate) url: Option<String>,
}

/// One requirement.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RequirementPage {
    pub(crate) requirement: RequirementRow,
    pub(crate) explanation: Worded,
    pub(crate) sources: Vec<SourceView>,
    pub(crate) suite: Worded,
    pub(crate) version: String,
}

impl Page for RequirementPage {
    const TEMPLATE: &'static str = "pages/requirement.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let source = |url: Option<&str>| SourceView {
            document: "SMART App Launch 2.2".to_owned(),
            place: "§ 2.0.8".to_owned(),
            url: url.map(str::to_owned),
        };
        vec![Self {
            requirement: row("SMA-02.1", "blocking", "automatic-in-part"),
            explanation: Worded::nb("PKCE hindrer at en stjålet kode kan brukes."),
            sources: vec![source(None), source(Some("https://example.org/spec"))],
            suite: Worded::nb("SMART-app"),
            version: "1.0.0".to_owned(),
        }]
    }
}
