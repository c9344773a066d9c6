//! `generate --modules`: the people of the population, with what modules of the user's make happen to
//! them in the place of their Norwegian histories. The two never come in one export.

use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use generic_modules::{Fact, Fixed, Instant, Library, Resource, Sex, Subject};
use serde_json::{Map, Value, json};
use synthetic_data::export::{Format, Streams};
use synthetic_data::{Dataset, Date, Person};

/// Modules of the user's own.
#[derive(Debug, Args)]
pub(super) struct Modules {
    /// Folder of modules in Synthea's Generic Module Framework, to run over the people in the place of
    /// their Norwegian histories.
    #[arg(long = "modules", value_name = "DIR", conflicts_with = "scenario")]
    folder: Option<PathBuf>,
    /// Folder of the modules' lookup tables; without it `lookup_tables` in the modules' folder.
    #[arg(long, value_name = "DIR", requires = "folder")]
    lookup_tables: Option<PathBuf>,
    /// An attribute that everybody has from birth; repeat for several.
    #[arg(long = "attribute", value_name = "NAME=VALUE", requires = "folder", value_parser = attribute)]
    attributes: Vec<(String, Fact)>,
}

impl Modules {
    /// The modules, where a folder was given.
    pub(super) fn read(self, format: Format) -> anyhow::Result<Option<Imported>> {
        let Some(folder) = self.folder else {
            return Ok(None);
        };
        if format == Format::Csv {
            bail!("what modules make is FHIR; choose --format ndjson or bundles");
        }
        let library = Library::read(&folder, self.lookup_tables.as_deref())
            .with_context(|| format!("--modules {}", folder.display()))?;
        Ok(Some(Imported {
            library,
            attributes: self.attributes,
        }))
    }
}

/// Modules that have been read.
#[derive(Debug)]
pub(super) struct Imported {
    library: Library,
    attributes: Vec<(String, Fact)>,
}

impl Imported {
    /// Takes the people of these ages through the modules, one after another, and writes them.
    pub(super) fn export(
        &self,
        dataset: &Dataset,
        ages: Option<&RangeInclusive<i32>>,
        format: Format,
        streams: &mut dyn Streams,
    ) -> anyhow::Result<()> {
        let as_of = dataset.settings().as_of;
        let until = instant(as_of)?.plus(DAY - 1);
        let of = dataset.settings().size;
        for (done, index) in (1..).zip(0..of) {
            let chosen = |person: &Person| {
                ages.is_none_or(|ages| ages.contains(&person.birth_date.age_on(as_of)))
            };
            if let Some(person) = dataset.person(index).filter(chosen) {
                let subject = self.subject(dataset, &person)?;
                let life = self.library.live(&subject, until)?;
                let patient = patient(dataset, &person)?;
                let resources = self.library.resources(&life, &subject, &patient);
                write(&resources, format, streams)?;
            }
            streams.looked_at(done, of);
        }
        Ok(())
    }

    fn subject(&self, dataset: &Dataset, person: &Person) -> anyhow::Result<Subject> {
        let sex = match person.sex {
            synthetic_data::Sex::Female => Sex::Female,
            synthetic_data::Sex::Male => Sex::Male,
        };
        // Another letter than the population's own: neither can take the other's place in a server.
        let id = format!("g{}", person.index);
        let seed = dataset.settings().seed.rotate_left(32) ^ u64::from(person.index);
        let mut subject = Subject::new(id, seed, sex, instant(person.birth_date)?);
        subject.death = person.deceased.map(instant).transpose()?;
        subject.death = subject.death.map(|day| day.plus(DAY / 2));
        let municipality = person.municipality.code.to_owned();
        let municipality = ("municipality".to_owned(), Fact::Text(municipality));
        let attributes = self.attributes.iter().cloned();
        subject.attributes = [municipality].into_iter().chain(attributes).collect();
        Ok(subject)
    }
}

/// Seconds in a day.
const DAY: i64 = 86_400;

fn instant(date: Date) -> anyhow::Result<Instant> {
    let (year, month, day) = date.civil();
    Instant::of_day(year, month, day).ok_or_else(|| anyhow!("{date} is outside the calendar"))
}

/// The Patient of the population, without references to units that are not written with it.
fn patient(dataset: &Dataset, person: &Person) -> anyhow::Result<Map<String, Value>> {
    let resource = dataset.patient(person.index);
    let resource = resource.ok_or_else(|| anyhow!("person {} has no practice", person.index))?;
    let mut patient: Map<String, Value> = serde_json::from_slice(&resource.json)?;
    patient.remove("generalPractitioner");
    patient.remove("managingOrganization");
    Ok(patient)
}

fn write(resources: &[Resource], format: Format, streams: &mut dyn Streams) -> io::Result<()> {
    if format == Format::Bundles {
        let entries = resources.iter().map(|one| {
            let url = format!("{}/{}", one.resource_type, one.id);
            json!({"resource": one.json, "request": {"method": "PUT", "url": url}})
        });
        let entries: Vec<Value> = entries.collect();
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        return streams.append("Bundle.ndjson", &line(&bundle)?);
    }
    for resource in resources {
        let name = format!("{}.ndjson", resource.resource_type);
        streams.append(&name, &line(&resource.json)?)?;
    }
    Ok(())
}

fn line(json: &Value) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(json)?;
    line.push(b'\n');
    Ok(line)
}

/// `NAME=VALUE`; true, false and numbers are what they look like.
fn attribute(text: &str) -> Result<(String, Fact), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("an attribute is written as NAME=VALUE")?;
    let fact = match value {
        "true" => Fact::Flag(true),
        "false" => Fact::Flag(false),
        _ => Fixed::from_text(value).map_or_else(|| Fact::Text(value.to_owned()), Fact::Number),
    };
    Ok((name.to_owned(), fact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_what_they_look_like() {
        let fact = |text| attribute(text).map(|(_, fact)| fact);
        assert_eq!(fact("veteran=true"), Ok(Fact::Flag(true)));
        assert_eq!(
            fact("income=1.5"),
            Ok(Fact::Number(Fixed::from_text("1.5").unwrap()))
        );
        assert_eq!(fact("race=white"), Ok(Fact::Text("white".to_owned())));
        assert!(fact("race").is_err() && fact("=x").is_err());
    }
}
