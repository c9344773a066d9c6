//! Public keys as tokens give them: a point in a DER octet string, or, from some, the bare point.

use super::{Curve, TokenError};

/// The public key without its wrapping: 65 bytes of P-256, 32 of Ed25519.
pub(crate) fn unwrap(curve: Curve, value: &[u8]) -> Result<Vec<u8>, TokenError> {
    let length = curve.public_len();
    let bare = |bytes: &[u8]| bytes.len() == length && curve.is_public(bytes);
    if bare(value) {
        return Ok(value.to_vec());
    }
    match value {
        [0x04, size, inner @ ..] if usize::from(*size) == length && bare(inner) => {
            Ok(inner.to_vec())
        }
        _ => Err(TokenError::KeyFormat),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_with_and_without_its_wrapping() {
        let p256 = [vec![4], vec![7; 64]].concat();
        let wrapped = [vec![4, 65], p256.clone()].concat();
        for value in [&p256, &wrapped] {
            assert_eq!(unwrap(Curve::P256, value).unwrap(), p256);
        }
        let wrapped = [vec![4, 32], vec![9; 32]].concat();
        assert_eq!(unwrap(Curve::Ed25519, &wrapped).unwrap(), vec![9; 32]);
        for bad in [vec![], vec![4, 65], vec![5; 65], vec![4, 64, 4]] {
            assert!(unwrap(Curve::P256, &bad).is_err(), "{bad:?}");
        }
    }
}
