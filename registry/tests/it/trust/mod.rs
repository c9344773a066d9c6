//! The trust repository as EPJs read it: installed at first start, kept fresh, changed by people,
//! and believed by our own verifier and by another implementation.

mod decisions;
mod elsewhere;
mod keys;
mod locked_away;
mod repository;

const APP: &str = "no.eksempel.app";
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
