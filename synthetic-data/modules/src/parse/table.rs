//! Reads lookup tables: comma-separated text, in which the columns named by a transition hold
//! probabilities, and all others say whose row it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::action::Around;
use super::fields::{Fields, missing};
use crate::error::Fault;
use crate::number::Chance;
use crate::program::{Bracket, Key, Row, StateId, Table};

/// A table as it stands in its file, by lines.
#[derive(Debug)]
pub(super) struct Sheet {
    lines: Vec<Vec<String>>,
}

/// The tables by the names of their files.
pub(super) type Sheets = BTreeMap<String, Sheet>;

impl Sheet {
    /// The cells of a table; those in quotes may hold commas and line breaks.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
        let mut quoted = false;
        for letter in text.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => line.push(std::mem::take(&mut cell).trim().to_owned()),
                '\n' if !quoted => {
                    line.push(std::mem::take(&mut cell).trim().to_owned());
                    lines.push(std::mem::take(&mut line));
                }
                other => cell.push(other),
            }
        }
        if !cell.trim().is_empty() || !line.is_empty() {
            line.push(cell.trim().to_owned());
            lines.push(line);
        }
        Self { lines }
    }
}

/// What a column is to one transition.
enum Column {
    Key(Key),
    /// The probability of the option with this number.
    Target(usize),
}

pub(super) fn table(
    around: &mut Around<'_>,
    sheets: &Sheets,
    options: &[Fields<'_>],
) -> Result<Table, Fault> {
    let first = options.first().ok_or(Fault::NoTransition)?;
    let name = first.text("lookup_table_name")?;
    let sheet = sheets
        .get(name)
        .ok_or_else(|| Fault::NoSuchTable(name.chars().take(120).collect()))?;
    let (mut words, mut targets, mut default) = (Vec::new(), Vec::new(), Vec::new());
    for option in options {
        let word = option.text("transition")?;
        words.push(word);
        targets.push(around.state(word)?);
        let chance = option.chance("default_probability")?;
        default.push(chance.ok_or_else(|| missing("default_probability"))?);
    }
    let columns = columns(around, name, sheet, &words)?;
    let rows = rows(name, sheet, &columns, &targets)?;
    let keys = columns.into_iter().filter_map(|column| match column {
        Column::Key(key) => Some(key),
        Column::Target(_) => None,
    });
    Ok(Table {
        targets,
        default,
        keys: keys.collect(),
        rows,
    })
}

fn fault(table: &str, line: usize, problem: &'static str) -> Fault {
    Fault::Table {
        table: table.to_owned(),
        line,
        problem,
    }
}

fn columns(
    around: &mut Around<'_>,
    name: &str,
    sheet: &Sheet,
    words: &[&str],
) -> Result<Vec<Column>, Fault> {
    let header = sheet.lines.first();
    let header = header.ok_or_else(|| fault(name, 1, "there is no line with names of columns"))?;
    for word in words {
        if !header.iter().any(|cell| cell == word) {
            return Err(fault(name, 1, "a transition of the state has no column"));
        }
    }
    let column = |cell: &String| match words.iter().position(|word| word == cell) {
        Some(place) => Column::Target(place),
        None => Column::Key(match cell.to_ascii_lowercase().as_str() {
            "age" => Key::Age,
            "gender" => Key::Gender,
            "time" => Key::Time,
            _ => Key::Attribute(around.names.attributes.of(cell)),
        }),
    };
    Ok(header.iter().map(column).collect())
}

fn rows(
    name: &str,
    sheet: &Sheet,
    columns: &[Column],
    targets: &[StateId],
) -> Result<Vec<Row>, Fault> {
    let lines = (2..).zip(sheet.lines.iter().skip(1));
    let filled = lines.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    filled
        .map(|(line, cells)| {
            if cells.len() != columns.len() {
                return Err(fault(name, line, "the number of cells is not the header's"));
            }
            row(columns, cells, targets.len()).map_err(|problem| fault(name, line, problem))
        })
        .collect()
}

fn row(columns: &[Column], cells: &[String], targets: usize) -> Result<Row, &'static str> {
    let mut chances = vec![Chance::default(); targets];
    let mut brackets = Vec::new();
    for (column, cell) in columns.iter().zip(cells) {
        match column {
            Column::Target(place) => {
                let chance = Chance::from_text(cell).ok_or("a probability is not from 0 to 1")?;
                if let Some(slot) = chances.get_mut(*place) {
                    *slot = chance;
                }
            }
            Column::Key(Key::Age | Key::Time) => {
                let range = range(cell).ok_or("a range is not written as 18-64")?;
                brackets.push(Bracket::Range(range.0, range.1));
            }
            Column::Key(_) => brackets.push(Bracket::Word(Arc::from(cell.as_str()))),
        }
    }
    Ok(Row { brackets, chances })
}

/// `18-64`, or one number.
fn range(text: &str) -> Option<(i64, i64)> {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    match text.split_once('-') {
        Some((low, high)) => Some((number(low)?, number(high)?)),
        None => number(text).map(|one| (one, one)),
    }
}
