//! `/problems/{code}`: what a code means and what to do, for developers who met it.

use serde::Serialize;

use super::Page;

/// One code.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProblemPage {
    pub(crate) code: String,
    pub(crate) room: String,
    pub(crate) title: String,
    pub(crate) remedy: String,
    /// Language of the two texts.
    pub(crate) lang: &'static str,
}

impl Page for ProblemPage {
    const TEMPLATE: &'static str = "pages/problem.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![Self {
            code: "bundle-traversal".to_owned(),
            room: "registry".to_owned(),
            title: "En sti i arkivet peker ut av arkivet".to_owned(),
            remedy: "Lag pakken på nytt.".to_owned(),
            lang: "nb",
        }]
    }
}

/// Every code.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProblemsPage {
    pub(crate) rooms: Vec<ProblemRoom>,
}

/// The codes of one room.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProblemRoom {
    pub(crate) room: String,
    pub(crate) problems: Vec<ProblemPage>,
}

impl Page for ProblemsPage {
    const TEMPLATE: &'static str = "pages/problems.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![Self {
            rooms: vec![ProblemRoom {
                room: "registry".to_owned(),
                problems: ProblemPage::samples(),
            }],
        }]
    }
}
