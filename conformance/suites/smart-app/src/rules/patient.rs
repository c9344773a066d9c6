//! The right patient, shown rightly.

use crate::plan::{FAMILY, NAME, NARROW, START, SWITCH};
use crate::rule::{
    AUTOMATIC, BLOCKING, Document, IN_PART, Rule, Verdict, failed, from_silence, fulfilled,
    no_snapshot, no_token, not_assessed,
};
use crate::run::{Run, Step, concerns, place, place_of};
use crate::trouble::visible;
use crate::types::{Person, Place, Snapshot};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-09.1",
        severity: BLOCKING,
        method: IN_PART,
        title: [
            "Appen viser hvilken pasient den gjelder.",
            "The app shows which patient it is about.",
        ],
        explanation: [
            "Behandleren må kunne se at riktig pasient er åpen. Vi leter etter etternavn og fornavn, eller fødselsnummer, i den synlige teksten.",
            "The clinician has to see that the right patient is open. We look for family name and given name, or identity number, in the visible text.",
        ],
        expected: [
            "Pasientens navn eller fødselsnummer på siden.",
            "The patient's name or identity number on the page.",
        ],
        remedy: [
            "Les Patient fra konteksten og vis navn og fødselsdato øverst på siden, også når innholdet er tomt.",
            "Read Patient of the context and show name and date of birth at the top of the page, also when the content is empty.",
        ],
        sources: &[(Document::Smart, "need_patient_banner")],
        check: shown,
    },
    Rule {
        id: "SMA-09.2",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Når appen startes for en annen pasient, vises bare den nye.",
            "When the app is launched for another patient, only the new one is shown.",
        ],
        explanation: [
            "Feil pasient er den farligste feilen en app kan ha. Vi starter appen for en annen pasient i samme nettleser og ser at ingenting fra den forrige henger igjen, verken på siden eller i kallene.",
            "The wrong patient is the most dangerous error an app can have. We launch the app for another patient in the same browser and see that nothing of the former remains, neither on the page nor in the requests.",
        ],
        expected: [
            "Den nye pasientens navn på siden, ikke noe fra den forrige, og ingen kall om den forrige.",
            "The new patient's name on the page, nothing of the former, and no requests about the former.",
        ],
        remedy: [
            "Ikke lagre pasientdata eller pasient-id mellom oppstarter (localStorage, service worker, globale variabler). Les pasienten fra tokensvaret hver gang.",
            "Keep no patient data or patient id between launches (localStorage, service worker, global variables). Read the patient from the token response each time.",
        ],
        sources: &[(Document::Smart, "krav 161")],
        check: switched,
    },
    Rule {
        id: "SMA-09.3",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen leser bare om pasienten den ble startet for.",
            "The app reads only about the patient it was launched for.",
        ],
        explanation: [
            "Også med vide rettigheter skal appen holde seg til pasienten i konteksten. Vi ser på hvem ressursene i hvert svar gjelder.",
            "Also with wide scopes the app is to keep to the patient in context. We look at whom the resources of each answer are about.",
        ],
        expected: [
            "Alle svar gjelder pasienten i konteksten.",
            "All answers are about the patient in context.",
        ],
        remedy: [
            "Ta med pasienten i hvert søk (patient={id}), og bruk patient/-rettigheter i stedet for user/.",
            "Name the patient in every search (patient={id}), and use patient/ scopes instead of user/.",
        ],
        sources: &[
            (Document::Smart, "krav 137"),
            (Document::Gdpr, "art. 5 nr. 1 c"),
        ],
        check: keeps_to_patient,
    },
    Rule {
        id: "NOB-06.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Navn med æ, ø, å og samiske bokstaver vises uendret.",
            "Names with æ, ø, å and Sámi letters are shown unchanged.",
        ],
        explanation: [
            "Et navn som er feil skrevet, kan være en annen person. Pasienten heter i dette steget Østerås-Čáhppesjávri, og vi leter etter navnet på siden.",
            "A name that is spelt wrongly can be another person. In this step the patient is called Østerås-Čáhppesjávri, and we look for the name on the page.",
        ],
        expected: [
            "Etternavnet tegn for tegn på siden.",
            "The family name on the page, character by character.",
        ],
        remedy: [
            "Bruk UTF-8 hele veien (<meta charset=\"utf-8\">), og ikke bytt ut eller fjern tegn i navn.",
            "Use UTF-8 all the way (<meta charset=\"utf-8\">), and neither replace nor remove characters in names.",
        ],
        sources: &[(Document::NoBasis, "no-basis-Patient")],
        check: letters,
    },
    Rule {
        id: "SIK-05.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Tekst fra journalen kjøres ikke som kode.",
            "Text from the record is not run as code.",
        ],
        explanation: [
            "Data i en journal kan være skrevet av hvem som helst. Pasientens fornavn inneholder i dette steget HTML med skript. Det skal vises som tekst eller utelates.",
            "Data in a record may be written by anybody. In this step the patient's given name holds HTML with script. It is to be shown as text or left out.",
        ],
        expected: [
            "Ingen dialog og ingen HTML-element laget av navnet.",
            "No dialog and no HTML element made of the name.",
        ],
        remedy: [
            "Sett tekst med textContent eller rammeverkets vanlige binding. Unngå innerHTML, v-html og dangerouslySetInnerHTML, og sett en CSP uten 'unsafe-inline'.",
            "Set text with textContent or the framework's ordinary binding. Avoid innerHTML, v-html and dangerouslySetInnerHTML, and set a CSP without 'unsafe-inline'.",
        ],
        sources: &[(Document::Smart, "krav 5"), (Document::Asvs, "V1")],
        check: injection,
    },
];

