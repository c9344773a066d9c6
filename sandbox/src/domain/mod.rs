//! What a sandbox, a client, a launch and a token are, and every decision about them.
//! Nothing here waits, stores or speaks HTTP.

pub(crate) mod authorization;
pub mod behaviour;
pub mod client;
pub mod exchange;
pub(crate) mod grant;
pub mod launch;
pub(crate) mod pkce;
pub mod sandbox;
pub(crate) mod scopes;
pub(crate) mod secret;
pub(crate) mod token;
