//! When the FHIR server does not give what was asked for: expired access, overload, failure.

use crate::plan::{EXPIRED, FAULT, NARROW, START, SWITCH, THROTTLED};
use crate::rule::{
    AUTOMATIC, BLOCKING, CONDITIONAL, Document, IN_PART, Rule, Verdict, failed, from_silence,
    fulfilled, no_authorization, no_snapshot, no_token, not_assessed,
};
use crate::rules::recipients::unknown_hosts;
use crate::run::{Run, Step, place, repetitions};
use crate::trouble;
use crate::types::{ConsoleLevel, ConsoleMessage, ConsoleOrigin, Exchange, Place};
use crate::web;

/// The same request in one step: the first and two more tries.
const TRIES: usize = 3;
/// Requests in one launch.
const STORM: usize = 100;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-14.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Når tilgangen går ut, fornyer appen den eller sier fra.",
            "When access expires, the app renews it or says so.",
        ],
        explanation: [
            "Tokenet slutter å virke etter første kall (401). Appen kan fornye med refresh-token, starte på nytt eller vise en melding. Den skal ikke stå og hamre på serveren.",
            "The token stops working after the first request (401). The app may refresh, relaunch or show a message. It must not hammer the server.",
        ],
        expected: [
            "Fornyelse, ny autorisasjon eller en synlig melding, og det samme kallet høyst tre ganger.",
            "A refresh, a new authorization or a visible message, and the same request at most three times.",
        ],
        remedy: [
            "Fang 401 ett sted, prøv å fornye én gang, og vis ellers «Tilgangen er gått ut. Start appen på nytt fra journalen.»",
            "Catch 401 in one place, try to refresh once, and otherwise show “Access has expired. Launch the app again from the record.”",
        ],
        sources: &[
            (Document::Smart, "krav 105, 106"),
            (Document::Fhir, "§ 3.1.0.1"),
        ],
        check: expired,
    },
    Rule {
        id: "SMA-14.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Når serveren ber appen vente, venter den.",
            "When the server asks the app to wait, it waits.",
        ],
        explanation: [
            "Sandkassen svarer 429 eller 503 med Retry-After. Appen kan prøve igjen et par ganger, men ikke i en løkke som gjør det verre.",
            "The sandbox answers 429 or 503 with Retry-After. The app may try again a couple of times, but not in a loop that makes it worse.",
        ],
        expected: [
            "Det samme kallet høyst tre ganger.",
            "The same request at most three times.",
        ],
        remedy: [
            "Følg Retry-After, øk ventetiden for hvert forsøk, og gi opp med en melding etter noen få.",
            "Follow Retry-After, lengthen the wait with each try, and give up with a message after a few.",
        ],
        sources: &[(Document::Fhir, "§ 3.1.0.1")],
        check: waits,
    },
    Rule {
        id: "SMA-14.3",
        severity: CONDITIONAL,
        method: AUTOMATIC,
        title: [
            "Appen sender ikke unødig mange kall i vanlig bruk.",
            "The app does not send needlessly many requests in ordinary use.",
        ],
        explanation: [
            "Mange like kall gjør EPJ-en treg for alle. Vi teller FHIR-kall i en vanlig oppstart.",
            "Many equal requests make the EHR slow for everybody. We count FHIR requests in an ordinary launch.",
        ],
        expected: [
            "Høyst 100 FHIR-kall i en oppstart, og det samme kallet høyst tre ganger.",
            "At most 100 FHIR requests in a launch, and the same request at most three times.",
        ],
        remedy: [
            "Hent hver ressurs én gang og del svaret mellom delene av siden. Bruk søk med flere koder i stedet for ett kall per kode.",
            "Fetch each resource once and share the answer between the parts of the page. Search for several codes instead of one request per code.",
        ],
        sources: &[(Document::Fhir, "§ 3.2")],
        check: storm,
    },
    Rule {
        id: "SMA-14.4",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Ingen skriptfeil i konsollen i vanlig bruk.",
            "No script errors in the console in ordinary use.",
        ],
        explanation: [
            "En feil som ingen fanger, kan gi en side som er halvt ferdig uten at brukeren vet det. Vi leser konsollen i de vanlige oppstartene.",
            "An error that nobody catches can leave a page half finished without the user knowing. We read the console in the ordinary launches.",
        ],
        expected: [
            "Ingen ufangede unntak og ingen feilmeldinger i konsollen.",
            "No uncaught exceptions and no error messages in the console.",
        ],
        remedy: [
            "Åpne appen i sandkassen med utviklerverktøyet, følg meldingen til linjen den kommer fra, og rett årsaken.",
            "Open the app in the sandbox with the developer tools, follow the message to its line, and correct the cause.",
        ],
        sources: &[(Document::Asvs, "V16")],
        check: console,
    },
    Rule {
        id: "KLI-06.1",
        severity: BLOCKING,
        method: IN_PART,
        title: [
            "Data som ikke kunne hentes, vises aldri som om de ikke finnes.",
            "Data that could not be fetched are never shown as if there were none.",
        ],
        explanation: [
            "«Ingen funn» når serveren var nede, kan føre til feil behandling. Sandkassen svarer 503 og 429 på alt unntatt pasienten, og vi leser om siden sier fra.",
            "“No findings” when the server was down can lead to wrong treatment. The sandbox answers 503 and 429 to everything but the patient, and we read whether the page says so.",
        ],
        expected: [
            "Siden sier at data ikke kunne hentes.",
            "The page says that data could not be fetched.",
        ],
        remedy: [
            "Skill mellom «ingen registrert» og «kunne ikke hentes» i koden: et kall som feiler, skal gi en feilmelding der tallene ellers står, ikke en tom liste.",
            "Tell “none recorded” from “could not be fetched” in the code: a request that fails is to give an error message where the values otherwise stand, not an empty list.",
        ],
        sources: &[(Document::Fhir, "§ 3.1.0.1")],
        check: no_false_empty,
    },
];

