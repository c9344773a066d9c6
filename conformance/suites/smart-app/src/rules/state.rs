//! `state`: how unpredictable it is, and whether a foreign answer is refused.

use std::collections::BTreeSet;

use crate::entropy;
use crate::plan::{ALTERED, FOREIGN, OMITTED, START};
use crate::rule::{
    AUTOMATIC, BLOCKING, CONDITIONAL, Document, Rule, Verdict, failed, from_silence, fulfilled,
    no_authorization, not_applicable, not_assessed,
};
use crate::run::{Run, Step, place, place_of};
use crate::web;

/// SMART App Launch 2.2, requirement 40.
const BITS: f64 = 122.0;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-02.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Hver autorisasjonsforespørsel har sin egen state.",
            "Every authorization request has a state of its own.",
        ],
        explanation: [
            "state binder svaret til økten som spurte. En verdi som mangler eller går igjen, beskytter ikke. Vi sammenligner state i alle oppstartene.",
            "state ties the answer to the session that asked. A value that is missing or returns does not protect. We compare state over all launches.",
        ],
        expected: [
            "En state i hver forespørsel, og aldri den samme to ganger.",
            "A state in every request, and never the same twice.",
        ],
        remedy: [
            "Lag en ny tilfeldig verdi for hver forespørsel. Med fhirclient: FHIR.oauth2.authorize({ stateKey: crypto.randomUUID(), … }) inne i funksjonen som starter innloggingen, ikke som konstant.",
            "Make a new random value for each request. With fhirclient: FHIR.oauth2.authorize({ stateKey: crypto.randomUUID(), … }) inside the function that begins the login, not as a constant.",
        ],
        sources: &[
            (Document::Smart, "krav 2, 3, 39"),
            (Document::OAuth, "§ 10.12"),
        ],
        check: unique,
    },
    Rule {
        id: "SMA-02.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "State er uforutsigbar: minst 122 bit.",
            "State is unpredictable: at least 122 bits.",
        ],
        explanation: [
            "En angriper skal ikke kunne gjette state. Vi regner ut hvor mange bit verdiene høyst kan ha: lengde ganger tegnsett, for plassene som varierer.",
            "An attacker must not be able to guess state. We compute how many bits the values can have at most: length times alphabet, for the positions that vary.",
        ],
        expected: [
            "Minst 122 bit, som i en tilfeldig UUID.",
            "At least 122 bits, as in a random UUID.",
        ],
        remedy: [
            "Bruk crypto.randomUUID() eller 16 byte fra crypto.getRandomValues(). fhirclient lager ellers 16 tegn med Math.random() (95 bit); sett stateKey: crypto.randomUUID() i FHIR.oauth2.authorize(), fra versjon 2.6.2.",
            "Use crypto.randomUUID() or 16 bytes of crypto.getRandomValues(). Left alone, fhirclient makes 16 characters with Math.random() (95 bits); set stateKey: crypto.randomUUID() in FHIR.oauth2.authorize(), from version 2.6.2.",
        ],
        sources: &[(Document::Smart, "krav 40")],
        check: unpredictable,
    },
    Rule {
        id: "SMA-02.3",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Et svar med feil state avvises.",
            "An answer with a wrong state is refused.",
        ],
        explanation: [
            "Svaret kan komme fra en angriper. Sandkassen gir en gyldig kode, men endrer state. Appen skal ikke veksle inn koden.",
            "The answer may come from an attacker. The sandbox gives a valid code but alters state. The app must not exchange the code.",
        ],
        expected: [
            "Ikke noe tokenkall etter et svar med endret state.",
            "No token request after an answer with altered state.",
        ],
        remedy: [
            "Sammenlign state i svaret med den du lagret for økten før du gjør noe annet, og vis en feil når de er ulike.",
            "Compare state in the answer with the one stored for the session before anything else, and show an error when they differ.",
        ],
        sources: &[
            (Document::Smart, "krav 4, 60, 61"),
            (Document::OAuthPractice, "§ 4.7"),
        ],
        check: |run| refuses(run.step(ALTERED), ALTERED),
    },
    Rule {
        id: "SMA-02.4",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Et svar som ingen har bedt om, avvises.",
            "An answer that nobody asked for is refused.",
        ],
        explanation: [
            "En angriper kan lure brukeren til å åpne redirect-siden med angriperens kode. Vi åpner den i en ny nettleser med kode, men uten state. Appen skal ikke veksle inn koden.",
            "An attacker can make the user open the redirect page with the attacker's code. We open it in a new browser with a code but without state. The app must not exchange the code.",
        ],
        expected: [
            "Ikke noe tokenkall når redirect-siden åpnes utenfra.",
            "No token request when the redirect page is opened from outside.",
        ],
        remedy: [
            "Avvis svar på redirect-siden når økten ikke har en forespørsel som venter.",
            "Refuse answers on the redirect page when the session has no request that waits.",
        ],
        sources: &[
            (Document::Smart, "krav 4, 61"),
            (Document::OAuthPractice, "§ 4.7"),
        ],
        check: unasked,
    },
    Rule {
        id: "SMA-02.5",
        severity: CONDITIONAL,
        method: AUTOMATIC,
        title: [
            "Et svar uten state avvises, også mens appen venter på svar.",
            "An answer without state is refused, also while the app waits for one.",
        ],
        explanation: [
            "Mens en innlogging er i gang, kan en angriper sende inn sin egen kode uten state. Sandkassen gir en gyldig kode, men utelater state. Appen skal ikke veksle inn koden.",
            "While a login is under way an attacker can send in a code of their own without state. The sandbox gives a valid code but leaves out state. The app must not exchange the code.",
        ],
        expected: [
            "Ikke noe tokenkall etter et svar uten state.",
            "No token request after an answer without state.",
        ],
        remedy: [
            "Krev at state finnes i svaret. fhirclient bruker den lagrede når den mangler, så sjekk før du kaller FHIR.oauth2.ready(): hvis adressen har code, men ikke state, vis en feil og stopp.",
            "Demand that state is in the answer. fhirclient uses the stored one when it is missing, so look before you call FHIR.oauth2.ready(): if the address has code but no state, show an error and stop.",
        ],
        sources: &[
            (Document::Smart, "krav 4, 60"),
            (Document::OAuthPractice, "§ 4.7"),
        ],
        check: |run| refuses(run.step(OMITTED), OMITTED),
    },
];

