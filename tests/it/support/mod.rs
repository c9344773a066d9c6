//! What journeys are told with: the real binary on free ports, its users, and a real browser.

pub(crate) mod product;
