//! Prescriptions, their renewals, and what was given on the spot.

use serde_json::{Map, Value, json};

use super::parts::{UCUM, concept, concepts, fields, list, moment, quantity};
use super::{Resource, Writer};
use crate::program::{Action, MedicationOrder, Prescription};
use crate::run::{Detail, Entry, EntryId};
use crate::time::Instant;

impl Writer<'_> {
    /// One request for the order, and one for each renewal of it.
    pub(super) fn medication(&self, id: EntryId, entry: &Entry, all: &mut Vec<Resource>) {
        let order = match self.action(entry.at) {
            Some(Action::Medication(order)) => Some(order),
            _ => None,
        };
        let renewals = match &entry.detail {
            Detail::Renewals(renewals) => renewals.as_slice(),
            _ => &[],
        };
        let encounter = |id| json!({"reference": format!("Encounter/{}", self.id('e', id))});
        let mut times: Vec<(Instant, Value)> = vec![(entry.start, self.encounter_reference(entry))];
        let renewed = renewals.iter().filter(|(at, _)| *at <= self.end);
        times.extend(renewed.map(|(at, visit)| (*at, encounter(*visit))));
        let last = times.len() - 1;
        for (number, (at, encounter)) in times.into_iter().enumerate() {
            let over = number < last || self.ended(entry).is_some();
            let mut fields = fields([
                ("status", if over { "completed" } else { "active" }.into()),
                ("intent", "order".into()),
                ("medicationCodeableConcept", concept(&entry.codes)),
                ("subject", self.patient_reference()),
                ("encounter", encounter),
                ("authoredOn", moment(at)),
                ("reasonReference", self.reasons(entry)),
            ]);
            if let Some(order) = order {
                prescribe(&mut fields, order);
            }
            if let Some(before) = number.checked_sub(1) {
                let before = format!("MedicationRequest/{}", self.request_id(id, before));
                fields.insert("priorPrescription".to_owned(), json!({"reference": before}));
            }
            let id = self.request_id(id, number);
            all.push(self.resource("MedicationRequest", id, entry.at, fields));
        }
        if order.is_some_and(|order| order.administration) {
            all.push(self.administration(id, entry));
        }
    }

    fn request_id(&self, id: EntryId, renewal: usize) -> String {
        match renewal {
            0 => self.id('m', id),
            _ => format!("{}-{renewal}", self.id('m', id)),
        }
    }

    fn administration(&self, id: EntryId, entry: &Entry) -> Resource {
        let request = format!("MedicationRequest/{}", self.request_id(id, 0));
        let fields = fields([
            ("status", "completed".into()),
            ("medicationCodeableConcept", concept(&entry.codes)),
            ("subject", self.patient_reference()),
            ("context", self.encounter_reference(entry)),
            ("effectiveDateTime", moment(entry.start)),
            ("reasonReference", self.reasons(entry)),
            ("request", json!({"reference": request})),
        ]);
        self.resource(
            "MedicationAdministration",
            self.id('n', id),
            entry.at,
            fields,
        )
    }
}

fn prescribe(fields: &mut Map<String, Value>, order: &MedicationOrder) {
    let kind = order.chronic.then(|| {
        let code = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy";
        json!({"coding": [{"system": code, "code": "continuous", "display": "Continuous long term therapy"}]})
    });
    fields.extend(kind.map(|kind| ("courseOfTherapyType".to_owned(), kind)));
    let Some(prescription) = &order.prescription else {
        return;
    };
    let dosage = dosage(prescription);
    fields.insert("dosageInstruction".to_owned(), json!([dosage]));
    let mut dispense = Map::new();
    if let Some(refills) = prescription.refills {
        dispense.insert("numberOfRepeatsAllowed".to_owned(), refills.into());
    }
    if let Some((number, unit)) = prescription.duration {
        let duration = quantity(number, unit.ucum());
        dispense.insert("expectedSupplyDuration".to_owned(), duration);
    }
    if !dispense.is_empty() {
        fields.insert("dispenseRequest".to_owned(), Value::Object(dispense));
    }
}

fn dosage(prescription: &Prescription) -> Value {
    let mut dosage = fields([
        (
            "additionalInstruction",
            concepts(&prescription.instructions),
        ),
        ("asNeededBoolean", prescription.as_needed.into()),
    ]);
    if let Some((amount, frequency, period, unit)) = prescription.dosage {
        let repeat = json!({
            "frequency": frequency.max(1),
            "period": period.to_json(),
            "periodUnit": unit.ucum(),
        });
        dosage.insert("timing".to_owned(), json!({"repeat": repeat}));
        let dose = json!({"value": amount.to_json(), "system": UCUM, "code": "1"});
        let dose = list(std::iter::once(json!({"doseQuantity": dose})));
        dosage.insert("doseAndRate".to_owned(), dose);
    }
    dosage.retain(|_, value| !value.is_null());
    Value::Object(dosage)
}
