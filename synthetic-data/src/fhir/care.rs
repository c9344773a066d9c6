//! `CarePlan`, `EpisodeOfCare` and Procedure: what a service is to do, over which time, and what it
//! did. There is no Norwegian base profile for the first two.

use super::clinical::{reference, subject};
use super::register::{organization_reference, practitioner_reference};
use super::{Resource, ResourceType, Revision, id, system};
use crate::date::{Date, Moment};
use crate::history::{Episode, Plan, Procedure};
use crate::people::Person;
use crate::world::Unit;

/// A plan as a `CarePlan`.
pub(crate) fn care_plan(plan: &Plan, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::CarePlan;
    let own_id = id::of_person(person.index, plan.service, kind, plan.number);
    let revision = until(plan.at, plan.ended);
    Resource::write(kind, own_id, revision, None, |json| {
        let (status, doing) = if plan.ended.is_some() {
            ("completed", "completed")
        } else {
            ("active", "in-progress")
        };
        json.text("status", status);
        json.text("intent", "plan");
        json.text("title", plan.title);
        json.text("description", plan.goal);
        json.member("subject", |item| subject(item, person));
        json.member("period", |period| {
            period.date("start", plan.at.date);
            if let Some(date) = plan.ended {
                period.date("end", date);
            }
        });
        json.moment("created", plan.at);
        if let Some(practitioner) = unit.practitioners.get(plan.practitioner) {
            json.member("author", |item| practitioner_reference(item, practitioner));
        }
        if let Some(problem) = plan.problem {
            json.one("addresses", |item| {
                reference(item, person, plan.service, ResourceType::Condition, problem);
            });
        }
        json.array("activity", |list| {
            for step in &plan.steps {
                list.item(|item| {
                    item.member("detail", |detail| {
                        detail.text("status", doing);
                        detail.text("description", step);
                    });
                });
            }
        });
    })
}

/// An episode as an `EpisodeOfCare`.
pub(crate) fn episode(episode: &Episode, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::EpisodeOfCare;
    let own_id = id::of_person(person.index, episode.service, kind, episode.number);
    let revision = until(episode.at, episode.ended);
    Resource::write(kind, own_id, revision, None, |json| {
        let status = if episode.ended.is_some() {
            "finished"
        } else {
            "active"
        };
        json.text("status", status);
        json.one("type", |item| {
            if let Some(code) = episode.kind {
                item.one("coding", |coding| {
                    coding.text("system", system::SERVICE_KIND);
                    coding.text("code", code);
                });
            }
            item.text("text", episode.name);
        });
        if let Some(problem) = episode.problem {
            json.one("diagnosis", |item| {
                item.member("condition", |one| {
                    let kind = ResourceType::Condition;
                    reference(one, person, episode.service, kind, problem);
                });
            });
        }
        json.member("patient", |item| subject(item, person));
        json.member("managingOrganization", |item| {
            organization_reference(item, &unit.organization);
        });
        json.member("period", |period| {
            period.date("start", episode.at.date);
            if let Some(date) = episode.ended {
                period.date("end", date);
            }
        });
    })
}

/// Something that was done, as a Procedure.
pub(crate) fn procedure(procedure: &Procedure, person: &Person, unit: &Unit) -> Resource {
    let kind = ResourceType::Procedure;
    let own_id = id::of_person(person.index, procedure.service, kind, procedure.number);
    let revision = Revision::first(procedure.at);
    Resource::write(kind, own_id, revision, None, |json| {
        json.text("status", "completed");
        json.member("code", |item| item.text("text", procedure.name));
        json.member("subject", |item| subject(item, person));
        json.member("encounter", |item| {
            let kind = ResourceType::Encounter;
            reference(item, person, procedure.service, kind, procedure.contact);
        });
        json.moment("performedDateTime", procedure.at);
        if let Some(practitioner) = unit.practitioners.get(procedure.practitioner) {
            json.one("performer", |item| {
                item.member("actor", |one| practitioner_reference(one, practitioner));
            });
        }
        if let Some(problem) = procedure.problem {
            json.one("reasonReference", |item| {
                let kind = ResourceType::Condition;
                reference(item, person, procedure.service, kind, problem);
            });
        }
        if let Some(site) = procedure.site {
            json.one("bodySite", |item| item.text("text", site));
        }
    })
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
