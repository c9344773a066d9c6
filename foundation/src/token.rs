//! Bearer secrets: 256 random bits with a recognisable prefix (so that a secret scanner finds a
//! leaked one), kept only as SHA-256 and compared in constant time.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use crate::{Digest, Entropy};

/// A secret that is shown once to its holder and never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A new token: `prefix`, an underscore and 43 unreserved characters.
    pub fn generate(prefix: &str, entropy: &dyn Entropy) -> Self {
        let bytes = crate::entropy::bytes::<32>(entropy);
        Self(format!("{prefix}_{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// A token as its holder presents it.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself, for the one answer that hands it over.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Compares two secrets without telling by its duration where they differ.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn a_token_is_unreserved_and_does_not_print() {
        let token = Token::generate("mpk", &SeededEntropy::new(1));
        assert_eq!(token.expose().len(), 4 + 43);
        assert!(
            token
                .expose()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(Token::presented(token.expose()).digest(), token.digest());
    }

    #[test]
    fn comparison_sees_every_difference() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"ab"));
    }
}
