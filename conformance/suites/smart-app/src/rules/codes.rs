//! How the code comes back and is exchanged: redirect addresses and PKCE.

use std::collections::BTreeSet;

use crate::plan::{FOREIGN, LURE, START};
use crate::rule::{
    AUTOMATIC, BLOCKING, Document, Rule, Verdict, failed, fulfilled, no_authorization, no_token,
    not_applicable, not_assessed,
};
use crate::run::{Run, Step, place, place_of};
use crate::types::{Exchange, Place};
use crate::web;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-05.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Redirect-adressen er nøyaktig en av dem som står i manifestet.",
            "The redirect address is exactly one of those in the manifest.",
        ],
        explanation: [
            "En fast redirect-adresse hindrer at koden sendes til andre. Vi sammenligner redirect_uri tegn for tegn i autorisasjons- og tokenforespørsler.",
            "A fixed redirect address keeps the code from being sent to others. We compare redirect_uri character by character in authorization and token requests.",
        ],
        expected: [
            "redirect_uri er lik en deklarert adresse i alle forespørsler.",
            "redirect_uri equals a declared address in all requests.",
        ],
        remedy: [
            "Bruk den samme fullstendige adressen i koden og i redirect_uris i manifestet, uten jokertegn, ekstra parametere eller ekstra skråstrek.",
            "Use the same complete address in the code and in redirect_uris of the manifest, without wildcards, additional parameters or an additional slash.",
        ],
        sources: &[
            (Document::Smart, "krav 21, 34, 69"),
            (Document::OAuthPractice, "§ 2.1"),
        ],
        check: redirect,
    },
    Rule {
        id: "SMA-05.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Redirect-siden sender ikke brukeren videre til en fremmed adresse.",
            "The redirect page does not send the user on to a foreign address.",
        ],
        explanation: [
            "En åpen videresender kan brukes til å stjele koder og lure brukere. Vi åpner redirect-siden med next, redirect, returnUrl, url og target som peker på et fremmed sted.",
            "An open redirector can be used to steal codes and deceive users. We open the redirect page with next, redirect, returnUrl, url and target pointing to a foreign place.",
        ],
        expected: [
            "Nettleseren sender ingen forespørsel til den fremmede adressen.",
            "The browser sends no request to the foreign address.",
        ],
        remedy: [
            "Ikke bruk parametere fra redirect-adressen som mål for videresending. Trenger du å huske hvor brukeren var, lagre en intern sti sammen med state.",
            "Do not use parameters of the redirect address as the target of a redirect. If you need to remember where the user was, store an internal path together with state.",
        ],
        sources: &[
            (Document::Smart, "krav 6"),
            (Document::OAuthPractice, "§ 4.11"),
        ],
        check: open_redirect,
    },
    Rule {
        id: "HID-04.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen bruker PKCE med S256, med en ny utfordring hver gang.",
            "The app uses PKCE with S256, with a new challenge each time.",
        ],
        explanation: [
            "PKCE gjør at en stjålet kode ikke kan brukes av andre. Vi ser etter code_challenge på 43 tegn og code_challenge_method=S256 i hver forespørsel, og at ingen går igjen.",
            "PKCE makes a stolen code useless to others. We look for a code_challenge of 43 characters and code_challenge_method=S256 in every request, and that none returns.",
        ],
        expected: [
            "code_challenge (43 tegn base64url) og code_challenge_method=S256 i alle autorisasjonsforespørsler, aldri den samme to ganger.",
            "code_challenge (43 characters of base64url) and code_challenge_method=S256 in all authorization requests, never the same twice.",
        ],
        remedy: [
            "Lag en ny tilfeldig code_verifier per oppstart og send SHA-256 av den som base64url. Med fhirclient: sett pkceMode: \"required\" i FHIR.oauth2.authorize().",
            "Make a new random code_verifier for each launch and send its SHA-256 as base64url. With fhirclient: set pkceMode: \"required\" in FHIR.oauth2.authorize().",
        ],
        sources: &[
            (Document::Smart, "krav 13, 44, 45"),
            (Document::Pkce, "§ 4.2"),
        ],
        check: challenge,
    },
    Rule {
        id: "HID-04.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen sender riktig code_verifier når koden veksles inn.",
            "The app sends the right code_verifier when it exchanges the code.",
        ],
        explanation: [
            "Sandkassen regner ut utfordringen av code_verifier og avviser tokenkallet når den ikke stemmer. Vi ser på svaret på hvert tokenkall.",
            "The sandbox computes the challenge from code_verifier and refuses the token request when it does not match. We look at the answer to every token request.",
        ],
        expected: [
            "code_verifier i hver innveksling av kode, og at sandkassen godtar den.",
            "code_verifier in every exchange of a code, and that the sandbox accepts it.",
        ],
        remedy: [
            "Lagre code_verifier sammen med state i sessionStorage når forespørselen sendes, og send den i tokenkallet.",
            "Store code_verifier together with state in sessionStorage when the request is sent, and send it in the token request.",
        ],
        sources: &[(Document::Smart, "krav 70"), (Document::Pkce, "§ 4.5")],
        check: verifier,
    },
];

