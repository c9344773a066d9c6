//! The registry through its router, on every database there is.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected shall stop there and say where"
)]

mod apps;
mod catalogue;
mod crash;
mod database_away;
mod documents;
mod drills;
mod federation;
mod histories;
mod hosted;
mod hostile;
mod keys;
mod log;
mod patience;
mod people;
mod restore;
mod reviews;
mod served;
#[path = "../../pkcs11/tests/it/softhsm.rs"]
mod softhsm;
mod standing;
mod standing_histories;
mod status;
mod stores;
mod submission;
mod support;
mod trust;
mod uploads;
mod verify;
