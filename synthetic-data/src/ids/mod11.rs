//! Weighted sums modulo 11, which every Norwegian check digit rests on.

/// The digits of a text that is nothing but `N` ASCII digits.
pub(crate) fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    bytes
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| bytes.map(|byte| byte - b'0'))
}

/// The sum of digits times weights, modulo 11. The shorter of the two decides the length.
pub(crate) fn remainder(digits: &[u8], weights: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u32::from(*digit) * u32::from(*weight))
        .sum();
    // A remainder of 11 is at most 10.
    u8::try_from(sum % 11).unwrap_or(0)
}

/// The check digit that completes the digits, or `None` where the rule gives 10 (never issued).
pub(crate) fn check_digit(digits: &[u8], weights: &[u8]) -> Option<u8> {
    match remainder(digits, weights) {
        0 => Some(0),
        1 => None,
        rest => Some(11 - rest),
    }
}
