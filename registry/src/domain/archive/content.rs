//! Packed content: unpacked in pieces, never past the declared size, and held against its checksum.

use std::io::Read;
use std::ops::Range;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use foundation::Digest;
use ring::digest::{Context, SHA256};

use super::Rule;

/// Packed content of one file.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) range: Range<usize>,
    pub(super) deflated: bool,
    pub(super) size: u64,
    pub(super) crc: u32,
}

impl Packed {
    /// Unpacks the content without keeping it, and gives its digest.
    pub(super) fn digest(&self, archive: &[u8]) -> Result<Digest, Rule> {
        let mut hash = Context::new(&SHA256);
        self.unpack(archive, |piece| hash.update(piece))?;
        let mut digest = [0; 32];
        digest.copy_from_slice(hash.finish().as_ref());
        Ok(Digest::from_bytes(digest))
    }

    /// Unpacks the content.
    pub(super) fn content(&self, archive: &[u8]) -> Result<Vec<u8>, Rule> {
        let mut content = Vec::with_capacity(usize::try_from(self.size).unwrap_or_default());
        self.unpack(archive, |piece| content.extend_from_slice(piece))?;
        Ok(content)
    }

    fn unpack(&self, archive: &[u8], mut sink: impl FnMut(&[u8])) -> Result<(), Rule> {
        let packed = archive.get(self.range.clone()).ok_or(Rule::Truncated)?;
        let mut crc = Crc::new();
        let mut size: u64 = 0;
        let mut take = |piece: &[u8]| {
            size = size.saturating_add(piece.len() as u64);
            if size > self.size {
                return Err(Rule::SizeLie);
            }
            crc.update(piece);
            sink(piece);
            Ok(())
        };
        if self.deflated {
            inflate(packed, &mut take)?;
        } else {
            take(packed)?;
        }
        if size != self.size {
            return Err(Rule::SizeLie);
        }
        if crc.sum() != self.crc {
            return Err(Rule::Checksum);
        }
        Ok(())
    }
}

fn inflate(packed: &[u8], take: &mut impl FnMut(&[u8]) -> Result<(), Rule>) -> Result<(), Rule> {
    let mut decoder = DeflateDecoder::new(packed);
    let mut buffer = vec![0; PIECE];
    loop {
        let read = decoder.read(&mut buffer).map_err(|_| Rule::Corrupt)?;
        match buffer.get(..read) {
            None | Some([]) => break,
            Some(piece) => take(piece)?,
        }
    }
    // Bytes after the end of the stream belong to no file.
    if decoder.total_in() == packed.len() as u64 {
        Ok(())
    } else {
        Err(Rule::HiddenData)
    }
}

const PIECE: usize = 64 * 1024;
