//! Parts that several pages share.

use foundation::language::Language;
use serde::Serialize;

/// A text that somebody else wrote, with the language that it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Worded {
    pub(crate) text: String,
    /// BCP 47 tag.
    pub(crate) lang: &'static str,
}

impl Worded {
    /// The text in the wanted language, else bokmål.
    pub(crate) fn choose(language: Language, nb: &str, nn: Option<&str>, en: Option<&str>) -> Self {
        let found = match language {
            Language::Nb => None,
            Language::Nn => nn,
            Language::En => en,
        };
        let (text, lang) = match found {
            Some(text) if !text.is_empty() => (text, language.tag()),
            _ => (nb, Language::Nb.tag()),
        };
        Self {
            text: text.to_owned(),
            lang,
        }
    }

    /// A bokmål text.
    #[cfg(test)]
    pub(crate) fn nb(text: &str) -> Self {
        Self::choose(Language::Nb, text, None, None)
    }
}

/// How many requirements came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) fulfilled: i64,
    pub(crate) failed: i64,
    pub(crate) not_applicable: i64,
    pub(crate) not_assessed: i64,
}

/// An app in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AppCard {
    pub(crate) software_id: String,
    pub(crate) name: Worded,
    pub(crate) purpose: Worded,
    pub(crate) vendor: String,
    pub(crate) kind: String,
    pub(crate) version: String,
    pub(crate) status: String,
    pub(crate) approved_at: Option<i64>,
    pub(crate) needs: Vec<String>,
    /// How many requirements the check measured as fulfilled.
    pub(crate) fulfilled: Option<i64>,
}

/// One thing wrong in a form, tied to its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// Name of the input; empty when it is of no single one.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) text: String,
    /// What to do.
    pub(crate) remedy: String,
    /// Language of text and remedy.
    pub(crate) lang: &'static str,
    /// What exactly was met, in English; empty when `text` says it all.
    pub(crate) detail: String,
}

/// A step in the life of a version.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HistoryEntry {
    pub(crate) at: i64,
    /// What it became.
    pub(crate) status: String,
    pub(crate) version: String,
    /// Who did it, as the reader may know them.
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
}

/// What the check found about one requirement.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingView {
    pub(crate) requirement: String,
    pub(crate) title: Worded,
    pub(crate) severity: String,
    pub(crate) outcome: String,
    pub(crate) observed: Option<Worded>,
    pub(crate) expected: Option<Worded>,
    pub(crate) place: Option<String>,
    pub(crate) remedy: Option<Worded>,
}

/// A place in a list of pages.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Paging {
    pub(crate) current: i64,
    pub(crate) last: i64,
    pub(crate) previous: Option<String>,
    pub(crate) next: Option<String>,
    pub(crate) numbers: Vec<PageLink>,
}

/// A numbered page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageLink {
    pub(crate) number: i64,
    pub(crate) href: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) fn card(status: &str) -> AppCard {
        AppCard {
            software_id: "no.fjordhelse.blodtrykk".to_owned(),
            name: Worded::nb("Blodtrykk over tid"),
            purpose: Worded::nb(
                "Viser blodtrykk og puls som kurve, så legen ser utviklingen uten å bla i journalen.",
            ),
            vendor: "Fjord Helseapper AS".to_owned(),
            kind: "clinician-app".to_owned(),
            version: "1.4.0".to_owned(),
            status: status.to_owned(),
            approved_at: Some(1_795_251_600_000),
            needs: vec!["K04".to_owned(), "K18".to_owned()],
            fulfilled: Some(24),
        }
    }

    pub(crate) fn error(field: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            text: "App-id er ikke et omvendt domenenavn.".to_owned(),
            remedy: "Skriv den som no.eksempel.app.".to_owned(),
            lang: "nb",
            detail: if field.is_empty() {
                String::new()
            } else {
                "does not match the pattern".to_owned()
            },
        }
    }

    pub(crate) fn counts() -> Counts {
        Counts {
            fulfilled: 24,
            failed: 1,
            not_applicable: 2,
            not_assessed: 1,
        }
    }

    pub(crate) fn history() -> Vec<HistoryEntry> {
        let entry = |at, status: &str, reason: Option<&str>| HistoryEntry {
            at,
            status: status.to_owned(),
            version: "1.4.0".to_owned(),
            actor: "Fjord Helseapper AS".to_owned(),
            reason: reason.map(str::to_owned),
        };
        vec![
            entry(1_795_251_600_000, "approved", None),
            entry(1_795_151_600_000, "submitted", None),
            entry(
                1_795_051_600_000,
                "returned",
                Some("Beskriv hva appen lagrer."),
            ),
            entry(1_794_951_600_000, "uploaded", None),
        ]
    }

    pub(crate) fn finding(outcome: &str, severity: &str) -> FindingView {
        FindingView {
            requirement: format!("SMA-{outcome}-{severity}"),
            title: Worded::nb("Autorisasjonskallet bruker PKCE med S256"),
            severity: severity.to_owned(),
            outcome: outcome.to_owned(),
            observed: Some(Worded::nb("code_challenge_method var «plain».")),
            expected: Some(Worded::nb("code_challenge_method er «S256».")),
            place: Some("GET /demo/auth/authorize".to_owned()),
            remedy: (outcome == "failed")
                .then(|| Worded::nb("Slå på PKCE S256 i OAuth-biblioteket ditt.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_translation_falls_back_and_says_so() {
        let text = |language, nn, en| Worded::choose(language, "hei", nn, en);
        assert_eq!(text(Language::Nn, None, None).lang, "nb");
        assert_eq!(text(Language::En, None, Some("")).text, "hei");
        assert_eq!(text(Language::En, None, Some("hello")).lang, "en");
    }
}
