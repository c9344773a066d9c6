//! Faults of single values: primitives, narrative, references (R4, `datatypes.html`).

use super::{Code, Fault, Words, shown, words};
use crate::definitions::Primitive;

/// How a primitive is to be written, in English and bokmål.
fn written(primitive: Primitive) -> (&'static str, &'static str) {
    match primitive {
        Primitive::Base64Binary => ("base64 with padding", "base64 med utfylling (=)"),
        Primitive::Boolean => ("true or false", "true eller false"),
        Primitive::Canonical | Primitive::Uri | Primitive::Url | Primitive::System => {
            ("an address without spaces", "en adresse uten mellomrom")
        }
        Primitive::Code => (
            "a code without space before, after, or doubled within",
            "en kode uten mellomrom først eller sist, og uten doble mellomrom",
        ),
        Primitive::Decimal => ("a decimal number", "et desimaltall"),
        Primitive::Id => (
            "1 to 64 letters A–Z, digits, - and .",
            "1 til 64 bokstaver A–Z, siffer, - og .",
        ),
        Primitive::Integer => ("a whole number of 32 bits", "et heltall på 32 biter"),
        Primitive::Markdown | Primitive::String | Primitive::Xhtml => (
            "a text without control characters",
            "en tekst uten kontrolltegn",
        ),
        Primitive::Oid => ("an OID: urn:oid:2.16.578.1", "en OID: urn:oid:2.16.578.1"),
        Primitive::PositiveInt => ("a whole number from 1", "et heltall fra og med 1"),
        Primitive::UnsignedInt => ("a whole number from 0", "et heltall fra og med 0"),
        Primitive::Uuid => (
            "a UUID in small letters, after urn:uuid:",
            "en UUID med små bokstaver, etter urn:uuid:",
        ),
        Primitive::Date | Primitive::DateTime | Primitive::Instant | Primitive::Time => {
            written_time(primitive)
        }
    }
}

fn written_time(primitive: Primitive) -> (&'static str, &'static str) {
    match primitive {
        Primitive::Date => (
            "a date that exists: 2024, 2024-05 or 2024-05-17",
            "en dato som finnes: 2024, 2024-05 eller 2024-05-17",
        ),
        Primitive::DateTime => (
            "a date, or date and time with zone: 2024-05-17T08:30:00+02:00",
            "en dato, eller dato og klokkeslett med tidssone: 2024-05-17T08:30:00+02:00",
        ),
        Primitive::Instant => (
            "date, time with seconds, and zone: 2024-05-17T08:30:00.000+02:00",
            "dato, klokkeslett med sekunder, og tidssone: 2024-05-17T08:30:00.000+02:00",
        ),
        _ => (
            "a time of day with seconds: 08:30:00",
            "et klokkeslett med sekunder: 08:30:00",
        ),
    }
}

pub(in crate::validate) fn format(
    type_name: &'static str,
    primitive: Primitive,
    value: &str,
) -> Fault {
    let value = shown(value);
    let (en, nb) = written(primitive);
    let problem = words(
        format!("'{value}' is not a valid {type_name}."),
        format!("«{value}» er ikke en gyldig {type_name}."),
    );
    let remedy = words(format!("Write {en}."), format!("Skriv {nb}."));
    Fault::error(
        Code::Format,
        format!("R4 datatypes.html#{type_name}"),
        problem,
        remedy,
    )
}

/// What is wrong with a narrative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::validate) enum Markup {
    Attribute(String),
    Element(String),
    Empty,
    Link(String),
    NotDiv,
    NotWellFormed,
}

impl Markup {
    fn problem(&self) -> Words {
        const PLACE: &str = "fortellende tekst (text.div)";
        match self {
            Self::Attribute(name) => words(
                format!("The attribute {name} is not allowed in a narrative."),
                format!("Attributtet {name} er ikke tillatt i {PLACE}."),
            ),
            Self::Element(name) => words(
                format!("The element <{name}> is not allowed in a narrative."),
                format!("Elementet <{name}> er ikke tillatt i {PLACE}."),
            ),
            Self::Empty => words(
                "The narrative has no text in it.",
                format!("Det er ingen tekst i {PLACE}."),
            ),
            Self::Link(value) => words(
                format!("The link '{value}' is not allowed in a narrative."),
                format!("Lenken «{value}» er ikke tillatt i {PLACE}."),
            ),
            Self::NotDiv => words(
                "The narrative is not one <div>.",
                format!("Det er ikke én <div> i {PLACE}."),
            ),
            Self::NotWellFormed => words(
                "The narrative is not well-formed XHTML.",
                format!("Det er ikke velformet XHTML i {PLACE}."),
            ),
        }
    }

    fn remedy(&self) -> Words {
        let (en, nb) = match self {
            Self::Attribute(_) => (
                "Remove it; event handlers and script never are allowed.",
                "Fjern det; hendelser og skript er aldri tillatt.",
            ),
            Self::Element(_) => (
                "Use basic formatting only: p, b, i, ul, ol, table, a, img and the like.",
                "Bruk bare enkel formatering: p, b, i, ul, ol, table, a, img og lignende.",
            ),
            Self::Empty => (
                "Write something a person can read, or leave text out.",
                "Skriv noe som kan leses, eller utelat text.",
            ),
            Self::Link(_) => (
                "Use http, https, mailto, or a place in the same text.",
                "Bruk http, https, mailto eller et sted i samme tekst.",
            ),
            Self::NotDiv => (
                "Wrap it in <div xmlns=\"http://www.w3.org/1999/xhtml\">…</div>.",
                "Legg den i <div xmlns=\"http://www.w3.org/1999/xhtml\">…</div>.",
            ),
            Self::NotWellFormed => (
                "Close every tag, quote attributes, and write & as &amp;.",
                "Lukk alle elementer, sett attributter i anførselstegn, og skriv & som &amp;.",
            ),
        };
        words(en, nb)
    }
}

pub(in crate::validate) fn narrative(markup: &Markup) -> Fault {
    let rule = match markup {
        Markup::Attribute(_) | Markup::Element(_) | Markup::Link(_) => "txt-1",
        Markup::Empty => "txt-2",
        Markup::NotDiv | Markup::NotWellFormed => "R4 narrative.html",
    };
    Fault::error(Code::Narrative, rule, markup.problem(), markup.remedy())
}

pub(in crate::validate) fn wrong_target(found: &str, targets: &[&str]) -> Fault {
    let problem = words(
        format!(
            "The reference points to {}, which is not allowed here.",
            shown(found)
        ),
        format!(
            "Referansen peker til {}, som ikke er tillatt her.",
            shown(found)
        ),
    );
    let listed = targets.join(", ");
    let remedy = words(format!("Point to {listed}."), format!("Pek til {listed}."));
    Fault::error(Code::Reference, "R4 references.html", problem, remedy)
}

pub(in crate::validate) fn not_a_reference(value: &str) -> Fault {
    let value = shown(value);
    let problem = words(
        format!("'{value}' is not a reference to a resource."),
        format!("«{value}» er ikke en referanse til en ressurs."),
    );
    let remedy = words(
        "Write Type/id, a full address, urn:uuid:…, or #id of a contained resource.",
        "Skriv Type/id, en hel adresse, urn:uuid:…, eller #id til en ressurs i contained.",
    );
    Fault::error(
        Code::Reference,
        "R4 references.html#literal",
        problem,
        remedy,
    )
}