/// Whether a page names a person: family and first given name, or the identity number.
fn names(snapshot: &Snapshot, person: &Person) -> bool {
    let text = visible(snapshot).to_lowercase();
    let has = |word: &str| !word.is_empty() && text.contains(&word.to_lowercase());
    let given = person.given.first().is_none_or(|given| has(given));
    let number = person.identifier.as_deref().is_some_and(|number| {
        has(number) || text.split_whitespace().collect::<String>().contains(number)
    });
    (has(&person.family) && given) || number
}

fn shown(run: &Run<'_>) -> Verdict {
    let step = run.step(START);
    if !step.has_token() {
        return no_token(START);
    }
    let (Some((event, snapshot)), Some(patient)) = (step.snapshot(), step.patient()) else {
        return no_snapshot(START);
    };
    if !step.fhir().any(|(_, exchange)| exchange.status < 300) {
        return not_assessed("Appen leste ingen data.", "The app read no data.");
    }
    if names(snapshot, patient) {
        return fulfilled(
            "Pasienten er navngitt på siden.",
            "The patient is named on the page.",
        );
    }
    from_silence(
        step,
        failed(
            "Verken navn eller fødselsnummer står på siden.",
            "Neither name nor identity number stands on the page.",
            vec![place(event)],
        ),
    )
}

fn switched(run: &Run<'_>) -> Verdict {
    let (before, after) = (run.step(START), run.step(SWITCH));
    let (Some(first), Some(second)) = (before.patient(), after.patient()) else {
        return no_token(SWITCH);
    };
    let (Some((_, old)), Some((event, new))) = (before.snapshot(), after.snapshot()) else {
        return no_snapshot(SWITCH);
    };
    if first.id == second.id || !after.has_token() {
        return no_token(SWITCH);
    }
    let mut places: Vec<Place> = after
        .fhir()
        .filter(|(_, exchange)| concerns(exchange, &first.id))
        .map(|(event, _)| place(event))
        .collect();
    let asked = places.len();
    let lingers = names(new, first) && !names_alike(first, second);
    if lingers {
        places.insert(
            0,
            place_of(event, format!("{} {}", first.given.join(" "), first.family)),
        );
    }
    if lingers || asked > 0 {
        return failed(
            format!(
                "Etter byttet sto den forrige pasienten {} på siden, og {asked} kall gjaldt den.",
                if lingers { "fortsatt" } else { "ikke" }
            ),
            format!(
                "After the switch the former patient was {} on the page, and {asked} requests were about them.",
                if lingers { "still" } else { "not" }
            ),
            places,
        );
    }
    if names(new, second) {
        return from_silence(
            after,
            fulfilled(
                "Bare den nye pasienten ble vist.",
                "Only the new patient was shown.",
            ),
        );
    }
    if !names(old, first) {
        return not_assessed(
            "Appen viser ingen pasient; se SMA-09.1.",
            "The app shows no patient; see SMA-09.1.",
        );
    }
    from_silence(
        after,
        failed(
            "Den nye pasienten vises ikke.",
            "The new patient is not shown.",
            vec![place(event)],
        ),
    )
}

