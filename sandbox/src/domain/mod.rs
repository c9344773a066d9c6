//! What a sandbox, a client, a launch and a token are, and every decision about them.
//! Nothing here waits, stores or speaks HTTP.

pub(crate) mod authorization;
pub(crate) mod behaviour;
pub(crate) mod client;
pub(crate) mod exchange;
pub(crate) mod grant;
pub(crate) mod launch;
pub(crate) mod pkce;
pub(crate) mod sandbox;
pub(crate) mod scopes;
pub(crate) mod secret;
pub(crate) mod snapshot;
pub(crate) mod token;
