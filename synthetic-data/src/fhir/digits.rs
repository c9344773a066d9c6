//! Numbers and bytes as text: written by hand, since formatting them would cost more than making the rest of a
//! resource. No floating point.

/// Four letters of base64 for three bytes.
pub(super) fn sextets([first, second, third]: [u8; 3]) -> [u8; 4] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |six: u8| ALPHABET.get(usize::from(six & 63)).copied().unwrap_or(b'=');
    [
        letter(first >> 2),
        letter(first << 4 | second >> 4),
        letter(second << 2 | third >> 6),
        letter(third),
    ]
}

/// The most digits that a number has here.
pub(super) const MOST_DIGITS: usize = 10;

/// The digits of a number, at the end of the array.
pub(super) fn written(number: u32, digits: &mut [u8; MOST_DIGITS]) -> &[u8] {
    let mut rest = number;
    let mut first = MOST_DIGITS;
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        first = place;
        if rest == 0 {
            break;
        }
    }
    digits.get(first..).unwrap_or(&[])
}

/// A scaled integer as decimal text: 1352 with one decimal is `135.2`.
pub(crate) fn decimal(scaled: i32, decimals: u8, point: char) -> String {
    let scale = 10_i32.pow(u32::from(decimals));
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = ((scaled / scale).abs(), (scaled % scale).abs());
    match decimals {
        0 => scaled.to_string(),
        _ => format!(
            "{sign}{whole}{point}{rest:0width$}",
            width = usize::from(decimals)
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_written_as_formatting_writes_it(number in any::<u32>(), scaled in -99_999i32..99_999) {
            let mut digits = [0; MOST_DIGITS];
            let text = number.to_string();
            prop_assert_eq!(written(number, &mut digits), text.as_bytes());
            let shown = decimal(scaled, 2, '.');
            let digits: String = shown.chars().filter(|c| *c != '.').collect();
            prop_assert_eq!(digits.parse::<i32>().unwrap(), scaled);
        }
    }
}