fn names_alike(one: &Person, other: &Person) -> bool {
    one.family == other.family && one.given.first() == other.given.first()
}

fn keeps_to_patient(run: &Run<'_>) -> Verdict {
    let mut places = Vec::new();
    let mut count = 0;
    let steps = [START, NARROW, SWITCH, NAME].map(|id| run.step(id));
    for step in steps {
        let patient = step.patient().or_else(|| run.step(START).patient());
        let Some(patient) = patient else { continue };
        let former = run.step(START).patient().filter(|_| step.id == SWITCH);
        for (event, exchange) in step.fhir().filter(|(_, exchange)| exchange.status < 300) {
            count += 1;
            let others = exchange.patients.iter().filter(|id| **id != patient.id);
            // What concerns the patient of the launch before is named by SMA-09.2.
            let others: Vec<&String> = others
                .filter(|id| former.is_none_or(|former| **id != former.id))
                .collect();
            if !others.is_empty() {
                places.push(place_of(event, format!("{} andre pasienter", others.len())));
            }
        }
    }
    if count == 0 {
        return no_token(START);
    }
    if places.is_empty() {
        let only = fulfilled(
            format!("{count} svar gjaldt bare pasienten i konteksten."),
            format!("{count} answers were about the patient in context alone."),
        );
        return match steps.into_iter().find(|step| !step.came_to_rest()) {
            Some(restless) => from_silence(restless, only),
            None => only,
        };
    }
    failed(
        format!("{} av {count} svar gjaldt andre pasienter.", places.len()),
        format!(
            "{} of {count} answers were about other patients.",
            places.len()
        ),
        places,
    )
}

/// The page of the step with the unusual name, when the app shows names at all.
fn named_page<'a>(run: &Run<'a>) -> Result<&'a Snapshot, Verdict> {
    let step: &Step<'a> = run.step(NAME);
    if step
        .failures()
        .any(|(_, failure)| failure.code == "not-supported")
    {
        return Err(not_assessed(
            "Sandkassen kunne ikke gi pasienten et annet navn.",
            "The sandbox could not give the patient another name.",
        ));
    }
    if !step.has_token() {
        return Err(no_token(NAME));
    }
    step.snapshot()
        .map(|(_, snapshot)| snapshot)
        .ok_or_else(|| no_snapshot(NAME))
}

fn letters(run: &Run<'_>) -> Verdict {
    let snapshot = match named_page(run) {
        Ok(snapshot) => snapshot,
        Err(verdict) => return verdict,
    };
    if visible(snapshot)
        .to_lowercase()
        .contains(&FAMILY.to_lowercase())
    {
        return fulfilled(
            format!("«{FAMILY}» står på siden."),
            format!("“{FAMILY}” stands on the page."),
        );
    }
    if !matches!(shown(run), Verdict::Fulfilled(_)) {
        return not_assessed(
            "Appen viser ikke navn; se SMA-09.1.",
            "The app shows no names; see SMA-09.1.",
        );
    }
    from_silence(
        run.step(NAME),
        failed(
            format!("«{FAMILY}» står ikke på siden."),
            format!("“{FAMILY}” does not stand on the page."),
            run.step(NAME)
                .snapshot()
                .map(|(event, _)| place(event))
                .into_iter()
                .collect(),
        ),
    )
}

fn injection(run: &Run<'_>) -> Verdict {
    if let Err(verdict) = named_page(run) {
        return verdict;
    }
    let step = run.step(NAME);
    let dialogs = step
        .dialogs()
        .filter(|(_, dialog)| dialog.message.contains("markedsplass"))
        .map(|(event, _)| place(event));
    let images = step
        .requests()
        .filter(|(_, request)| request.kind == "image" && request.url.ends_with("/x"))
        .map(|(event, _)| place(event));
    let places: Vec<Place> = dialogs.chain(images).collect();
    if places.is_empty() {
        return from_silence(
            step,
            fulfilled(
                "Navnet ble behandlet som tekst.",
                "The name was treated as text.",
            ),
        );
    }
    failed(
        "HTML i pasientens navn ble tolket av nettleseren.",
        "HTML in the patient's name was interpreted by the browser.",
        places,
    )
}
