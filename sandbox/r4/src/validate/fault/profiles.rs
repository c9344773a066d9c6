//! Faults against profiles: no-basis, no-domain, vital signs.

use super::{Code, Fault, shown, words};
use crate::validate::Severity;

pub(in crate::validate) fn unknown_profile(url: &str, asked: bool) -> Fault {
    let url = shown(url);
    let problem = words(
        format!("The profile {url} is not known here, so it was not checked."),
        format!("Profilen {url} er ikke kjent her, så den er ikke kontrollert."),
    );
    let remedy = words(
        "Check the address; base R4, no-basis 2.2 and no-domain vital signs are known.",
        "Se over adressen; grunnprofilene i R4, no-basis 2.2 og no-domain vitale målinger er kjent.",
    );
    let severity = if asked {
        Severity::Warning
    } else {
        Severity::Information
    };
    Fault::error(Code::Profile, "R4 profiling.html", problem, remedy).at(severity)
}

pub(in crate::validate) fn profile_of_other_type(url: &str, wanted: &str, found: &str) -> Fault {
    let url = shown(url);
    let problem = words(
        format!("The profile {url} is for {wanted}, and this is {found}."),
        format!("Profilen {url} gjelder {wanted}, men dette er {found}."),
    );
    let remedy = words(
        "Remove the profile, or use the right one.",
        "Fjern profilen, eller bruk den rette.",
    );
    Fault::error(Code::Profile, "R4 profiling.html", problem, remedy)
}

pub(in crate::validate) fn too_few(rule: &str, what: &str, min: usize, found: usize) -> Fault {
    let problem = words(
        format!("The profile demands at least {min} of {what}, and there are {found}."),
        format!("Profilen krever minst {min} av {what}, men det er {found}."),
    );
    let remedy = words(format!("Add {what}."), format!("Legg til {what}."));
    Fault::error(Code::Missing, rule.to_owned(), problem, remedy)
}

pub(in crate::validate) fn too_many(rule: &str, what: &str, max: usize, found: usize) -> Fault {
    let problem = words(
        format!("The profile allows at most {max} of {what}, and there are {found}."),
        format!("Profilen tillater høyst {max} av {what}, men det er {found}."),
    );
    let remedy = words(
        format!("Keep {max} of {what}."),
        format!("Behold {max} av {what}."),
    );
    Fault::error(Code::Slice, rule.to_owned(), problem, remedy)
}

pub(in crate::validate) fn not_fixed(rule: &str, wanted: &str) -> Fault {
    let wanted = shown(wanted);
    let problem = words(
        format!("The value is not the one the profile fixes: {wanted}."),
        format!("Verdien er ikke den profilen fastsetter: {wanted}."),
    );
    let remedy = words(format!("Write {wanted}."), format!("Skriv {wanted}."));
    Fault::error(Code::Fixed, rule.to_owned(), problem, remedy)
}

pub(in crate::validate) fn profile_invariant(
    key: &'static str,
    en: &str,
    nb: &str,
    is_error: bool,
) -> Fault {
    let severity = if is_error {
        Severity::Error
    } else {
        Severity::Warning
    };
    let problem = words(
        format!("The rule {key} does not hold: {en}"),
        format!("Regelen {key} er brutt: {nb}"),
    );
    let remedy = words(
        format!("Change the resource so that this is true: {en}"),
        format!("Rett opp slik at dette stemmer: {nb}"),
    );
    Fault::error(Code::Invariant, key, problem, remedy).at(severity)
}
