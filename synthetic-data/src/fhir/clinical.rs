//! Encounter and Condition. There is no Norwegian base profile for either.

use super::json::Json;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::date::Moment;
use crate::history::{Code, Contact, Onset, Problem, Service};

/// A contact as an Encounter.
pub(crate) fn encounter(
    sheaf: &mut Sheaf,
    contact: &Contact,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let own_id = id::of_person(
        patient.person.index,
        contact.service,
        ResourceType::Encounter,
        contact.number,
    );
    let end = contact.start.plus_minutes(contact.minutes);
    let revision = Revision {
        version: 1,
        updated: end,
    };
    sheaf.write(ResourceType::Encounter, own_id, revision, None, |json| {
        json.word("status", "finished");
        json.member("class", |class| {
            let (code, display) = contact.form.class();
            class.word("system", system::ACT_CODE);
            class.word("code", code);
            class.word("display", display);
        });
        json.one("type", |item| {
            if let Some(code) = contact.form.code() {
                item.one("coding", |coding| {
                    coding.word("system", system::CONTACT_TYPE);
                    coding.word("code", code);
                    coding.word("display", contact.form.name());
                });
            }
            item.said("text", contact.form.name());
        });
        json.member("subject", |item| patient.refer(item));
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
                                patient,
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
            unit.organization(item);
        });
    });
}

fn participant(json: &mut Json, contact: &Contact, unit: &Letterhead) {
    if let Some(practitioner) = unit.practitioner(contact.practitioner) {
        json.one("participant", |item| {
            item.one("type", |kind| {
                kind.one("coding", |coding| {
                    coding.word("system", system::PARTICIPATION);
                    coding.word("code", "PPRF");
                    coding.word("display", "primary performer");
                });
            });
            item.member("individual", |one| {
                practitioner.refer(one);
            });
        });
    }
}

/// A health problem as a Condition.
pub(crate) fn condition(
    sheaf: &mut Sheaf,
    problem: &Problem,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let own_id = id::of_person(
        patient.person.index,
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
    sheaf.write(ResourceType::Condition, own_id, revision, None, |json| {
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
        json.member("subject", |item| patient.refer(item));
        json.member("encounter", |item| {
            reference(
                item,
                patient,
                problem.service,
                ResourceType::Encounter,
                problem.contact,
            );
        });
        match problem.onset {
            Onset::Day(date) => json.date("onsetDateTime", date),
            Onset::Year(year) => json.word("onsetDateTime", &year.to_string()),
        }
        if let Some(date) = problem.abated {
            json.date("abatementDateTime", date);
        }
        json.moment("recordedDate", problem.recorded);
        if let Some(practitioner) = unit.practitioner(problem.practitioner) {
            json.member("recorder", |item| {
                practitioner.refer(item);
            });
        }
    });
}

pub(crate) fn reference(
    json: &mut Json,
    patient: &Subject<'_>,
    service: Service,
    kind: ResourceType,
    number: u32,
) {
    patient.own(json, service, kind, number);
}

/// An ICPC-2 code under both its Norwegian names, with our own words as text.
pub(crate) fn icpc(json: &mut Json, code: Code) {
    json.array("coding", |codings| {
        for system in [system::ICPC2_OID, system::ICPC2_SID] {
            codings.item(|coding| {
                coding.code(system, code.code);
            });
        }
    });
    json.said("text", code.name);
}

pub(crate) fn coded(json: &mut Json, system: &str, code: &str) {
    json.one("coding", |coding| {
        coding.code(system, code);
    });
}
