//! Draws from a seed, in whole numbers alone, so that no machine decides otherwise than another. Each
//! module draws from a stream of its own: another module in the folder changes none of its draws.

use crate::number::{Chance, Fixed, ONE};

/// A stream of draws: `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

/// ln 2 in 2⁻³².
const LN_2: u128 = 2_977_044_472;

impl Random {
    #[cfg(test)]
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream that a name has under this seed.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        let mut mixed = Self(seed).next();
        for byte in name.bytes() {
            mixed = Self(mixed ^ u64::from(byte)).next();
        }
        Self(mixed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number in `0..bound`; 0 when the bound is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// True as often as the probability says.
    pub(crate) fn chance(&mut self, chance: Chance) -> bool {
        self.below(Chance::WHOLE) < chance.get()
    }

    /// A number from `low` up to `high`, each as likely.
    pub(crate) fn between(&mut self, low: Fixed, high: Fixed) -> Fixed {
        let span = u64::try_from(high.get().saturating_sub(low.get())).unwrap_or(0);
        let drawn = i64::try_from(self.below(span)).unwrap_or(0);
        low.plus(Fixed::millionths(drawn))
    }

    /// Mean and deviation of the bell curve: twelve uniform numbers of 32 bits have a deviation of
    /// 2³² together, and stay within six deviations.
    pub(crate) fn normal(&mut self, mean: Fixed, deviation: Fixed) -> Fixed {
        let sum: i128 = (0..6)
            .map(|_| self.next())
            .map(|word| i128::from(word >> 32) + i128::from(word & 0xFFFF_FFFF))
            .sum();
        let centred = sum - 6 * 0xFFFF_FFFF;
        let away = (i128::from(deviation.get()) * centred) >> 32;
        mean.plus(Fixed::millionths(i64::try_from(away).unwrap_or(0)))
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: Fixed) -> Fixed {
        let word = self.next().max(1);
        let logarithm = (u128::from(minus_log2(word)) * LN_2) >> 32;
        let logarithm = i128::try_from(logarithm).unwrap_or(0);
        let drawn = (i128::from(mean.get()) * logarithm) >> 32;
        Fixed::millionths(i64::try_from(drawn).unwrap_or(0))
    }

    /// Triangular from `low` by `mode` to `high`.
    pub(crate) fn triangular(&mut self, low: Fixed, mode: Fixed, high: Fixed) -> Fixed {
        let width = |from: Fixed, to: Fixed| u64::try_from(to.get() - from.get()).unwrap_or(0);
        let (all, rise, fall) = (width(low, high), width(low, mode), width(mode, high));
        let drawn = self.below(all);
        let root = |a: u64, b: u64| {
            let root = (u128::from(a) * u128::from(b)).isqrt();
            i64::try_from(root).unwrap_or(0)
        };
        if drawn < rise {
            low.plus(Fixed::millionths(root(drawn, rise)))
        } else {
            high.plus(Fixed::millionths(-root(all - drawn, fall)))
        }
    }
}

/// −log₂ of `word` / 2⁶⁴, in 2⁻³²: a bit of the logarithm for each squaring.
fn minus_log2(word: u64) -> u64 {
    let zeros = word.leading_zeros();
    let mut mantissa = u128::from(word) << zeros;
    let mut logarithm = 0_u64;
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 63;
        logarithm <<= 1;
        if mantissa >> 64 > 0 {
            mantissa >>= 1;
            logarithm |= 1;
        }
    }
    (u64::from(zeros + 1) << 32) - logarithm
}

/// How a quantity comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Exact(Fixed),
    Uniform(Fixed, Fixed),
    Normal {
        mean: Fixed,
        deviation: Fixed,
        min: Option<Fixed>,
        max: Option<Fixed>,
    },
    Exponential(Fixed),
    Triangular {
        min: Fixed,
        mode: Fixed,
        max: Fixed,
    },
}

/// A quantity to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) shape: Shape,
    /// Rounded to so many decimals, where it says so.
    pub(crate) decimals: Option<u32>,
}

impl Amount {
    pub(crate) fn draw(&self, random: &mut Random) -> Fixed {
        let drawn = match self.shape {
            Shape::Exact(value) => value,
            Shape::Uniform(low, high) => random.between(low, high),
            Shape::Normal {
                mean,
                deviation,
                min,
                max,
            } => {
                let drawn = random.normal(mean, deviation);
                let drawn = min.map_or(drawn, |min| drawn.max(min));
                max.map_or(drawn, |max| drawn.min(max))
            }
            // The framework's own formula adds one to what is drawn.
            Shape::Exponential(mean) => random.exponential(mean).plus(Fixed::millionths(ONE)),
            Shape::Triangular { min, mode, max } => random.triangular(min, mode, max),
        };
        self.decimals
            .map_or(drawn, |decimals| drawn.rounded(decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_known_answers_of_splitmix64() {
        let mut random = Random::new(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    /// Mean and deviation of twenty thousand draws, in thousandths.
    fn moments(shape: Shape) -> (i64, i64) {
        let amount = Amount {
            shape,
            decimals: None,
        };
        let mut random = Random::new(5);
        let drawn: Vec<i64> = (0..20_000)
            .map(|_| amount.draw(&mut random).get() / 1000)
            .collect();
        let mean = drawn.iter().sum::<i64>() / 20_000;
        let variance = drawn.iter().map(|one| (one - mean).pow(2)).sum::<i64>() / 20_000;
        (mean, variance.isqrt())
    }

    #[test]
    fn distributions_have_the_mean_and_deviation_of_their_formulas() {
        let whole = Fixed::whole;
        let near = |shape, mean: i64, deviation: i64| {
            let (m, d) = moments(shape);
            let off = (m - mean).abs().max((d - deviation).abs());
            assert!(off < 150, "{shape:?}: mean {m}, deviation {d}");
        };
        near(Shape::Exact(whole(4)), 4000, 0);
        near(Shape::Uniform(whole(0), whole(12)), 6000, 3464);
        let normal = |min, max| Shape::Normal {
            mean: whole(10),
            deviation: whole(3),
            min,
            max,
        };
        near(normal(None, None), 10_000, 3000);
        near(normal(Some(whole(10)), Some(whole(10))), 10_000, 0);
        near(Shape::Exponential(whole(5)), 6000, 5000);
        let (min, mode, max) = (whole(0), whole(3), whole(12));
        near(Shape::Triangular { min, mode, max }, 5000, 2550);
    }

    #[test]
    fn another_name_is_another_stream() {
        let mut first = Random::named(1, "a");
        let mut second = Random::named(1, "b");
        assert_ne!(first.next(), second.next());
        assert_eq!(Random::named(1, "a").next(), Random::named(1, "a").next());
    }
}
