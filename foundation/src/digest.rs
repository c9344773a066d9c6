//! SHA-256 digests and the three spellings the product needs: hexadecimal (storage), Subresource
//! Integrity (claims and manifests) and base32 (a DNS label, which hexadecimal is too long for).

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The SHA-256 digest of some bytes. Serialises as a Subresource Integrity string.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// A text that is no digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a SHA-256 digest; write it as sha256-<base64>, as 64 hexadecimal digits or as 52 base32 characters"
)]
pub struct InvalidDigest;

impl Digest {
    /// Digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Self(digest)
    }

    /// A digest that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits, lower case.
    pub fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// `sha256-` and base64 (W3C Subresource Integrity §3.1).
    pub fn sri(&self) -> String {
        format!("sha256-{}", BASE64.encode(&self.0))
    }

    /// 52 lower-case base32 characters: fits the 63 octets of a DNS label (RFC 1035 §2.3.4).
    pub fn label(&self) -> String {
        BASE32_NOPAD.encode(&self.0).to_ascii_lowercase()
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    /// Reads any of the three spellings.
    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let bytes = if let Some(base64) = text.strip_prefix("sha256-") {
            BASE64.decode(base64.as_bytes())
        } else if text.len() == 64 {
            HEXLOWER.decode(text.as_bytes())
        } else {
            BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes())
        }
        .map_err(|_| InvalidDigest)?;
        bytes.try_into().map(Self).map_err(|_| InvalidDigest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sri())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.hex())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.sri())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_text_has_the_published_digest() {
        // FIPS 180-4 example for the empty message.
        assert_eq!(
            Digest::of(b"").hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn every_spelling_reads_back() {
        let digest = Digest::of(b"markedsplass");
        assert_eq!(digest.label().len(), 52);
        for text in [digest.hex(), digest.sri(), digest.label()] {
            assert_eq!(text.parse::<Digest>(), Ok(digest));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "sha256-", "sha256-AAAA", "zz", &"g".repeat(64)] {
            assert_eq!(text.parse::<Digest>(), Err(InvalidDigest), "{text}");
        }
    }
}
