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
    pub(crate) const fn code(self) -> &'static str {
        self.told().0
    }

    const fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::AbsoluteName => (
                "archive-absolute-name",
                "A file name begins at the root of a disk",
                "Make the archive from inside the folder, with relative names.",
            ),
            Self::BackslashName => (
                "archive-backslash-name",
                "A file name has a backslash",
                "Separate folders with / as the zip format demands.",
            ),
            Self::CaseDuplicate => (
                "archive-case-duplicate",
                "Two file names differ in upper and lower case only",
                "Rename one of them.",
            ),
            Self::Checksum => (
                "archive-checksum",
                "A file's checksum is wrong",
                "Make the archive again; it was damaged or changed.",
            ),
            Self::Corrupt => (
                "archive-corrupt",
                "A file's compressed data cannot be read",
                "Make the archive again; it was damaged or changed.",
            ),
            Self::Directory => (
                "archive-directory",
                "The archive's directory contradicts itself",
                "Make the archive again with an ordinary zip program.",
            ),
            Self::DuplicateName => (
                "archive-duplicate-name",
                "Two files have the same name",
                "Make the archive again, from a folder.",
            ),
            Self::Empty => (
                "archive-empty",
                "The archive has no file",
                "Put the app's built files in it.",
            ),
            Self::Encrypted => (
                "archive-encrypted",
                "A file is encrypted",
                "Make the archive without a password.",
            ),
            Self::HeaderMismatch => (
                "archive-header-mismatch",
                "A file's own header and the directory disagree",
                "Make the archive again with an ordinary zip program.",
            ),
            Self::HiddenData => (
                "archive-hidden-data",
                "There is data that belongs to no file",
                "Make the archive again; nothing may stand before, between or after the files.",
            ),
            Self::Method => (
                "archive-method",
                "A file is packed in a way that is not read here",
                "Use the methods `store` and `deflate`.",
            ),
            Self::MultiDisk => (
                "archive-multi-disk",
                "The archive is one part of several",
                "Make it in one piece.",
            ),
            Self::NameConflict => (
                "archive-name-conflict",
                "One name is both a file and a folder",
                "Rename one of them.",
            ),
            Self::NameEncoding => (
                "archive-name-encoding",
                "A file name is not UTF-8",
                "Use a zip program that writes names in UTF-8, or plain ASCII names.",
            ),
            Self::NameShape => (
                "archive-name-shape",
                "A file name is empty, too long, or has odd parts",
                "Use names without empty or dotted parts and control characters, at most 1024 bytes.",
            ),
            Self::NotZip => (
                "archive-not-zip",
                "This is no zip archive",
                "Send the built files of the app as a .zip.",
            ),
            Self::NulName => (
                "archive-nul-name",
                "A file name has a NUL character",
                "Rename the file.",
            ),
            Self::Overlap => (
                "archive-overlap",
                "Two files share the same bytes",
                "Make the archive again with an ordinary zip program.",
            ),
            Self::ParentName => (
                "archive-parent-name",
                "A file name leads out of the archive",
                "Make the archive from inside the folder; no name may contain `..`.",
            ),
            Self::Ratio => (
                "archive-ratio",
                "The content is too many times larger than the archive",
                "Leave the file out, or make it smaller; see the limits in the documentation.",
            ),
            Self::SizeLie => (
                "archive-size-lie",
                "A file has another size than the archive says",
                "Make the archive again; it was damaged or changed.",
            ),
            Self::SpecialFile => (
                "archive-special-file",
                "The archive has something that is neither file nor folder",
                "Put only ordinary files in it.",
            ),
            Self::Symlink => (
                "archive-symlink",
                "The archive has a symbolic link",
                "Put the file itself in it (zip without -y).",
            ),
            Self::TooLarge => (
                "archive-too-large",
                "The content is too large",
                "Leave out what the app does not need at run time, such as source maps and media.",
            ),
            Self::TooManyFiles => (
                "archive-too-many-files",
                "There are too many files",
                "Bundle the app's files before packing them.",
            ),
            Self::Truncated => (
                "archive-truncated",
                "The archive ends too early",
                "Upload it again; the transfer was cut off.",
            ),
            Self::Zip64 => (
                "archive-zip64",
                "The archive uses zip64",
                "Pack files, not a stream; nothing within the size limits needs zip64.",
            ),
        }
    }
}

impl ArchiveError {
    /// What a caller is told.
    pub(crate) fn fault(&self) -> Fault {
        let (code, title, remedy) = self.rule.told();
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
