//! Background work, one file for each kind of job.

pub(crate) mod check;
