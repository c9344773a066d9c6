//! The keys, one per use and holder, made at first use. The database knows which there are, whose
//! they are and where their private parts lie; the stores of [`super::signer`] have those.

mod signing;
mod succession;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use foundation::signing::Algorithm;
use foundation::store::{Database, StoreError, Tx};
use foundation::{Clock, Entropy};
use secrecy::SecretString;
use verifier::jwk::{EcPublicKey, KeyUse};

use super::repository::RoleSigner;
use super::signer::{
    KeptKey, KeyStoreError, KeyStores, LOG_ED25519, LOG_ML_DSA_44, MadeKey, Signer,
};
use super::store::key::{self, StoredKey};
use super::store::registered::{self, RegisteredKey};
use crate::config::StoreKind;
use crate::domain::vendor_key::KeyState;

pub(in crate::trust) use self::signing::LogKey;
use self::signing::RoleKeyPair;
pub(crate) use self::signing::TokenSigner;
use self::succession::PREPARED;
pub(in crate::trust) use self::succession::{KeyLife, Replacement, is_own};

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The stored form is not what was stored.
    #[error("the key {0} cannot be read")]
    Unreadable(String),
    /// The place where the key is does not do its work.
    #[error(transparent)]
    Kept(#[from] KeyStoreError),
    /// The claims cannot be written.
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All keys of this installation.
#[derive(Clone)]
pub struct Keys {
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    stores: KeyStores,
    /// What has been opened, by key id: opening takes its time, on purpose where there is a
    /// passphrase.
    opened: Arc<Mutex<BTreeMap<String, Arc<dyn Signer>>>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// The keys in `database`, all of them sealed there with `secret`.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        secret: &SecretString,
    ) -> Result<Self, KeyError> {
        let stores = KeyStores::in_database(secret, Arc::clone(&entropy))?;
        Ok(Self::in_stores(database, (clock, entropy), stores))
    }

    /// The keys that `database` knows, in these stores.
    pub fn in_stores(
        database: Database,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        stores: KeyStores,
    ) -> Self {
        Self {
            database,
            clock,
            entropy,
            stores,
            opened: Arc::default(),
        }
    }

    /// The signer of one use and holder; the registry itself is the holder with the empty name.
    pub(crate) async fn token_signer(
        &self,
        key_use: KeyUse,
        holder: &str,
    ) -> Result<TokenSigner, KeyError> {
        let stored = self.found_or_made(key_use.as_str(), holder).await?;
        self.signer_of(stored).await
    }

    async fn signer_of(&self, stored: StoredKey) -> Result<TokenSigner, KeyError> {
        let signer = self.open(&stored).await?;
        let public = public_key(&stored)?;
        Ok(TokenSigner {
            kid: stored.kid,
            public,
            signer,
        })
    }

    /// The key of this algorithm that signs the checkpoints of a log, by the log's name.
    pub(crate) async fn log_key(
        &self,
        algorithm: Algorithm,
        log: &str,
    ) -> Result<LogKey, KeyError> {
        let purpose = match algorithm {
            Algorithm::Ed25519 => LOG_ED25519,
            Algorithm::MlDsa44 => LOG_ML_DSA_44,
        };
        let stored = self.found_or_made(purpose, log).await?;
        Ok(LogKey {
            signer: self.open(&stored).await?,
            public: stored.public_key,
        })
    }

    /// The public keys of one use, with their holders: those kept here, and those whose holders
    /// keep the private part. What a retired key signed stays valid, so it is there too.
    pub(crate) async fn public_keys(
        &self,
        tx: &mut Tx,
        key_use: KeyUse,
    ) -> Result<Vec<(String, EcPublicKey)>, KeyError> {
        let mut keys = Vec::new();
        for stored in key::all(tx, key_use.as_str()).await? {
            keys.push((stored.holder.clone(), public_key(&stored)?));
        }
        for key in registered::all(tx, key_use).await? {
            if matches!(key.state, KeyState::Active | KeyState::Retired) {
                keys.push((key.holder, key.public));
            }
        }
        Ok(keys)
    }

    /// The keys of this use whose private part the holder keeps, and that are in force.
    pub(super) async fn own_keys(
        &self,
        key_use: KeyUse,
        holder: &str,
    ) -> Result<Vec<RegisteredKey>, KeyError> {
        let mut tx = self.database.read().await?;
        Ok(registered::active(&mut tx, key_use, holder).await?)
    }

    /// Whether a key with this thumbprint is kept here.
    pub(super) async fn is_own(&self, tx: &mut Tx, kid: &str) -> Result<bool, KeyError> {
        Ok(key::is_known(tx, kid).await?)
    }

    /// The keys of a role of the trust repository that are kept here, made before or now new. One
    /// that cannot be opened, as when its file was destroyed after a rotation, signs nothing; the
    /// others are counted without it.
    pub(super) async fn role_signers(
        &self,
        purpose: &str,
    ) -> Result<Vec<Arc<dyn RoleSigner>>, KeyError> {
        let mut tx = self.database.read().await?;
        let stored = key::all(&mut tx, purpose).await?;
        drop(tx);
        let mut signers: Vec<Arc<dyn RoleSigner>> = Vec::with_capacity(stored.len());
        for stored in stored {
            match self.open(&stored).await {
                Ok(signer) => signers.push(Arc::new(RoleKeyPair {
                    public: public_key(&stored)?,
                    signer,
                })),
                Err(error) if is_lost(&error) => {
                    let kid = &stored.kid;
                    tracing::warn!(%error, purpose, kid, "a role's key cannot be opened");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(signers)
    }

    /// The ids of the keys of roles that cannot be opened.
    pub(crate) async fn lost_role_keys(&self) -> Result<BTreeSet<String>, KeyError> {
        let mut lost = BTreeSet::new();
        for purpose in ROLES {
            let mut tx = self.database.read().await?;
            let stored = key::all(&mut tx, purpose).await?;
            drop(tx);
            for stored in stored {
                match self.open(&stored).await {
                    Ok(_) => {}
                    Err(error) if is_lost(&error) => {
                        lost.insert(stored.kid);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(lost)
    }

    /// Makes this many new keys of a role.
    pub(super) async fn make_role_keys(
        &self,
        purpose: &str,
        count: usize,
    ) -> Result<Vec<EcPublicKey>, KeyError> {
        let mut made = Vec::with_capacity(count);
        for _ in 0..count {
            // A role has any number of keys, so each is its own holder.
            let holder = self.uuid();
            made.push(self.make(purpose, &holder).await?);
        }
        let mut tx = self.database.begin().await?;
        for stored in &made {
            key::insert(&mut tx, stored, self.clock.now()).await?;
        }
        tx.commit().await?;
        made.iter().map(public_key).collect()
    }

    /// The keys of a role that were made at a preparation not long ago.
    pub(super) async fn prepared_role_keys(
        &self,
        purpose: &str,
    ) -> Result<Vec<EcPublicKey>, KeyError> {
        let since = self.clock.now().millis().saturating_sub(PREPARED);
        let mut tx = self.database.read().await?;
        let made = key::made_since(&mut tx, purpose, since).await?;
        made.iter().map(public_key).collect()
    }

    async fn found_or_made(&self, purpose: &str, holder: &str) -> Result<StoredKey, KeyError> {
        let mut tx = self.database.read().await?;
        if let Some(stored) = key::find(&mut tx, purpose, holder).await? {
            return Ok(stored);
        }
        drop(tx);
        let made = self.make(purpose, holder).await?;
        let mut tx = self.database.begin().await?;
        key::insert(&mut tx, &made, self.clock.now()).await?;
        // Somebody else may have made one in the meantime: theirs counts then.
        let stored = key::find(&mut tx, purpose, holder).await?;
        tx.commit().await?;
        stored.ok_or_else(|| KeyError::Unreadable(made.kid))
    }

    /// Makes a key where keys for this are made now.
    async fn make(&self, purpose: &str, holder: &str) -> Result<StoredKey, KeyError> {
        let kind = self.stores.kind_for(purpose);
        let store = self.stores.store(kind, purpose)?;
        let (for_what, whose) = (purpose.to_owned(), holder.to_owned());
        let made = apart(move || store.make(&for_what, &whose)).await?;
        let MadeKey {
            kid,
            public,
            sealed,
        } = made;
        Ok(StoredKey {
            kid,
            purpose: purpose.to_owned(),
            holder: holder.to_owned(),
            public_key: public,
            sealed,
            store: kind.as_str().to_owned(),
            follows: None,
        })
    }

    /// What signs with a key, wherever it was made.
    async fn open(&self, stored: &StoredKey) -> Result<Arc<dyn Signer>, KeyError> {
        let opened = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signer) = opened().get(&stored.kid) {
            return Ok(Arc::clone(signer));
        }
        let kind = StoreKind::parse(&stored.store)
            .ok_or_else(|| KeyError::Unreadable(stored.kid.clone()))?;
        let store = self.stores.store(kind, &stored.purpose)?;
        let key = KeptKey {
            kid: stored.kid.clone(),
            purpose: stored.purpose.clone(),
            public: stored.public_key.clone(),
            sealed: stored.sealed.clone(),
        };
        let signer = apart(move || store.signer(&key)).await?;
        opened().insert(stored.kid.clone(), Arc::clone(&signer));
        Ok(signer)
    }
}

/// Whether it is this key that is gone, and not the program that stops or its database that fails.
const fn is_lost(error: &KeyError) -> bool {
    match error {
        KeyError::Kept(error) => !matches!(error, KeyStoreError::Interrupted),
        KeyError::Unreadable(_) => true,
        KeyError::Claims(_) | KeyError::Store(_) => false,
    }
}

/// Does what takes time where nobody waits behind it.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static,
) -> Result<T, KeyStoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(KeyStoreError::Interrupted))
}

fn public_key(stored: &StoredKey) -> Result<EcPublicKey, KeyError> {
    EcPublicKey::from_uncompressed(&stored.public_key)
        .map_err(|_| KeyError::Unreadable(stored.kid.clone()))
}

/// What the keys of the trust repository's roles are for.
const ROLES: [&str; 4] = [
    "trust-root",
    "trust-targets",
    "trust-snapshot",
    "trust-timestamp",
];
