//! Faults against rules: invariants, extensions, contained resources.

use super::super::human;
use super::{Code, Fault, Words, shown, words};
use crate::validate::Severity;

/// An invariant of a definition that does not hold.
pub(in crate::validate) fn invariant(
    key: &'static str,
    human: &'static str,
    is_error: bool,
) -> Fault {
    let nb = human::norwegian(key);
    let problem = words(
        format!("The rule {key} does not hold: {human}."),
        nb.map_or_else(
            || format!("Regelen {key} er brutt: {human}."),
            |nb| format!("Regelen {key} er brutt: {nb}"),
        ),
    );
    let remedy = words(
        format!("Change the element so that this is true: {human}."),
        nb.map_or_else(
            || "Endre elementet slik at regelen holder.".to_owned(),
            |nb| format!("Rett opp slik at dette stemmer: {nb}"),
        ),
    );
    let severity = if is_error {
        Severity::Error
    } else {
        Severity::Warning
    };
    Fault::error(Code::Invariant, key, problem, remedy).at(severity)
}

pub(in crate::validate) fn extension_content(has_both: bool) -> Fault {
    let problem = if has_both {
        words(
            "The extension has both a value and extensions.",
            "Utvidelsen har både verdi og egne utvidelser.",
        )
    } else {
        words(
            "The extension has neither a value nor extensions.",
            "Utvidelsen har verken verdi eller egne utvidelser.",
        )
    };
    let remedy = words(
        "Give exactly one of the two.",
        "Oppgi nøyaktig én av delene.",
    );
    Fault::error(Code::Extension, "ext-1", problem, remedy)
}

pub(in crate::validate) fn relative_extension(url: &str) -> Fault {
    let url = shown(url);
    let problem = words(
        format!("The extension's url '{url}' is not a full address."),
        format!("Utvidelsens url «{url}» er ikke en hel adresse."),
    );
    let remedy = words(
        "Give the canonical address of the extension's definition; only extensions within extensions have short names.",
        "Oppgi den kanoniske adressen til definisjonen; bare utvidelser inni utvidelser har korte navn.",
    );
    Fault::error(
        Code::Extension,
        "R4 extensibility.html#Extension",
        problem,
        remedy,
    )
}

pub(in crate::validate) fn dangling(reference: &str) -> Fault {
    let reference = shown(reference);
    let problem = words(
        format!("No contained resource has the id that {reference} points to."),
        format!("Ingen ressurs i contained har id-en som {reference} peker til."),
    );
    let remedy = words(
        "Add the resource to contained, or point to another.",
        "Legg ressursen i contained, eller pek til en annen.",
    );
    Fault::error(Code::Reference, "ref-1", problem, remedy)
}

pub(in crate::validate) fn relative_full_url(url: &str) -> Fault {
    let url = shown(url);
    let problem = words(
        format!("fullUrl '{url}' is not a full address."),
        format!("fullUrl «{url}» er ikke en hel adresse."),
    );
    let remedy = words(
        "Give the full address of the resource, or urn:uuid:… for one that has none yet.",
        "Oppgi hele adressen til ressursen, eller urn:uuid:… for en som ikke har noen ennå.",
    );
    Fault::error(
        Code::Format,
        "R4 bundle.html#bundle-unique",
        problem,
        remedy,
    )
}

/// What is wrong with a contained resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::validate) enum Containing {
    Nested,
    NotReferenced,
    SameId,
    Security,
    Versioned,
}

impl Containing {
    fn rule(self) -> &'static str {
        match self {
            Self::Nested => "dom-2",
            Self::NotReferenced => "dom-3",
            Self::SameId => "R4 references.html#contained",
            Self::Security => "dom-5",
            Self::Versioned => "dom-4",
        }
    }

    fn problem(self) -> Words {
        let (en, nb) = match self {
            Self::Nested => (
                "A contained resource contains another.",
                "En ressurs i contained har egne ressurser i contained.",
            ),
            Self::NotReferenced => (
                "Nothing points to the contained resource.",
                "Ingenting peker til ressursen i contained.",
            ),
            Self::SameId => (
                "Two contained resources have the same id.",
                "To ressurser i contained har samme id.",
            ),
            Self::Security => (
                "A contained resource has a security label.",
                "En ressurs i contained har sikkerhetsmerke.",
            ),
            Self::Versioned => (
                "A contained resource has a versionId or lastUpdated.",
                "En ressurs i contained har versionId eller lastUpdated.",
            ),
        };
        words(en, nb)
    }

    fn remedy(self) -> Words {
        let (en, nb) = match self {
            Self::Nested => (
                "Move the inner resource out to the same contained.",
                "Flytt den indre ressursen ut i samme contained.",
            ),
            Self::NotReferenced => (
                "Give it an id and refer to it with #id, or remove it.",
                "Gi den en id og pek til den med #id, eller fjern den.",
            ),
            Self::SameId => ("Give each its own id.", "Gi hver sin egen id."),
            Self::Security => (
                "Put meta.security on the outer resource.",
                "Legg meta.security på den ytre ressursen.",
            ),
            Self::Versioned => (
                "Remove meta.versionId and meta.lastUpdated from it.",
                "Fjern meta.versionId og meta.lastUpdated fra den.",
            ),
        };
        words(en, nb)
    }
}

pub(in crate::validate) fn contained(what: Containing) -> Fault {
    Fault::error(Code::Contained, what.rule(), what.problem(), what.remedy())
}

pub(in crate::validate) fn no_narrative() -> Fault {
    let problem = words(
        "The resource has no narrative for people to read.",
        "Ressursen har ingen fortellende tekst (text) som kan leses.",
    );
    let remedy = words(
        "Add text with status and div.",
        "Legg til text med status og div.",
    );
    Fault::error(Code::Invariant, "dom-6", problem, remedy).at(Severity::Warning)
}

pub(in crate::validate) fn period_reversed() -> Fault {
    let problem = words(
        "The period ends before it starts.",
        "Perioden slutter før den begynner.",
    );
    let remedy = words(
        "Swap or correct start and end.",
        "Bytt om eller rett start og end.",
    );
    Fault::error(Code::Invariant, "per-1", problem, remedy)
}
