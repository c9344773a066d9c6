//! Whether everybody can use the app: WCAG, language, title, narrow windows.

use std::collections::BTreeSet;

use crate::plan::{NARROW, START};
use crate::rule::{
    AUTOMATIC, BLOCKING, CONDITIONAL, Document, IN_PART, Rule, Verdict, failed, fulfilled,
    no_snapshot, not_applicable, not_assessed,
};
use crate::run::{Run, Step, place, place_of};
use crate::types::AxeViolation;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "UU-01.1",
        severity: BLOCKING,
        method: IN_PART,
        title: [
            "Ingen brudd på WCAG 2.1 A og AA i automatisk test.",
            "No violation of WCAG 2.1 A and AA in the automatic test.",
        ],
        explanation: [
            "Universell utforming er lovpålagt. Vi kjører axe på appens side etter oppstart og etter et avslag. En automatisk test finner bare en del; resten må et menneske se på.",
            "Accessibility is required by law. We run axe on the app's page after the launch and after a denial. An automatic test finds a part only; a person has to look at the rest.",
        ],
        expected: [
            "axe finner ingen brudd på nivå A og AA.",
            "axe finds no violation of levels A and AA.",
        ],
        remedy: [
            "Følg lenken til hver regel, rett elementet som er pekt ut, og kjør axe i nettleseren for å se at det er borte.",
            "Follow the link of each rule, correct the element that is pointed out, and run axe in the browser to see that it is gone.",
        ],
        sources: &[(Document::Wcag, "nivå A og AA")],
        check: axe,
    },
    Rule {
        id: "UU-01.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Siden sier hvilket språk den er på.",
            "The page says which language it is in.",
        ],
        explanation: [
            "Skjermlesere velger stemme etter lang på html-elementet. Vi leser det etter oppstart.",
            "Screen readers choose their voice by lang of the html element. We read it after the launch.",
        ],
        expected: [
            "Et gyldig språk i lang, for eksempel nb.",
            "A valid language in lang, for example nb.",
        ],
        remedy: [
            "Skriv <html lang=\"nb\"> (eller nn, se, en).",
            "Write <html lang=\"nb\"> (or nn, se, en).",
        ],
        sources: &[(Document::Wcag, "3.1.1")],
        check: language,
    },
    Rule {
        id: "UU-01.3",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: ["Siden har en tittel.", "The page has a title."],
        explanation: [
            "Tittelen er det første en skjermleser sier, og det som står i fanen. Vi leser den etter oppstart.",
            "The title is the first thing that a screen reader says, and what stands in the tab. We read it after the launch.",
        ],
        expected: ["En tittel som ikke er tom.", "A title that is not empty."],
        remedy: [
            "Sett <title> til appens navn og hva siden viser, uten pasientens navn.",
            "Set <title> to the app's name and what the page shows, without the patient's name.",
        ],
        sources: &[(Document::Wcag, "2.4.2")],
        check: title,
    },
    Rule {
        id: "UU-04.1",
        severity: CONDITIONAL,
        method: IN_PART,
        title: [
            "Siden passer i 320 piksler uten sidelengs rulling.",
            "The page fits in 320 pixels without sideways scrolling.",
        ],
        explanation: [
            "EPJ-er viser apper i smale rammer, og noen forstørrer til 400 %. Vi gjør vinduet 320 CSS-piksler bredt og måler innholdet.",
            "EHRs show apps in narrow frames, and some people enlarge to 400 %. We make the window 320 CSS pixels wide and measure the content.",
        ],
        expected: [
            "Innholdet er ikke bredere enn vinduet.",
            "The content is no wider than the window.",
        ],
        remedy: [
            "Bruk fleksible bredder, la tabeller rulle i sin egen ramme, og sett <meta name=\"viewport\" content=\"width=device-width\">.",
            "Use flexible widths, let tables scroll in a frame of their own, and set <meta name=\"viewport\" content=\"width=device-width\">.",
        ],
        sources: &[(Document::Wcag, "1.4.10")],
        check: reflow,
    },
    Rule {
        id: "PRO-05.1",
        severity: CONDITIONAL,
        method: IN_PART,
        title: [
            "Appen er på et språk som står i manifestet.",
            "The app is in a language that stands in the manifest.",
        ],
        explanation: [
            "Kommunen velger blant annet etter språk. Vi sammenligner lang på siden med languages i manifestet.",
            "Municipalities choose by language among other things. We compare lang of the page with languages of the manifest.",
        ],
        expected: [
            "Sidens språk er ett av de oppgitte.",
            "The page's language is one of the declared.",
        ],
        remedy: [
            "Rett lang på siden eller languages i manifestet, slik at de stemmer med teksten brukeren ser.",
            "Correct lang of the page or languages of the manifest, so that they match the text that the user sees.",
        ],
        sources: &[(Document::Wcag, "3.1.1")],
        check: declared_language,
    },
];

