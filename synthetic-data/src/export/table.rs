//! Tables for those who count and do not exchange: a row a fact, by the person's index. Names of
//! columns are in English, as in code; words in the rows are those of the journals.

use std::io;

use super::Streams;
use crate::fhir::digits::decimal;
use crate::history::{Ending, Fact, History, Onset, Reading, Value};
use crate::people::Person;

/// Each table with its columns.
const TABLES: [(&str, &str); 6] = [
    (
        PEOPLE,
        "person,number,sex,birth_date,given,family,municipality,deceased",
    ),
    (CONTACTS, "person,service,contact,start,minutes,form,codes"),
    (
        PROBLEMS,
        "person,service,contact,code,name,lasting,onset,recorded,abated",
    ),
    (READINGS, "person,service,contact,at,loinc,name,value,unit"),
    (
        PRESCRIPTIONS,
        "person,service,contact,authored,atc,substance,form,reason,course,ended,ending",
    ),
    (VACCINATIONS, "person,service,contact,at,atc,name,dose"),
];
const PEOPLE: &str = "people.csv";
const CONTACTS: &str = "contacts.csv";
const PROBLEMS: &str = "problems.csv";
const READINGS: &str = "readings.csv";
const PRESCRIPTIONS: &str = "prescriptions.csv";
const VACCINATIONS: &str = "vaccinations.csv";

/// Begins every table.
pub(super) fn begin(streams: &mut (impl Streams + ?Sized)) -> io::Result<()> {
    for (name, columns) in TABLES {
        streams.append(name, columns.as_bytes())?;
        streams.append(name, b"\r\n")?;
    }
    Ok(())
}

/// Writes one person's rows; gives how many.
pub(super) fn write(
    person: &Person,
    history: &History,
    streams: &mut (impl Streams + ?Sized),
) -> io::Result<u64> {
    let mut count = 1;
    streams.append(PEOPLE, &line(&register(person)))?;
    for fact in &history.facts {
        if let Some((table, mut cells)) = row(fact) {
            cells.insert(0, person.index.to_string());
            streams.append(table, &line(&cells))?;
            count += 1;
        }
    }
    Ok(count)
}

fn register(person: &Person) -> Vec<String> {
    // Where somebody with a protected address lives is nobody's business here either.
    let municipality = match person.protection {
        Some(_) => "",
        None => person.municipality.code,
    };
    vec![
        person.index.to_string(),
        person.identifier.to_string(),
        person.sex.code().to_owned(),
        person.birth_date.to_string(),
        person.name.given.to_owned(),
        person.name.family.to_owned(),
        municipality.to_owned(),
        person
            .deceased
            .map_or_else(String::new, |one| one.to_string()),
    ]
}

/// The table of a fact and its cells after the person; `None` for what only FHIR is rich enough for.
fn row(fact: &Fact) -> Option<(&'static str, Vec<String>)> {
    let service = format!("{:?}", fact.service());
    Some(match fact {
        Fact::Contact(one) => {
            let codes: Vec<&str> = one.reasons.iter().map(|reason| reason.code).collect();
            let cells = [one.number.to_string(), one.start.to_string()];
            let rest = [
                one.minutes.to_string(),
                one.form.name().to_owned(),
                codes.join(" "),
            ];
            (CONTACTS, join(service, cells, rest))
        }
        Fact::Problem(one) => {
            let onset = match one.onset {
                Onset::Day(date) => date.to_string(),
                Onset::Year(year) => year.to_string(),
            };
            let cells = [one.contact.to_string(), one.code.code.to_owned()];
            let abated = one.abated.map_or_else(String::new, |date| date.to_string());
            let rest = [
                one.code.name.to_owned(),
                one.lasting.to_string(),
                onset,
                one.recorded.to_string(),
                abated,
            ];
            (PROBLEMS, join(service, cells, rest))
        }
        Fact::Reading(one) => (READINGS, reading(service, one)),
        Fact::Prescription(one) => {
            let (ended, ending) = one.ended.map_or_else(Default::default, |(date, ending)| {
                (date.to_string(), word(ending))
            });
            let cells = [one.contact.to_string(), one.authored.to_string()];
            let rest = [
                one.drug.atc.to_owned(),
                one.drug.substance.to_owned(),
                one.drug.form.to_owned(),
                one.reason.code.to_owned(),
                one.course.to_string(),
                ended,
                ending.to_owned(),
            ];
            (PRESCRIPTIONS, join(service, cells, rest))
        }
        Fact::Vaccination(one) => {
            let cells = [one.contact.to_string(), one.at.to_string()];
            let rest = [
                one.atc.to_owned(),
                one.name.to_owned(),
                one.dose.to_string(),
            ];
            (VACCINATIONS, join(service, cells, rest))
        }
        _ => return None,
    })
}

fn reading(service: String, one: &Reading) -> Vec<String> {
    let quantity = one.what.quantity();
    let value = match one.value {
        Value::Pressure {
            systolic,
            diastolic,
        } => format!("{systolic}/{diastolic}"),
        Value::Scaled(number) => decimal(number, quantity.decimals, '.'),
    };
    let cells = [one.contact.to_string(), one.at.to_string()];
    let rest = [quantity.loinc, quantity.name, &value, quantity.unit].map(str::to_owned);
    join(service, cells, rest)
}

fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Finished => "finished",
        Ending::Renewed => "renewed",
        Ending::Stopped => "stopped",
    }
}

fn join<const N: usize>(service: String, cells: [String; 2], rest: [String; N]) -> Vec<String> {
    let mut all = vec![service];
    all.extend(cells);
    all.extend(rest);
    all
}

/// One line after RFC 4180.
fn line(cells: &[String]) -> Vec<u8> {
    let quoted: Vec<String> = cells
        .iter()
        .map(|cell| {
            if cell.contains(['"', ',', '\r', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        })
        .collect();
    let mut line = quoted.join(",").into_bytes();
    line.extend_from_slice(b"\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_a_comma_or_a_quote_is_quoted() {
        let cells = ["a", "b, c", "d \"e\""].map(str::to_owned);
        assert_eq!(line(&cells), b"a,\"b, c\",\"d \"\"e\"\"\"\r\n");
    }
}
