//! Care plans with their goals, devices, supplies and vaccinations.

use serde_json::{Value, json};

use super::parts::{concept, fields, list, moment, period, quantity};
use super::{Resource, Writer};
use crate::program::{Action, CarePlan, Goal};
use crate::run::{Detail, Entry, EntryId};

impl Writer<'_> {
    pub(super) fn care_plan(&self, id: EntryId, entry: &Entry, all: &mut Vec<Resource>) {
        let plan = match self.action(entry.at) {
            Some(Action::CarePlan(plan)) => Some(plan),
            _ => None,
        };
        let ended = self.ended(entry);
        let goals: &[Goal] = plan.map_or(&[], |plan| &plan.goals);
        let references = (1..=goals.len())
            .map(|number| json!({"reference": format!("Goal/{}", self.goal_id(id, number))}));
        let fields = fields([
            (
                "status",
                if ended.is_some() {
                    "completed"
                } else {
                    "active"
                }
                .into(),
            ),
            ("intent", "plan".into()),
            ("category", json!([concept(&entry.codes)])),
            ("subject", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("period", period(entry.start, ended)),
            ("addresses", self.reasons(entry)),
            ("goal", list(references)),
            (
                "activity",
                plan.map_or(Value::Null, |plan| activities(plan, ended.is_some())),
            ),
        ]);
        all.push(self.resource("CarePlan", self.id('k', id), entry.at, fields));
        for (number, goal) in (1..).zip(goals) {
            all.push(self.goal(self.goal_id(id, number), entry, goal));
        }
    }

    fn goal_id(&self, id: EntryId, number: usize) -> String {
        format!("{}-{number}", self.id('g', id))
    }

    fn goal(&self, id: String, entry: &Entry, goal: &Goal) -> Resource {
        let over = self.ended(entry).is_some();
        let target = goal.measure.as_ref().filter(|(codes, _)| !codes.is_empty());
        let target = target.map_or(Value::Null, |(codes, value)| {
            let mut target = fields([("measure", concept(codes))]);
            if let Some(value) = value {
                target.insert("detailQuantity".to_owned(), quantity(*value, ""));
            }
            json!([target])
        });
        let fields = fields([
            (
                "lifecycleStatus",
                if over { "completed" } else { "active" }.into(),
            ),
            ("description", json!({"text": &*goal.text})),
            ("subject", self.patient_reference()),
            ("startDate", entry.start.day_text().into()),
            ("target", target),
            ("addresses", self.reasons(entry)),
        ]);
        self.resource("Goal", id, entry.at, fields)
    }

    pub(super) fn device(&self, id: EntryId, entry: &Entry) -> Resource {
        let removed = entry.end.is_some_and(|end| end <= self.end);
        let fields = fields([
            ("status", if removed { "inactive" } else { "active" }.into()),
            ("type", concept(&entry.codes)),
            ("patient", self.patient_reference()),
        ]);
        self.resource("Device", self.id('v', id), entry.at, fields)
    }

    pub(super) fn supply(&self, id: EntryId, entry: &Entry) -> Resource {
        let supplies = match self.action(entry.at) {
            Some(Action::Supplies(supplies)) => supplies.as_slice(),
            _ => &[],
        };
        let number = match &entry.detail {
            Detail::Readings(_, number) => *number,
            _ => None,
        };
        let supply = number.and_then(|number| supplies.get(number));
        let quantity = supply.map_or(1, |supply| supply.quantity);
        let item = json!({
            "quantity": {"value": quantity},
            "itemCodeableConcept": concept(&entry.codes),
        });
        let fields = fields([
            ("status", "completed".into()),
            ("patient", self.patient_reference()),
            ("suppliedItem", item),
            ("occurrenceDateTime", moment(entry.start)),
        ]);
        self.resource("SupplyDelivery", self.id('u', id), entry.at, fields)
    }

    pub(super) fn immunization(&self, id: EntryId, entry: &Entry) -> Resource {
        let dose = match self.action(entry.at) {
            Some(Action::Vaccine { dose, .. }) => *dose,
            _ => 1,
        };
        let fields = fields([
            ("status", "completed".into()),
            ("vaccineCode", concept(&entry.codes)),
            ("patient", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("occurrenceDateTime", moment(entry.start)),
            ("protocolApplied", json!([{"doseNumberPositiveInt": dose}])),
        ]);
        self.resource("Immunization", self.id('i', id), entry.at, fields)
    }
}

fn activities(plan: &CarePlan, over: bool) -> Value {
    let status = if over { "completed" } else { "in-progress" };
    let activities = plan.activities.iter().map(|code| {
        let code = concept(std::slice::from_ref(code));
        json!({"detail": {"code": code, "status": status}})
    });
    list(activities)
}
