//! `DocumentReference` after no-basis, with the note's text inside.

use std::borrow::Cow;

use super::clinical::reference;
use super::json::Json;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::date::{Date, Moment};
use crate::history::{Note, Service, SickLeave};
use crate::nynorsk;

/// A note as a `DocumentReference`.
pub(crate) fn document(sheaf: &mut Sheaf, note: &Note, patient: &Subject<'_>, unit: &Letterhead) {
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
    document.write(sheaf, patient, unit);
}

/// A certificate of sickness as a `DocumentReference`, with its stretch as the period.
pub(crate) fn sick_leave(
    sheaf: &mut Sheaf,
    leave: &SickLeave,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
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
    document.write(sheaf, patient, unit);
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
    fn write(&self, sheaf: &mut Sheaf, patient: &Subject<'_>, unit: &Letterhead) {
        let kind = ResourceType::DocumentReference;
        let own_id = id::of_person(patient.person.index, self.service, kind, self.number);
        let profile = Some(system::NO_BASIS_DOCUMENT);
        let (status, revision) = self.status();
        sheaf.write(kind, own_id, revision, profile, |json| {
            json.word("status", status);
            json.word("docStatus", "final");
            json.member("type", |item| {
                let (code, name) = self.kind;
                item.one("coding", |coding| {
                    coding.word("system", system::DOCUMENT_TYPE);
                    coding.word("code", code);
                    coding.word("display", name);
                });
                item.word("text", name);
            });
            json.member("subject", |item| patient.refer(item));
            json.moment("date", self.at);
            if let Some(practitioner) = unit.practitioner(self.practitioner) {
                json.one("author", |item| practitioner.refer(item));
            }
            json.member("custodian", |item| {
                unit.organization(item);
            });
            if let Some(number) = self.replaces {
                json.one("relatesTo", |item| {
                    item.word("code", "replaces");
                    item.member("target", |target| {
                        reference(target, patient, self.service, kind, number);
                    });
                });
            }
            json.one("content", |item| self.attachment(item, patient.nynorsk));
            self.context(json, patient);
        });
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
            attachment.word("contentType", "text/plain; charset=utf-8");
            attachment.word("language", language);
            attachment.base64("data", text.as_bytes());
            attachment.word("title", name);
            attachment.moment("creation", self.at);
        });
    }

    fn context(&self, json: &mut Json, patient: &Subject<'_>) {
        let Some(contact) = self.contact else { return };
        json.member("context", |item| {
            item.one("encounter", |one| {
                let kind = ResourceType::Encounter;
                reference(one, patient, self.service, kind, contact);
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
