//! Base64 in its one canonical spelling: URL-safe without padding for JOSE (RFC 7515), standard
//! with padding for notes and SRI. Spare bits, whitespace and wrong padding are refused.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Encodes for JOSE.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes JOSE base64url; `None` for anything but the canonical spelling.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes JOSE base64url of exactly `N` bytes.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    // The upper estimate that the engine asks for may exceed N by two.
    decode(text)?.try_into().ok()
}

/// Encodes for notes and SRI.
pub fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes standard base64; `None` for anything but the canonical spelling.
pub fn decode_standard(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Decodes standard base64 of exactly `N` bytes.
pub fn decode_standard_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode_standard(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert_eq!(decode("TWE").as_deref(), Some(b"Ma".as_slice()));
        for bad in ["TWF", "TWE=", "TW E", "TWE\n", "T", "TW+/", "TWæ"] {
            assert!(bad == "TWF" || decode(bad).is_none(), "{bad:?}");
        }
        // Spare bits: "TWF" decodes in sloppy libraries to the same two bytes as "TWE".
        assert!(decode("TWF").is_none());
        assert!(decode_standard("TWE").is_none());
        assert!(decode_standard("TWF=").is_none());
        assert_eq!(decode_standard("TWE=").as_deref(), Some(b"Ma".as_slice()));
        assert_eq!(decode_array::<3>("TWE"), None);
    }
}
