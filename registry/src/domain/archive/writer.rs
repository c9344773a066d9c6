//! A writer of archives for tests: every field can be made to lie.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A file to be written, with both of its headers open to lies.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: Vec<u8>,
    pub(super) local_name: Option<Vec<u8>>,
    pub(super) content: Vec<u8>,
    pub(super) deflate: bool,
    pub(super) flags: u16,
    pub(super) mode: u32,
    pub(super) method: Option<u16>,
    pub(super) crc: Option<u32>,
    pub(super) size: Option<u32>,
    pub(super) local_size: Option<u32>,
    pub(super) packed: Option<Vec<u8>>,
    pub(super) offset: Option<u32>,
    pub(super) extra: Vec<u8>,
    /// 0 for none, 12 without signature, 16 with.
    pub(super) descriptor: usize,
}

pub(super) fn part(name: &str, content: &[u8]) -> Part {
    Part {
        name: name.as_bytes().to_vec(),
        local_name: None,
        content: content.to_vec(),
        deflate: false,
        flags: 1 << 11,
        mode: 0o100_644,
        method: None,
        crc: None,
        size: None,
        local_size: None,
        packed: None,
        offset: None,
        extra: Vec::new(),
        descriptor: 0,
    }
}

pub(super) fn folder(name: &str) -> Part {
    Part {
        mode: 0o040_755,
        ..part(name, b"")
    }
}

/// What is written around and after the files.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) before: Vec<u8>,
    pub(super) between: Vec<u8>,
    pub(super) before_end: Vec<u8>,
    pub(super) after: Vec<u8>,
    pub(super) comment: Vec<u8>,
    pub(super) count: Option<u16>,
    pub(super) locator: bool,
}

pub(super) fn archive(parts: &[Part]) -> Bytes {
    archive_with(parts, &Around::default())
}

pub(super) fn archive_with(parts: &[Part], around: &Around) -> Bytes {
    let mut bytes = around.before.clone();
    let mut directory = Vec::new();
    for part in parts {
        let offset = u32::try_from(bytes.len()).unwrap();
        let packed = packed(part);
        local(&mut bytes, part, &packed);
        central(&mut directory, part, &packed, part.offset.unwrap_or(offset));
    }
    bytes.extend_from_slice(&around.between);
    let start = u32::try_from(bytes.len()).unwrap();
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(&around.before_end);
    if around.locator {
        bytes.extend_from_slice(b"PK\x06\x07");
        bytes.extend_from_slice(&[0; 16]);
    }
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(parts.len()).unwrap();
    bytes.extend_from_slice(&around.count.unwrap_or(count).to_le_bytes());
    bytes.extend_from_slice(&around.count.unwrap_or(count).to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&u16::try_from(around.comment.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&around.comment);
    bytes.extend_from_slice(&around.after);
    Bytes::from(bytes)
}

fn packed(part: &Part) -> Vec<u8> {
    if let Some(packed) = &part.packed {
        return packed.clone();
    }
    if !part.deflate {
        return part.content.clone();
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&part.content).unwrap();
    encoder.finish().unwrap()
}

fn crc(part: &Part) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(&part.content);
    part.crc.unwrap_or_else(|| crc.sum())
}

fn size(part: &Part) -> u32 {
    part.size
        .unwrap_or_else(|| u32::try_from(part.content.len()).unwrap())
}

fn method(part: &Part) -> u16 {
    part.method.unwrap_or(if part.deflate { 8 } else { 0 })
}

fn flags(part: &Part) -> u16 {
    part.flags | if part.descriptor > 0 { 1 << 3 } else { 0 }
}

fn common(bytes: &mut Vec<u8>, part: &Part, numbers: [u32; 3], name: &[u8]) {
    bytes.extend_from_slice(&20_u16.to_le_bytes());
    bytes.extend_from_slice(&flags(part).to_le_bytes());
    bytes.extend_from_slice(&method(part).to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    for number in numbers {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&u16::try_from(part.extra.len()).unwrap().to_le_bytes());
}

fn local(bytes: &mut Vec<u8>, part: &Part, packed: &[u8]) {
    let name = part.local_name.as_ref().unwrap_or(&part.name);
    let packed_size = u32::try_from(packed.len()).unwrap();
    let numbers = [
        crc(part),
        packed_size,
        part.local_size.unwrap_or_else(|| size(part)),
    ];
    bytes.extend_from_slice(b"PK\x03\x04");
    common(
        bytes,
        part,
        if part.descriptor > 0 { [0; 3] } else { numbers },
        name,
    );
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(&part.extra);
    bytes.extend_from_slice(packed);
    if part.descriptor == 16 {
        bytes.extend_from_slice(b"PK\x07\x08");
    }
    if part.descriptor > 0 {
        for number in numbers {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }
}

fn central(bytes: &mut Vec<u8>, part: &Part, packed: &[u8], offset: u32) {
    bytes.extend_from_slice(b"PK\x01\x02");
    // Made on Unix.
    bytes.extend_from_slice(&[20, 3]);
    let packed_size = u32::try_from(packed.len()).unwrap();
    common(
        bytes,
        part,
        [crc(part), packed_size, size(part)],
        &part.name,
    );
    bytes.extend_from_slice(&[0; 6]);
    bytes.extend_from_slice(&(part.mode << 16).to_le_bytes());
    bytes.extend_from_slice(&offset.to_le_bytes());
    bytes.extend_from_slice(&part.name);
    bytes.extend_from_slice(&part.extra);
}
