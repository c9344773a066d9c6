//! The rules that an archive can break, each with its code and what to do.

use axum::http::StatusCode;
use foundation::error::{Fault, Finding};

/// A rule of reading archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    AbsoluteName,
    BackslashName,
    CaseDuplicate,
    Checksum,
    Corrupt,
    Directory,
    DuplicateName,
    Empty,
    Encrypted,
    HeaderMismatch,
    HiddenData,
    Method,
    MultiDisk,
    NameConflict,
    NameEncoding,
    NameShape,
    NotZip,
    NulName,
    Overlap,
    ParentName,
    Ratio,
    SizeLie,
    SpecialFile,
    Symlink,
    TooLarge,
    TooManyFiles,
    Truncated,
    Zip64,
}

/// An archive that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the archive breaks the rule {}", .rule.code())]
pub struct ArchiveError {
    pub(crate) rule: Rule,
    /// The file concerned; empty when it is the archive as a whole.
    pub(crate) name: String,
}

impl Rule {
    /// This rule, broken by a file or (with no name) by the archive as a whole.
    pub(crate) fn about(self, name: &str) -> ArchiveError {
        let name = name.chars().take(200).map(printable).collect();
        ArchiveError { rule: self, name }
    }

    /// The stable code.
    pub(crate) fn code(self) -> &'static str {
        self.told().code
    }

    fn told(self) -> &'static Told {
        // Every rule has its row; a test says so.
        TOLD.iter()
            .find(|told| told.rule == self)
            .unwrap_or(&FALLBACK)
    }
}

impl ArchiveError {
    /// What a caller is told.
    pub(crate) fn fault(&self) -> Fault {
        let Told {
            code,
            title,
            remedy,
            ..
        } = *self.rule.told();
        let status = match self.rule {
            Rule::TooLarge | Rule::TooManyFiles | Rule::Ratio => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let fault = Fault::new(status, code).title(title).remedy(remedy);
        if self.name.is_empty() {
            return fault.detail(format!("{title}. Nothing was stored."));
        }
        fault
            .detail(format!("{title}: {}. Nothing was stored.", self.name))
            .errors(vec![Finding {
                code: code.to_owned(),
                pointer: self.name.clone(),
                detail: title.to_owned(),
                remedy: remedy.to_owned(),
            }])
    }
}

/// A hostile name is shown, not obeyed.
fn printable(c: char) -> char {
    if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
        '\u{fffd}'
    } else {
        c
    }
}

/// How the breaking of a rule is told.
struct Told {
    rule: Rule,
    code: &'static str,
    title: &'static str,
    remedy: &'static str,
}

const fn told(rule: Rule, code: &'static str, title: &'static str, remedy: &'static str) -> Told {
    Told {
        rule,
        code,
        title,
        remedy,
    }
}

static FALLBACK: Told = told(
    Rule::Directory,
    "archive-directory",
    "The archive's directory contradicts itself",
    "Make the archive again with an ordinary zip program.",
);

