//! What a requirement is made of, and what can come out of it.

use crate::run::{Run, Step};
use crate::types::{Method, Place, Severity, Source, Text};

/// The same sentence in bokmål and English.
pub(crate) type Words = [&'static str; 2];

/// One requirement with everything that is said about it and the function that decides it.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) method: Method,
    pub(crate) title: Words,
    /// What is demanded, why, and how it is measured.
    pub(crate) explanation: Words,
    pub(crate) expected: Words,
    pub(crate) remedy: Words,
    pub(crate) sources: &'static [(Document, &'static str)],
    pub(crate) check: fn(&Run<'_>) -> Verdict,
}

/// What came out.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Fulfilled(Text),
    Failed(Text, Vec<Place>),
    NotApplicable(Text),
    NotAssessed(Text),
}

/// A text in both languages.
pub(crate) fn text(nb: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        nb: nb.into(),
        nn: None,
        en: en.into(),
    }
}

/// A fixed text.
pub(crate) fn words([nb, en]: Words) -> Text {
    text(nb, en)
}

pub(crate) fn fulfilled(nb: impl Into<String>, en: impl Into<String>) -> Verdict {
    Verdict::Fulfilled(text(nb, en))
}

pub(crate) fn failed(nb: impl Into<String>, en: impl Into<String>, places: Vec<Place>) -> Verdict {
    Verdict::Failed(text(nb, en), places)
}

pub(crate) fn not_applicable(nb: impl Into<String>, en: impl Into<String>) -> Verdict {
    Verdict::NotApplicable(text(nb, en))
}

pub(crate) fn not_assessed(nb: impl Into<String>, en: impl Into<String>) -> Verdict {
    Verdict::NotAssessed(text(nb, en))
}

/// The step that the requirement needs did not come so far.
pub(crate) fn no_authorization(step: &str) -> Verdict {
    not_assessed(
        format!("Appen sendte ingen autorisasjonsforespørsel i steget «{step}»."),
        format!("The app sent no authorization request in the step “{step}”."),
    )
}

/// The app got no access token in the step, so what comes after could not be seen.
pub(crate) fn no_token(step: &str) -> Verdict {
    not_assessed(
        format!("Appen fikk ikke noe tilgangstoken i steget «{step}»."),
        format!("The app got no access token in the step “{step}”."),
    )
}

/// The runner brought no snapshot of the step.
pub(crate) fn no_snapshot(step: &str) -> Verdict {
    not_assessed(
        format!("Siden ble ikke lest i steget «{step}»."),
        format!("The page was not read in the step “{step}”."),
    )
}

/// A verdict on what a step's page or app did not show or send; withheld when the page never rested.
pub(crate) fn from_silence(step: &Step<'_>, verdict: Verdict) -> Verdict {
    if step.came_to_rest() {
        return verdict;
    }
    not_assessed(
        format!(
            "Siden kom ikke til ro i steget «{}», så vi kan ikke vite om noe mer ville ha skjedd.",
            step.id
        ),
        format!(
            "The page did not come to rest in the step “{}”, so we cannot know whether more would have happened.",
            step.id
        ),
    )
}

/// Where requirements come from.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Document {
    Smart,
    OAuth,
    OAuthPractice,
    Pkce,
    Fhir,
    Wcag,
    Gdpr,
    Csp,
    Asvs,
    NoBasis,
}

impl Document {
    const fn name(self) -> &'static str {
        match self {
            Self::Smart => "SMART App Launch 2.2",
            Self::OAuth => "RFC 6749 (OAuth 2.0)",
            Self::OAuthPractice => "RFC 9700 (OAuth 2.0 Security)",
            Self::Pkce => "RFC 7636 (PKCE)",
            Self::Fhir => "FHIR R4",
            Self::Wcag => "WCAG 2.1",
            Self::Gdpr => "Personvernforordningen (EU) 2016/679",
            Self::Csp => "W3C Content Security Policy 3",
            Self::Asvs => "OWASP ASVS",
            Self::NoBasis => "HL7 Norge no-basis 2.2",
        }
    }

    const fn url(self) -> &'static str {
        match self {
            Self::Smart => "https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html",
            Self::OAuth => "https://www.rfc-editor.org/rfc/rfc6749",
            Self::OAuthPractice => "https://www.rfc-editor.org/rfc/rfc9700",
            Self::Pkce => "https://www.rfc-editor.org/rfc/rfc7636",
            Self::Fhir => "https://hl7.org/fhir/R4/http.html",
            Self::Wcag => "https://www.w3.org/TR/WCAG21/",
            Self::Gdpr => "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
            Self::Csp => "https://www.w3.org/TR/CSP3/",
            Self::Asvs => {
                "https://owasp.org/www-project-application-security-verification-standard/"
            }
            Self::NoBasis => "https://hl7.no/fhir/",
        }
    }

    pub(crate) fn source(self, place: &str) -> Source {
        Source {
            document: self.name().to_owned(),
            place: place.to_owned(),
            url: Some(self.url().to_owned()),
        }
    }
}

pub(crate) const BLOCKING: Severity = Severity::Blocking;
pub(crate) const CONDITIONAL: Severity = Severity::Conditional;
pub(crate) const RECOMMENDED: Severity = Severity::Recommended;
pub(crate) const AUTOMATIC: Method = Method::Automatic;
pub(crate) const IN_PART: Method = Method::AutomaticInPart;
