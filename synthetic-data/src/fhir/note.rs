//! `DocumentReference` after no-basis, with the note's text inside.

use super::clinical::{reference, subject};
use super::register::{organization_reference, practitioner_reference};
use super::{Resource, ResourceType, Revision, id, system};
use crate::history::Note;
use crate::people::Person;
use crate::world::Unit;

/// A note as a `DocumentReference`.
pub(crate) fn document(note: &Note, person: &Person, unit: &Unit) -> Resource {
    let own_id = id::of_person(
        person.index,
        note.service,
        ResourceType::DocumentReference,
        note.number,
    );
    let revision = Revision {
        version: 1,
        updated: note.at,
    };
    let profile = Some(system::NO_BASIS_DOCUMENT);
    Resource::write(
        ResourceType::DocumentReference,
        own_id,
        revision,
        profile,
        |json| {
            json.text("status", "current");
            json.text("docStatus", "final");
            json.member("type", |item| {
                item.one("coding", |coding| {
                    coding.text("system", system::DOCUMENT_TYPE);
                    coding.text("code", "B02-2");
                    coding.text("display", "Journalnotat");
                });
                item.text("text", "Journalnotat");
            });
            json.member("subject", |item| subject(item, person));
            json.moment("date", note.at);
            if let Some(practitioner) = unit.practitioners.get(note.practitioner) {
                json.one("author", |item| practitioner_reference(item, practitioner));
            }
            json.member("custodian", |item| {
                organization_reference(item, &unit.organization);
            });
            json.one("content", |item| {
                item.member("attachment", |attachment| {
                    attachment.text("contentType", "text/plain; charset=utf-8");
                    attachment.text("language", "nb-NO");
                    attachment.text("data", &base64(note.text.as_bytes()));
                    attachment.text("title", "Journalnotat");
                    attachment.moment("creation", note.at);
                });
            });
            if let Some(contact) = note.contact {
                json.member("context", |item| {
                    item.one("encounter", |one| {
                        let kind = ResourceType::Encounter;
                        reference(one, person, note.service, kind, contact);
                    });
                });
            }
        },
    )
}

/// Base64 with padding (RFC 4648 section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 4];
        for (place, byte) in group.iter_mut().skip(1).zip(chunk) {
            *place = *byte;
        }
        let word = u32::from_be_bytes(group);
        for place in 0..4_u32 {
            let six = usize::try_from(word >> (18 - 6 * place) & 63).unwrap_or(0);
            let letter = ALPHABET.get(six).copied().unwrap_or(b'=');
            let is_padding = usize::try_from(place).unwrap_or(0) > chunk.len();
            text.push(char::from(if is_padding { b'=' } else { letter }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_gives_the_examples_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
