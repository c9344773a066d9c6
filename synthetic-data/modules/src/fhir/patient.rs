//! The Patient: the host's, with a mark on it and the death that modules may have brought.

use serde_json::{Map, Value};

use super::{Resource, Writer};
use crate::run::Sex;

impl Writer<'_> {
    pub(super) fn patient(&self, host: &Map<String, Value>) -> Resource {
        let ours = [
            "resourceType",
            "id",
            "meta",
            "deceasedBoolean",
            "deceasedDateTime",
        ];
        let mut fields: Map<String, Value> = host
            .iter()
            .filter(|(name, _)| !ours.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let gender = match self.subject.sex {
            Sex::Female => "female",
            Sex::Male => "male",
        };
        fields.entry("gender").or_insert_with(|| gender.into());
        let birth = || Value::from(self.subject.birth.day_text());
        fields.entry("birthDate").or_insert_with(birth);
        if let Some(death) = self.life.death() {
            let told = host.get("deceasedDateTime").cloned();
            let told = told.filter(|_| self.subject.death == Some(death));
            let death = told.unwrap_or_else(|| death.to_string().into());
            fields.insert("deceasedDateTime".to_owned(), death);
        }
        let mut patient = self.resource("Patient", self.subject.id.clone(), None, fields);
        // Profiles hold as before, and a protected address stays protected.
        if let Some(meta) = patient.json.get_mut("meta").and_then(Value::as_object_mut) {
            let host = host.get("meta").and_then(Value::as_object);
            let kept = host.into_iter().flatten();
            for (name, value) in kept.filter(|(name, _)| *name == "profile" || *name == "security")
            {
                meta.insert(name.clone(), value.clone());
            }
        }
        patient
    }
}
