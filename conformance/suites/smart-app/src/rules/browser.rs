//! What the browser itself sees to: encryption and the security headers of the app's own pages.

use crate::plan::START;
use crate::rule::{
    AUTOMATIC, BLOCKING, CONDITIONAL, Document, Rule, Verdict, failed, fulfilled, not_assessed,
};
use crate::run::{Run, Step, place, place_of};
use crate::types::{BrowserResponse, Place};
use crate::web;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SIK-01.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: ["All trafikk er kryptert.", "All traffic is encrypted."],
        explanation: [
            "Helseopplysninger skal ikke gå i klartekst, og en kryptert side skal ikke hente noe ukryptert. Trafikk som ikke forlater maskinen (localhost), regnes ikke med.",
            "Health data must not travel in clear text, and an encrypted page must not fetch anything unencrypted. Traffic that does not leave the machine (localhost) is not counted.",
        ],
        expected: ["Bare https og wss.", "https and wss only."],
        remedy: [
            "Bytt http:// til https:// i adressene, og last inn skrift, bilder og skript over https.",
            "Change http:// to https:// in the addresses, and load fonts, images and scripts over https.",
        ],
        sources: &[(Document::Smart, "krav 1")],
        check: encrypted,
    },
    Rule {
        id: "SIK-02.1",
        severity: CONDITIONAL,
        method: AUTOMATIC,
        title: [
            "Appens sider har sikkerhetshoder som stopper fremmed kode og fremmede rammer.",
            "The app's pages have security headers that stop foreign code and foreign frames.",
        ],
        explanation: [
            "Content-Security-Policy uten 'unsafe-inline' for skript, frame-ancestors og X-Content-Type-Options: nosniff tar mye av kraften fra et angrep. Vi leser hodene på appens egne sider.",
            "Content-Security-Policy without 'unsafe-inline' for scripts, frame-ancestors and X-Content-Type-Options: nosniff take much of the force out of an attack. We read the headers of the app's own pages.",
        ],
        expected: [
            "CSP som begrenser skript uten 'unsafe-inline', frame-ancestors og nosniff på alle egne sider.",
            "CSP that limits scripts without 'unsafe-inline', frame-ancestors and nosniff on all own pages.",
        ],
        remedy: [
            "Sett for eksempel Content-Security-Policy: default-src 'self'; frame-ancestors https://epj.example og X-Content-Type-Options: nosniff. Flytt innebygde skript til filer.",
            "Set for example Content-Security-Policy: default-src 'self'; frame-ancestors https://ehr.example and X-Content-Type-Options: nosniff. Move inline scripts to files.",
        ],
        sources: &[(Document::Csp, "§ 6.1"), (Document::Asvs, "V3.4")],
        check: headers,
    },
];

fn encrypted(run: &Run<'_>) -> Verdict {
    if !run.steps().any(|step| step.requests().next().is_some()) {
        return not_assessed(
            "Nettleseren sendte ingen forespørsler.",
            "The browser sent no requests.",
        );
    }
    let places: Vec<Place> = run
        .steps()
        .flat_map(Step::requests)
        .filter(|(_, request)| {
            ["http://", "ws://"]
                .iter()
                .any(|scheme| request.url.starts_with(scheme))
        })
        // Other hosts are named by PVN-07.1.
        .filter(|(_, request)| !web::is_loopback(&request.host) && run.is_known_host(&request.host))
        .map(|(event, _)| place(event))
        .collect();
    if places.is_empty() {
        return fulfilled("Ingen ukryptert trafikk.", "No unencrypted traffic.");
    }
    failed(
        format!("{} ukrypterte forespørsler.", places.len()),
        format!("{} unencrypted requests.", places.len()),
        places,
    )
}

fn headers(run: &Run<'_>) -> Verdict {
    let pages: Vec<_> = run
        .step(START)
        .responses()
        .filter(|(_, response)| {
            response.top_level && response.status == 200 && run.is_own(&response.url)
        })
        .collect();
    if pages.is_empty() {
        return not_assessed(
            "Ingen av appens egne sider ble lastet.",
            "None of the app's own pages was loaded.",
        );
    }
    let places: Vec<Place> = pages
        .iter()
        .filter_map(|(event, response)| Some(place_of(event, fault(response)?)))
        .collect();
    let Some(first) = places.first().and_then(|place| place.detail.clone()) else {
        return fulfilled(
            format!("{} sider har hodene.", pages.len()),
            format!("{} pages have the headers.", pages.len()),
        );
    };
    failed(
        format!(
            "{} av {} sider mangler noe: {first}.",
            places.len(),
            pages.len()
        ),
        format!(
            "{} of {} pages lack something: {first}.",
            places.len(),
            pages.len()
        ),
        places,
    )
}

/// What is wrong with the headers of a page, in the words of the headers.
fn fault(response: &BrowserResponse) -> Option<String> {
    let policies: Vec<&str> = response
        .headers
        .iter()
        .filter(|pair| pair.name.eq_ignore_ascii_case("content-security-policy"))
        .map(|pair| pair.value.as_str())
        .collect();
    if policies.is_empty() {
        return Some("Content-Security-Policy".to_owned());
    }
    // Several policies all apply, so one that restricts is enough (CSP 3 §8.1).
    let directive = |name: &str| policies.iter().find_map(|policy| directive(policy, name));
    let scripts = directive("script-src").or_else(|| directive("default-src"));
    let Some(scripts) = scripts else {
        return Some("script-src".to_owned());
    };
    let pinned = [
        "'nonce-",
        "'sha256-",
        "'sha384-",
        "'sha512-",
        "'strict-dynamic'",
    ];
    if scripts.contains("'unsafe-inline'") && !pinned.iter().any(|pin| scripts.contains(pin)) {
        return Some("script-src 'unsafe-inline'".to_owned());
    }
    if scripts.split_whitespace().any(|source| source == "*") {
        return Some("script-src *".to_owned());
    }
    if directive("frame-ancestors")
        .is_none_or(|frames| frames.split_whitespace().any(|source| source == "*"))
    {
        return Some("frame-ancestors".to_owned());
    }
    if web::value(&response.headers, "x-content-type-options")
        .is_none_or(|value| !value.eq_ignore_ascii_case("nosniff"))
    {
        return Some("X-Content-Type-Options".to_owned());
    }
    None
}

/// The sources of a directive of a policy.
fn directive<'a>(policy: &'a str, name: &str) -> Option<&'a str> {
    policy
        .split([';', ','])
        .map(str::trim)
        .find_map(|directive| {
            let (found, sources) = directive
                .split_once(char::is_whitespace)
                .unwrap_or((directive, ""));
            found.eq_ignore_ascii_case(name).then_some(sources)
        })
}
