//! Logging in and being logged in; everything else that pages do is the other rooms' service.

pub(crate) mod id_token;
pub(crate) mod login;
pub(crate) mod oidc;
pub(crate) mod session;
