//! What journeys are told with: the real binary on free ports, its users, and a real browser.

pub(crate) mod api;
pub(crate) mod browser;
pub(crate) mod looks;
pub(crate) mod person;
pub(crate) mod product;
pub(crate) mod walk;
pub(crate) mod witnesses;
