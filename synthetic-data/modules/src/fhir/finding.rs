//! Observations, reports of them, and imaging studies.

use serde_json::{Map, Value, json};

use super::parts::{coding, concept, fields, hl7, list, moment, read};
use super::{Resource, Writer};
use crate::program::{Action, Imaging, Observed};
use crate::random::Random;
use crate::run::{Detail, Entry, EntryId, Reading};

impl Writer<'_> {
    pub(super) fn observation(&self, id: EntryId, entry: &Entry) -> Resource {
        let (readings, number) = match &entry.detail {
            Detail::Readings(readings, number) => (readings.as_slice(), *number),
            _ => (&[][..], None),
        };
        let (category, unit, components) = match self.action(entry.at) {
            Some(Action::Observation(one)) => (one.category.as_deref(), &*one.unit, &[][..]),
            Some(Action::Report(panel)) => {
                let one = number.and_then(|number| panel.observations.get(number));
                let category = one.and_then(|one| one.category.as_deref());
                (category, one.map_or("", |one| &*one.unit), &[][..])
            }
            Some(Action::Panel(panel)) => {
                (panel.category.as_deref(), "", panel.observations.as_slice())
            }
            _ => (None, "", &[][..]),
        };
        let mut fields = self.observed(entry, category.map_or(Value::Null, category_concept));
        if components.is_empty() {
            read(
                &mut fields,
                readings.first().unwrap_or(&Reading::Nothing),
                unit,
            );
        } else {
            let parts = components.iter().zip(readings).map(component);
            fields.insert("component".to_owned(), list(parts));
        }
        self.resource("Observation", self.id('o', id), entry.at, fields)
    }

    fn observed(&self, entry: &Entry, category: Value) -> Map<String, Value> {
        fields([
            ("status", "final".into()),
            (
                "category",
                list(std::iter::once(category).filter(|one| !one.is_null())),
            ),
            ("code", concept(&entry.codes)),
            ("subject", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("effectiveDateTime", moment(entry.start)),
        ])
    }

    /// The cause, under a text: the user's modules give no code for the question.
    pub(super) fn cause_of_death(&self, id: EntryId, entry: &Entry) -> Resource {
        let mut fields = self.observed(entry, category_concept("exam"));
        fields.insert("code".to_owned(), json!({"text": "Cause of death"}));
        fields.insert("valueCodeableConcept".to_owned(), concept(&entry.codes));
        self.resource("Observation", self.id('o', id), entry.at, fields)
    }

    pub(super) fn report(&self, id: EntryId, entry: &Entry) -> Resource {
        let results = match &entry.detail {
            Detail::Results(results) => results.as_slice(),
            _ => &[],
        };
        let results = results
            .iter()
            .map(|id| json!({"reference": format!("Observation/{}", self.id('o', *id))}));
        let laboratory = match self.action(entry.at) {
            Some(Action::Report(panel)) => panel
                .observations
                .iter()
                .any(|one| one.category.as_deref() == Some("laboratory")),
            _ => false,
        };
        let category = || {
            json!([{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v2-0074",
                "code": "LAB",
                "display": "Laboratory",
            }]}])
        };
        let fields = fields([
            ("status", "final".into()),
            (
                "category",
                if laboratory { category() } else { Value::Null },
            ),
            ("code", concept(&entry.codes)),
            ("subject", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("effectiveDateTime", moment(entry.start)),
            ("issued", moment(entry.start)),
            ("result", list(results)),
        ]);
        self.resource("DiagnosticReport", self.id('r', id), entry.at, fields)
    }

    pub(super) fn imaging(&self, id: EntryId, entry: &Entry) -> Resource {
        let mut uids = Uids(Random::named(self.subject.seed, &self.id('s', id)));
        let study = uids.next();
        let series = match (self.action(entry.at), &entry.detail) {
            (Some(Action::Imaging(imaging)), Detail::Pictures(numbers)) => {
                series(imaging, numbers, entry, &mut uids)
            }
            _ => Value::Null,
        };
        let fields = fields([
            (
                "identifier",
                json!([{"system": "urn:dicom:uid", "value": format!("urn:oid:{study}")}]),
            ),
            ("status", "available".into()),
            ("subject", self.patient_reference()),
            ("encounter", self.encounter_reference(entry)),
            ("started", moment(entry.start)),
            ("procedureCode", json!([concept(&entry.codes)])),
            ("series", series),
        ]);
        self.resource("ImagingStudy", self.id('s', id), entry.at, fields)
    }
}

fn component((observed, reading): (&Observed, &Reading)) -> Value {
    let mut part = fields([("code", concept(&observed.codes))]);
    read(&mut part, reading, &observed.unit);
    Value::Object(part)
}

/// The category in HL7's list, or its word where it is not on it.
fn category_concept(word: &str) -> Value {
    let display = match word {
        "activity" => "Activity",
        "exam" => "Exam",
        "imaging" => "Imaging",
        "laboratory" => "Laboratory",
        "procedure" => "Procedure",
        "social-history" => "Social History",
        "survey" => "Survey",
        "therapy" => "Therapy",
        "vital-signs" => "Vital Signs",
        other => return json!({"text": other}),
    };
    json!({"coding": [hl7("observation-category", word, display)]})
}

fn series(imaging: &Imaging, numbers: &[u32], entry: &Entry, uids: &mut Uids) -> Value {
    let series = imaging.series.iter().zip(numbers).zip(1_u32..);
    let series = series.map(|((series, number), place)| {
        let uid = uids.next();
        let given = series.instances.iter().cycle();
        let pictures = given.zip(1..=*number).map(|((class, title), place)| {
            let mut picture = fields([
                ("uid", uids.next().into()),
                ("sopClass", coding(class)),
                ("number", place.into()),
            ]);
            if !title.is_empty() {
                picture.insert("title".to_owned(), Value::from(&**title));
            }
            Value::Object(picture)
        });
        let pictures = list(pictures);
        let mut one = fields([
            ("uid", uid.into()),
            ("number", place.into()),
            ("modality", coding(&series.modality)),
            ("numberOfInstances", (*number).into()),
            ("bodySite", coding(&series.body_site)),
            ("started", moment(entry.start)),
            ("instance", pictures),
        ]);
        one.retain(|_, value| !value.is_null());
        Value::Object(one)
    });
    list(series)
}

/// Identifiers of pictures, below the arc for numbers that anybody may make.
struct Uids(Random);

impl Uids {
    fn next(&mut self) -> String {
        let number = (u128::from(self.0.next()) << 64) | u128::from(self.0.next());
        format!("2.25.{number}")
    }
}
