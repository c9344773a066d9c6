//! Status lists (IETF Token Status List): packed values, zlib with a hard limit when reading.
//! Ours are allow-lists: an entry that was never issued reads `NOT_ISSUED`, not `VALID`.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

use crate::base64url;

/// An approval's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusValue {
    /// 0: valid.
    Valid,
    /// 1: revoked, for good.
    Invalid,
    /// 2: suspended.
    Suspended,
    /// 3: never issued (application specific in the specification).
    NotIssued,
}

impl StatusValue {
    /// The value in the list.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Suspended => 2,
            Self::NotIssued => 3,
        }
    }

    /// The meaning of a two-bit value; anything else counts as never issued.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            _ => Self::NotIssued,
        }
    }

    /// Whether the status may become `next`: nothing follows a revocation, and what is issued
    /// stays issued.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::NotIssued, Self::Valid)
                | (Self::Valid, Self::Suspended | Self::Invalid)
                | (Self::Suspended, Self::Valid | Self::Invalid)
        )
    }
}

/// A list that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStatusList {
    /// Another number of bits than 1, 2, 4 or 8.
    #[error("bits must be 1, 2, 4 or 8")]
    Bits,
    /// Not base64url.
    #[error("lst is not base64url")]
    Encoding,
    /// Not zlib, cut off, or followed by other bytes.
    #[error("lst is not exactly one zlib stream")]
    Zlib,
    /// More entries than are read.
    #[error("the list is longer than is read")]
    TooLong,
}

/// A list of packed values, the first in the lowest bits of the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of two-bit values, all of them never issued. The number of entries is rounded up to
    /// a multiple of four.
    pub fn allow_list(entries: usize) -> Self {
        Self {
            bits: 2,
            bytes: vec![0xff; entries.div_ceil(4)],
        }
    }

    /// A list from its packed bytes.
    pub fn from_bytes(bits: u8, bytes: Vec<u8>) -> Result<Self, BadStatusList> {
        if matches!(bits, 1 | 2 | 4 | 8) {
            Ok(Self { bits, bytes })
        } else {
            Err(BadStatusList::Bits)
        }
    }

    /// Bits per entry.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// The packed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.bytes.len() * self.per_byte()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The raw value at this place; `None` outside the list.
    pub fn get(&self, index: u64) -> Option<u8> {
        let index = usize::try_from(index).ok()?;
        let byte = *self.bytes.get(index / self.per_byte())?;
        Some(byte >> self.shift(index) & self.mask())
    }

    /// The status at this place; `None` outside the list.
    pub fn status(&self, index: u64) -> Option<StatusValue> {
        self.get(index).map(StatusValue::from_byte)
    }

    /// Sets a raw value; `false` (and nothing done) outside the list or for a value too large.
    #[must_use]
    pub fn set(&mut self, index: u64, value: u8) -> bool {
        let (mask, per_byte) = (self.mask(), self.per_byte());
        let Ok(index) = usize::try_from(index) else {
            return false;
        };
        let shift = self.shift(index);
        match self.bytes.get_mut(index / per_byte) {
            Some(byte) if value <= mask => {
                *byte = *byte & !(mask << shift) | value << shift;
                true
            }
            _ => false,
        }
    }

    /// Compresses it as the `lst` member.
    pub fn encode(&self) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        // Writing into memory cannot fail, and nothing at all would be refused by every reader.
        let compressed = match encoder.write_all(&self.bytes) {
            Ok(()) => encoder.finish().unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        base64url::encode(&compressed)
    }

    /// Reads a `lst` member of at most `max_entries`; never inflates more than that.
    pub fn decode(bits: u8, lst: &str, max_entries: usize) -> Result<Self, BadStatusList> {
        let list = Self::from_bytes(bits, Vec::new())?;
        let compressed = base64url::decode(lst).ok_or(BadStatusList::Encoding)?;
        let max_len = max_entries.div_ceil(list.per_byte());
        let mut bytes = Vec::with_capacity(max_len.min(compressed.len().saturating_mul(8)));
        let mut decoder = ZlibDecoder::new(compressed.as_slice());
        let limit = u64::try_from(max_len).unwrap_or(u64::MAX).saturating_add(1);
        decoder
            .by_ref()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|_| BadStatusList::Zlib)?;
        if bytes.len() > max_len {
            return Err(BadStatusList::TooLong);
        }
        let whole = decoder.total_in() == u64::try_from(compressed.len()).unwrap_or(u64::MAX);
        if whole {
            Ok(Self { bits, bytes })
        } else {
            Err(BadStatusList::Zlib)
        }
    }

    /// The first revoked entry that is no longer revoked in a later list: a breach of protocol.
    pub fn first_unrevoked(&self, later: &Self) -> Option<u64> {
        if self.bits == later.bits && self.bytes == later.bytes {
            return None;
        }
        let entries = u64::try_from(self.len()).unwrap_or(u64::MAX);
        let revoked = |list: &Self, index| list.status(index) == Some(StatusValue::Invalid);
        (0..entries).find(|index| revoked(self, *index) && !revoked(later, *index))
    }

    fn per_byte(&self) -> usize {
        8 / usize::from(self.bits)
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }

    fn shift(&self, index: usize) -> usize {
        index % self.per_byte() * usize::from(self.bits)
    }
}
