//! The launch itself: discovery, what is passed on from the launch address, and whether it completes.

use crate::plan::{START, SWITCH};
use crate::rule::{
    AUTOMATIC, BLOCKING, Document, Rule, Verdict, failed, from_silence, fulfilled,
    no_authorization, not_assessed,
};
use crate::rules::codes::{challenge, redirect, verifier};
use crate::run::{Run, place, place_of};
use crate::types::{Launched, Place, Surface};
use crate::web;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-01.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen leser FHIR-serverens SMART-oppsett før den ber om tilgang.",
            "The app reads the FHIR server's SMART configuration before it asks for access.",
        ],
        explanation: [
            "Adressene for innlogging skal hentes fra {iss}/.well-known/smart-configuration, ellers virker appen bare mot én EPJ. Vi ser om oppsettet er hentet før autorisasjonsforespørselen i første oppstart.",
            "The addresses for login are to be fetched from {iss}/.well-known/smart-configuration, otherwise the app works with one EHR only. We look for the fetch before the authorization request of the first launch.",
        ],
        expected: [
            "En GET mot {iss}/.well-known/smart-configuration som gir 200, før autorisasjonsforespørselen.",
            "A GET of {iss}/.well-known/smart-configuration that answers 200, before the authorization request.",
        ],
        remedy: [
            "Hent {iss}/.well-known/smart-configuration ved hver oppstart og bruk authorization_endpoint og token_endpoint derfra. Med fhirclient skjer dette når du kaller FHIR.oauth2.authorize() uten å sette adressene selv.",
            "Fetch {iss}/.well-known/smart-configuration at every launch and use its authorization_endpoint and token_endpoint. With fhirclient this happens when you call FHIR.oauth2.authorize() without setting the addresses yourself.",
        ],
        sources: &[(Document::Smart, "krav 29")],
        check: discovery,
    },
    Rule {
        id: "SMA-01.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen fullfører oppstarten og leser data fra FHIR-serveren.",
            "The app completes the launch and reads data from the FHIR server.",
        ],
        explanation: [
            "Etter oppstart skal appen få kode, veksle den i et token og lese minst én ressurs. Vi prøver med to ulike pasienter.",
            "After the launch the app is to get a code, exchange it for a token and read at least one resource. We try with two different patients.",
        ],
        expected: [
            "Et vellykket tokenkall og minst ett vellykket FHIR-kall i begge oppstartene.",
            "A successful token request and at least one successful FHIR request in both launches.",
        ],
        remedy: [
            "Åpne beviset for steget og se hvilket svar appen stoppet ved. Prøv oppstarten i sandkassen med nettleserens utviklerverktøy åpent.",
            "Open the evidence of the step and see which answer the app stopped at. Try the launch in the sandbox with the browser's developer tools open.",
        ],
        sources: &[(Document::Smart, "krav 62, 67–69, 93")],
        check: completes,
    },
    Rule {
        id: "SMA-03.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Parameteren aud er nøyaktig den FHIR-basen som appen ble startet med.",
            "The parameter aud is exactly the FHIR base that the app was launched with.",
        ],
        explanation: [
            "aud hindrer at et token havner hos feil server. Verdien skal være lik iss, tegn for tegn. Vi sammenligner i hver oppstart.",
            "aud keeps a token from ending up at the wrong server. The value is to equal iss, character by character. We compare in every launch.",
        ],
        expected: [
            "aud er lik iss i alle autorisasjonsforespørsler.",
            "aud equals iss in all authorization requests.",
        ],
        remedy: [
            "Send verdien av iss uendret som aud: ikke legg til eller fjern skråstrek, og ikke skriv adressen fast i koden. fhirclient gjør dette når iss ikke overstyres.",
            "Send the value of iss unchanged as aud: do not add or remove a slash, and do not hard-code the address. fhirclient does this when iss is not overridden.",
        ],
        sources: &[(Document::Smart, "krav 41")],
        check: audience,
    },
    Rule {
        id: "SMA-04.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Verdien launch sendes uendret videre, og bare i sin egen oppstart.",
            "The value launch is passed on unchanged, and in its own launch only.",
        ],
        explanation: [
            "launch knytter appen til pasienten i EPJ-en. En gammel eller endret verdi kan gi feil pasient. Vi sammenligner verdien appen fikk, med den den sendte.",
            "launch ties the app to the patient in the EHR. An old or altered value can give the wrong patient. We compare the value that the app got with the one it sent.",
        ],
        expected: [
            "launch i autorisasjonsforespørselen er den samme som i oppstartsadressen.",
            "launch in the authorization request is the same as in the launch URL.",
        ],
        remedy: [
            "Les launch fra adressen ved hver oppstart og send den uendret. Ikke lagre den til senere oppstarter.",
            "Read launch from the URL at every launch and send it unchanged. Do not keep it for later launches.",
        ],
        sources: &[(Document::Smart, "krav 35, 161")],
        check: launch_value,
    },
];

