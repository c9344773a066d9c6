//! What the app declares, asks for and reads: three sets that should be one.

use std::collections::BTreeSet;

use crate::plan::{NAME, NARROW, START, SWITCH};
use crate::rule::{
    AUTOMATIC, BLOCKING, CONDITIONAL, Document, IN_PART, RECOMMENDED, Rule, Verdict, failed,
    fulfilled, no_authorization, no_token,
};
use crate::run::{Run, Step, concerns, place_of, resource_type};
use crate::types::{Exchange, Place};
use crate::web::Scope;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "SMA-07.1",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen ber bare om rettigheter som står i manifestet.",
            "The app asks only for scopes that stand in the manifest.",
        ],
        explanation: [
            "Godkjenningen gjelder rettighetene i manifestet. Vi sammenligner scope i hver forespørsel med det som er deklarert.",
            "The approval covers the scopes in the manifest. We compare scope in every request with what is declared.",
        ],
        expected: [
            "Alle rettigheter det bes om, er deklarert.",
            "All scopes that are asked for are declared.",
        ],
        remedy: [
            "Fjern rettigheten fra koden, eller legg den til i scope i manifestet med en begrunnelse og send inn en ny versjon.",
            "Remove the scope from the code, or add it to scope in the manifest with a reason and submit a new version.",
        ],
        sources: &[(Document::Smart, "krav 37, 46")],
        check: declared,
    },
    Rule {
        id: "SMA-07.2",
        severity: CONDITIONAL,
        method: IN_PART,
        title: [
            "Appen ber ikke om rettigheter med jokertegn.",
            "The app does not ask for wildcard scopes.",
        ],
        explanation: [
            "patient/*.rs gir tilgang til alt. Da kan verken pasient eller kommune se hva appen trenger. Et jokertegn krever skriftlig begrunnelse.",
            "patient/*.rs gives access to everything. Then neither patient nor municipality can see what the app needs. A wildcard requires a written reason.",
        ],
        expected: [
            "Hver rettighet nevner én ressurstype.",
            "Every scope names one resource type.",
        ],
        remedy: [
            "Skriv én rettighet per ressurstype, for eksempel patient/Observation.rs.",
            "Write one scope for each resource type, for example patient/Observation.rs.",
        ],
        sources: &[
            (Document::Smart, "krav 146, 148"),
            (Document::Gdpr, "art. 5 nr. 1 c"),
        ],
        check: wildcard,
    },
    Rule {
        id: "SMA-07.3",
        severity: BLOCKING,
        method: AUTOMATIC,
        title: [
            "Appen leser bare det den har fått rett til.",
            "The app reads only what it has been granted.",
        ],
        explanation: [
            "Sandkassen håndhever rettighetene og svarer 403 når appen går utenfor. Vi ser etter 403 i de vanlige oppstartene.",
            "The sandbox enforces scopes and answers 403 when the app oversteps. We look for 403 in the ordinary launches.",
        ],
        expected: [
            "Ingen FHIR-kall får 403 i vanlig bruk.",
            "No FHIR request gets 403 in ordinary use.",
        ],
        remedy: [
            "Be om rettigheten til ressurstypen (og deklarer den), eller fjern kallet. Se på scope i tokensvaret før du leser.",
            "Ask for the scope of the resource type (and declare it), or remove the request. Look at scope in the token response before reading.",
        ],
        sources: &[(Document::Smart, "krav 121, 125, 147")],
        check: granted,
    },
    Rule {
        id: "SMA-07.4",
        severity: CONDITIONAL,
        method: AUTOMATIC,
        title: [
            "Rettighetene er skrevet på SMART-versjon 2-form.",
            "The scopes are written in the syntax of SMART version 2.",
        ],
        explanation: [
            "Versjon 2 skiller lesing fra søk og skriving (.rs, .cud). Den gamle formen .read og .write gir mer enn nødvendig og fases ut.",
            "Version 2 tells reading from searching and writing (.rs, .cud). The old form .read and .write gives more than is needed and is being phased out.",
        ],
        expected: [
            "Ingen rettighet slutter på .read, .write eller .*.",
            "No scope ends with .read, .write or .* (version 1).",
        ],
        remedy: [
            "Bytt .read til .rs (eller bare .r) og .write til bokstavene du trenger av c, u og d.",
            "Change .read to .rs (or .r alone) and .write to the letters you need of c, u and d.",
        ],
        sources: &[(Document::Smart, "krav 135")],
        check: syntax,
    },
    Rule {
        id: "PRO-03.1",
        severity: RECOMMENDED,
        method: IN_PART,
        title: [
            "Manifestet lover ikke mer enn appen bruker.",
            "The manifest claims no more than the app uses.",
        ],
        explanation: [
            "Rettigheter som er deklarert, men ikke brukt, gjør godkjenningen videre enn den trenger å være. Vi sammenligner deklarert, bedt om og lest, per ressurstype.",
            "Scopes that are declared but not used make the approval wider than it needs to be. We compare declared, asked for and read, by resource type.",
        ],
        expected: [
            "Hver deklarert ressurstype blir bedt om og brukt i minst ett steg.",
            "Every declared resource type is asked for and used in at least one step.",
        ],
        remedy: [
            "Ta ubrukte rettigheter ut av manifestet og koden. Brukes de bare av funksjoner som kontrollen ikke når, skriv det i begrunnelsen.",
            "Take unused scopes out of the manifest and the code. If they are used only by functions that the check does not reach, say so in the reason.",
        ],
        sources: &[
            (Document::Smart, "krav 46"),
            (Document::Gdpr, "art. 5 nr. 1 c"),
        ],
        check: unused,
    },
];

