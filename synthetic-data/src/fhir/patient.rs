//! Patient and `RelatedPerson`: who people are, as the population register and the clinic know it.

use super::json::Json;
use super::register::{address, human_name, identifier, person_identifier};
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::date::{Date, Moment};
use crate::history::Service;
use crate::ids::IdentifierKind;
use crate::people::{Kin, Person, Protection};

/// The person as a Patient. The unit is the person's practice; for a visitor, the clinic that was
/// visited.
pub(crate) fn patient(sheaf: &mut Sheaf, patient: &Subject<'_>, unit: &Letterhead, since: Moment) {
    let id = id::of_person(
        patient.person.index,
        Service::GeneralPractice,
        ResourceType::Patient,
        0,
    );
    sheaf.label = patient.person.protection.map(Protection::label);
    let (revision, profile) = (
        revision(patient.person, since),
        Some(system::NO_BASIS_PATIENT),
    );
    sheaf.write(ResourceType::Patient, id, revision, profile, |json| {
        json.array("identifier", |list| {
            list.item(|item| numbered(item, patient.person, unit));
        });
        json.flag("active", true);
        json.one("name", |name| human_name(name, patient.person.name));
        json.text("gender", patient.person.sex.code());
        json.date("birthDate", patient.person.birth_date);
        if let Some(date) = patient.person.deceased {
            json.date("deceasedDateTime", date);
        }
        json.array("address", |list| addresses(list, patient.person));
        let doctor = patient.person.general_practitioner;
        if let Some(doctor) = doctor.and_then(|place| unit.practitioner(place)) {
            json.one("generalPractitioner", |item| {
                doctor.refer(item);
            });
        }
        json.member("managingOrganization", |item| {
            unit.organization(item);
        });
    });
    sheaf.label = None;
}

/// How often the Patient has changed: by a move after registration, and by death.
fn revision(person: &Person, since: Moment) -> Revision {
    let moved = person.moved.as_ref().map(|one| one.date);
    let changes = [moved, person.deceased].into_iter().flatten();
    let changes = changes.filter(|date| *date > since.date);
    changes.fold(Revision::first(since), |before, date| Revision {
        version: before.version + 1,
        updated: Moment {
            date,
            minute: 12 * 60,
        },
    })
}

fn numbered(item: &mut Json, person: &Person, unit: &Letterhead) {
    if person.identifier.kind() != IdentifierKind::HNumber {
        person_identifier(item, Some("official"), person.identifier);
        return;
    }
    item.word("use", "temp");
    item.member("type", |kind| {
        kind.one("coding", |coding| {
            coding.word("system", system::PERSON_NUMBER_TYPE);
            coding.word("code", "HNR");
        });
    });
    identifier(item, None, system::H_NUMBER, &person.identifier.to_string());
    item.member("assigner", |assigner| {
        unit.organization(assigner);
    });
}

/// The address, and the former one of those who moved. A protected address is not told, nor that
/// there was another.
fn addresses(list: &mut Json, person: &Person) {
    if person.protection.is_some() {
        list.item(|item| {
            item.one("extension", |extension| {
                extension.word("url", system::ABSENT_REASON);
                extension.word("valueCode", "masked");
            });
            item.word("use", "home");
        });
        return;
    }
    let day_before = |date: Date| date.plus_days(-1).to_string();
    list.item(|item| {
        item.one("extension", |extension| {
            extension.word("url", system::ADDRESS_OFFICIAL);
            extension.flag("valueBoolean", person.address.municipality.is_some());
        });
        item.word("use", "home");
        address(item, &person.address);
        if let Some(moved) = &person.moved {
            item.member("period", |period| {
                period.date("start", moved.date);
            });
        }
    });
    if let Some(moved) = &person.moved {
        list.item(|item| {
            item.word("use", "old");
            address(item, &moved.from);
            item.member("period", |period| {
                period.text("end", &day_before(moved.date));
            });
        });
    }
}

/// One of a person's nearest as a `RelatedPerson`; never with an address, which may be protected.
pub(crate) fn related(
    sheaf: &mut Sheaf,
    patient: &Subject<'_>,
    number: u32,
    other: &Person,
    kin: Kin,
) {
    let id = id::of_person(
        patient.person.index,
        Service::GeneralPractice,
        ResourceType::RelatedPerson,
        number,
    );
    let since = Moment {
        date: patient.person.registered,
        minute: 8 * 60,
    };
    let profile = Some(system::NO_BASIS_RELATED_PERSON);
    let revision = Revision::first(since);
    sheaf.write(ResourceType::RelatedPerson, id, revision, profile, |json| {
        json.one("identifier", |item| {
            person_identifier(item, Some("official"), other.identifier);
        });
        json.flag("active", true);
        json.member("patient", |item| patient.refer(item));
        json.one("relationship", |item| {
            let (code, name) = kinship(kin);
            item.one("coding", |coding| {
                coding.word("system", system::ROLE_CODE);
                coding.text("code", code);
            });
            item.said("text", name);
        });
        json.one("name", |name| human_name(name, other.name));
        json.text("gender", other.sex.code());
        json.date("birthDate", other.birth_date);
    });
}

/// The code in HL7's `v3-RoleCode`, and our word for it in bokmål.
fn kinship(kin: Kin) -> (&'static str, &'static str) {
    match kin {
        Kin::Daughter => ("DAUC", "Datter"),
        Kin::Father => ("FTH", "Far"),
        Kin::FosterFather => ("FTHFOST", "Fosterfar"),
        Kin::FosterMother => ("MTHFOST", "Fostermor"),
        Kin::Mother => ("MTH", "Mor"),
        Kin::Partner => ("SPS", "Ektefelle eller samboer"),
        Kin::Son => ("SONC", "Sønn"),
    }
}
