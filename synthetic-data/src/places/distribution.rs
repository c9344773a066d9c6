//! Which municipality a person lives in, as a one-to-one map between the person's index and a pair of
//! municipality and rank in it. Nothing is stored for anybody.
//!
//! Indices go in blocks of as many as the country has hundreds of inhabitants; in every block each
//! municipality has as many places as it has hundreds. A fixed step coprime with the block's length
//! takes an index to its place, so any run of indices is spread over the country as evenly as a run
//! of that length can be, and neither place nor rank depends on how large the dataset is.

use super::{Municipality, Place};

/// How people are spread over municipalities.
#[derive(Clone, Debug)]
pub(crate) struct Distribution {
    place: Place,
    /// Where each municipality's places in a block begin, and the block's length last.
    starts: Vec<u32>,
    block: u32,
    step: u32,
    inverse: u32,
}

impl Distribution {
    pub(crate) fn new(place: Place) -> Self {
        let mut starts = vec![0];
        let mut block = 0;
        for municipality in Municipality::all() {
            block += municipality.hundreds;
            starts.push(block);
        }
        // The golden section of the block gives the evenest runs.
        let golden = u32::try_from(u64::from(block) * 618_034 / 1_000_000).unwrap_or(1);
        let step = (golden..block).find(|step| greatest_common_divisor(*step, block) == 1);
        let step = step.unwrap_or(1);
        Self {
            place,
            starts,
            block,
            step,
            inverse: inverse(step, block),
        }
    }

    /// The municipality where the person with this index lives, and the rank among all who do.
    pub(crate) fn home(&self, index: u32) -> (Municipality, u32) {
        match self.place {
            Place::Municipality(municipality) => (municipality, index),
            Place::Country => {
                let position = product(index % self.block, self.step, self.block);
                let at = self.starts.partition_point(|start| *start <= position);
                let at = at.saturating_sub(1).min(Municipality::all().len() - 1);
                let start = self.starts.get(at).copied().unwrap_or(0);
                let municipality = Municipality::all().get(at).copied().unwrap_or(OSLO);
                let rank = index / self.block * municipality.hundreds + position - start;
                (municipality, rank)
            }
        }
    }

    /// The index of the person with this rank in a municipality; the inverse of
    /// [`Distribution::home`]. `None` where the place has no such municipality, or the index would
    /// not fit.
    pub(crate) fn index(&self, municipality: Municipality, rank: u32) -> Option<u32> {
        match self.place {
            Place::Municipality(own) => (own == municipality).then_some(rank),
            Place::Country => {
                let at = Municipality::place(municipality.code)?;
                let hundreds = municipality.hundreds;
                let position = self.starts.get(at)? + rank % hundreds;
                let within = product(position, self.inverse, self.block);
                (rank / hundreds)
                    .checked_mul(self.block)?
                    .checked_add(within)
            }
        }
    }

    /// A rank that nobody in the municipality reaches in a dataset of this size.
    pub(crate) fn rank_limit(&self, municipality: Municipality, size: u32) -> u32 {
        match self.place {
            Place::Municipality(own) if own == municipality => size,
            Place::Municipality(_) => 0,
            Place::Country => size.div_ceil(self.block) * municipality.hundreds,
        }
    }

    /// The municipalities there are.
    pub(crate) fn municipalities(&self) -> Vec<Municipality> {
        match self.place {
            Place::Municipality(own) => vec![own],
            Place::Country => Municipality::all().to_vec(),
        }
    }
}

/// Stands in where a table lookup cannot fail.
const OSLO: Municipality = Municipality {
    code: "0301",
    name: "Oslo",
    county: "Oslo",
    hundreds: 1,
};

fn product(left: u32, right: u32, modulus: u32) -> u32 {
    let product = u64::from(left) * u64::from(right) % u64::from(modulus.max(1));
    u32::try_from(product).unwrap_or(0)
}

fn greatest_common_divisor(mut left: u32, mut right: u32) -> u32 {
    while right > 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// The number that undoes a multiplication by `step` (extended Euclid).
fn inverse(step: u32, modulus: u32) -> u32 {
    let (mut old, mut new) = (i64::from(step), i64::from(modulus));
    let (mut old_factor, mut new_factor) = (1_i64, 0_i64);
    while new != 0 {
        let quotient = old / new;
        (old, new) = (new, old - quotient * new);
        (old_factor, new_factor) = (new_factor, old_factor - quotient * new_factor);
    }
    u32::try_from(old_factor.rem_euclid(i64::from(modulus))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_run_of_indices_is_spread_over_the_country() {
        let country = Distribution::new(Place::Country);
        let oslo = (0..1200)
            .filter(|index| country.home(*index).0.code == "0301")
            .count();
        // 12.9 % of 1 200 is 155.
        assert!((150..=160).contains(&oslo), "{oslo}");
        let known: std::collections::BTreeSet<&str> = (0..country.block)
            .map(|index| country.home(index).0.code)
            .collect();
        assert_eq!(known.len(), 357, "one block has people everywhere");
    }

    proptest! {
        #[test]
        fn index_and_home_are_one_to_one(index in 0u32..6_000_000) {
            for place in ["0", "3405"] {
                let spread = Distribution::new(place.parse().unwrap());
                let (municipality, rank) = spread.home(index);
                prop_assert_eq!(spread.index(municipality, rank), Some(index));
                prop_assert!(rank < spread.rank_limit(municipality, index + 1));
            }
        }

        #[test]
        fn every_rank_is_somebodys(at in 0usize..357, rank in 0u32..80_000) {
            let country = Distribution::new(Place::Country);
            let municipality = Municipality::all()[at];
            if let Some(index) = country.index(municipality, rank) {
                prop_assert_eq!(country.home(index), (municipality, rank));
            }
        }
    }
}
