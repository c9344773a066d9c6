//! Registering apps at a sandbox's authorization server.

use foundation::token::Token;

use super::Core;
use crate::domain::client::{Client, NewClient};
use crate::error::SandboxError;
use crate::store::{clients, sandboxes};

/// A client that was registered, with the secret that is shown once.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// Its secret, for the methods that have one.
    pub client_secret: Option<Token>,
}

impl Core {
    /// Registers a client, or replaces the registration with the same identifier.
    pub(crate) async fn register_client(
        &self,
        sandbox: &str,
        new: NewClient,
    ) -> Result<RegisteredClient, SandboxError> {
        new.check()?;
        let origins = new.all_origins();
        let method = new.token_endpoint_auth_method;
        let client_secret = method
            .has_secret()
            .then(|| Token::generate("mcs", &*self.entropy));
        let client_id = new
            .client_id
            .unwrap_or_else(|| foundation::id::generate("client", &*self.clock, &*self.entropy));
        let client = Client {
            name: if new.name.is_empty() {
                client_id.clone()
            } else {
                new.name
            },
            client_id,
            auth_method: method,
            secret_digest: client_secret
                .as_ref()
                .map(|secret| secret.digest().as_bytes().to_vec()),
            jwks: new.jwks.map(|jwks| jwks.to_string()),
            redirect_uris: new.redirect_uris,
            launch_uri: new.launch_uri,
            scope: new.scope,
        };
        let mut tx = self.database.begin().await?;
        if sandboxes::hold(&mut tx, sandbox).await?.is_none() {
            return Err(SandboxError::UnknownSandbox(sandbox.to_owned()));
        }
        let others = clients::others(&mut tx, sandbox, &client.client_id).await?;
        if others >= MOST_CLIENTS {
            return Err(SandboxError::Clients(others));
        }
        clients::save(&mut tx, sandbox, &client, origins, self.now()).await?;
        tx.commit().await?;
        Ok(RegisteredClient {
            client,
            client_secret,
        })
    }

    pub(crate) async fn client(
        &self,
        sandbox: &str,
        client_id: &str,
    ) -> Result<Option<Client>, SandboxError> {
        let mut tx = self.database.read().await?;
        Ok(clients::find(&mut tx, sandbox, client_id).await?)
    }

    pub(crate) async fn clients(&self, sandbox: &str) -> Result<Vec<Client>, SandboxError> {
        self.sandbox(sandbox).await?;
        let mut tx = self.database.read().await?;
        Ok(clients::all(&mut tx, sandbox).await?)
    }

    pub(crate) async fn delete_client(
        &self,
        sandbox: &str,
        client_id: &str,
    ) -> Result<(), SandboxError> {
        self.sandbox(sandbox).await?;
        let mut tx = self.database.begin().await?;
        if !clients::delete(&mut tx, sandbox, client_id).await? {
            return Err(SandboxError::UnknownClient(client_id.to_owned()));
        }
        Ok(tx.commit().await?)
    }
}

/// Clients that a sandbox may have.
const MOST_CLIENTS: i64 = 200;
