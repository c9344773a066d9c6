//! A folder of modules and what it holds: the only place that reads files.

use std::fs;
use std::path::Path;

use crate::error::LoadError;
use crate::parse;
use crate::program::Program;

/// A file of the user's.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path from the folder, with `/` between; of a lookup table, its name alone.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl File {
    /// A file with this name and content.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            bytes,
        }
    }
}

/// Where the tables are, when nothing else is said.
const TABLES: &str = "lookup_tables";
/// Folders within folders, at most: a link may lead back.
const DEEPEST: usize = 16;

/// Modules that have been read and checked.
#[derive(Debug)]
pub struct Library {
    pub(crate) program: Program,
}

impl Library {
    /// Reads a folder: files at its top are modules that everybody runs, those in sub-folders are
    /// submodules. Lookup tables are in `tables`, or else in the sub-folder `lookup_tables`.
    pub fn read(folder: &Path, tables: Option<&Path>) -> Result<Self, LoadError> {
        let mut modules = Vec::new();
        collect(folder, "", "json", DEEPEST, &mut modules)?;
        let inside = folder.join(TABLES);
        let mut sheets = Vec::new();
        match tables {
            Some(tables) => collect(tables, "", "csv", 0, &mut sheets)?,
            None if inside.is_dir() => collect(&inside, "", "csv", 0, &mut sheets)?,
            None => {}
        }
        Self::from_files(modules, sheets)
    }

    /// Checks modules and lookup tables that have been read.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the bytes are not needed after this"
    )]
    pub fn from_files(modules: Vec<File>, tables: Vec<File>) -> Result<Self, LoadError> {
        parse::program(&modules, &tables).map(|program| Self { program })
    }

    /// How many modules there are, submodules counted.
    pub fn modules(&self) -> usize {
        self.program.modules.len()
    }

    /// How many states they have.
    pub fn states(&self) -> usize {
        let modules = self.program.modules.iter();
        modules.map(|module| module.states.len()).sum()
    }
}

/// Reads every file with this extension, in the order of their names.
fn collect(
    folder: &Path,
    prefix: &str,
    extension: &str,
    depth: usize,
    into: &mut Vec<File>,
) -> Result<(), LoadError> {
    let unreadable = |source| LoadError::Read {
        path: folder.to_owned(),
        source,
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let entries: Result<Vec<_>, _> = entries.map(|entry| entry.map(|one| one.path())).collect();
    let mut paths = entries.map_err(unreadable)?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            if depth > 0 {
                collect(&path, &format!("{name}/"), extension, depth - 1, into)?;
            }
        } else if path.extension().is_some_and(|one| one == extension) {
            into.push(read(&path, name)?);
        }
    }
    Ok(())
}

fn read(path: &Path, name: String) -> Result<File, LoadError> {
    let unreadable = |source| LoadError::Read {
        path: path.to_owned(),
        source,
    };
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if usize::try_from(size).unwrap_or(usize::MAX) > parse::MOST_BYTES {
        return Err(LoadError::TooLarge {
            file: name,
            most: parse::MOST_BYTES,
        });
    }
    Ok(File {
        name,
        bytes: fs::read(path).map_err(unreadable)?,
    })
}
