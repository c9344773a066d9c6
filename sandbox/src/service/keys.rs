//! RSA keys that sign `id_tokens` and JWT access tokens (RS256), one for all sandboxes and one for the
//! HelseID simulator: issuers tell sandboxes apart, so making a sandbox costs no key. Private keys
//! are kept in the database; they protect invented people only.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use data_encoding::BASE64;
use foundation::Timestamp;
use foundation::store::Database;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::error::SandboxError;
use crate::store::keys as table;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Smart,
    HelseId,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::HelseId => "helseid",
        }
    }
}

/// A key that signs, with its public half.
pub(crate) struct SigningKey {
    kid: String,
    private: EncodingKey,
    public: Jwk,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

impl SigningKey {
    fn from_pkcs8(der: &[u8]) -> Result<Self, SandboxError> {
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            BASE64.encode(der)
        );
        let failed = |_| SandboxError::Key;
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(failed)?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(failed)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256).map_err(failed)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            kid,
            private,
            public,
        })
    }

    /// A JWT with these claims.
    pub(crate) fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> Result<String, SandboxError> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private).map_err(|_| SandboxError::Key)
    }

    /// The public half, as a JWK Set.
    pub(crate) fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": [self.public] })
    }
}

/// The keys of this process, read from the database when first used.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    smart: OnceCell<Arc<SigningKey>>,
    helseid: OnceCell<Arc<SigningKey>>,
}

impl Keys {
    pub(crate) async fn get(
        &self,
        purpose: Purpose,
        database: &Database,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, SandboxError> {
        let cell = match purpose {
            Purpose::Smart => &self.smart,
            Purpose::HelseId => &self.helseid,
        };
        cell.get_or_try_init(|| load_or_make(purpose, database, now))
            .await
            .cloned()
    }
}

async fn load_or_make(
    purpose: Purpose,
    database: &Database,
    now: Timestamp,
) -> Result<Arc<SigningKey>, SandboxError> {
    let mut tx = database.read().await?;
    let kept = table::find(&mut tx, purpose.as_str()).await?;
    drop(tx);
    let der = match kept {
        Some(der) => der,
        None => make(purpose, database, now).await?,
    };
    SigningKey::from_pkcs8(&der).map(Arc::new)
}

/// Makes a key and keeps it; when another process was first, theirs counts.
async fn make(
    purpose: Purpose,
    database: &Database,
    now: Timestamp,
) -> Result<Vec<u8>, SandboxError> {
    let generated = tokio::task::spawn_blocking(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let der: Pkcs8V1Der<'static> = pair.as_der().ok()?;
        Some(der.as_ref().to_vec())
    });
    let der = generated.await.ok().flatten().ok_or(SandboxError::Key)?;
    let mut tx = database.begin().await?;
    table::insert(&mut tx, purpose.as_str(), &der, now).await?;
    let kept = table::find(&mut tx, purpose.as_str()).await?;
    tx.commit().await?;
    kept.ok_or(SandboxError::Key)
}
