//! Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11): a counter
//! and a key in, four words out. No state, so any draw of any person can be made alone.

const MULTIPLIER_A: u32 = 0xD251_1F53;
const MULTIPLIER_B: u32 = 0xCD9E_8D57;
const WEYL_A: u32 = 0x9E37_79B9;
const WEYL_B: u32 = 0xBB67_AE85;
const ROUNDS: u32 = 10;

/// Ten rounds of Philox over four words of counter and two of key.
pub(crate) fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut key_a, mut key_b] = key;
    for _ in 0..ROUNDS {
        let (high_a, low_a) = halves(MULTIPLIER_A, a);
        let (high_b, low_b) = halves(MULTIPLIER_B, c);
        (a, b, c, d) = (high_b ^ b ^ key_a, low_b, high_a ^ d ^ key_b, low_a);
        key_a = key_a.wrapping_add(WEYL_A);
        key_b = key_b.wrapping_add(WEYL_B);
    }
    [a, b, c, d]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the two 32-bit halves of a product are what is wanted"
)]
fn halves(left: u32, right: u32) -> (u32, u32) {
    let product = u64::from(left) * u64::from(right);
    ((product >> 32) as u32, product as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The three known answers that Random123 publishes for `philox4x32 10`.
    #[test]
    fn gives_the_known_answers_of_random123() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