/// Requests of a step that got one of these answers.
fn answered<'a>(step: &Step<'a>, statuses: &[u16]) -> Vec<(Place, &'a Exchange)> {
    step.fhir()
        .filter(|(_, exchange)| statuses.contains(&exchange.status))
        .map(|(event, exchange)| (place(event), exchange))
        .collect()
}

fn expired(run: &Run<'_>) -> Verdict {
    let step = run.step(EXPIRED);
    if !step.has_token() {
        return no_token(EXPIRED);
    }
    let refused = answered(step, &[401]);
    if refused.is_empty() {
        return not_assessed(
            "Appen gjorde ingen kall etter at tilgangen gikk ut.",
            "The app made no requests after access had expired.",
        );
    }
    let most = repetitions(refused.iter().map(|(_, exchange)| *exchange));
    if most > TRIES {
        return failed(
            format!("Det samme kallet fikk 401 {most} ganger."),
            format!("The same request got 401 {most} times."),
            refused.into_iter().map(|(place, _)| place).collect(),
        );
    }
    let renewed = step.tokens().any(|(_, exchange)| {
        web::parameter(exchange, "grant_type") == Some("refresh_token") && exchange.status == 200
    });
    let again = step.authorizations().count() > 1;
    if renewed || again {
        return fulfilled("Appen fornyet tilgangen.", "The app renewed its access.");
    }
    if trouble::told(step, run.step(START)) {
        return fulfilled(
            "Appen sa fra at tilgangen var gått ut.",
            "The app said that access had expired.",
        );
    }
    from_silence(
        step,
        failed(
            format!("{} kall fikk 401, og siden sier ikke fra.", refused.len()),
            format!(
                "{} requests got 401, and the page does not say so.",
                refused.len()
            ),
            refused.into_iter().map(|(place, _)| place).collect(),
        ),
    )
}

fn waits(run: &Run<'_>) -> Verdict {
    let refused: Vec<_> = [FAULT, THROTTLED]
        .iter()
        .map(|id| answered(run.step(id), &[429, 503]))
        .collect();
    if refused.iter().all(Vec::is_empty) {
        return untried(run);
    }
    let most = refused
        .iter()
        .map(|step| repetitions(step.iter().map(|(_, exchange)| *exchange)))
        .max()
        .unwrap_or(0);
    if most <= TRIES {
        return fulfilled(
            format!("Det samme kallet ble sendt høyst {most} gang(er)."),
            format!("The same request was sent at most {most} time(s)."),
        );
    }
    failed(
        format!("Det samme kallet ble sendt {most} ganger."),
        format!("The same request was sent {most} times."),
        refused
            .into_iter()
            .flatten()
            .map(|(place, _)| place)
            .collect(),
    )
}

