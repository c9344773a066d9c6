//! Where tokens, codes and secrets may be: in memory and in the tab's own storage, nowhere else.

use crate::plan::{START, SWITCH};
use crate::rule::{
    AUTOMATIC, BLOCKING, Document, IN_PART, Rule, Verdict, failed, fulfilled, no_token,
};
use crate::run::{Run, Step, place, place_of};
use crate::types::{Event, Pair, Place, StorageArea};
use crate::web;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-06.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Ingen token eller kode står i en adresse.",
            "No token or code stands in an address.",
        ],
        explanation: [
            "Adresser havner i logger, historikk og Referer. Koden kommer nødvendigvis til redirect-siden, men skal fjernes fra adressefeltet. Vi leser alle adressene nettleseren og sandkassen så.",
            "Addresses end up in logs, history and Referer. The code has to come to the redirect page, but is to be removed from the address bar. We read all the addresses that the browser and the sandbox saw.",
        ],
        expected: [
            "Ingen token i noen adresse, og ingen kode utenom svaret til redirect-siden.",
            "No token in any address, and no code except in the answer to the redirect page.",
        ],
        remedy: [
            "Send tokenet i Authorization-hodet. Fjern code og state fra adressefeltet med history.replaceState når svaret er lest; fhirclient gjør det når replaceBrowserHistory ikke er slått av.",
            "Send the token in the Authorization header. Remove code and state from the address bar with history.replaceState when the answer is read; fhirclient does so unless replaceBrowserHistory is turned off.",
        ],
        sources: &[
            (Document::Smart, "krav 93"),
            (Document::OAuthPractice, "§ 4.3"),
        ],
        check: addresses,
    },
    Rule {
        id: "SMA-06.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Token lagres ikke varig i nettleseren, og koden lagres ikke.",
            "Tokens are not stored lastingly in the browser, and the code is not stored.",
        ],
        explanation: [
            "localStorage og IndexedDB lever videre etter økten og deles mellom faner. sessionStorage forsvinner med fanen og godtas. Vi leser all lagring etter at siden har falt til ro.",
            "localStorage and IndexedDB outlive the session and are shared between tabs. sessionStorage goes with the tab and is accepted. We read all storage after the page has come to rest.",
        ],
        expected: [
            "Ingen token i localStorage, IndexedDB eller Cache Storage, og ingen kode i noen lagring.",
            "No token in localStorage, IndexedDB or Cache Storage, and no code in any storage.",
        ],
        remedy: [
            "Hold tokenet i minnet eller i sessionStorage. Slett koden når den er vekslet inn. Trenger du lengre økter, bruk en tjener som holder tokenet.",
            "Keep the token in memory or in sessionStorage. Delete the code once it is exchanged. If you need longer sessions, use a server that keeps the token.",
        ],
        sources: &[(Document::Smart, "krav 8, 9, 90")],
        check: storage,
    },
    Rule {
        id: "SMA-06.3",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Ingen token ligger åpent i en informasjonskapsel.",
            "No token lies open in a cookie.",
        ],
        explanation: [
            "Informasjonskapsler sendes med hver forespørsel. En token der må være Secure og HttpOnly, ellers kan den leses på veien eller av skript. Vi leser alle kapsler etter hvert steg.",
            "Cookies are sent with every request. A token in one has to be Secure and HttpOnly, otherwise it can be read on the way or by scripts. We read all cookies after each step.",
        ],
        expected: [
            "Ingen token i en informasjonskapsel uten Secure og HttpOnly.",
            "No token in a cookie without Secure and HttpOnly.",
        ],
        remedy: [
            "Bruk en tilfeldig øktnøkkel i kapselen og hold tokenet på tjeneren, eller sett Secure, HttpOnly og SameSite.",
            "Use a random session key in the cookie and keep the token on the server, or set Secure, HttpOnly and SameSite.",
        ],
        sources: &[(Document::Smart, "krav 7")],
        check: cookies,
    },
    Rule {
        id: "SMA-06.4",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Ingen token eller hemmelighet vises, logges eller sendes til andre.",
            "No token or secret is shown, logged or sent to others.",
        ],
        explanation: [
            "Konsollen leses av feilovervåking og kolleger. Vi leser konsollen, den synlige teksten og det nettleseren sender til andre enn appen selv og FHIR-serveren.",
            "The console is read by error monitoring and colleagues. We read the console, the visible text and what the browser sends to others than the app itself and the FHIR server.",
        ],
        expected: [
            "Ingen hemmelighet i konsollen, i teksten eller i forespørsler til andre.",
            "No secret in the console, in the text or in requests to others.",
        ],
        remedy: [
            "Fjern utskrift av token og svar fra tokenkallet, og send aldri Authorization-hodet til andre servere enn den i iss.",
            "Remove the printing of tokens and token responses, and never send the Authorization header to other servers than the one in iss.",
        ],
        sources: &[
            (Document::Smart, "krav 97"),
            (Document::OAuthPractice, "§ 4.9"),
        ],
        check: leaks,
    },
    Rule {
        id: "SIK-10.1",
        severity: BLOCKING,
        method: IN_PART,
        title: [
            "Nettleseren bruker ingen klienthemmelighet.",
            "The browser uses no client secret.",
        ],
        explanation: [
            "Det som ligger i kode til nettleseren, kan leses av alle. Vi ser om nettleseren sender client_secret eller Basic-pålogging, og om en hemmelighet ligger i lagringen.",
            "What lies in code for the browser can be read by everybody. We look whether the browser sends client_secret or Basic authentication, and whether a secret lies in storage.",
        ],
        expected: [
            "Ingen klienthemmelighet fra nettleseren.",
            "No client secret from the browser.",
        ],
        remedy: [
            "Registrer appen som offentlig klient med PKCE, eller flytt tokenkallet til en tjener som bruker private_key_jwt. Fjern hemmeligheten fra koden og bytt den ut.",
            "Register the app as a public client with PKCE, or move the token request to a server that uses private_key_jwt. Remove the secret from the code and replace it.",
        ],
        sources: &[(Document::Smart, "krav 10, 12")],
        check: client_secret,
    },
];

