//! An ECDSA signature as X.509 and TUF write it: two DER integers in a sequence.

use super::KeyStoreError;

/// The DER form of r and s, 32 bytes each.
pub(in crate::trust) fn ecdsa_der(fixed: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
    let (r, s) = match fixed.split_at_checked(32) {
        Some((r, s)) if s.len() == 32 => (integer(r), integer(s)),
        _ => return Err(KeyStoreError::Unusable),
    };
    // Two integers of at most 35 bytes: the length fits in one byte.
    let length = u8::try_from(r.len() + s.len()).map_err(|_| KeyStoreError::Unusable)?;
    Ok([vec![0x30, length], r, s].concat())
}

/// A positive integer: without leading zeros, and with one where it would read as negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..).unwrap_or_default();
    let negative = digits.first().is_none_or(|first| *first >= 0x80);
    let mut content = vec![0; usize::from(negative)];
    content.extend_from_slice(digits);
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    [vec![0x02, length], content].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_as_short_as_they_can_be_and_positive() {
        let mut fixed = [0; 64];
        fixed[31] = 1;
        fixed[32] = 0x80;
        let der = ecdsa_der(&fixed).unwrap();
        assert_eq!(der[..6], [0x30, 38, 0x02, 1, 1, 0x02]);
        assert_eq!(der[6..9], [33, 0, 0x80]);
        assert_eq!(ecdsa_der(&[0; 64]).unwrap(), [0x30, 6, 2, 1, 0, 2, 1, 0]);
        assert!(ecdsa_der(&[0; 63]).is_err() && ecdsa_der(&[0; 65]).is_err());
    }
}
