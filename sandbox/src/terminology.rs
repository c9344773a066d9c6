//! Terminology that whoever runs the product has a right to and the product may not ship: the folder of
//! `sandbox.terminology` is read at start, and answers from then on wherever codes are asked about, and
//! names the codes in journals. What the files look like is `fhir_r4::terminology`'s.

use std::path::{Path, PathBuf};

use fhir_r4::terminology::{Language, MountError, Pack, PackError, Terminology};
use synthetic_data::Names;

/// Why terminology could not be mounted.
#[derive(Debug, thiserror::Error)]
pub enum TerminologyError {
    /// The folder or a file in it cannot be read.
    #[error("sandbox.terminology: {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A file is wrong.
    #[error("sandbox.terminology: {0}")]
    File(#[from] PackError),
    /// It came too late, or does not hang together.
    #[error("sandbox.terminology: {0}")]
    Mount(#[from] MountError),
}

/// Mounts every file of a folder, in the order of their names; gives the code systems with how many codes each has.
/// Hidden files and folders within it are left alone.
pub fn mount(folder: &Path) -> Result<Vec<(&'static str, usize)>, TerminologyError> {
    let unreadable = |path: &Path, error| TerminologyError::Unreadable(path.to_owned(), error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let hidden = name.as_ref().is_none_or(|name| name.starts_with('.'));
        if path.is_file() && !hidden {
            files.extend(name.map(|name| (name, path)));
        }
    }
    files.sort();
    let mut pack = Pack::default();
    for (name, path) in files {
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
        pack.read(&name, bytes)?;
    }
    let counts = pack.counts().collect();
    Terminology::mount(pack)?;
    Ok(counts)
}

/// Names of codes from what is mounted; none from what is in the product, whose names are English.
#[derive(Debug)]
pub(crate) struct Mounted;

impl Names for Mounted {
    fn name(&self, system: &str, code: &str, nynorsk: bool) -> Option<&str> {
        let system = Terminology::r4().code_system(system)?;
        let language = if nynorsk {
            Language::Nynorsk
        } else {
            Language::Bokmal
        };
        let name = || system.name_in(code, language);
        system.is_mounted.then(name).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_stops_the_start_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let told = || mount(folder.path()).unwrap_err().to_string();
        std::fs::write(
            folder.path().join("icpc.tsv"),
            "#system\turn:a\ncode\tnb\n\tnavn\n",
        )
        .unwrap();
        assert!(
            told().starts_with("sandbox.terminology: icpc.tsv, line 3: "),
            "{}",
            told()
        );
        std::fs::remove_file(folder.path().join("icpc.tsv")).unwrap();
        std::fs::write(folder.path().join(".skjult"), "x").unwrap();
        std::fs::write(folder.path().join("liste.pdf"), "x").unwrap();
        assert!(
            told().starts_with("sandbox.terminology: liste.pdf: "),
            "{}",
            told()
        );
        let missing = folder.path().join("borte");
        assert!(
            matches!(mount(&missing), Err(TerminologyError::Unreadable(path, _)) if path == missing)
        );
    }

    #[test]
    fn what_is_in_the_product_names_nothing_in_journals() {
        let class = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
        assert_eq!(Mounted.name(class, "AMB", false), None);
        assert_eq!(
            Mounted.name("http://hl7.org/fhir/sid/icpc-2", "K86", false),
            None
        );
    }
}
