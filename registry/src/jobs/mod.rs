//! The registry's background work, one file per job.

pub(crate) mod approve;
pub(crate) mod hosted;
pub(crate) mod refresh;
pub(crate) mod standing;
