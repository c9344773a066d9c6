//! The requirements of a suite as the product shows them: catalogue pages, reports, comparison.
//!
//! The suite is the source ([`catalogue`] asks it); nothing is written down a second time here.

use foundation::Digest;
use foundation::language::Language;
use serde::{Deserialize, Serialize};

use crate::suite::{Suite, wit};

/// The requirements of one suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Name of the suite.
    pub suite: String,
    /// Version of the requirement set.
    pub version: String,
    /// Digest of the component that decides them.
    pub component: Digest,
    /// Name for people.
    pub title: Text,
    /// In order of presentation.
    pub requirements: Vec<Requirement>,
}

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// Catalogue id, with a suffix when several checks share it: `SMA-02.1`.
    pub id: String,
    /// The requirement in one sentence.
    pub title: Text,
    /// What is demanded, why, and how it is measured.
    pub explanation: Text,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// What a failure means for approval.
    pub severity: Severity,
    /// How it is verified.
    pub method: Method,
}

impl Requirement {
    /// The id in the catalogue, without the suffix of the single check.
    pub fn catalogue_id(&self) -> &str {
        self.id.split('.').next().unwrap_or(&self.id)
    }
}

/// The same text in the product's languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Bokmål.
    pub nb: String,
    /// Nynorsk, where the suite has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nn: Option<String>,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in a language; bokmål where nynorsk is missing.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Nb => &self.nb,
            Language::Nn => self.nn.as_deref().unwrap_or(&self.nb),
            Language::En => &self.en,
        }
    }
}

/// A place in a specification, a law or the requirement catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The document.
    pub document: String,
    /// Section, number or article.
    pub place: String,
    /// Address of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a failure means for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Blokkerende: no approval while unfulfilled.
    Blocking,
    /// Vilkår mulig: may be approved on a dated condition.
    Conditional,
    /// Anbefalt: shown, never blocks.
    Recommended,
}

/// How a requirement is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Decided by the suite alone.
    Automatic,
    /// The suite decides a part; a document, a declaration or a person decides the rest.
    AutomaticInPart,
}

/// The requirements of a loaded suite.
pub(crate) fn catalogue(suite: &Suite) -> Catalogue {
    let description = suite.description().clone();
    Catalogue {
        suite: description.id,
        version: description.version,
        component: suite.digest(),
        title: description.title.into(),
        requirements: description
            .requirements
            .into_iter()
            .map(Into::into)
            .collect(),
    }
}

impl From<wit::Requirement> for Requirement {
    fn from(requirement: wit::Requirement) -> Self {
        Self {
            id: requirement.id,
            title: requirement.title.into(),
            explanation: requirement.explanation.into(),
            sources: requirement.sources.into_iter().map(Into::into).collect(),
            severity: requirement.severity.into(),
            method: requirement.method.into(),
        }
    }
}

impl From<wit::Text> for Text {
    fn from(text: wit::Text) -> Self {
        Self {
            nb: text.nb,
            nn: text.nn,
            en: text.en,
        }
    }
}

impl From<wit::Source> for Source {
    fn from(source: wit::Source) -> Self {
        Self {
            document: source.document,
            place: source.place,
            url: source.url,
        }
    }
}

impl From<wit::Severity> for Severity {
    fn from(severity: wit::Severity) -> Self {
        match severity {
            wit::Severity::Blocking => Self::Blocking,
            wit::Severity::Conditional => Self::Conditional,
            wit::Severity::Recommended => Self::Recommended,
        }
    }
}

impl From<wit::Method> for Method {
    fn from(method: wit::Method) -> Self {
        match method {
            wit::Method::Automatic => Self::Automatic,
            wit::Method::AutomaticInPart => Self::AutomaticInPart,
        }
    }
}
