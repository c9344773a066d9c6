//! Encounter and Condition. There is no Norwegian base profile for either.

use super::json::Json;
use super::register::{organization_reference, practitioner_reference};
use super::{Resource, ResourceType, Revision, id, system};
use crate::date::Moment;
use crate::history::{Code, Contact, Onset, Problem, Service};
use crate::people::Person;
use crate::world::Unit;

/// A contact as an Encounter.
pub(crate) fn encounter(contact: &Contact, person: &Person, unit: &Unit) -> Resource {
    let own_id = id::of_person(
        person.index,
        contact.service,
        ResourceType::Encounter,
        contact.number,
    );
    let end = contact.start.plus_minutes(contact.minutes);
    let revision = Revision {
        version: 1,
        updated: end,
    };
    Resource::write(ResourceType::Encounter, own_id, revision, None, |json| {
        json.text("status", "finished");
        json.member("class", |class| {
            let (code, display) = contact.form.class();
            class.text("system", system::ACT_CODE);
            class.text("code", code);
            class.text("display", display);
        });
        json.one("type", |item| {
            if let Some(code) = contact.form.code() {
                item.one("coding", |coding| {
                    coding.text("system", system::CONTACT_TYPE);
                    coding.text("code", code);
                    coding.text("display", contact.form.name());
                });
            }
            item.text("text", contact.form.name());
        });
        json.member("subject", |item| subject(item, person));
        participant(json, contact, unit);
        json.member("period", |period| {
            period.moment("start", contact.start);
            period.moment("end", end);
        });
        if !contact.reasons.is_empty() {
            json.array("reasonCode", |list| {
                for reason in &contact.reasons {
                    list.item(|item| icpc(item, *reason));
                }
            });
        }
        if !contact.problems.is_empty() {
            json.array("diagnosis", |list| {
                for problem in &contact.problems {
                    list.item(|item| {
                        item.member("condition", |one| {
                            reference(
                                one,
                                person,
                                contact.service,
                                ResourceType::Condition,
                                *problem,
                            );
                        });
                    });
                }
            });
        }
        json.member("serviceProvider", |item| {
            organization_reference(item, &unit.organization);
        });
    })
}

fn participant(json: &mut Json, contact: &Contact, unit: &Unit) {
    if let Some(practitioner) = unit.practitioners.get(contact.practitioner) {
        json.one("participant", |item| {
            item.one("type", |kind| {
                kind.one("coding", |coding| {
                    coding.text("system", system::PARTICIPATION);
                    coding.text("code", "PPRF");
                    coding.text("display", "primary performer");
                });
            });
            item.member("individual", |one| {
                practitioner_reference(one, practitioner);
            });
        });
    }
}

/// A health problem as a Condition.
pub(crate) fn condition(problem: &Problem, person: &Person, unit: &Unit) -> Resource {
    let own_id = id::of_person(
        person.index,
        problem.service,
        ResourceType::Condition,
        problem.number,
    );
    let revision = match problem.abated {
        Some(date) => Revision {
            version: 2,
            updated: Moment {
                date,
                minute: 6 * 60,
            },
        },
        None => Revision {
            version: 1,
            updated: problem.recorded,
        },
    };
    Resource::write(ResourceType::Condition, own_id, revision, None, |json| {
        let status = if problem.abated.is_some() {
            "resolved"
        } else {
            "active"
        };
        json.member("clinicalStatus", |item| {
            coded(item, system::CONDITION_CLINICAL, status);
        });
        json.member("verificationStatus", |item| {
            coded(item, system::CONDITION_VERIFICATION, "confirmed");
        });
        let category = if problem.lasting {
            "problem-list-item"
        } else {
            "encounter-diagnosis"
        };
        json.one("category", |item| {
            coded(item, system::CONDITION_CATEGORY, category);
        });
        json.member("code", |item| icpc(item, problem.code));
        json.member("subject", |item| subject(item, person));
        json.member("encounter", |item| {
            reference(
                item,
                person,
                problem.service,
                ResourceType::Encounter,
                problem.contact,
            );
        });
        match problem.onset {
            Onset::Day(date) => json.date("onsetDateTime", date),
            Onset::Year(year) => json.text("onsetDateTime", &year.to_string()),
        }
        if let Some(date) = problem.abated {
            json.date("abatementDateTime", date);
        }
        json.moment("recordedDate", problem.recorded);
        if let Some(practitioner) = unit.practitioners.get(problem.practitioner) {
            json.member("recorder", |item| {
                practitioner_reference(item, practitioner);
            });
        }
    })
}

pub(crate) fn subject(json: &mut Json, person: &Person) {
    let id = id::of_person(
        person.index,
        Service::GeneralPractice,
        ResourceType::Patient,
        0,
    );
    json.joined("reference", ("Patient", b'/', &id));
    json.joined("display", (person.name.given, b' ', person.name.family));
}

pub(crate) fn reference(
    json: &mut Json,
    person: &Person,
    service: Service,
    kind: ResourceType,
    number: u32,
) {
    let id = id::of_person(person.index, service, kind, number);
    json.joined("reference", (kind.name(), b'/', &id));
}

/// An ICPC-2 code under both its Norwegian names, with our own words as text.
pub(crate) fn icpc(json: &mut Json, code: Code) {
    json.array("coding", |codings| {
        for system in [system::ICPC2_OID, system::ICPC2_SID] {
            codings.item(|coding| {
                coding.text("system", system);
                coding.text("code", code.code);
            });
        }
    });
    json.text("text", code.name);
}

pub(crate) fn coded(json: &mut Json, system: &str, code: &str) {
    json.one("coding", |coding| {
        coding.text("system", system);
        coding.text("code", code);
    });
}