pub(crate) fn redirect(run: &Run<'_>) -> Verdict {
    let declared = &run.header().redirect_uris;
    let codes = run
        .steps()
        .flat_map(|step| step.tokens().map(move |seen| (step, seen)));
    let mut places = Vec::new();
    let mut count = 0;
    for (_, (event, exchange)) in run.authorizations().chain(codes) {
        if web::parameter(exchange, "grant_type").is_some_and(|grant| grant != "authorization_code")
        {
            continue;
        }
        count += 1;
        let given = web::parameter(exchange, "redirect_uri").unwrap_or("");
        if !declared.iter().any(|redirect| redirect == given) {
            places.push(place_of(event, format!("redirect_uri={given}")));
        }
    }
    if count == 0 {
        return no_authorization(START);
    }
    if places.is_empty() {
        return fulfilled(
            format!("Alle {count} forespørsler brukte en deklarert adresse."),
            format!("All {count} requests used a declared address."),
        );
    }
    failed(
        format!(
            "{} av {count} forespørsler brukte en adresse som ikke står i manifestet.",
            places.len()
        ),
        format!(
            "{} of {count} requests used an address that is not in the manifest.",
            places.len()
        ),
        places,
    )
}

fn open_redirect(run: &Run<'_>) -> Verdict {
    let step = run.step(FOREIGN);
    if !step
        .requests()
        .any(|(_, request)| run.is_redirect(&request.url))
    {
        return if run.header().redirect_uris.is_empty() {
            not_applicable(
                "Appen har ingen redirect-adresse.",
                "The app has no redirect address.",
            )
        } else {
            not_assessed(
                "Redirect-siden ble ikke åpnet.",
                "The redirect page was not opened.",
            )
        };
    }
    let places: Vec<Place> = step
        .requests()
        .filter(|(_, request)| web::name(&request.host) == LURE)
        .map(|(event, _)| place(event))
        .collect();
    if places.is_empty() {
        return fulfilled(
            "Redirect-siden ble stående på appens eget område.",
            "The redirect page stayed on the app's own origin.",
        );
    }
    failed(
        format!("Redirect-siden sendte nettleseren til {LURE}."),
        format!("The redirect page sent the browser to {LURE}."),
        places,
    )
}

pub(crate) fn challenge(run: &Run<'_>) -> Verdict {
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    let mut count = 0;
    for (_, (event, exchange)) in run.authorizations() {
        count += 1;
        let challenge = web::parameter(exchange, "code_challenge").unwrap_or("");
        let method = web::parameter(exchange, "code_challenge_method").unwrap_or("");
        if method != "S256" {
            places.push(place_of(event, format!("code_challenge_method={method}")));
        } else if !is_sha256(challenge) {
            places.push(place_of(event, format!("code_challenge={challenge}")));
        } else if !seen.insert(challenge) {
            places.push(place_of(
                event,
                format!("code_challenge={challenge} (brukt før)"),
            ));
        }
    }
    if count == 0 {
        return no_authorization(START);
    }
    if places.is_empty() {
        return fulfilled(
            format!(
                "{count} forespørsler med S256 og {} ulike utfordringer.",
                seen.len()
            ),
            format!(
                "{count} requests with S256 and {} different challenges.",
                seen.len()
            ),
        );
    }
    failed(
        format!(
            "{} av {count} forespørsler hadde ikke en gyldig, ny PKCE-utfordring.",
            places.len()
        ),
        format!(
            "{} of {count} requests had no valid, new PKCE challenge.",
            places.len()
        ),
        places,
    )
}

/// 32 bytes are 43 characters of base64url without padding.
fn is_sha256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

pub(crate) fn verifier(run: &Run<'_>) -> Verdict {
    let exchanges: Vec<_> = run
        .steps()
        .flat_map(Step::tokens)
        .filter(|(_, exchange)| {
            web::parameter(exchange, "grant_type") == Some("authorization_code")
        })
        // A foreign code is refused whatever its verifier.
        .filter(|(event, _)| event.step != FOREIGN)
        .collect();
    if exchanges.is_empty() {
        return no_token(START);
    }
    let lacks =
        |exchange: &Exchange| web::parameter(exchange, "code_verifier").is_none_or(str::is_empty);
    let refused = |exchange: &Exchange| exchange.error.as_deref() == Some("invalid_grant");
    let places: Vec<Place> = exchanges
        .iter()
        .filter(|(_, exchange)| lacks(exchange) || refused(exchange))
        .map(|(event, _)| place(event))
        .collect();
    if places.is_empty() {
        return fulfilled(
            format!("code_verifier ble godtatt i {} tokenkall.", exchanges.len()),
            format!(
                "code_verifier was accepted in {} token requests.",
                exchanges.len()
            ),
        );
    }
    failed(
        format!(
            "{} av {} tokenkall manglet code_verifier eller ble avvist.",
            places.len(),
            exchanges.len()
        ),
        format!(
            "{} of {} token requests lacked code_verifier or were refused.",
            places.len(),
            exchanges.len()
        ),
        places,
    )
}
