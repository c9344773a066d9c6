//! Who else learns of the patient: hosts that nobody declared, and trackers.

use std::collections::BTreeSet;

use crate::plan::{FOREIGN, LURE, START};
use crate::rule::{
    AUTOMATIC, BLOCKING, Document, IN_PART, Rule, Verdict, failed, fulfilled, no_authorization,
};
use crate::run::{Run, Step, place_of};
use crate::types::{Event, Place};
use crate::web;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "PVN-07.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen kontakter bare mottakere som står i manifestet.",
            "The app contacts only recipients that stand in the manifest.",
        ],
        explanation: [
            "Hver mottaker lærer noe om bruken. Vi ser på alle forespørslene nettleseren prøvde å sende, også dem som ble stoppet.",
            "Every recipient learns something of the use. We look at all requests that the browser tried to send, also those that were stopped.",
        ],
        expected: [
            "Bare appens egne adresser, FHIR-serveren og verter i hosts i manifestet.",
            "The app's own addresses, the FHIR server and hosts of the manifest only.",
        ],
        remedy: [
            "Fjern kallet, legg skrift og skript i pakken, eller oppgi verten i hosts i manifestet med formål og land.",
            "Remove the request, put fonts and scripts into the bundle, or name the host in hosts of the manifest with purpose and country.",
        ],
        sources: &[(Document::Gdpr, "art. 5 nr. 1 c, art. 25")],
        check: recipients,
    },
    Rule {
        id: "PVN-08.1",
        severity: BLOCKING,
        method: IN_PART,
        title: [
            "Appen har ingen sporing eller reklame.",
            "The app has no tracking or advertising.",
        ],
        explanation: [
            "Sporing fra tredjeparter hører ikke hjemme der helseopplysninger vises, heller ikke når den er oppgitt. Vi sammenligner vertene med en liste over kjente sporingstjenester.",
            "Third-party tracking does not belong where health data are shown, not even when declared. We compare the hosts with a list of known tracking services.",
        ],
        expected: [
            "Ingen forespørsler til kjente sporingstjenester.",
            "No requests to known tracking services.",
        ],
        remedy: [
            "Fjern sporingsskriptet. Trenger du statistikk, tell på egen tjener uten personopplysninger.",
            "Remove the tracking script. If you need statistics, count on your own server without personal data.",
        ],
        sources: &[(Document::Gdpr, "art. 9")],
        check: trackers,
    },
];

fn is_tracker(host: &str) -> bool {
    TRACKERS.iter().any(|tracker| web::is_under(host, tracker))
}

/// Hosts that the browser turned to although nobody declared them; trackers are named by PVN-08.1, the
/// lure of the open redirector by SMA-05.2.
fn undeclared<'a>(run: &Run<'a>) -> Vec<(&'a Event, &'a str)> {
    run.steps()
        .flat_map(Step::hosts)
        .filter(|(event, host)| {
            let lure = event.step == FOREIGN && web::name(host) == LURE;
            !run.is_known_host(host) && !is_tracker(host) && !lure
        })
        .collect()
}

/// Every host that is not declared, trackers too: errors about them belong to those requirements.
pub(crate) fn unknown_hosts<'a>(run: &Run<'a>) -> BTreeSet<&'a str> {
    run.steps()
        .flat_map(Step::hosts)
        .map(|(_, host)| host)
        .filter(|host| !run.is_known_host(host) || is_tracker(host))
        .collect()
}

/// One place for each host.
fn by_host<'a>(
    seen: impl IntoIterator<Item = (&'a Event, &'a str)>,
) -> (BTreeSet<&'a str>, Vec<Place>) {
    let mut hosts = BTreeSet::new();
    let mut places = Vec::new();
    for (event, host) in seen {
        if hosts.insert(host) {
            places.push(place_of(event, host));
        }
    }
    (hosts, places)
}

fn hosts_verdict(
    run: &Run<'_>,
    (hosts, places): (BTreeSet<&str>, Vec<Place>),
    fine: [&str; 2],
    bad: [&str; 2],
) -> Verdict {
    if !hosts.is_empty() {
        let named = hosts.into_iter().collect::<Vec<_>>().join(", ");
        return failed(
            format!("{}: {named}.", bad[0]),
            format!("{}: {named}.", bad[1]),
            places,
        );
    }
    if !run.step(START).has_authorization() {
        return no_authorization(START);
    }
    fulfilled(fine[0], fine[1])
}

fn recipients(run: &Run<'_>) -> Verdict {
    hosts_verdict(
        run,
        by_host(undeclared(run)),
        [
            "Bare oppgitte mottakere ble kontaktet.",
            "Only declared recipients were contacted.",
        ],
        ["Ikke oppgitt i manifestet", "Not declared in the manifest"],
    )
}

fn trackers(run: &Run<'_>) -> Verdict {
    let seen = run
        .steps()
        .flat_map(Step::hosts)
        .filter(|(_, host)| is_tracker(host));
    hosts_verdict(
        run,
        by_host(seen),
        [
            "Ingen kjente sporingstjenester.",
            "No known tracking services.",
        ],
        ["Sporingstjenester", "Tracking services"],
    )
}

/// Domains of services whose purpose is tracking, advertising or recording of sessions.
const TRACKERS: &[&str] = &[
    "google-analytics.com",
    "googletagmanager.com",
    "googleadservices.com",
    "googlesyndication.com",
    "doubleclick.net",
    "facebook.com",
    "facebook.net",
    "connect.facebook.net",
    "hotjar.com",
    "clarity.ms",
    "segment.io",
    "segment.com",
    "mixpanel.com",
    "amplitude.com",
    "fullstory.com",
    "heap.io",
    "heapanalytics.com",
    "mouseflow.com",
    "crazyegg.com",
    "matomo.cloud",
    "plausible.io",
    "posthog.com",
    "adnxs.com",
    "criteo.com",
    "taboola.com",
    "outbrain.com",
    "bat.bing.com",
    "ads-twitter.com",
    "snap.licdn.com",
    "px.ads.linkedin.com",
    "analytics.tiktok.com",
    "siteimproveanalytics.io",
    "siteimproveanalytics.com",
    "nr-data.net",
    "quantserve.com",
    "scorecardresearch.com",
    "chartbeat.com",
    "kissmetrics.io",
];