static TOLD: [Told; 28] = [
    told(
        Rule::AbsoluteName,
        "archive-absolute-name",
        "A file name begins at the root of a disk",
        "Make the archive from inside the folder, with relative names.",
    ),
    told(
        Rule::BackslashName,
        "archive-backslash-name",
        "A file name has a backslash",
        "Separate folders with / as the zip format demands.",
    ),
    told(
        Rule::CaseDuplicate,
        "archive-case-duplicate",
        "Two file names differ in upper and lower case only",
        "Rename one of them.",
    ),
    told(
        Rule::Checksum,
        "archive-checksum",
        "A file's checksum is wrong",
        "Make the archive again; it was damaged or changed.",
    ),
    told(
        Rule::Corrupt,
        "archive-corrupt",
        "A file's compressed data cannot be read",
        "Make the archive again; it was damaged or changed.",
    ),
    told(
        Rule::Directory,
        "archive-directory",
        "The archive's directory contradicts itself",
        "Make the archive again with an ordinary zip program.",
    ),
    told(
        Rule::DuplicateName,
        "archive-duplicate-name",
        "Two files have the same name",
        "Make the archive again, from a folder.",
    ),
    told(
        Rule::Empty,
        "archive-empty",
        "The archive has no file",
        "Put the app's built files in it.",
    ),
    told(
        Rule::Encrypted,
        "archive-encrypted",
        "A file is encrypted",
        "Make the archive without a password.",
    ),
    told(
        Rule::HeaderMismatch,
        "archive-header-mismatch",
        "A file's own header and the directory disagree",
        "Make the archive again with an ordinary zip program.",
    ),
    told(
        Rule::HiddenData,
        "archive-hidden-data",
        "There is data that belongs to no file",
        "Make the archive again; nothing may stand before, between or after the files.",
    ),
    told(
        Rule::Method,
        "archive-method",
        "A file is packed in a way that is not read here",
        "Use the methods `store` and `deflate`.",
    ),
    told(
        Rule::MultiDisk,
        "archive-multi-disk",
        "The archive is one part of several",
        "Make it in one piece.",
    ),
    told(
        Rule::NameConflict,
        "archive-name-conflict",
        "One name is both a file and a folder",
        "Rename one of them.",
    ),
    told(
        Rule::NameEncoding,
        "archive-name-encoding",
        "A file name is not UTF-8",
        "Use a zip program that writes names in UTF-8, or plain ASCII names.",
    ),
    told(
        Rule::NameShape,
        "archive-name-shape",
        "A file name is empty, too long, or has odd parts",
        "Use names without empty or dotted parts and control characters, at most 1024 bytes.",
    ),
    told(
        Rule::NotZip,
        "archive-not-zip",
        "This is no zip archive",
        "Send the built files of the app as a .zip.",
    ),
    told(
        Rule::NulName,
        "archive-nul-name",
        "A file name has a NUL character",
        "Rename the file.",
    ),
    told(
        Rule::Overlap,
        "archive-overlap",
        "Two files share the same bytes",
        "Make the archive again with an ordinary zip program.",
    ),
    told(
        Rule::ParentName,
        "archive-parent-name",
        "A file name leads out of the archive",
        "Make the archive from inside the folder; no name may contain `..`.",
    ),
    told(
        Rule::Ratio,
        "archive-ratio",
        "The content is too many times larger than the archive",
        "Leave the file out, or make it smaller; see the limits in the documentation.",
    ),
    told(
        Rule::SizeLie,
        "archive-size-lie",
        "A file has another size than the archive says",
        "Make the archive again; it was damaged or changed.",
    ),
    told(
        Rule::SpecialFile,
        "archive-special-file",
        "The archive has something that is neither file nor folder",
        "Put only ordinary files in it.",
    ),
    told(
        Rule::Symlink,
        "archive-symlink",
        "The archive has a symbolic link",
        "Put the file itself in it (zip without -y).",
    ),
    told(
        Rule::TooLarge,
        "archive-too-large",
        "The content is too large",
        "Leave out what the app does not need at run time, such as source maps and media.",
    ),
    told(
        Rule::TooManyFiles,
        "archive-too-many-files",
        "There are too many files",
        "Bundle the app's files before packing them.",
    ),
    told(
        Rule::Truncated,
        "archive-truncated",
        "The archive ends too early",
        "Upload it again; the transfer was cut off.",
    ),
    told(
        Rule::Zip64,
        "archive-zip64",
        "The archive uses zip64",
        "Pack files, not a stream; nothing within the size limits needs zip64.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_a_row_and_a_code_of_its_own() {
        let rules: BTreeSet<_> = TOLD.iter().map(|told| told.rule).collect();
        let codes: BTreeSet<_> = TOLD.iter().map(|told| told.code).collect();
        assert_eq!(rules.len(), TOLD.len());
        assert_eq!(codes.len(), TOLD.len());
        assert_eq!(rules.last(), Some(&Rule::Zip64));
        assert_eq!(rules.len(), Rule::Zip64 as usize + 1);
    }
}
