//! Types, rules and decisions of the registry: no async, no SQL, no HTTP.

pub(crate) mod app;
pub(crate) mod archive;
pub(crate) mod catalogue;
pub(crate) mod checks;
pub(crate) mod history;
pub(crate) mod hosted;
pub(crate) mod integrity;
pub(crate) mod manifest;
pub(crate) mod notice;
pub(crate) mod organisation;
pub(crate) mod release;
pub(crate) mod review;
pub(crate) mod schema;
pub(crate) mod standing;
pub(crate) mod vendor_key;
pub(crate) mod version;
