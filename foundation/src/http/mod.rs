//! What every HTTP surface shares: extractors that refuse in problem+json, the request id, health
//! and metrics. Routes and roles are in [`crate::access`].

mod extract;
pub mod health;
pub mod request_id;

pub use extract::{Form, Json, Path, Query};
