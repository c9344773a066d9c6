//! Backend services (SMART App Launch 2.2): a client without a person proves itself with a signed
//! assertion, and gets what it registered of `system/` scopes for five minutes at most.

use serde_json::Value;

use super::super::Core;
use crate::domain::authorization::Parameters;
use crate::domain::behaviour::Behaviour;
use crate::domain::client::{AuthMethod, Client};
use crate::domain::exchange::Trace;
use crate::domain::scopes::{Limits, negotiate};
use crate::error::{ClientRefusal, TokenError};
use crate::store::grants::{self, Authorization};

/// The longest life of an access token, in seconds (SMART 2.2, Backend Services: "no more than").
const LONGEST: u32 = 300;

impl Core {
    /// Gives a client that has authenticated an access token of its own.
    pub(super) async fn for_backend(
        &self,
        sandbox: &str,
        client: Client,
        form: &Parameters,
        trace: &mut Trace,
    ) -> Result<Value, TokenError> {
        if client.auth_method != AuthMethod::PrivateKeyJwt {
            return Err(TokenError::Client(ClientRefusal::Method));
        }
        let requested = form.get("scope").ok_or(TokenError::Parameter("scope"))?;
        let scope = negotiate(requested, Limits::of_backend(&client.scope));
        if scope.is_empty() {
            return Err(TokenError::Scope);
        }
        let now = self.now();
        let behaviour = Behaviour {
            token_lifetime: Some(self.config.access_token_seconds.min(LONGEST)),
            ..Behaviour::default()
        };
        let grant = Authorization {
            id: foundation::id::generate("grant", &*self.clock, &*self.entropy),
            sandbox: sandbox.to_owned(),
            client_id: client.client_id,
            launch: None,
            // Nobody is logged in.
            fhir_user: String::new(),
            patient: None,
            encounter: None,
            scope: scope.clone(),
            nonce: None,
            behaviour,
            authenticated_at: now,
            created_at: now,
            requests: 0,
            revoked: false,
        };
        let mut tx = self.database.begin().await?;
        grants::insert(&mut tx, &grant).await?;
        tx.commit().await?;
        self.issue(&grant, &scope, 0, trace).await
    }
}
