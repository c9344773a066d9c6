//! What is wrong with a file of a pack: which file, which line, and what to do.

use std::fmt;

/// A file that cannot be mounted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PackError {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1, where there is one to name.
    pub line: Option<usize>,
    /// What is wrong with it.
    pub fault: Fault,
}

impl PackError {
    pub(super) fn new(file: &str, line: Option<usize>, fault: Fault) -> Self {
        let file = file.to_owned();
        Self { file, line, fault }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(out, ", line {line}")?;
        }
        write!(out, ": {}", self.fault)
    }
}

/// What is wrong, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The columns are not named.
    #[error(
        "the first line without # names the columns, and needs `code` and at least one of `nb`, `nn`, `en` \
         and `display`, with the same sign between columns as in the rest"
    )]
    Columns,
    /// The same code twice.
    #[error("the code {0} is given twice; keep one of the lines")]
    CodeTwice(String),
    /// A code system without codes.
    #[error(
        "the code system {0} has no codes in it; get one with `content: complete`, or remove the file"
    )]
    Empty(String),
    /// Not UTF-8.
    #[error("is not UTF-8; save it as UTF-8")]
    Encoding,
    /// A value set that somebody must work out.
    #[error(
        "the value set {0} is told by a filter or an exclusion, which is not worked out here; ask a terminology \
         server for `ValueSet/$expand` and put the answer in the file"
    )]
    Filter(String),
    /// Not JSON, or not of the shape that FHIR gives it.
    #[error(
        "is not a CodeSystem, a ValueSet or a Bundle of these, as FHIR R4 writes them in JSON: {0}"
    )]
    Json(String),
    /// A file of another kind.
    #[error("only .json (FHIR), .tsv and .csv (tables) are read; move the file out of the folder")]
    Kind,
    /// A line with too few columns.
    #[error("has no code; each line needs one, in the column `code`")]
    NoCode,
    /// A table that does not say which system it is of.
    #[error(
        "does not say which code system it is; begin the table with a line `#system` and the system's address"
    )]
    NoAddress,
    /// Another set is missing.
    #[error(
        "the value set {0} draws on {1}, which is not there; put that value set in the folder too"
    )]
    NoSet(String, String),
    /// A system is missing.
    #[error(
        "the value set {0} takes all of {1}, which is not there; put that code system in the folder too"
    )]
    NoSystem(String, String),
    /// The same address twice.
    #[error("{0} is given by {1} too; keep one of the files")]
    Twice(String, String),
    /// A line of the head that nobody knows.
    #[error(
        "`#{0}` is not known; the head has `#system`, `#also`, `#version`, `#title` and `#valueset`, each with a tab after it"
    )]
    Unknown(String),
}
