//! Faults of structure: properties, JSON types, how many there are (R4, `json.html`).

use super::{Code, Fault, shown, words};

const JSON: &str = "R4 json.html";
const ELEMENTS: &str = "R4 elementdefinition.html#min-max";

/// A JSON type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::validate) enum Shape {
    Array,
    Boolean,
    Null,
    Number,
    Object,
    Text,
}

impl Shape {
    fn en(self) -> &'static str {
        match self {
            Self::Array => "an array",
            Self::Boolean => "true or false",
            Self::Null => "null",
            Self::Number => "a number",
            Self::Object => "an object",
            Self::Text => "a text",
        }
    }

    fn nb(self) -> &'static str {
        match self {
            Self::Array => "en liste",
            Self::Boolean => "true eller false",
            Self::Null => "null",
            Self::Number => "et tall",
            Self::Object => "et objekt",
            Self::Text => "en tekst",
        }
    }
}

pub(in crate::validate) fn unknown_element(
    name: &str,
    owner: &str,
    nearest: Option<&str>,
) -> Fault {
    let name = shown(name);
    let remedy = nearest.map_or_else(
        || {
            words(
                "Remove it, or move it into an extension.",
                "Fjern elementet, eller legg det i en utvidelse (extension).",
            )
        },
        |near| words(format!("Did you mean {near}?"), format!("Mente du {near}?")),
    );
    let problem = words(
        format!("{owner} has no element {name}."),
        format!("{owner} har ikke noe element {name}."),
    );
    Fault::error(Code::UnknownElement, JSON, problem, remedy)
}

pub(in crate::validate) fn wrong_shape(name: &str, wanted: Shape, found: Shape) -> Fault {
    let problem = words(
        format!("{name} is {}, and has to be {}.", found.en(), wanted.en()),
        format!("{name} er {}, men må være {}.", found.nb(), wanted.nb()),
    );
    let remedy = match (wanted, found) {
        (Shape::Array, _) => words("Put the value in [ ].", "Sett verdien i [ ]."),
        (_, Shape::Array) => words("Give one value, without [ ].", "Oppgi én verdi, uten [ ]."),
        (Shape::Text, _) => words(
            "Put the value in quotation marks.",
            "Sett verdien i anførselstegn.",
        ),
        (Shape::Number | Shape::Boolean, Shape::Text) => {
            words("Remove the quotation marks.", "Fjern anførselstegnene.")
        }
        _ => words(
            format!("Give {}.", wanted.en()),
            format!("Oppgi {}.", wanted.nb()),
        ),
    };
    Fault::error(Code::Shape, JSON, problem, remedy)
}

pub(in crate::validate) fn missing(name: &str, owner: &str) -> Fault {
    let problem = words(
        format!("{name} is required in {owner}, and is not there."),
        format!("{name} mangler, og er påkrevd i {owner}."),
    );
    Fault::error(
        Code::Missing,
        ELEMENTS,
        problem,
        words(format!("Add {name}."), format!("Legg til {name}.")),
    )
}

pub(in crate::validate) fn two_choices(name: &str) -> Fault {
    let problem = words(
        format!("{name}[x] is given more than once, with different types."),
        format!("{name}[x] er oppgitt flere ganger, med ulike typer."),
    );
    let remedy = words(
        format!("Keep one {name}[x] only."),
        format!("Behold bare én {name}[x]."),
    );
    Fault::error(Code::Choice, "R4 formats.html#choice", problem, remedy)
}

pub(in crate::validate) fn empty(found: Shape) -> Fault {
    let (en, nb) = match found {
        Shape::Array => ("An array has nothing in it.", "En liste er tom."),
        Shape::Object => ("An object has nothing in it.", "Et objekt er tomt."),
        Shape::Text => ("A text is empty.", "En tekst er tom."),
        _ => ("A value is null.", "En verdi er null."),
    };
    let remedy = words(
        "Leave the property out when there is no value.",
        "Utelat egenskapen når den ikke har noen verdi.",
    );
    Fault::error(Code::Empty, JSON, words(en, nb), remedy)
}

pub(in crate::validate) fn no_content() -> Fault {
    let problem = words(
        "The element has an id and nothing else.",
        "Elementet har bare en id.",
    );
    let remedy = words(
        "Add a value or an extension, or remove it.",
        "Legg til en verdi eller en utvidelse, eller fjern elementet.",
    );
    Fault::error(Code::Invariant, "ele-1", problem, remedy)
}

pub(in crate::validate) fn misaligned(name: &str) -> Fault {
    let problem = words(
        format!("{name} and _{name} do not have the same number of items."),
        format!("{name} og _{name} har ikke like mange ledd."),
    );
    let remedy = words(
        "Fill the shorter array with null, so that items stand at the same places.",
        "Fyll den korteste listen med null, slik at leddene står på samme plass.",
    );
    Fault::error(Code::Shape, "R4 json.html#primitive", problem, remedy)
}

pub(in crate::validate) fn no_resource_type() -> Fault {
    let problem = words("resourceType is not there.", "resourceType mangler.");
    let remedy = words(
        "Say which resource it is, as in \"resourceType\": \"Patient\".",
        "Oppgi hvilken ressurs det er, for eksempel \"resourceType\": \"Patient\".",
    );
    Fault::error(Code::ResourceType, JSON, problem, remedy)
}

pub(in crate::validate) fn unknown_resource(name: &str) -> Fault {
    let name = shown(name);
    let problem = words(
        format!("R4 has no resource of type {name}."),
        format!("R4 har ingen ressurs av typen {name}."),
    );
    let remedy = words(
        "Use one of R4's resource types; they start with a capital letter.",
        "Bruk en av ressurstypene i R4; de har stor forbokstav.",
    );
    Fault::error(Code::ResourceType, "R4 resourcelist.html", problem, remedy)
}

pub(in crate::validate) fn too_large() -> Fault {
    let problem = words(
        "The resource is deeper or larger than can be checked; the rest was not looked at.",
        "Ressursen er dypere eller større enn vi kan kontrollere; resten er ikke sett på.",
    );
    let remedy = words(
        "Split it into smaller resources.",
        "Del den opp i mindre ressurser.",
    );
    Fault::error(Code::Limit, "limit", problem, remedy)
}
