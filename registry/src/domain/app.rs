//! The app entry: what a vendor says about an app, whichever version. Its shape is the JSON Schema
//! `schemas/app.json`; what is read here has passed it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A text in the languages that people read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalText {
    /// Bokmål.
    pub nb: String,
    /// Nynorsk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nn: Option<String>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl LocalText {
    /// Every language's text with its tag.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("nb", Some(self.nb.as_str())),
            ("nn", self.nn.as_deref()),
            ("en", self.en.as_deref()),
        ]
        .into_iter()
        .filter_map(|(tag, text)| Some((tag, text?)))
    }
}

/// What sort of app it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppKind {
    /// A service without a user interface.
    Backend,
    /// Started by health personnel in their EHR.
    ClinicianApp,
    /// Used by patients.
    PatientApp,
    /// A portal that others' apps are started from.
    Portal,
}

impl AppKind {
    /// The stable spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::ClinicianApp => "clinician-app",
            Self::PatientApp => "patient-app",
            Self::Portal => "portal",
        }
    }
}

/// Whom to write to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contacts {
    /// About vulnerabilities and incidents.
    pub security: String,
    /// About personal data.
    pub privacy: String,
    /// About clinical safety.
    pub clinical: String,
}

/// Pages of the vendor about the app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Home page.
    pub home: String,
    /// Terms of use.
    pub terms: String,
    /// Privacy notice.
    pub privacy: String,
    /// Source code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What it costs, without VAT, in whole øre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceModel {
    /// ISO 4217; always NOK.
    pub currency: String,
    /// Paid once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_time: Vec<OneTimePrice>,
    /// Paid again and again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recurring: Vec<RecurringPrice>,
}

/// A price paid once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneTimePrice {
    /// For what: `setup`, `integration`, `training`, `migration` or `exit`.
    pub what: String,
    /// Amount in øre.
    pub ore: i64,
}

/// A price paid for each month or year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecurringPrice {
    /// What is counted: `municipality`, `inhabitant`, `active-user`, `employee`, `patient`, …
    pub basis: String,
    /// `month` or `year`.
    pub period: String,
    /// Amount in øre for each.
    pub ore: i64,
}

/// What a vendor says about an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppEntry {
    /// Reverse domain name, unique for ever.
    pub software_id: String,
    /// Name.
    pub name: LocalText,
    /// Intended use, user group and clinical context, at most 600 characters.
    pub purpose: LocalText,
    /// What sort of app.
    pub kind: AppKind,
    /// Which needs it answers: codes of the need taxonomy.
    pub needs: BTreeSet<String>,
    /// Languages of its user interface.
    pub languages: BTreeSet<String>,
    /// Whom to write to.
    pub contacts: Contacts,
    /// Pages about it.
    pub links: Links,
    /// Where personal data is kept: `no`, `eea`, `other` or `none`.
    pub data_location: String,
    /// What it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceModel>,
}

/// The needs that an app may answer, with their bokmål names.
pub(crate) const NEEDS: [(&str, &str); 24] = [
    ("K01", "Timebestilling og innkalling"),
    ("K02", "Digital dialog mellom innbygger og tjeneste"),
    ("K03", "Kartlegging og skjema"),
    ("K04", "Måling og digital hjemmeoppfølging"),
    ("K05", "Egenbehandlingsplan og behandlingsplan"),
    ("K06", "Legemiddelliste og legemiddelhåndtering"),
    ("K07", "Helsestasjon og skolehelse"),
    ("K08", "Svangerskap og barsel"),
    ("K09", "Legevakt og triage"),
    ("K10", "Rehabilitering og trening"),
    ("K11", "Ernæring"),
    ("K12", "Sårbehandling med bilde"),
    ("K13", "Demens og pårørende"),
    ("K14", "Psykisk helse og rus"),
    ("K15", "Palliasjon"),
    ("K16", "Tildeling, vedtak og koordinering"),
    ("K17", "Samhandling"),
    ("K18", "Beslutningsstøtte"),
    ("K19", "Bilde- og videokonsultasjon"),
    ("K20", "Styringsdata og kvalitetsindikatorer"),
    ("K21", "Opplæring og kompetanse"),
    ("K22", "Tolk og språk"),
    ("K23", "Smittevern og vaksinasjon"),
    ("K24", "Egenandel, oppgjør og rapportering"),
];