fn unique(run: &Run<'_>) -> Verdict {
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    let mut count = 0;
    for (_, (event, exchange)) in run.authorizations() {
        count += 1;
        match web::parameter(exchange, "state") {
            None | Some("") => places.push(place_of(event, "state mangler")),
            Some(state) if !seen.insert(state) => {
                places.push(place_of(event, format!("state={state}")));
            }
            Some(_) => {}
        }
    }
    if count == 0 {
        return no_authorization(START);
    }
    if places.is_empty() {
        return fulfilled(
            format!("{count} forespørsler hadde {} ulike verdier.", seen.len()),
            format!("{count} requests had {} different values.", seen.len()),
        );
    }
    failed(
        format!(
            "state manglet eller var brukt før i {} av {count} forespørsler.",
            places.len()
        ),
        format!(
            "state was missing or used before in {} of {count} requests.",
            places.len()
        ),
        places,
    )
}

fn unpredictable(run: &Run<'_>) -> Verdict {
    let mut first = None;
    let states: BTreeSet<&str> = run
        .authorizations()
        .filter_map(|(_, (event, exchange))| {
            first.get_or_insert(event);
            web::parameter(exchange, "state").filter(|state| !state.is_empty())
        })
        .collect();
    let (Some(first), Some(example)) = (first, states.first()) else {
        return not_assessed(
            "Appen sendte ingen state å måle.",
            "The app sent no state to measure.",
        );
    };
    let states: Vec<&str> = states.iter().copied().collect();
    let bits = entropy::bits(&states);
    if bits >= BITS {
        return fulfilled(
            format!("{} verdier med inntil {bits:.0} bit.", states.len()),
            format!("{} values of up to {bits:.0} bits.", states.len()),
        );
    }
    failed(
        format!(
            "Høyst {bits:.0} bit, målt på {} verdier som «{example}».",
            states.len()
        ),
        format!(
            "At most {bits:.0} bits, measured on {} values like “{example}”.",
            states.len()
        ),
        vec![place_of(first, format!("state={example}"))],
    )
}

/// The sandbox answered the authorization request with a code and a spoilt `state`: nothing may follow.
fn refuses(step: &Step<'_>, id: &str) -> Verdict {
    let Some((asked, exchange)) = step.authorizations().last() else {
        return no_authorization(id);
    };
    if exchange.error.is_some() || exchange.status >= 400 {
        return not_assessed(
            "Sandkassen avviste forespørselen, så svaret kunne ikke forfalskes.",
            "The sandbox refused the request, so the answer could not be forged.",
        );
    }
    match step.tokens().find(|(event, _)| event.seq > asked.seq) {
        None => from_silence(
            step,
            fulfilled(
                "Appen vekslet ikke inn koden.",
                "The app did not exchange the code.",
            ),
        ),
        Some((event, _)) => failed(
            "Appen vekslet inn koden uten å kontrollere state.",
            "The app exchanged the code without checking state.",
            vec![place(asked), place(event)],
        ),
    }
}

fn unasked(run: &Run<'_>) -> Verdict {
    let step = run.step(FOREIGN);
    if run.header().redirect_uris.is_empty() {
        return not_applicable(
            "Appen har ingen redirect-adresse.",
            "The app has no redirect address.",
        );
    }
    if !step
        .requests()
        .any(|(_, request)| run.is_redirect(&request.url))
    {
        return not_assessed(
            "Redirect-siden ble ikke åpnet.",
            "The redirect page was not opened.",
        );
    }
    match step.tokens().next() {
        None => from_silence(
            step,
            fulfilled(
                "Appen vekslet ikke inn den fremmede koden.",
                "The app did not exchange the foreign code.",
            ),
        ),
        Some((event, _)) => failed(
            "Appen prøvde å veksle inn en kode den aldri hadde bedt om.",
            "The app tried to exchange a code that it had never asked for.",
            vec![place(event)],
        ),
    }
}
