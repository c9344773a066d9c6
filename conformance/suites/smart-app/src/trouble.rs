//! Whether a page tells its user that something went wrong: words of trouble that do not stand on the
//! same app's page when all is well.

use crate::run::Step;
use crate::types::Snapshot;

/// Whether the page of `step` says that something is wrong, measured against the ordinary page.
pub(crate) fn told(step: &Step<'_>, ordinary: &Step<'_>) -> bool {
    let now = said(step);
    let before = said(ordinary);
    WORDS
        .iter()
        .any(|word| now.matches(word).count() > before.matches(word).count())
}

/// Everything that the page says, in lower case: text, announcements and dialogs.
fn said(step: &Step<'_>) -> String {
    let mut said = String::new();
    if let Some((_, snapshot)) = step.snapshots().last() {
        said.push_str(&visible(snapshot));
    }
    for (_, dialog) in step.dialogs() {
        said.push('\n');
        said.push_str(&dialog.message);
    }
    said.to_lowercase()
}

/// Text and announcements of a page.
pub(crate) fn visible(snapshot: &Snapshot) -> String {
    let mut visible = snapshot.text.clone();
    for announcement in &snapshot.announcements {
        visible.push('\n');
        visible.push_str(announcement);
    }
    visible
}

/// Bokmål, nynorsk and English. Part words on purpose: «avvis» finds «avvist» and «avvise».
const WORDS: &[&str] = &[
    "feil",
    "ikke tilgang",
    "ikkje tilgang",
    "kunne ikke",
    "kunne ikkje",
    "kan ikke",
    "kan ikkje",
    "fikk ikke",
    "fekk ikkje",
    "får ikke",
    "får ikkje",
    "ikke tilgjengelig",
    "ikkje tilgjengeleg",
    "ikke gitt",
    "ikkje gitt",
    "ikke hente",
    "ikkje hente",
    "utilgjengelig",
    "utilgjengeleg",
    "avvis",
    "avslå",
    "avslag",
    "avbrutt",
    "avbrote",
    "nekte",
    "mangler tilgang",
    "manglar tilgang",
    "utløpt",
    "utgått",
    "gått ut",
    "på nytt",
    "svarer ikke",
    "svarar ikkje",
    "avslutt",
    "prøv igjen",
    "start appen",
    "gikk galt",
    "gjekk gale",
    "midlertidig",
    "mellombels",
    "error",
    "fail",
    "denied",
    "refused",
    "rejected",
    "unavailable",
    "could not",
    "couldn't",
    "cannot",
    "can't",
    "unable",
    "expired",
    "try again",
    "not allowed",
    "not granted",
    "not permitted",
    "no access",
    "forbidden",
    "unauthorized",
    "unauthorised",
    "went wrong",
    "temporarily",
    "relaunch",
];
