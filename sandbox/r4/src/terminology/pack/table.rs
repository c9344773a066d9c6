//! A code system as a table: some lines that begin with `#`, a line that names the columns, and a line a
//! code. The text is kept whole, and the concepts point into it.

use super::super::{Concept, Language, Named};
use super::{Fault, Pack, PackError, system};

/// What the lines with `#` say.
#[derive(Debug, Default)]
struct Head {
    system: Option<&'static str>,
    also: Vec<&'static str>,
    version: &'static str,
    title: &'static str,
    value_set: Option<&'static str>,
}

/// Which column is what.
#[derive(Clone, Copy, Debug)]
struct Columns {
    code: usize,
    names: [Option<usize>; 3],
}

impl Pack {
    pub(super) fn read_table(
        &mut self,
        file: &str,
        text: String,
        separator: char,
    ) -> Result<(), PackError> {
        let text: &'static str = Box::leak(text.into_boxed_str());
        let wrong = |line: usize, fault| PackError::new(file, Some(line), fault);
        let (mut head, mut columns) = (Head::default(), None);
        let (mut concepts, mut names) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            if columns.is_none() && line.starts_with('#') {
                head.take(line).map_err(|fault| wrong(number, fault))?;
                continue;
            }
            let Some(columns) = columns else {
                let read = Columns::read(line, separator);
                columns = Some(read.ok_or_else(|| wrong(number, Fault::Columns))?);
                continue;
            };
            let place = concepts.len();
            let concept = columns.concept(line, separator, place, &mut names);
            concepts.push(concept.ok_or_else(|| wrong(number, Fault::NoCode))?);
        }
        let Some(url) = head.system else {
            return Err(wrong(1, Fault::NoAddress));
        };
        let twice = repeated(&concepts);
        if let Some(code) = twice {
            let same =
                |line: &&str| columns.is_some_and(|c| c.code_of(line, separator) == Some(code));
            let lines = (1..).zip(text.lines()).filter(|(_, line)| same(line));
            let last = lines.last().map_or(1, |(number, _)| number);
            return Err(wrong(last, Fault::CodeTwice(code.to_owned())));
        }
        head.add(self, file, url, (concepts, names))
    }
}

impl Head {
    fn take(&mut self, line: &'static str) -> Result<(), Fault> {
        let line = line.strip_prefix('#').unwrap_or(line);
        let (name, value) = line.split_once(['\t', ' ', ';']).unwrap_or((line, ""));
        let value = value.trim();
        match name {
            "system" => self.system = Some(value).filter(|url| url.contains(':')),
            "also" => self.also.push(value),
            "version" => self.version = value,
            "title" => self.title = value,
            "valueset" => self.value_set = Some(value),
            // A remark.
            "" => {}
            other => return Err(Fault::Unknown(other.chars().take(40).collect())),
        }
        Ok(())
    }

    fn add(
        &self,
        pack: &mut Pack,
        file: &str,
        url: &'static str,
        (concepts, names): (Vec<Concept>, Vec<Named>),
    ) -> Result<(), PackError> {
        for other in &self.also {
            let mut same = system(other, concepts.clone(), names.clone());
            (same.version, same.title) = (self.version, self.title);
            pack.add_system(file, same)?;
        }
        let mut own = system(url, concepts, names);
        (own.version, own.title) = (self.version, self.title);
        if let Some(set) = self.value_set {
            pack.add_whole(file, set, &own)?;
        }
        pack.add_system(file, own)
    }
}

impl Columns {
    fn read(line: &str, separator: char) -> Option<Self> {
        let names: Vec<&str> = line.split(separator).map(unquoted).collect();
        let place = |wanted: &str| {
            names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(wanted))
        };
        let columns = Self {
            code: place("code")?,
            names: [
                place("nb").or_else(|| place("display")),
                place("nn"),
                place("en"),
            ],
        };
        columns.names.iter().any(Option::is_some).then_some(columns)
    }

    fn code_of<'t>(&self, line: &'t str, separator: char) -> Option<&'t str> {
        let code = line.split(separator).nth(self.code).map(unquoted);
        code.filter(|code| !code.is_empty())
    }

    fn concept(
        &self,
        line: &'static str,
        separator: char,
        place: usize,
        names: &mut Vec<Named>,
    ) -> Option<Concept> {
        let code = self.code_of(line, separator)?;
        let cell = |at: Option<usize>| {
            let cell = line.split(separator).nth(at?).map(unquoted);
            cell.filter(|text| !text.is_empty())
        };
        let found = self.names.map(cell);
        let display = found.iter().flatten().next().copied().unwrap_or(code);
        let concept = u32::try_from(place).ok()?;
        for (language, text) in Language::ALL.into_iter().zip(found) {
            names.extend(text.map(|text| Named {
                concept,
                language,
                text,
            }));
        }
        Some(Concept {
            code,
            display,
            depth: 0,
            is_abstract: false,
        })
    }
}

/// A cell as it is meant: quotes around the whole of it are a spreadsheet's.
fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix('"')
        .and_then(|cell| cell.strip_suffix('"'));
    inner.unwrap_or(cell)
}

/// A code that is there twice.
fn repeated(concepts: &[Concept]) -> Option<&'static str> {
    let mut codes: Vec<&'static str> = concepts.iter().map(|one| one.code).collect();
    codes.sort_unstable();
    codes.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}