/// The FHIR server's errors struck nothing.
fn untried(run: &Run<'_>) -> Verdict {
    if !run.step(FAULT).has_token() {
        return no_token(FAULT);
    }
    not_assessed(
        "Appen gjorde ingen kall som FHIR-serveren kunne svare feil på.",
        "The app made no requests that the FHIR server could answer with an error.",
    )
}

fn storm(run: &Run<'_>) -> Verdict {
    let step = run.step(START);
    let count = step.fhir().count();
    if count == 0 {
        return no_token(START);
    }
    let most = repetitions(step.fhir().map(|(_, exchange)| exchange));
    if count <= STORM && most <= TRIES {
        return fulfilled(
            format!("{count} kall, det samme høyst {most} gang(er)."),
            format!("{count} requests, the same at most {most} time(s)."),
        );
    }
    failed(
        format!("{count} kall, det samme {most} ganger."),
        format!("{count} requests, the same {most} times."),
        step.fhir().map(|(event, _)| place(event)).collect(),
    )
}

fn console(run: &Run<'_>) -> Verdict {
    if !run.step(START).has_authorization() {
        return no_authorization(START);
    }
    let places: Vec<Place> = [START, NARROW, SWITCH]
        .iter()
        .flat_map(|id| run.step(id).console())
        .filter(|(_, message)| is_error(run, message))
        .map(|(event, _)| place(event))
        .collect();
    if places.is_empty() {
        return fulfilled("Ingen feil i konsollen.", "No errors in the console.");
    }
    failed(
        format!("{} feil i konsollen.", places.len()),
        format!("{} errors in the console.", places.len()),
        places,
    )
}

/// Whether a console message is an error of the app's own. What other requirements name is left to them:
/// hosts that are not declared, and answers of the FHIR server.
fn is_error(run: &Run<'_>, message: &ConsoleMessage) -> bool {
    if message.level != ConsoleLevel::Error && message.origin != ConsoleOrigin::Exception {
        return false;
    }
    let url = message.url.as_deref().unwrap_or("");
    let unknown = unknown_hosts(run);
    let elsewhere = unknown
        .iter()
        .any(|host| message.text.contains(host) || url.contains(host));
    let fetch = !unknown.is_empty()
        && ["Failed to fetch", "NetworkError", "Load failed"]
            .iter()
            .any(|said| message.text.contains(said));
    if elsewhere || fetch {
        return false;
    }
    message.origin != ConsoleOrigin::Network || (run.is_own(url) && !url.ends_with("/favicon.ico"))
}

fn no_false_empty(run: &Run<'_>) -> Verdict {
    let mut silent = Vec::new();
    let mut restless = None;
    let mut asked = 0;
    for id in [FAULT, THROTTLED] {
        let step = run.step(id);
        let refused = answered(step, &[429, 503]);
        let Some((event, _)) = step.snapshot() else {
            if step.took_place() {
                return no_snapshot(id);
            }
            continue;
        };
        // An app that tried again with success has all its data.
        let recovered = refused.iter().all(|(_, refused)| {
            step.fhir().any(|(_, exchange)| {
                exchange.status < 300 && exchange.seq > refused.seq && exchange.path == refused.path
            })
        });
        asked += refused.len();
        if refused.is_empty() || recovered || trouble::told(step, run.step(START)) {
            continue;
        }
        if step.came_to_rest() {
            silent.push(place(event));
        } else {
            restless = Some(step);
        }
    }
    if asked == 0 {
        return untried(run);
    }
    if silent.is_empty() {
        let told = fulfilled(
            "Siden sa fra at data ikke kunne hentes.",
            "The page said that data could not be fetched.",
        );
        return match restless {
            Some(step) => from_silence(step, told),
            None => told,
        };
    }
    failed(
        format!(
            "Siden sa ikke fra i {} av stegene der FHIR-serveren feilet.",
            silent.len()
        ),
        format!(
            "The page said nothing in {} of the steps where the FHIR server failed.",
            silent.len()
        ),
        silent,
    )
}
