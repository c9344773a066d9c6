//! Local headers: each must say what the directory says, and together files must fill the archive
//! from its first byte to the directory without a gap and without sharing a byte.

use std::ops::Range;

use super::directory::{DESCRIPTOR, Directory, Entry, check_extra};
use super::number::{slice_at, u16_at, u32_at};
use super::{ArchiveError, Rule};

/// Where the packed content of each entry is, in the order of the directory.
pub(super) fn check(
    bytes: &[u8],
    directory: &Directory,
) -> Result<Vec<Range<usize>>, ArchiveError> {
    let mut spans = Vec::with_capacity(directory.entries.len());
    let mut data = Vec::with_capacity(directory.entries.len());
    for entry in &directory.entries {
        let (content, span) =
            header(bytes, entry, directory.start).map_err(|rule| rule.about(&entry.name))?;
        spans.push((span.start, span.end, &entry.name));
        data.push(content);
    }
    spans.sort_unstable();
    let mut expected = 0;
    for (start, end, name) in spans {
        if start < expected {
            return Err(Rule::Overlap.about(name));
        }
        if start > expected {
            return Err(Rule::HiddenData.about(name));
        }
        expected = end;
    }
    if expected != directory.start {
        return Err(Rule::HiddenData.about(""));
    }
    Ok(data)
}

/// The range of the packed content, and of everything that belongs to the entry.
fn header(bytes: &[u8], entry: &Entry, limit: usize) -> Result<(Range<usize>, Range<usize>), Rule> {
    let start = usize::try_from(entry.offset).map_err(|_| Rule::Directory)?;
    let number = |offset: usize| u16_at(bytes, start + offset).ok_or(Rule::Truncated);
    let long = |offset: usize| u32_at(bytes, start + offset).ok_or(Rule::Truncated);
    if slice_at(bytes, start, 4).ok_or(Rule::Truncated)? != SIGNATURE {
        return Err(Rule::HeaderMismatch);
    }
    let (name_length, extra_length) = (usize::from(number(26)?), usize::from(number(28)?));
    let name_at = start + LENGTH;
    let name = slice_at(bytes, name_at, name_length).ok_or(Rule::Truncated)?;
    if name != entry.raw_name || number(6)? != entry.flags || number(8)? != entry.method {
        return Err(Rule::HeaderMismatch);
    }
    check_extra(slice_at(bytes, name_at + name_length, extra_length).ok_or(Rule::Truncated)?)?;
    let said = [long(14)?, long(18)?, long(22)?];
    let known = [entry.crc, entry.packed_size, entry.size];
    let described = entry.flags & DESCRIPTOR != 0;
    if said != known && !(described && said == [0; 3]) {
        return Err(Rule::HeaderMismatch);
    }
    let data = name_at + name_length + extra_length;
    let packed = usize::try_from(entry.packed_size).map_err(|_| Rule::Directory)?;
    let after = data.checked_add(packed).ok_or(Rule::Directory)?;
    let end = if described {
        after + descriptor(bytes, after, known)?
    } else {
        after
    };
    // Beyond the directory there is no content.
    if end > limit {
        return Err(Rule::Overlap);
    }
    Ok((data..after, start..end))
}

/// The length of the descriptor after the data, which must repeat the directory; its signature is
/// optional (APPNOTE 4.3.9.3).
fn descriptor(bytes: &[u8], at: usize, known: [u32; 3]) -> Result<usize, Rule> {
    let repeats = |at: usize| {
        (0..3)
            .zip(known)
            .all(|(index, value)| u32_at(bytes, at + 4 * index) == Some(value))
    };
    if slice_at(bytes, at, 4) == Some(&DESCRIPTOR_SIGNATURE[..]) && repeats(at + 4) {
        Ok(16)
    } else if repeats(at) {
        Ok(12)
    } else {
        Err(Rule::HeaderMismatch)
    }
}

const SIGNATURE: &[u8] = b"PK\x03\x04";
const DESCRIPTOR_SIGNATURE: [u8; 4] = *b"PK\x07\x08";
const LENGTH: usize = 30;
