//! What a JSON Schema cannot say: rules between members, against the archive, and against lies.

pub(crate) mod address;
pub(crate) mod app;
pub(crate) mod name;
pub(crate) mod version;

use foundation::error::Finding;

/// A finding.
pub(super) fn finding(
    code: &str,
    pointer: &str,
    detail: impl Into<String>,
    remedy: &str,
) -> Finding {
    Finding {
        code: code.to_owned(),
        pointer: pointer.to_owned(),
        detail: detail.into(),
        remedy: remedy.to_owned(),
    }
}
