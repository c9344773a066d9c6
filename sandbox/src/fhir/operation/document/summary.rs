//! `$summary` of a Patient: the International Patient Summary (IPS 1.1) of what the journal holds, as far
//! as the token opens it. The Composition is written here, from what searches find; nothing is kept.
//! Profiles of IPS are not claimed, as the codes in the journal are Norwegian ones.

use foundation::language::Language;
use serde_json::{Map, Value, json};

use super::super::super::error::FhirError;
use super::super::super::include::Include;
use super::super::super::population::Indexed;
use super::super::super::query::{Query, Target};
use super::super::super::room::Room;
use super::super::super::types::TypeInfo;
use super::narrative::{line, narrative};
use super::sections::{SECTIONS, Section, Source, in_language};
use super::{Document, address, urn};

const LOINC: &str = "http://loinc.org";

/// What a section is filled with.
struct Filled {
    found: Vec<Indexed>,
    /// Types that the token does not open.
    withheld: Vec<&'static str>,
}

/// A section before it is filled: its title and code.
fn opened(section: &Section, language: Language) -> Map<String, Value> {
    let (code, display) = section.code;
    let coding = json!({"coding": [{"system": LOINC, "code": code, "display": display}]});
    let mut opened = Map::new();
    opened.insert("title".to_owned(), section.title(language).into());
    opened.insert("code".to_owned(), coding);
    opened
}

/// Why a section is empty that the token does not open.
fn withheld() -> Value {
    json!({"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
        "code": "withheld", "display": "Information Withheld"}]})
}

impl Room {
    /// The document of a patient.
    pub(in super::super) async fn summary_of(
        &self,
        info: &'static TypeInfo,
        id: &str,
        language: Language,
    ) -> Result<Vec<u8>, FhirError> {
        if info.name != "Patient" {
            return Err(FhirError::Method(format!("$summary of {}", info.name)));
        }
        let patient = self.readable(info, id).await?;
        let base = &self.tenant.base;
        let subject = address(base, &patient);
        let mut rest = Document::default();
        rest.add_entry(base, &patient);
        let (mut sections, mut all) = (Vec::new(), vec![Indexed::new(info, patient, base)]);
        for section in &SECTIONS {
            let filled = self.filled(section, id).await?;
            for one in &filled.found {
                rest.add_entry(base, &one.entry);
            }
            sections.extend(self.told(section, &filled, &subject, language, &mut rest));
            all.extend(filled.found);
        }
        // Who did it, and where: not the rest of the journal.
        for one in self.included(&all, &[Include::everything()]).await? {
            if TypeInfo::by_name(one.entry.resource_type).is_some_and(TypeInfo::is_shared) {
                rest.add_entry(base, &one.entry);
            }
        }
        Ok(self.with_composition(rest, &sections, &subject, language))
    }

    async fn filled(&self, section: &Section, patient: &str) -> Result<Filled, FhirError> {
        let mut filled = Filled {
            found: Vec::new(),
            withheld: Vec::new(),
        };
        for source in section.sources {
            match self.found(source, patient).await {
                Ok(found) => filled.found.extend(found),
                Err(FhirError::ScopeMissing { .. }) => filled.withheld.push(source.type_name),
                Err(other) => return Err(other),
            }
        }
        Ok(filled)
    }

    async fn found(&self, source: &Source, patient: &str) -> Result<Vec<Indexed>, FhirError> {
        let info = TypeInfo::by_name(source.type_name).ok_or(FhirError::Interrupted)?;
        let own = source.search.iter().copied();
        let pairs = own.chain([("patient", patient)]);
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        if source.newest {
            return Ok(self.last_of_each(info, pairs.collect()).await?.1.page);
        }
        let mut query = Query::parse(Target::of_type(info), pairs.collect(), true, self)?;
        query.count = usize::MAX;
        Ok(self.search(&query).await?.page)
    }

    /// The section as the Composition has it; none where it is not required and has nothing.
    fn told(
        &self,
        section: &Section,
        filled: &Filled,
        subject: &str,
        language: Language,
        rest: &mut Document,
    ) -> Option<Value> {
        let (mut entries, mut lines) = (Vec::new(), Vec::new());
        for one in &filled.found {
            let resource = serde_json::from_slice(&one.entry.json).unwrap_or_default();
            lines.push(line(&resource));
            entries.push(json!({"reference": address(&self.tenant.base, &one.entry)}));
        }
        if entries.is_empty() && !section.is_required() {
            return None;
        }
        let mut told = opened(section, language);
        if !filled.withheld.is_empty() {
            let says = [
                "Tilgangen åpner ikke",
                "Tilgangen opnar ikkje",
                "The token does not open",
            ];
            let withheld = filled.withheld.join(", ");
            lines.push(format!("{}: {withheld}", in_language(&says, language)));
        }
        if entries.is_empty() && !filled.withheld.is_empty() {
            told.insert("emptyReason".to_owned(), withheld());
        } else if entries.is_empty() {
            let (absence, text) = section.absence(subject, language)?;
            let address = urn(&*self.state.entropy);
            entries.push(json!({"reference": address}));
            rest.add(address, absence.to_string().into());
            lines.push(text.to_owned());
        }
        let text = json!({"status": "generated", "div": narrative(&lines)});
        told.insert("text".to_owned(), text);
        if !entries.is_empty() {
            told.insert("entry".to_owned(), entries.into());
        }
        Some(told.into())
    }

    fn with_composition(
        &self,
        rest: Document,
        sections: &[Value],
        subject: &str,
        language: Language,
    ) -> Vec<u8> {
        let entropy = &*self.state.entropy;
        let now = self.state.clock.now();
        let (composition, author) = (urn(entropy), urn(entropy));
        let titles = ["Pasientsammendrag", "Pasientsamandrag", "Patient summary"];
        let device = json!({"resourceType": "Device", "deviceName": [
            {"name": "Markedsplass sandbox", "type": "manufacturer-name"}]});
        let resource = json!({
            "resourceType": "Composition",
            "language": language.tag(),
            "status": "final",
            "type": {"coding": [{"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
            "subject": {"reference": subject},
            "date": now.rfc3339(),
            "author": [{"reference": &author}],
            "title": in_language(&titles, language),
            "section": sections,
        });
        let mut document = Document::default();
        document.add(composition, resource.to_string().into());
        document.add(author, device.to_string().into());
        for (address, json) in rest.0 {
            document.add(address, json);
        }
        document.bundle(&urn(entropy), now)
    }
}