const TOKENS: &[&str] = &[
    "secret:access_token:",
    "secret:refresh_token:",
    "secret:id_token:",
];
const SECRETS: &[&str] = &[
    "secret:access_token:",
    "secret:refresh_token:",
    "secret:id_token:",
    "secret:code:",
    "secret:code_verifier:",
    "secret:client_secret:",
];
/// `code` in a query towards the FHIR server is a search for a clinical code.
const TOWARDS_STAGE: &[&str] = &[
    "secret:access_token:",
    "secret:refresh_token:",
    "secret:id_token:",
    "secret:code_verifier:",
    "secret:client_secret:",
];
const CODE: &str = "secret:code:";
const CLIENT_SECRET: &str = "secret:client_secret:";

/// The kind of the first secret of these that stands in a text: `access_token`.
fn secret(text: &str, kinds: &[&str]) -> Option<String> {
    kinds
        .iter()
        .find(|marker| text.contains(**marker))
        .map(|marker| {
            marker
                .trim_start_matches("secret:")
                .trim_end_matches(':')
                .to_owned()
        })
}

/// Without a token there is nothing to lose, so nothing is said.
fn verdict(run: &Run<'_>, places: Vec<Place>, fine: [&str; 2], wrong: [&str; 2]) -> Verdict {
    if !places.is_empty() {
        let [nb, en] = wrong;
        return failed(
            format!("{nb}: {} sted(er).", places.len()),
            format!("{en}: {} place(s).", places.len()),
            places,
        );
    }
    if !run.steps().any(Step::has_token) {
        return no_token(START);
    }
    fulfilled(fine[0], fine[1])
}

fn addresses(run: &Run<'_>) -> Verdict {
    let mut places = Vec::new();
    for step in run.steps() {
        for (event, request) in step.requests() {
            let fragment = request.fragment.as_deref().unwrap_or("");
            let callback = request.top_level && run.is_redirect(&request.url);
            let kinds = if callback {
                TOKENS
            } else if run.is_stage(&request.url) {
                TOWARDS_STAGE
            } else {
                SECRETS
            };
            if let Some(kind) = secret(&request.url, kinds).or_else(|| secret(fragment, SECRETS)) {
                places.push(place_of(event, kind));
            }
        }
        for (event, exchange) in step.exchanges() {
            let in_query = |pair: &Pair| secret(&pair.value, TOWARDS_STAGE);
            if let Some(kind) = exchange.query.iter().find_map(in_query) {
                places.push(place_of(event, kind));
            }
        }
    }
    // A refused answer may keep its code in the address bar; a successful one may not.
    for id in [START, SWITCH] {
        if let Some((event, snapshot)) = run.step(id).snapshot()
            && let Some(kind) = secret(&snapshot.url, SECRETS)
        {
            places.push(place_of(event, kind));
        }
    }
    verdict(
        run,
        places,
        [
            "Ingen hemmelighet i noen adresse.",
            "No secret in any address.",
        ],
        ["Hemmeligheter i adresser", "Secrets in addresses"],
    )
}

