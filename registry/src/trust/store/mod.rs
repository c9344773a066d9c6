//! The tables of the signing half, one file per aggregate.

pub(super) mod issuance;
pub(super) mod key;
pub(super) mod log;
pub(crate) mod registered;
pub(super) mod repository;
pub(super) mod status;
