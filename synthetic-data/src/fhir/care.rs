//! `CarePlan`, `EpisodeOfCare` and Procedure: what a service is to do, over which time, and what it
//! did. There is no Norwegian base profile for the first two.

use super::clinical::reference;
use super::{Letterhead, ResourceType, Revision, Sheaf, Subject, id, system};
use crate::date::{Date, Moment};
use crate::history::{Episode, Plan, Procedure};

/// A plan as a `CarePlan`.
pub(crate) fn care_plan(sheaf: &mut Sheaf, plan: &Plan, patient: &Subject<'_>, unit: &Letterhead) {
    let kind = ResourceType::CarePlan;
    let own_id = id::of_person(patient.person.index, plan.service, kind, plan.number);
    let revision = until(plan.at, plan.ended);
    sheaf.write(kind, own_id, revision, None, |json| {
        let (status, doing) = if plan.ended.is_some() {
            ("completed", "completed")
        } else {
            ("active", "in-progress")
        };
        json.word("status", status);
        json.word("intent", "plan");
        json.said("title", plan.title);
        json.said("description", plan.goal);
        json.member("subject", |item| patient.refer(item));
        json.member("period", |period| {
            period.date("start", plan.at.date);
            if let Some(date) = plan.ended {
                period.date("end", date);
            }
        });
        json.moment("created", plan.at);
        if let Some(practitioner) = unit.practitioner(plan.practitioner) {
            json.member("author", |item| practitioner.refer(item));
        }
        if let Some(problem) = plan.problem {
            json.one("addresses", |item| {
                reference(
                    item,
                    patient,
                    plan.service,
                    ResourceType::Condition,
                    problem,
                );
            });
        }
        json.array("activity", |list| {
            for step in &plan.steps {
                list.item(|item| {
                    item.member("detail", |detail| {
                        detail.word("status", doing);
                        detail.said("description", step);
                    });
                });
            }
        });
    });
}

/// An episode as an `EpisodeOfCare`.
pub(crate) fn episode(
    sheaf: &mut Sheaf,
    episode: &Episode,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let kind = ResourceType::EpisodeOfCare;
    let own_id = id::of_person(patient.person.index, episode.service, kind, episode.number);
    let revision = until(episode.at, episode.ended);
    sheaf.write(kind, own_id, revision, None, |json| {
        let status = if episode.ended.is_some() {
            "finished"
        } else {
            "active"
        };
        json.word("status", status);
        json.one("type", |item| {
            if let Some(code) = episode.kind {
                item.one("coding", |coding| {
                    coding.code(system::SERVICE_KIND, code);
                });
            }
            item.said("text", episode.name);
        });
        if let Some(problem) = episode.problem {
            json.one("diagnosis", |item| {
                item.member("condition", |one| {
                    let kind = ResourceType::Condition;
                    reference(one, patient, episode.service, kind, problem);
                });
            });
        }
        json.member("patient", |item| patient.refer(item));
        json.member("managingOrganization", |item| {
            unit.organization(item);
        });
        json.member("period", |period| {
            period.date("start", episode.at.date);
            if let Some(date) = episode.ended {
                period.date("end", date);
            }
        });
    });
}

/// Something that was done, as a Procedure.
pub(crate) fn procedure(
    sheaf: &mut Sheaf,
    procedure: &Procedure,
    patient: &Subject<'_>,
    unit: &Letterhead,
) {
    let kind = ResourceType::Procedure;
    let own_id = id::of_person(
        patient.person.index,
        procedure.service,
        kind,
        procedure.number,
    );
    let revision = Revision::first(procedure.at);
    sheaf.write(kind, own_id, revision, None, |json| {
        json.word("status", "completed");
        json.member("code", |item| item.said("text", procedure.name));
        json.member("subject", |item| patient.refer(item));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, patient, procedure.service, kind, procedure.contact);
        });
        json.moment("performedDateTime", procedure.at);
        if let Some(practitioner) = unit.practitioner(procedure.practitioner) {
            json.one("performer", |item| {
                item.member("actor", |one| practitioner.refer(one));
            });
        }
        if let Some(problem) = procedure.problem {
            json.one("reasonReference", |item| {
                let kind = ResourceType::Condition;
                reference(item, patient, procedure.service, kind, problem);
            });
        }
        if let Some(site) = procedure.site {
            json.one("bodySite", |item| item.said("text", site));
        }
    });
}

/// The version of what has a beginning, and perhaps an end.
fn until(at: Moment, ended: Option<Date>) -> Revision {
    let Some(date) = ended else {
        return Revision::first(at);
    };
    Revision {
        version: 2,
        updated: Moment {
            date,
            minute: 23 * 60,
        },
    }
}