fn discovery(run: &Run<'_>) -> Verdict {
    let step = run.step(START);
    let Some((first, _)) = step.authorizations().next() else {
        return no_authorization(START);
    };
    let found = step.on(Surface::Discovery).find(|(event, exchange)| {
        event.seq < first.seq
            && exchange.status == 200
            && exchange.path.ends_with("/.well-known/smart-configuration")
    });
    match found {
        Some((_, exchange)) => fulfilled(
            format!("Appen hentet {} først.", exchange.path),
            format!("The app fetched {} first.", exchange.path),
        ),
        None => failed(
            "Appen ba om tilgang uten å ha hentet SMART-oppsettet.",
            "The app asked for access without having fetched the SMART configuration.",
            vec![place(first)],
        ),
    }
}

fn completes(run: &Run<'_>) -> Verdict {
    for id in [START, SWITCH] {
        let step = run.step(id);
        let Some((asked, authorization)) = step.authorizations().last() else {
            return launch_without_request(run, id);
        };
        let read = step
            .fhir()
            .filter(|(_, exchange)| exchange.status < 300)
            .count();
        if step.has_token() && read > 0 {
            continue;
        }
        if [audience, launch_value, redirect, challenge, verifier]
            .iter()
            .any(|check| matches!(check(run), Verdict::Failed(..)))
        {
            return not_assessed(
                "Oppstarten stoppet av en feil som har sitt eget funn.",
                "The launch was stopped by an error that has a finding of its own.",
            );
        }
        let (event, last) = step.tokens().last().unwrap_or((asked, authorization));
        let error = last.error.as_deref().unwrap_or("–");
        let stopped = failed(
            format!(
                "I steget «{id}» kom appen til {} (svar {}, feilkode {error}) og leste {read} ressurser.",
                last.path, last.status
            ),
            format!(
                "In the step “{id}” the app came to {} (status {}, error {error}) and made {read} successful reads.",
                last.path, last.status
            ),
            vec![place(event)],
        );
        return from_silence(step, stopped);
    }
    fulfilled(
        "Appen fikk token og leste data i begge oppstartene.",
        "The app got a token and read data in both launches.",
    )
}

/// The browser was sent to the launch address and nothing followed.
fn launch_without_request(run: &Run<'_>, id: &'static str) -> Verdict {
    let step = run.step(id);
    let Some((event, launched)) = step.launches().last() else {
        return no_authorization(id);
    };
    let silent = failed(
        format!("Appen ble åpnet i steget «{id}», men ba aldri om tilgang."),
        format!("The app was opened in the step “{id}”, but never asked for access."),
        vec![Place {
            url: Some(launched.url.clone()),
            ..place(event)
        }],
    );
    from_silence(step, silent)
}

/// Compares one parameter of every authorization request that follows a launch with what it ought to be.
fn same_as_launched(run: &Run<'_>, name: &str, ought: fn(&Launched) -> &str) -> Verdict {
    let mut places = Vec::new();
    let mut wrong = String::new();
    let mut count = 0;
    for (step, (event, exchange)) in run.authorizations() {
        let Some(launched) = step.launched() else {
            continue;
        };
        count += 1;
        let given = web::parameter(exchange, name).unwrap_or("");
        if given != ought(launched) {
            wrong = format!("«{given}» ≠ «{}»", ought(launched));
            places.push(place_of(event, format!("{name}={given}")));
        }
    }
    if count == 0 {
        return no_authorization(START);
    }
    if places.is_empty() {
        return fulfilled(
            format!("{name} var riktig i {count} forespørsler."),
            format!("{name} was right in {count} requests."),
        );
    }
    failed(
        format!(
            "{name} var feil i {} av {count} forespørsler: {wrong}.",
            places.len()
        ),
        format!(
            "{name} was wrong in {} of {count} requests: {wrong}.",
            places.len()
        ),
        places,
    )
}

fn audience(run: &Run<'_>) -> Verdict {
    same_as_launched(run, "aud", |launched| &launched.iss)
}

fn launch_value(run: &Run<'_>) -> Verdict {
    same_as_launched(run, "launch", |launched| &launched.launch)
}
