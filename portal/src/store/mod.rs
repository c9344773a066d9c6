//! The portal's two tables: sessions, and logins that are under way.

pub(crate) mod login;
pub(crate) mod session;
