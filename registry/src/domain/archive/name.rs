//! File names in archives: each by itself, and all of them together.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::{ArchiveError, Rule};

/// Reads a name. Without the UTF-8 flag its encoding is anybody's guess, unless it is ASCII.
pub(super) fn read(raw: &[u8], is_utf8: bool) -> Result<String, ArchiveError> {
    let lossy = || String::from_utf8_lossy(raw).into_owned();
    if raw.contains(&0) {
        return Err(Rule::NulName.about(&lossy()));
    }
    if !is_utf8 && !raw.is_ascii() {
        return Err(Rule::NameEncoding.about(&lossy()));
    }
    let name = std::str::from_utf8(raw).map_err(|_| Rule::NameEncoding.about(&lossy()))?;
    check(name).map_err(|rule| rule.about(name))?;
    Ok(name.to_owned())
}

fn check(name: &str) -> Result<(), Rule> {
    if name.contains('\\') {
        return Err(Rule::BackslashName);
    }
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || drive {
        return Err(Rule::AbsoluteName);
    }
    let parts = name.strip_suffix('/').unwrap_or(name);
    if parts.split('/').any(|part| part == "..") {
        return Err(Rule::ParentName);
    }
    let odd_part = parts.split('/').any(|part| part.is_empty() || part == ".");
    if odd_part || name.len() > MAX_LENGTH || name.chars().any(char::is_control) {
        return Err(Rule::NameShape);
    }
    Ok(())
}

/// Refuses names that are the same, that a file system could take for the same, and names that are
/// a file and a folder at once.
pub(super) fn check_together<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), ArchiveError> {
    let mut known: BTreeMap<String, (&str, Kind)> = BTreeMap::new();
    for name in names {
        let path = name.strip_suffix('/').unwrap_or(name);
        for (end, _) in path.match_indices('/') {
            let Some(folder) = path.get(..end) else {
                continue;
            };
            let (written, kind) = known.entry(fold(folder)).or_insert((folder, Kind::Implied));
            if *kind == Kind::File {
                return Err(Rule::NameConflict.about(name));
            }
            if *written != folder {
                return Err(Rule::CaseDuplicate.about(name));
            }
        }
        let kind = if name.ends_with('/') {
            Kind::Folder
        } else {
            Kind::File
        };
        match known.insert(fold(path), (path, kind)) {
            Some((other, _)) if other != path => return Err(Rule::CaseDuplicate.about(name)),
            Some((_, other)) if other == kind => return Err(Rule::DuplicateName.about(name)),
            None => {}
            Some((_, Kind::Implied)) if kind == Kind::Folder => {}
            Some(_) => return Err(Rule::NameConflict.about(name)),
        }
    }
    Ok(())
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// A folder that no entry names, but names of files do.
    Implied,
}

/// What case-insensitive, normalising file systems take for the same name.
fn fold(name: &str) -> String {
    name.nfkd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

const MAX_LENGTH: usize = 1024;
