//! The central directory: where it is, and what it says about each file.

use super::number::{slice_at, u16_at, u32_at};
use super::{ArchiveError, Limits, Rule, name};

/// An entry as the directory has it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) raw_name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed_size: u32,
    pub(super) size: u32,
    pub(super) offset: u32,
}

impl Entry {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// The directory and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    pub(super) start: usize,
    pub(super) entries: Vec<Entry>,
}

/// The end record: the last thing in an archive.
struct End {
    at: usize,
    count: usize,
    size: usize,
    start: usize,
}

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Directory, ArchiveError> {
    let end = end(bytes).map_err(|rule| rule.about(""))?;
    if end.count > limits.files {
        return Err(Rule::TooManyFiles.about(""));
    }
    // Whatever stands between directory and end record would be seen by no reader, or by another.
    match end.start.checked_add(end.size) {
        Some(after) if after == end.at => {}
        Some(after) if after < end.at => return Err(Rule::HiddenData.about("")),
        _ => return Err(Rule::Directory.about("")),
    }
    let mut at = end.start;
    let mut entries = Vec::with_capacity(end.count);
    for _ in 0..end.count {
        let (entry, next) = entry(bytes, at, end.at)?;
        entries.push(entry);
        at = next;
    }
    if at != end.at {
        return Err(Rule::Directory.about(""));
    }
    Ok(Directory {
        start: end.start,
        entries,
    })
}

fn end(bytes: &[u8]) -> Result<End, Rule> {
    let starts_like_zip = [LOCAL, END]
        .iter()
        .any(|signature| bytes.starts_with(signature));
    let at = find_end(bytes).ok_or(if starts_like_zip {
        Rule::Truncated
    } else {
        Rule::NotZip
    })?;
    let number = |offset: usize| u16_at(bytes, at + offset).ok_or(Rule::Truncated);
    let long = |offset: usize| u32_at(bytes, at + offset).ok_or(Rule::Truncated);
    let (disk, start_disk, here, count) = (number(4)?, number(6)?, number(8)?, number(10)?);
    let (size, start) = (long(12)?, long(16)?);
    let has_locator = at
        .checked_sub(LOCATOR_LENGTH)
        .is_some_and(|locator| slice_at(bytes, locator, 4) == Some(&ZIP64_LOCATOR[..]));
    if has_locator || count == u16::MAX || size == u32::MAX || start == u32::MAX {
        return Err(Rule::Zip64);
    }
    if disk != 0 || start_disk != 0 || here != count {
        return Err(Rule::MultiDisk);
    }
    Ok(End {
        at,
        count: usize::from(count),
        size: usize::try_from(size).map_err(|_| Rule::Directory)?,
        start: usize::try_from(start).map_err(|_| Rule::Directory)?,
    })
}

/// The end record whose comment ends exactly where the archive does.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_LENGTH)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find(|at| {
        slice_at(bytes, *at, 4) == Some(&END[..])
            && u16_at(bytes, at + 20)
                .is_some_and(|comment| at + END_LENGTH + usize::from(comment) == bytes.len())
    })
}

fn entry(bytes: &[u8], at: usize, limit: usize) -> Result<(Entry, usize), ArchiveError> {
    let broken = || Rule::Directory.about("");
    if slice_at(bytes, at, 4) != Some(&CENTRAL[..]) {
        return Err(broken());
    }
    let number = |offset: usize| u16_at(bytes, at + offset).ok_or_else(broken);
    let long = |offset: usize| u32_at(bytes, at + offset).ok_or_else(broken);
    let name_length = usize::from(number(28)?);
    let extra_length = usize::from(number(30)?);
    let comment_length = usize::from(number(32)?);
    let name_at = at + CENTRAL_LENGTH;
    let extra_at = name_at + name_length;
    let next = extra_at + extra_length + comment_length;
    if next > limit {
        return Err(broken());
    }
    let raw_name = slice_at(bytes, name_at, name_length).ok_or_else(broken)?;
    let flags = number(8)?;
    let name = name::read(raw_name, flags & UTF8 != 0)?;
    let entry = Entry {
        flags,
        method: number(10)?,
        crc: long(16)?,
        packed_size: long(20)?,
        size: long(24)?,
        offset: long(42)?,
        raw_name: raw_name.to_vec(),
        name,
    };
    let extra = slice_at(bytes, extra_at, extra_length).ok_or_else(broken)?;
    let disk = number(34)?;
    check(&entry, long(38)? >> 16, disk, extra).map_err(|rule| rule.about(&entry.name))?;
    Ok((entry, next))
}

fn check(entry: &Entry, mode: u32, disk: u16, extra: &[u8]) -> Result<(), Rule> {
    check_extra(extra)?;
    if [entry.size, entry.packed_size, entry.offset].contains(&u32::MAX) {
        return Err(Rule::Zip64);
    }
    if disk != 0 {
        return Err(Rule::MultiDisk);
    }
    if entry.flags & ENCRYPTION != 0 {
        return Err(Rule::Encrypted);
    }
    if entry.flags & !(UTF8 | DESCRIPTOR | LEVEL) != 0 || !matches!(entry.method, STORED | DEFLATED)
    {
        return Err(Rule::Method);
    }
    match (mode & KIND, entry.is_folder()) {
        (0, _) | (REGULAR, false) | (FOLDER, true) => {}
        (SYMLINK, _) => return Err(Rule::Symlink),
        _ => return Err(Rule::SpecialFile),
    }
    if entry.is_folder() && entry.size != 0 {
        return Err(Rule::SpecialFile);
    }
    Ok(())
}

/// Refuses extra fields that would change what was read so far.
pub(super) fn check_extra(mut extra: &[u8]) -> Result<(), Rule> {
    while extra.len() >= 4 {
        let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) else {
            break;
        };
        match id {
            0x0001 => return Err(Rule::Zip64),
            0x0017 | 0x9901 => return Err(Rule::Encrypted),
            0x7075 => return Err(Rule::NameEncoding),
            _ => {}
        }
        extra = extra
            .get(4 + usize::from(length)..)
            .ok_or(Rule::Directory)?;
    }
    Ok(())
}

pub(super) const STORED: u16 = 0;
pub(super) const DEFLATED: u16 = 8;
/// Bit 3: sizes and checksum follow the data.
pub(super) const DESCRIPTOR: u16 = 1 << 3;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const ZIP64_LOCATOR: [u8; 4] = *b"PK\x06\x07";
const CENTRAL_LENGTH: usize = 46;
const END_LENGTH: usize = 22;
const LOCATOR_LENGTH: usize = 20;
/// Bits 1 and 2: how hard the packer tried.
const LEVEL: u16 = 0b110;
const UTF8: u16 = 1 << 11;
/// Bits 0 (encrypted), 6 (strong encryption) and 13 (masked headers).
const ENCRYPTION: u16 = 1 | 1 << 6 | 1 << 13;
/// Kinds of files in the upper half of the external attributes, as `st_mode` has them.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const SYMLINK: u32 = 0o120_000;