fn storage(run: &Run<'_>) -> Verdict {
    let mut places = Vec::new();
    let mut seen: Vec<(StorageArea, &str, String)> = Vec::new();
    for step in run.steps() {
        let settled = [START, SWITCH].contains(&step.id);
        for (event, snapshot) in step.snapshots() {
            for stored in snapshot
                .storage
                .iter()
                .filter(|stored| stored.area != StorageArea::Cookie)
            {
                let lasting = stored.area != StorageArea::SessionStorage;
                let kind = secret(&stored.value, if lasting { TOKENS } else { &[] })
                    .or_else(|| secret(&stored.value, if settled { &[CODE] } else { &[] }));
                if let Some(kind) = kind
                    && !seen.contains(&(stored.area, &stored.key, kind.clone()))
                {
                    places.push(place_of(event, format!("{}: {kind}", stored.key)));
                    seen.push((stored.area, &stored.key, kind));
                }
            }
        }
    }
    verdict(
        run,
        places,
        [
            "Ingen token i varig lagring og ingen kode lagret.",
            "No token in lasting storage and no code stored.",
        ],
        [
            "Hemmeligheter lagret i nettleseren",
            "Secrets stored in the browser",
        ],
    )
}

fn cookies(run: &Run<'_>) -> Verdict {
    let mut places: Vec<Place> = Vec::new();
    for (event, snapshot) in run.steps().flat_map(Step::snapshots) {
        for stored in snapshot
            .storage
            .iter()
            .filter(|stored| stored.area == StorageArea::Cookie)
        {
            let open = !(stored.http_only && stored.secure);
            if let Some(kind) = secret(&stored.value, TOKENS).filter(|_| open) {
                let detail = format!("{}: {kind}", stored.key);
                if !places
                    .iter()
                    .any(|place| place.detail.as_ref() == Some(&detail))
                {
                    places.push(place_of(event, detail));
                }
            }
        }
    }
    verdict(
        run,
        places,
        [
            "Ingen token i åpne informasjonskapsler.",
            "No token in open cookies.",
        ],
        ["Token i åpne informasjonskapsler", "Tokens in open cookies"],
    )
}

fn leaks(run: &Run<'_>) -> Verdict {
    let mut places = Vec::new();
    let mut note = |event: &Event, text: &str| {
        if let Some(kind) = secret(text, SECRETS) {
            places.push(place_of(event, kind));
        }
    };
    for step in run.steps() {
        for (event, message) in step.console() {
            note(event, &message.text);
        }
        for (event, snapshot) in step.snapshots() {
            note(event, &snapshot.text);
        }
        for (event, request) in step.requests() {
            if run.is_own(&request.url) || run.is_stage(&request.url) {
                continue;
            }
            let headers = request.headers.iter().map(|pair| pair.value.as_str());
            for text in headers.chain(request.body.as_deref()) {
                note(event, text);
            }
        }
    }
    verdict(
        run,
        places,
        [
            "Ingen hemmelighet vist, logget eller sendt til andre.",
            "No secret shown, logged or sent to others.",
        ],
        [
            "Hemmeligheter vist, logget eller sendt til andre",
            "Secrets shown, logged or sent to others",
        ],
    )
}

fn client_secret(run: &Run<'_>) -> Verdict {
    let mut places = Vec::new();
    for step in run.steps() {
        for (event, request) in step.requests() {
            let basic = run.is_stage(&request.url)
                && web::value(&request.headers, "authorization")
                    .is_some_and(|value| value.to_ascii_lowercase().starts_with("basic "));
            let body = request.body.as_deref().unwrap_or("");
            if basic || body.contains("client_secret=") || body.contains(CLIENT_SECRET) {
                places.push(place(event));
            }
        }
        for (event, snapshot) in step.snapshots() {
            for stored in snapshot
                .storage
                .iter()
                .filter(|stored| stored.value.contains(CLIENT_SECRET))
            {
                places.push(place_of(event, stored.key.clone()));
            }
        }
    }
    verdict(
        run,
        places,
        [
            "Nettleseren brukte ingen klienthemmelighet.",
            "The browser used no client secret.",
        ],
        [
            "Klienthemmelighet i nettleseren",
            "Client secret in the browser",
        ],
    )
}
