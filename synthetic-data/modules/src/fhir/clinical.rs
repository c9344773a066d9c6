//! Encounters, conditions, allergies and procedures.

use serde_json::{Value, json};

use super::parts::{concept, fields, hl7, list, moment, optional_moment, period};
use super::{Resource, Writer};
use crate::program::{Action, Class};
use crate::run::{Detail, Entry, EntryId};

/// No contact is shorter, in seconds: many modules end theirs in the instant it began.
const CONTACT: i64 = 15 * 60;

impl Writer<'_> {
    pub(super) fn encounter(&self, id: EntryId, entry: &Entry, class: Class) -> Resource {
        let ended = self.ended(entry);
        let least = entry.start.plus(CONTACT).min(self.end);
        let ended = ended.map(|end| end.max(least));
        let kind = match class {
            Class::Wellness => json!([{"text": "Wellness visit"}]),
            _ => list(std::iter::once(concept(&entry.codes)).filter(|one| !one.is_null())),
        };
        let discharge = match &entry.detail {
            Detail::Discharge(code) => {
                json!({"dischargeDisposition": concept(std::slice::from_ref(code))})
            }
            _ => Value::Null,
        };
        let fields = fields([
            (
                "status",
                if ended.is_some() {
                    "finished"
                } else {
                    "in-progress"
                }
                .into(),
            ),
            ("class", class_coding(class)),
            ("type", kind),
            ("subject", self.patient_reference()),
            ("period", period(entry.start, ended)),
            ("reasonReference", self.reasons(entry)),
            ("hospitalization", discharge),
        ]);
        self.resource("Encounter", self.id('e', id), entry.at, fields)
    }

    pub(super) fn condition(&self, id: EntryId, entry: &Entry) -> Resource {
        // Death ends no condition.
        let ended = entry.end.filter(|end| *end <= self.end);
        let clinical = if ended.is_some() {
            hl7("condition-clinical", "resolved", "Resolved")
        } else {
            hl7("condition-clinical", "active", "Active")
        };
        let confirmed = hl7("condition-ver-status", "confirmed", "Confirmed");
        let category = hl7(
            "condition-category",
            "encounter-diagnosis",
            "Encounter Diagnosis",
        );
        let fields = fields([
            ("clinicalStatus", json!({"coding": [clinical]})),
            ("verificationStatus", json!({"coding": [confirmed]})),
            ("category", json!([{"coding": [category]}])),
            ("code", concept(&entry.codes)),
            ("subject", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("onsetDateTime", moment(entry.onset)),
            ("abatementDateTime", optional_moment(ended)),
            ("recordedDate", moment(entry.start)),
        ]);
        self.resource("Condition", self.id('c', id), entry.at, fields)
    }

    pub(super) fn allergy(&self, id: EntryId, entry: &Entry) -> Resource {
        let allergy = match self.action(entry.at) {
            Some(Action::Onset(onset)) => onset.allergy.as_ref(),
            _ => None,
        };
        let ended = entry.end.is_some_and(|end| end <= self.end);
        let clinical = if ended {
            hl7("allergyintolerance-clinical", "resolved", "Resolved")
        } else {
            hl7("allergyintolerance-clinical", "active", "Active")
        };
        let confirmed = hl7("allergyintolerance-verification", "confirmed", "Confirmed");
        let intolerance = allergy.is_some_and(|one| one.intolerance);
        let category = allergy.and_then(|one| one.category);
        let fields = fields([
            ("clinicalStatus", json!({"coding": [clinical]})),
            ("verificationStatus", json!({"coding": [confirmed]})),
            (
                "type",
                if intolerance {
                    "intolerance"
                } else {
                    "allergy"
                }
                .into(),
            ),
            ("category", category.map_or(Value::Null, |one| json!([one]))),
            ("code", concept(&entry.codes)),
            ("patient", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("onsetDateTime", moment(entry.onset)),
            ("recordedDate", moment(entry.start)),
            ("reaction", self.reactions(entry)),
        ]);
        self.resource("AllergyIntolerance", self.id('a', id), entry.at, fields)
    }

    fn reactions(&self, entry: &Entry) -> Value {
        let (Some(Action::Onset(onset)), Detail::Reactions(severities)) =
            (self.action(entry.at), &entry.detail)
        else {
            return Value::Null;
        };
        let reactions = onset.allergy.iter().flat_map(|one| &one.reactions);
        let had = reactions
            .zip(severities)
            .filter_map(|(reaction, severity)| {
                let manifestation = concept(std::slice::from_ref(&reaction.code));
                severity
                    .map(|severity| json!({"manifestation": [manifestation], "severity": severity}))
            });
        list(had)
    }

    pub(super) fn procedure(&self, id: EntryId, entry: &Entry) -> Resource {
        let ended = self.ended(entry);
        let fields = fields([
            (
                "status",
                if ended.is_some() {
                    "completed"
                } else {
                    "in-progress"
                }
                .into(),
            ),
            ("code", concept(&entry.codes)),
            ("subject", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("performedPeriod", period(entry.start, ended)),
            ("reasonReference", self.reasons(entry)),
        ]);
        self.resource("Procedure", self.id('p', id), entry.at, fields)
    }
}

fn class_coding(class: Class) -> Value {
    let (code, display) = match class {
        Class::Ambulatory | Class::Wellness => ("AMB", "ambulatory"),
        Class::Emergency => ("EMER", "emergency"),
        Class::Home => ("HH", "home health"),
        Class::Inpatient => ("IMP", "inpatient encounter"),
        Class::Virtual => ("VR", "virtual"),
    };
    hl7("v3-ActCode", code, display)
}
