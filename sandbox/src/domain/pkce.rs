//! Proof Key for Code Exchange (RFC 7636), method S256 and no other.

use data_encoding::BASE64URL_NOPAD;
use foundation::{Digest, token};

/// True for what S256 can give: the base64url of 32 bytes.
pub(crate) fn is_challenge(text: &str) -> bool {
    text.len() == 43 && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok()
}

/// True when the verifier is well-formed (RFC 7636 §4.1) and gives the challenge.
pub(crate) fn verifies(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let digest = Digest::of(verifier.as_bytes());
    let computed = BASE64URL_NOPAD.encode(digest.as_bytes());
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && token::same(computed.as_bytes(), challenge.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_verifies() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_challenge(challenge));
        assert!(verifies(verifier, challenge));
        assert!(!verifies(challenge, challenge), "plain is not supported");
    }

    proptest! {
        #[test]
        fn only_its_own_verifier_fits(one in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
            let challenge = BASE64URL_NOPAD.encode(Digest::of(one.as_bytes()).as_bytes());
            prop_assert!(is_challenge(&challenge));
            prop_assert!(verifies(&one, &challenge));
            prop_assert_eq!(verifies(&other, &challenge), one == other);
        }
    }
}
