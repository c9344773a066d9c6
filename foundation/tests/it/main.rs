//! Tests of the store and the job queue on every engine there is.

mod jobs;
mod schema;
