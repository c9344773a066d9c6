//! Faults of codes (R4, `terminologies.html`).

use super::{Code, Fault, shown, words};
use crate::validate::Severity;

const BINDINGS: &str = "R4 terminologies.html#strength";

/// A code with its system, as it may be shown.
pub(in crate::validate) fn named(system: Option<&str>, code: Option<&str>) -> String {
    let code = code.unwrap_or("(none)");
    shown(&system.map_or_else(|| code.to_owned(), |system| format!("{system}#{code}")))
}

pub(in crate::validate) fn not_in_set(
    code: &str,
    set: &str,
    required: bool,
    some: &[&str],
) -> Fault {
    let problem = words(
        format!("'{code}' is not in the value set {set}."),
        format!("«{code}» er ikke i verdisettet {set}."),
    );
    let examples = some.join(", ");
    let (en, nb) = match (required, some.is_empty()) {
        (_, false) => (
            format!("Use one of: {examples}."),
            format!("Bruk en av: {examples}."),
        ),
        (true, true) => (
            "Use a code of the set.".to_owned(),
            "Bruk en kode fra verdisettet.".to_owned(),
        ),
        (false, true) => (
            "Use a code of the set, unless none fits.".to_owned(),
            "Bruk en kode fra verdisettet, med mindre ingen passer.".to_owned(),
        ),
    };
    let severity = if required {
        Severity::Error
    } else {
        Severity::Warning
    };
    Fault::error(Code::Binding, BINDINGS, problem, words(en, nb)).at(severity)
}

pub(in crate::validate) fn unchecked_set(set: &str) -> Fault {
    let problem = words(
        format!("The codes of {set} are not here, so this was not checked."),
        format!("Kodene i {set} finnes ikke her, så dette er ikke kontrollert."),
    );
    let remedy = words(
        "Nothing, if the code is right.",
        "Ingenting, hvis koden er riktig.",
    );
    Fault::error(Code::Unchecked, BINDINGS, problem, remedy).at(Severity::Information)
}

pub(in crate::validate) fn not_in_system(code: &str, system: &str) -> Fault {
    let problem = words(
        format!("The code system {system} has no code '{}'.", shown(code)),
        format!("Kodeverket {system} har ingen kode «{}».", shown(code)),
    );
    let remedy = words(
        "Check the spelling of the code, or the system.",
        "Se over skrivemåten av koden, eller system.",
    );
    Fault::error(Code::Binding, "R4 datatypes.html#Coding", problem, remedy)
}

pub(in crate::validate) fn other_diagnosis_system(code: &str, system: &str, other: &str) -> Fault {
    let code = shown(code);
    let problem = words(
        format!("'{code}' is written as a code of {other}, and stands under {system}."),
        format!("«{code}» er skrevet som en kode fra {other}, men står under {system}."),
    );
    let remedy = words(
        format!("Use {other} as the system: 7170 is ICPC-2 and 7110 is ICD-10."),
        format!("Bruk {other} som system: 7170 er ICPC-2 og 7110 er ICD-10."),
    );
    Fault::error(Code::Binding, "Volven 7110 and 7170", problem, remedy).at(Severity::Warning)
}

pub(in crate::validate) fn relative_system(system: &str) -> Fault {
    let system = shown(system);
    let problem = words(
        format!("The system '{system}' is not a full address."),
        format!("«{system}» i system er ikke en hel adresse."),
    );
    let remedy = words(
        "Give the canonical address of the code system, or its OID as urn:oid:….",
        "Oppgi den kanoniske adressen til kodeverket, eller OID-en som urn:oid:….",
    );
    Fault::error(Code::Format, "R4 datatypes.html#Coding", problem, remedy)
}
