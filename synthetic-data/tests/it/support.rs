//! Datasets that several tests start from.

use synthetic_data::{Dataset, Settings};

pub(crate) fn dataset_on(as_of: &str) -> Dataset {
    Dataset::new(Settings::default_on(as_of.parse().unwrap())).unwrap()
}

pub(crate) fn dataset() -> Dataset {
    dataset_on("2026-11-21")
}
