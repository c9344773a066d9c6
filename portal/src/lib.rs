//! Server-rendered pages: the catalogue for municipalities, the vendors' console and the review
//! desk. They work without JavaScript, in bokmål, nynorsk and English.
//!
//! [`Portal`] is the room: it calls the registry and the conformance room in process, with the
//! person who is logged in, and owns nothing but sessions. To add a page: a struct in `pages/` with
//! its template and samples, the template in `templates/pages/`, the texts in `messages/`, a place
//! in `render/urls.rs`, a handler in `http/`.

mod config;
mod error;
mod http;
mod pages;
mod render;
mod service;
mod store;

pub use config::{Notice, PortalConfig, PortalConfigError};
pub use http::{OpenError, Parts, Portal};
