//! The make-believe EPJ: a page for people and the same as JSON for scripts.

pub(super) mod api;
pub(super) mod page;
