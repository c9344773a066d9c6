//! RSA keys that sign `id_tokens` and JWT access tokens (RS256): one for each sandbox, made when it first
//! signs so that making a sandbox costs no key, and one for the HelseID simulator. Private keys are kept
//! in the database; they protect invented people only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use data_encoding::BASE64;
use foundation::Timestamp;
use foundation::store::{Database, StoreError, Tx};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use tokio::sync::OnceCell;

use super::Core;
use crate::error::SandboxError;
use crate::store::keys as table;

/// Whose tokens a key signs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    /// Those of a sandbox; when it was made tells it from another that had its name.
    Smart {
        /// The sandbox.
        sandbox: String,
        /// When it was made.
        made: Timestamp,
    },
    /// Those of the HelseID simulator.
    HelseId,
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
pub(crate) struct Keys(Mutex<BTreeMap<Purpose, Arc<OnceCell<Arc<SigningKey>>>>>);

/// Keys kept in memory; the next one has all read again.
const MOST_KEPT: usize = 1024;

impl Keys {
    async fn get(
        &self,
        purpose: Purpose,
        database: &Database,
        now: Timestamp,
    ) -> Result<Arc<SigningKey>, SandboxError> {
        let cell = self.cell(&purpose);
        cell.get_or_try_init(|| load_or_make(&purpose, database, now))
            .await
            .cloned()
    }

    fn cell(&self, purpose: &Purpose) -> Arc<OnceCell<Arc<SigningKey>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT && !kept.contains_key(purpose) {
            kept.clear();
        }
        Arc::clone(kept.entry(purpose.clone()).or_default())
    }
}

impl Core {
    /// The key that signs the tokens of a sandbox.
    pub(crate) async fn key_of(&self, sandbox: &str) -> Result<Arc<SigningKey>, SandboxError> {
        let tenant = self.tenant(sandbox).await?;
        let purpose = Purpose::Smart {
            sandbox: tenant.name.clone(),
            made: tenant.made,
        };
        self.keys.get(purpose, &self.database, self.now()).await
    }

    /// The key that signs the tokens of the HelseID simulator.
    pub(crate) async fn helseid_key(&self) -> Result<Arc<SigningKey>, SandboxError> {
        let purpose = Purpose::HelseId;
        self.keys.get(purpose, &self.database, self.now()).await
    }
}

async fn load_or_make(
    purpose: &Purpose,
    database: &Database,
    now: Timestamp,
) -> Result<Arc<SigningKey>, SandboxError> {
    let mut tx = database.read().await?;
    let kept = find(&mut tx, purpose).await?;
    drop(tx);
    let der = match kept {
        Some(der) => der,
        None => make(purpose, database, now).await?,
    };
    SigningKey::from_pkcs8(&der).map(Arc::new)
}

async fn find(tx: &mut Tx, purpose: &Purpose) -> Result<Option<Vec<u8>>, StoreError> {
    match purpose {
        Purpose::Smart { sandbox, .. } => table::of_sandbox(tx, sandbox).await,
        Purpose::HelseId => table::find(tx, HELSEID).await,
    }
}

/// Makes a key and keeps it; when another process was first, theirs counts.
async fn make(
    purpose: &Purpose,
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
    match purpose {
        Purpose::Smart { sandbox, .. } => {
            table::insert_of_sandbox(&mut tx, sandbox, &der, now).await?;
        }
        Purpose::HelseId => table::insert(&mut tx, HELSEID, &der, now).await?,
    }
    let kept = find(&mut tx, purpose).await?;
    tx.commit().await?;
    kept.ok_or(SandboxError::Key)
}

const HELSEID: &str = "helseid";
