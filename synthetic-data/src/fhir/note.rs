//! `DocumentReference` after no-basis, with the note's text inside.

use std::borrow::Cow;

use super::clinical::{reference, subject};
use super::json::Json;
use super::register::{organization_reference, practitioner_reference};
use super::{Resource, ResourceType, Revision, id, system};
use crate::date::{Date, Moment};
use crate::history::{Note, Service, SickLeave};
use crate::nynorsk;
use crate::people::Person;
use crate::world::Unit;

/// A note as a `DocumentReference`.
pub(crate) fn document(note: &Note, person: &Person, unit: &Unit) -> Resource {
    let document = Document {
        service: note.service,
        number: note.number,
        kind: ("B02-2", "Journalnotat"),
        at: note.at,
        contact: note.contact,
        practitioner: note.practitioner,
        text: &note.text,
        period: None,
        replaces: note.replaces,
        withdrawn: note.withdrawn,
    };
    document.write(person, unit)
}

/// A certificate of sickness as a `DocumentReference`, with its stretch as the period.
pub(crate) fn sick_leave(leave: &SickLeave, person: &Person, unit: &Unit) -> Resource {
    let SickLeave {
        grade, from, to, ..
    } = leave;
    let text = format!(
        "Sykmelding {grade} % fra {from} til {to}. Diagnose: {} {}.",
        leave.reason.code, leave.reason.name
    );
    let document = Document {
        service: leave.service,
        number: leave.number,
        kind: ("J01-2", "Sykmeldinger og trygdesaker"),
        at: leave.at,
        contact: Some(leave.contact),
        practitioner: leave.practitioner,
        text: &text,
        period: Some((leave.from, leave.to)),
        replaces: None,
        withdrawn: None,
    };
    document.write(person, unit)
}

/// What every document has.
#[derive(Clone, Copy, Debug)]
struct Document<'a> {
    service: Service,
    number: u32,
    /// Code and name in Volven 9602 (type of document).
    kind: (&'a str, &'a str),
    at: Moment,
    contact: Option<u32>,
    practitioner: usize,
    text: &'a str,
    /// What it is about, where that is a stretch of time.
    period: Option<(Date, Date)>,
    /// The number of the document that it takes the place of.
    replaces: Option<u32>,
    /// When it was found to be wrong.
    withdrawn: Option<Date>,
}

impl Document<'_> {
    fn write(&self, person: &Person, unit: &Unit) -> Resource {
        let kind = ResourceType::DocumentReference;
        let own_id = id::of_person(person.index, self.service, kind, self.number);
        let profile = Some(system::NO_BASIS_DOCUMENT);
        let (status, revision) = self.status();
        Resource::write(kind, own_id, revision, profile, |json| {
            json.text("status", status);
            json.text("docStatus", "final");
            json.member("type", |item| {
                let (code, name) = self.kind;
                item.one("coding", |coding| {
                    coding.text("system", system::DOCUMENT_TYPE);
                    coding.text("code", code);
                    coding.text("display", name);
                });
                item.text("text", name);
            });
            json.member("subject", |item| subject(item, person));
            json.moment("date", self.at);
            if let Some(practitioner) = unit.practitioners.get(self.practitioner) {
                json.one("author", |item| practitioner_reference(item, practitioner));
            }
            json.member("custodian", |item| {
                organization_reference(item, &unit.organization);
            });
            if let Some(number) = self.replaces {
                json.one("relatesTo", |item| {
                    item.text("code", "replaces");
                    item.member("target", |target| {
                        reference(target, person, self.service, kind, number);
                    });
                });
            }
            let nynorsk = person.municipality.writes_nynorsk();
            json.one("content", |item| self.attachment(item, nynorsk));
            self.context(json, person);
        })
    }

    fn status(&self) -> (&'static str, Revision) {
        let Some(date) = self.withdrawn else {
            return ("current", Revision::first(self.at));
        };
        let updated = Moment {
            date,
            minute: 15 * 60,
        };
        let revision = Revision {
            version: 2,
            updated,
        };
        ("entered-in-error", revision)
    }

    fn attachment(&self, item: &mut Json, nynorsk: bool) {
        let (_, name) = self.kind;
        let (language, text) = if nynorsk {
            ("nn-NO", Cow::Owned(nynorsk::of(self.text)))
        } else {
            ("nb-NO", Cow::Borrowed(self.text))
        };
        item.member("attachment", |attachment| {
            attachment.text("contentType", "text/plain; charset=utf-8");
            attachment.text("language", language);
            attachment.text("data", &base64(text.as_bytes()));
            attachment.text("title", name);
            attachment.moment("creation", self.at);
        });
    }

    fn context(&self, json: &mut Json, person: &Person) {
        let Some(contact) = self.contact else { return };
        json.member("context", |item| {
            item.one("encounter", |one| {
                let kind = ResourceType::Encounter;
                reference(one, person, self.service, kind, contact);
            });
            if let Some((from, to)) = self.period {
                item.member("period", |period| {
                    period.date("start", from);
                    period.date("end", to);
                });
            }
        });
    }
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