/// A verdict over the scopes that were asked for: the wrong ones are named.
fn over_requested(
    run: &Run<'_>,
    wrong: impl Fn(&str) -> bool,
    fine: [&str; 2],
    bad: [&str; 2],
) -> Verdict {
    let requested = run.requested();
    let found: BTreeSet<&str> = requested
        .iter()
        .copied()
        .filter(|scope| wrong(scope))
        .collect();
    let Some((_, (event, _))) = run.authorizations().next() else {
        return no_authorization(START);
    };
    if found.is_empty() {
        return fulfilled(fine[0], fine[1]);
    }
    let named = found.iter().copied().collect::<Vec<_>>().join(", ");
    let places = found.iter().map(|scope| place_of(event, *scope)).collect();
    failed(
        format!("{}: {named}.", bad[0]),
        format!("{}: {named}.", bad[1]),
        places,
    )
}

fn declared(run: &Run<'_>) -> Verdict {
    let declared = run.declared();
    over_requested(
        run,
        // The launch scope says only that the app was launched from an EHR.
        |scope| scope != "launch" && !declared.contains(scope),
        ["Alle rettigheter er deklarert.", "All scopes are declared."],
        ["Ikke deklarert", "Not declared"],
    )
}

fn wildcard(run: &Run<'_>) -> Verdict {
    over_requested(
        run,
        |scope| Scope::parse(scope).is_some_and(|scope| scope.resource == "*"),
        ["Ingen jokertegn.", "No wildcards."],
        ["Jokertegn", "Wildcards"],
    )
}

fn syntax(run: &Run<'_>) -> Verdict {
    over_requested(
        run,
        |scope| Scope::parse(scope).is_some_and(|scope| scope.is_first_syntax()),
        [
            "Alle rettigheter er på versjon 2-form.",
            "All scopes have the syntax of version 2.",
        ],
        ["Gammel form", "Old syntax"],
    )
}

fn granted(run: &Run<'_>) -> Verdict {
    let steps = [START, NARROW, SWITCH, NAME].map(|id| run.step(id));
    if !steps.iter().any(|step| step.has_token()) {
        return no_token(START);
    }
    let places: Vec<Place> = steps
        .iter()
        .flat_map(|step| step.fhir())
        .filter(|(_, exchange)| exchange.status == 403)
        .filter(|(_, exchange)| !is_undeclared(run, exchange) && !is_about_another(run, exchange))
        .map(|(event, exchange)| place_of(event, resource_type(exchange).unwrap_or_default()))
        .collect();
    if places.is_empty() {
        return fulfilled(
            "Ingen FHIR-kall ble avvist med 403.",
            "No FHIR request was refused with 403.",
        );
    }
    failed(
        format!("{} FHIR-kall ble avvist med 403.", places.len()),
        format!("{} FHIR requests were refused with 403.", places.len()),
        places,
    )
}

/// A scope that was asked for without being declared is never granted; SMA-07.1 names it.
fn is_undeclared(run: &Run<'_>, exchange: &Exchange) -> bool {
    let declared = run.declared();
    run.requested()
        .iter()
        .filter(|scope| !declared.contains(*scope))
        .filter_map(|scope| Scope::parse(scope))
        .any(|scope| scope.resource == "*" || Some(scope.resource) == resource_type(exchange))
}

/// A read about the patient of the launch before is named by SMA-09.2.
fn is_about_another(run: &Run<'_>, exchange: &Exchange) -> bool {
    let Some(first) = run.step(START).patient() else {
        return false;
    };
    let here = exchange.launch.as_deref()
        != run
            .step(START)
            .launched()
            .map(|launched| launched.launch.as_str());
    here && run
        .step(SWITCH)
        .patient()
        .is_some_and(|second| second.id != first.id)
        && concerns(exchange, &first.id)
        && run
            .step(SWITCH)
            .fhir()
            .any(|(_, other)| other.seq == exchange.seq)
}

fn unused(run: &Run<'_>) -> Verdict {
    let Some((_, (event, _))) = run.authorizations().next() else {
        return no_authorization(START);
    };
    if !run.step(START).has_token() {
        return no_token(START);
    }
    let used: BTreeSet<&str> = run
        .steps()
        .flat_map(Step::fhir)
        .flat_map(|(_, exchange)| {
            resource_type(exchange)
                .into_iter()
                .chain(types_of(exchange))
        })
        .collect();
    let requested = run.requested();
    let idle: Vec<&str> = run
        .declared()
        .into_iter()
        .filter(|scope| {
            Scope::parse(scope).is_some_and(|clinical| {
                !requested.contains(scope)
                    || (clinical.resource != "*" && !used.contains(clinical.resource))
            })
        })
        .collect();
    if idle.is_empty() {
        return fulfilled(
            "Alle deklarerte ressurstyper ble bedt om og brukt.",
            "All declared resource types were asked for and used.",
        );
    }
    let named = idle.join(", ");
    failed(
        format!("Deklarert, men ikke brukt i kontrollen: {named}."),
        format!("Declared but not used in the check: {named}."),
        idle.iter().map(|scope| place_of(event, *scope)).collect(),
    )
}

/// Types of the resources in an answer: what `_include` and batches bring.
fn types_of(exchange: &Exchange) -> impl Iterator<Item = &str> {
    exchange
        .resources
        .iter()
        .filter_map(|resource| resource.split('/').next())
}
