//! The sections of the International Patient Summary: their codes, what is looked for in each, and what
//! stands in a required one when nothing is recorded.

use foundation::language::Language;
use serde_json::{Value, json};

/// A section of the summary.
#[derive(Debug)]
pub(super) struct Section {
    /// Its LOINC code and that code's name.
    pub(super) code: (&'static str, &'static str),
    /// In bokmål, nynorsk and English.
    titles: [&'static str; 3],
    /// What is looked for: types, each with a search among the patient's.
    pub(super) sources: &'static [Source],
    /// What stands in it when nothing is recorded; without it the section is left out.
    absent: Option<Absent>,
}

/// One type that a section is filled from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) type_name: &'static str,
    pub(super) search: &'static [(&'static str, &'static str)],
    /// Of each code only the newest is told.
    pub(super) newest: bool,
}

/// How a required section says that nothing is recorded, which is not that there is nothing.
#[derive(Debug)]
struct Absent {
    absence: &'static str,
    display: &'static str,
    texts: [&'static str; 3],
}

/// IPS's codes for what is not known.
const ABSENT: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/";

const fn source(
    type_name: &'static str,
    search: &'static [(&'static str, &'static str)],
) -> Source {
    Source {
        type_name,
        search,
        newest: false,
    }
}

/// Every section, the required ones first.
pub(super) static SECTIONS: [Section; 8] = [
    Section {
        code: ("11450-4", "Problem list - Reported"),
        titles: ["Problemer", "Problem", "Problems"],
        sources: &[source(
            "Condition",
            &[
                ("clinical-status:not", "inactive,remission,resolved"),
                ("verification-status:not", "refuted,entered-in-error"),
            ],
        )],
        absent: Some(Absent {
            absence: "no-problem-info",
            display: "No information about problems",
            texts: [
                "Ingen opplysninger om problemer",
                "Ingen opplysningar om problem",
                "No information about problems",
            ],
        }),
    },
    Section {
        code: ("48765-2", "Allergies and adverse reactions Document"),
        titles: [
            "Allergier og overfølsomhet",
            "Allergiar og overfølsemd",
            "Allergies and intolerances",
        ],
        sources: &[source(
            "AllergyIntolerance",
            &[
                ("clinical-status:not", "inactive,resolved"),
                ("verification-status:not", "refuted,entered-in-error"),
            ],
        )],
        absent: Some(Absent {
            absence: "no-allergy-info",
            display: "No information about allergies",
            texts: [
                "Ingen opplysninger om allergier",
                "Ingen opplysningar om allergiar",
                "No information about allergies",
            ],
        }),
    },
    Section {
        code: ("10160-0", "History of Medication use Narrative"),
        titles: ["Legemidler", "Legemiddel", "Medication"],
        sources: &[
            source(
                "MedicationStatement",
                &[("status", "active,intended,on-hold,unknown")],
            ),
            source("MedicationRequest", &[("status", "active,on-hold,unknown")]),
        ],
        absent: Some(Absent {
            absence: "no-medication-info",
            display: "No information about medications",
            texts: [
                "Ingen opplysninger om legemidler",
                "Ingen opplysningar om legemiddel",
                "No information about medication",
            ],
        }),
    },
    Section {
        code: ("11369-6", "History of Immunization Narrative"),
        titles: ["Vaksinasjoner", "Vaksinasjonar", "Immunizations"],
        sources: &[source("Immunization", &[("status", "completed")])],
        absent: None,
    },
    Section {
        code: (
            "30954-2",
            "Relevant diagnostic tests/laboratory data Narrative",
        ),
        titles: ["Prøvesvar", "Prøvesvar", "Results"],
        sources: &[
            Source {
                type_name: "Observation",
                search: &[
                    ("category", "laboratory"),
                    ("status", "final,amended,corrected"),
                ],
                newest: true,
            },
            source(
                "DiagnosticReport",
                &[("status", "final,amended,corrected,appended")],
            ),
        ],
        absent: None,
    },
    Section {
        code: ("8716-3", "Vital signs"),
        titles: ["Målinger", "Målingar", "Vital signs"],
        sources: &[Source {
            type_name: "Observation",
            search: &[
                ("category", "vital-signs"),
                ("status", "final,amended,corrected"),
            ],
            newest: true,
        }],
        absent: None,
    },
    Section {
        code: ("47519-4", "History of Procedures Document"),
        titles: ["Prosedyrer", "Prosedyrar", "Procedures"],
        sources: &[source(
            "Procedure",
            &[("status:not", "entered-in-error,not-done")],
        )],
        absent: None,
    },
    Section {
        code: ("18776-5", "Plan of care note"),
        titles: ["Planer", "Planar", "Plan of care"],
        sources: &[source("CarePlan", &[("status", "active,on-hold")])],
        absent: None,
    },
];

impl Section {
    pub(super) fn title(&self, language: Language) -> &'static str {
        in_language(&self.titles, language)
    }

    /// The resource that says that nothing is recorded, and its text.
    pub(super) fn absence(
        &self,
        patient: &str,
        language: Language,
    ) -> Option<(Value, &'static str)> {
        let absent = self.absent.as_ref()?;
        let text = in_language(&absent.texts, language);
        let code = json!({"coding": [{"system": ABSENT, "code": absent.absence,
            "display": absent.display}], "text": text});
        let subject = json!({"reference": patient});
        let active = |system: &str| json!({"coding": [{"system": format!("{CLINICAL}{system}"), "code": "active"}]});
        let unknown = json!({"extension": [{
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown"}]});
        let name = self.sources.first()?.type_name;
        let resource = match name {
            "Condition" => json!({"resourceType": name, "code": code, "subject": subject,
                "clinicalStatus": active("condition-clinical")}),
            "AllergyIntolerance" => json!({"resourceType": name, "code": code, "patient": subject,
                "clinicalStatus": active("allergyintolerance-clinical")}),
            _ => {
                json!({"resourceType": name, "status": "unknown", "medicationCodeableConcept": code,
                "subject": subject, "_effectiveDateTime": unknown})
            }
        };
        Some((resource, text))
    }

    /// Whether it stands in every summary.
    pub(super) fn is_required(&self) -> bool {
        self.absent.is_some()
    }
}

/// Of texts in bokmål, nynorsk and English the one in a language.
pub(super) fn in_language(texts: &[&'static str; 3], language: Language) -> &'static str {
    let [nb, nn, en] = texts;
    match language {
        Language::Nn => nn,
        Language::En => en,
        Language::Nb => nb,
    }
}
