//! A durable job queue in the database. A job is enqueued in the transaction that makes it
//! necessary; it is leased to one worker at a time; a worker that dies loses its lease and the job
//! runs again. So a handler must be safe to run twice.
//!
//! Kinds and handlers belong to the rooms; nothing here knows what a job does.

mod queue;
mod worker;

pub use queue::{JobId, NewJob, enqueue};
pub use worker::{Handler, Job, JobError, Patience, Worker};
