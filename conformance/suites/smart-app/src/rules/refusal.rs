//! A no, and half a yes: denied authorization and fewer scopes than asked for.

use crate::plan::{DENIED, REDUCED, START};
use crate::rule::{
    AUTOMATIC, BLOCKING, CONDITIONAL, Document, Rule, Verdict, failed, from_silence, fulfilled,
    no_authorization, no_snapshot, no_token, not_applicable, not_assessed,
};
use crate::run::{Run, place};
use crate::trouble;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-08.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Når tilgang avslås, forteller appen det og stopper.",
            "When access is denied, the app says so and stops.",
        ],
        explanation: [
            "Brukeren eller EPJ-en kan si nei. Sandkassen svarer access_denied. Appen skal vise en melding, ikke be om token og ikke spørre på nytt av seg selv.",
            "The user or the EHR may say no. The sandbox answers access_denied. The app is to show a message, ask for no token and not ask again by itself.",
        ],
        expected: [
            "En synlig melding, ikke noe tokenkall og bare én autorisasjonsforespørsel.",
            "A visible message, no token request and one authorization request only.",
        ],
        remedy: [
            "Fang feilen fra FHIR.oauth2.ready() (eller les error i adressen) og vis en setning om hva som skjedde og hva brukeren kan gjøre, i et element med role=\"alert\".",
            "Catch the error of FHIR.oauth2.ready() (or read error in the address) and show a sentence on what happened and what the user can do, in an element with role=\"alert\".",
        ],
        sources: &[
            (Document::OAuth, "§ 4.1.2.1"),
            (Document::Smart, "krav 147"),
        ],
        check: denied,
    },
    Rule {
        id: "SMA-08.2",
        severity: CONDITIONAL,
        method: AUTOMATIC,
        title: [
            "Når appen får færre rettigheter enn den ba om, forteller den hva som mangler.",
            "When the app is granted less than it asked for, it tells what is missing.",
        ],
        explanation: [
            "EPJ-en kan gi mindre. Da skal ikke appen vise tomme lister som om alt var lest. Sandkassen gir bare rettigheter til pasienten selv, og vi leser siden.",
            "The EHR may grant less. Then the app must not show empty lists as if everything had been read. The sandbox grants scopes for the patient alone, and we read the page.",
        ],
        expected: [
            "Siden sier at noe ikke kunne hentes.",
            "The page says that something could not be fetched.",
        ],
        remedy: [
            "Sammenlign scope i tokensvaret med det du ba om, og vis en melding ved feltene som mangler. Vis den også når FHIR-serveren svarer 403.",
            "Compare scope in the token response with what you asked for, and show a message at the fields that are missing. Show it also when the FHIR server answers 403.",
        ],
        sources: &[(Document::Smart, "krav 147")],
        check: reduced,
    },
];

fn denied(run: &Run<'_>) -> Verdict {
    let step = run.step(DENIED);
    let asked: Vec<_> = step.authorizations().collect();
    let Some((first, _)) = asked.first() else {
        return no_authorization(DENIED);
    };
    if let Some((event, _)) = step.tokens().next() {
        return failed(
            "Appen prøvde å hente token etter avslaget.",
            "The app tried to fetch a token after the denial.",
            vec![place(event)],
        );
    }
    if asked.len() > 1 {
        return failed(
            format!(
                "Appen spurte på nytt av seg selv: {} forespørsler.",
                asked.len()
            ),
            format!("The app asked again by itself: {} requests.", asked.len()),
            asked.iter().map(|(event, _)| place(event)).collect(),
        );
    }
    let Some((event, _)) = step.snapshot() else {
        return no_snapshot(DENIED);
    };
    if !step
        .responses()
        .any(|(_, response)| run.is_redirect(&response.url))
        && event.seq > first.seq
        && !step
            .requests()
            .any(|(_, request)| run.is_redirect(&request.url))
    {
        return not_assessed(
            "Avslaget nådde ikke appen.",
            "The denial did not reach the app.",
        );
    }
    if trouble::told(step, run.step(START)) {
        return from_silence(
            step,
            fulfilled(
                "Appen viste en melding og stoppet.",
                "The app showed a message and stopped.",
            ),
        );
    }
    from_silence(
        step,
        failed(
            "Siden sier ikke at tilgangen ble avslått.",
            "The page does not say that access was denied.",
            vec![place(event)],
        ),
    )
}

fn reduced(run: &Run<'_>) -> Verdict {
    let step = run.step(REDUCED);
    if !step.took_place() && run.step(START).has_authorization() {
        return not_applicable(
            "Appen ber bare om rettigheter til pasienten selv.",
            "The app asks for scopes of the patient alone.",
        );
    }
    if !step.has_token() {
        return no_token(REDUCED);
    }
    let Some((event, _)) = step.snapshot() else {
        return no_snapshot(REDUCED);
    };
    if trouble::told(step, run.step(START)) {
        return fulfilled(
            "Siden sier at noe mangler.",
            "The page says that something is missing.",
        );
    }
    from_silence(
        step,
        failed(
            "Siden sier ikke at appen fikk færre rettigheter enn den ba om.",
            "The page does not say that the app was granted less than it asked for.",
            vec![place(event)],
        ),
    )
}