/// Rules of axe that have a requirement of their own here.
const OWN_RULES: &[&str] = &[
    "html-has-lang",
    "html-lang-valid",
    "html-xml-lang-mismatch",
    "document-title",
];

fn axe(run: &Run<'_>) -> Verdict {
    let results: Vec<_> = run.steps().flat_map(Step::axe).collect();
    if run.step(START).axe().next().is_none() || !run.step(START).has_token() {
        return not_assessed(
            "Siden kunne ikke testes etter oppstart.",
            "The page could not be tested after the launch.",
        );
    }
    let mut rules = BTreeSet::new();
    let mut places = Vec::new();
    for (event, result) in &results {
        for violation in result
            .violations
            .iter()
            .filter(|violation| is_demanded(violation))
        {
            rules.insert(violation.rule.as_str());
            places.push(place_of(
                event,
                format!(
                    "{} ({}): {} – {}",
                    violation.rule, violation.impact, violation.target, violation.help_url
                ),
            ));
        }
    }
    if places.is_empty() {
        return fulfilled(
            format!("axe fant ingen brudd på {} side(r).", results.len()),
            format!("axe found no violations on {} page(s).", results.len()),
        );
    }
    let named = rules.into_iter().collect::<Vec<_>>().join(", ");
    failed(
        format!("axe fant {} brudd: {named}.", places.len()),
        format!("axe found {} violations: {named}.", places.len()),
        places,
    )
}

/// Whether a rule belongs to WCAG 2.0 or 2.1, level A or AA, and has no requirement of its own.
fn is_demanded(violation: &AxeViolation) -> bool {
    let levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
    violation
        .tags
        .iter()
        .any(|tag| levels.contains(&tag.as_str()))
        && !OWN_RULES.contains(&violation.rule.as_str())
}

/// Whether a tag has the form of BCP 47: two or three letters, then subtags.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or("");
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn language(run: &Run<'_>) -> Verdict {
    let Some((event, snapshot)) = run.step(START).snapshot() else {
        return no_snapshot(START);
    };
    if is_language(&snapshot.html_lang) {
        return fulfilled(
            format!("lang er «{}».", snapshot.html_lang),
            format!("lang is “{}”.", snapshot.html_lang),
        );
    }
    failed(
        format!("lang er «{}».", snapshot.html_lang),
        format!("lang is “{}”.", snapshot.html_lang),
        vec![place(event)],
    )
}

fn title(run: &Run<'_>) -> Verdict {
    let Some((event, snapshot)) = run.step(START).snapshot() else {
        return no_snapshot(START);
    };
    if snapshot.title.trim().is_empty() {
        return failed(
            "Tittelen er tom.",
            "The title is empty.",
            vec![place(event)],
        );
    }
    fulfilled(
        format!("Tittelen er «{}».", snapshot.title),
        format!("The title is “{}”.", snapshot.title),
    )
}

fn reflow(run: &Run<'_>) -> Verdict {
    let Some((event, snapshot)) = run.step(NARROW).snapshot() else {
        return no_snapshot(NARROW);
    };
    let (content, window) = (snapshot.document_width, snapshot.viewport_width);
    let measured = (
        format!("Innholdet er {content} piksler bredt i et vindu på {window}."),
        format!("The content is {content} pixels wide in a window of {window}."),
    );
    if content <= window {
        fulfilled(measured.0, measured.1)
    } else {
        failed(measured.0, measured.1, vec![place(event)])
    }
}

fn declared_language(run: &Run<'_>) -> Verdict {
    let declared = &run.header().languages;
    if declared.is_empty() {
        return not_applicable(
            "Manifestet oppgir ingen språk.",
            "The manifest declares no languages.",
        );
    }
    let Some((event, snapshot)) = run.step(START).snapshot() else {
        return no_snapshot(START);
    };
    if !is_language(&snapshot.html_lang) {
        return not_assessed(
            "Siden oppgir ikke språk; se UU-01.2.",
            "The page declares no language; see UU-01.2.",
        );
    }
    let shown = primary(&snapshot.html_lang);
    if declared.iter().any(|tag| primary(tag) == shown) {
        return fulfilled(
            format!("Siden er på «{shown}»."),
            format!("The page is in “{shown}”."),
        );
    }
    let named = declared.join(", ");
    failed(
        format!("Siden er på «{shown}», men manifestet oppgir {named}."),
        format!("The page is in “{shown}”, but the manifest declares {named}."),
        vec![place(event)],
    )
}

/// The primary language; `no` is read as bokmål.
fn primary(tag: &str) -> String {
    match tag
        .split('-')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase()
        .as_str()
    {
        "no" => "nb".to_owned(),
        other => other.to_owned(),
    }
}
