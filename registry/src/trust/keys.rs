//! The keys, one per use and holder, made at first use and kept sealed in the database. ring draws
//! the randomness of P-256 keys itself: it takes no other.

use std::fmt;
use std::sync::Arc;

use foundation::sealing::{CannotOpen, Sealer};
use foundation::signing::{Algorithm, Seed, SigningKey};
use foundation::store::{Database, StoreError, Tx};
use foundation::{Clock, Entropy, Timestamp, entropy};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
};
use secrecy::SecretString;
use serde::Serialize;
use verifier::claims::Claims;
use verifier::jwk::{EcPublicKey, KeyUse};
use verifier::jws::{self, Header};
use verifier::trust::RevocationReason;

use super::repository::RoleSigner;
use super::store::key::{self, StoredKey};
use super::store::registered::{self, RegisteredKey};
use crate::domain::vendor_key::KeyState;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The stored form is not what was stored.
    #[error("the key {0} cannot be read")]
    Unreadable(String),
    /// The secret is not the one that the keys were sealed with.
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    /// ring could not make or use a key.
    #[error("a key could not be made or used")]
    Ring,
    /// The claims cannot be written.
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] serde_json::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A sealed key that cannot be opened.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unsealable(#[from] CannotOpen);

impl From<CannotOpen> for KeyError {
    fn from(error: CannotOpen) -> Self {
        Self::Sealed(Unsealable(error))
    }
}

/// All keys of this installation.
#[derive(Clone)]
pub struct Keys {
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    sealer: Sealer,
    random: SystemRandom,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// A P-256 key that signs tokens of one type.
pub(crate) struct TokenSigner {
    kid: String,
    public: EcPublicKey,
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Keys {
    /// The keys in `database`, sealed with `secret`.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        secret: &SecretString,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            database,
            clock,
            entropy,
            sealer: Sealer::new(LABEL, secret)?,
            random: SystemRandom::new(),
        })
    }

    /// The signer of one use and holder; the registry itself is the holder with the empty name.
    pub(crate) async fn token_signer(
        &self,
        key_use: KeyUse,
        holder: &str,
    ) -> Result<TokenSigner, KeyError> {
        let stored = self
            .found_or_made(key_use.as_str(), holder, Curve::P256)
            .await?;
        let pair = self.p256(&stored)?;
        let public = public_key(&stored)?;
        Ok(TokenSigner {
            kid: stored.kid,
            public,
            pair,
            random: self.random.clone(),
        })
    }

    /// The key of this algorithm that signs the checkpoints of a log, by the log's name.
    pub(crate) async fn log_key(
        &self,
        algorithm: Algorithm,
        log: &str,
    ) -> Result<SigningKey, KeyError> {
        let purpose = match algorithm {
            Algorithm::Ed25519 => "log-ed25519",
            Algorithm::MlDsa44 => "log-ml-dsa-44",
        };
        let stored = self
            .found_or_made(purpose, log, Curve::Seed(algorithm))
            .await?;
        let unreadable = || KeyError::Unreadable(stored.kid.clone());
        let seed = Seed::try_from(self.open(&stored)?).map_err(|_| unreadable())?;
        SigningKey::from_seed(algorithm, &seed).map_err(|_| unreadable())
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

    /// The keys of a role of the trust repository that are kept here, made before or now new.
    pub(super) async fn role_signers(
        &self,
        purpose: &str,
    ) -> Result<Vec<Arc<dyn RoleSigner>>, KeyError> {
        let mut tx = self.database.read().await?;
        let stored = key::all(&mut tx, purpose).await?;
        drop(tx);
        let signer = |stored: &StoredKey| -> Result<Arc<dyn RoleSigner>, KeyError> {
            let plain = self.open(stored)?;
            let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &plain, &self.random)
                .map_err(|_| KeyError::Unreadable(stored.kid.clone()))?;
            Ok(Arc::new(RoleKeyPair {
                public: public_key(stored)?,
                pair,
                random: self.random.clone(),
            }))
        };
        stored.iter().map(signer).collect()
    }

    /// Makes this many new keys of a role.
    pub(super) async fn make_role_keys(
        &self,
        purpose: &str,
        count: usize,
    ) -> Result<Vec<EcPublicKey>, KeyError> {
        let mut made = Vec::with_capacity(count);
        let mut tx = self.database.begin().await?;
        for _ in 0..count {
            // A role has any number of keys, so each is its own holder.
            let holder = self.uuid();
            let stored = self.make(purpose, &holder, Curve::P256)?;
            key::insert(&mut tx, &stored, self.clock.now()).await?;
            made.push(public_key(&stored)?);
        }
        tx.commit().await?;
        Ok(made)
    }

    /// A new key for whoever holds the key of this id, to take its place in the caller's
    /// transaction; `None` when the key is not kept here, or has been replaced.
    pub(super) async fn replacement(&self, kid: &str) -> Result<Option<Replacement>, KeyError> {
        let mut tx = self.database.read().await?;
        let Some(old) = key::by_id(&mut tx, kid).await? else {
            return Ok(None);
        };
        if old.holder.starts_with(REPLACED) {
            return Ok(None);
        }
        let new = self.make(&old.purpose, &old.holder, Curve::P256)?;
        Ok(Some(Replacement { old, new }))
    }

    /// Puts the new key in the old one's place.
    pub(super) async fn replace(
        &self,
        tx: &mut Tx,
        replacement: &Replacement,
    ) -> Result<(), KeyError> {
        let Replacement { old, new } = replacement;
        let holder = format!("{REPLACED}{}", old.kid);
        key::end(tx, &old.kid, &holder, self.clock.now()).await?;
        key::insert(tx, new, self.clock.now()).await?;
        Ok(())
    }

    /// Says why a key that was replaced is not used any more.
    pub(super) async fn say_why(
        &self,
        tx: &mut Tx,
        kid: &str,
        reason: RevocationReason,
    ) -> Result<(), KeyError> {
        Ok(key::say_why(tx, kid, spelled(reason)).await?)
    }

    /// The registry's own former keys of this use, with the time in which they counted.
    pub(super) async fn replaced(&self, key_use: KeyUse) -> Result<Vec<KeyLife>, KeyError> {
        let mut tx = self.database.read().await?;
        let ended = key::ended(&mut tx, key_use.as_str(), REPLACED).await?;
        let life = |key: key::EndedKey| {
            let public = EcPublicKey::from_uncompressed(&key.public_key)
                .map_err(|_| KeyError::Unreadable(key.kid.clone()))?;
            Ok(KeyLife {
                public,
                created_at: Timestamp::from_millis(key.created_at).seconds(),
                ended_at: Timestamp::from_millis(key.ended_at).seconds(),
                reason: key.end_reason.as_deref().and_then(reason),
            })
        };
        ended.into_iter().map(life).collect()
    }

    async fn found_or_made(
        &self,
        purpose: &str,
        holder: &str,
        curve: Curve,
    ) -> Result<StoredKey, KeyError> {
        let mut tx = self.database.read().await?;
        if let Some(stored) = key::find(&mut tx, purpose, holder).await? {
            return Ok(stored);
        }
        drop(tx);
        let made = self.make(purpose, holder, curve)?;
        let mut tx = self.database.begin().await?;
        key::insert(&mut tx, &made, self.clock.now()).await?;
        // Somebody else may have made one in the meantime: theirs counts then.
        let stored = key::find(&mut tx, purpose, holder).await?;
        tx.commit().await?;
        stored.ok_or_else(|| KeyError::Unreadable(made.kid))
    }

    fn make(&self, purpose: &str, holder: &str, curve: Curve) -> Result<StoredKey, KeyError> {
        let (private, public, kid) = match curve {
            Curve::P256 => {
                let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &self.random)
                    .map_err(|_| KeyError::Ring)?;
                let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &self.random)
                    .map_err(|_| KeyError::Ring)?;
                let public = pair.public_key().as_ref().to_vec();
                let kid = EcPublicKey::from_uncompressed(&public)
                    .map_err(|_| KeyError::Ring)?
                    .thumbprint();
                (pkcs8.as_ref().to_vec(), public, kid)
            }
            Curve::Seed(algorithm) => {
                let seed: Seed = entropy::bytes(&*self.entropy);
                let key = SigningKey::from_seed(algorithm, &seed).map_err(|_| KeyError::Ring)?;
                let public = key.public_key().to_vec();
                let kid = foundation::Digest::of(&public).hex();
                (seed.to_vec(), public, kid)
            }
        };
        Ok(StoredKey {
            sealed: self
                .sealer
                .seal(&name(purpose, &kid), &private, &*self.entropy)?,
            kid,
            purpose: purpose.to_owned(),
            holder: holder.to_owned(),
            public_key: public,
        })
    }

    fn p256(&self, stored: &StoredKey) -> Result<EcdsaKeyPair, KeyError> {
        let plain = self.open(stored)?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &plain, &self.random)
            .map_err(|_| KeyError::Unreadable(stored.kid.clone()))
    }

    fn open(&self, stored: &StoredKey) -> Result<Vec<u8>, KeyError> {
        let name = name(&stored.purpose, &stored.kid);
        Ok(self.sealer.open(&name, &stored.sealed)?)
    }
}

/// A key on its way into another's place.
pub(super) struct Replacement {
    old: StoredKey,
    new: StoredKey,
}

impl Replacement {
    /// The new key's thumbprint.
    pub(super) fn kid(&self) -> &str {
        &self.new.kid
    }
}

/// A former key.
pub(super) struct KeyLife {
    pub(super) public: EcPublicKey,
    /// In seconds.
    pub(super) created_at: i64,
    /// When another took its place, in seconds.
    pub(super) ended_at: i64,
    /// Why, if it is told here.
    pub(super) reason: Option<RevocationReason>,
}

const fn spelled(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::Unspecified => "unspecified",
        RevocationReason::Compromised => "compromised",
        RevocationReason::Superseded => "superseded",
    }
}

fn reason(text: &str) -> Option<RevocationReason> {
    let all = [
        RevocationReason::Unspecified,
        RevocationReason::Compromised,
        RevocationReason::Superseded,
    ];
    all.into_iter().find(|reason| spelled(*reason) == text)
}

/// A P-256 key that signs documents of one role.
struct RoleKeyPair {
    public: EcPublicKey,
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl fmt::Debug for RoleKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.public.fmt(f)
    }
}

impl RoleSigner for RoleKeyPair {
    fn public_key(&self) -> &EcPublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.pair.sign(&self.random, message);
        Ok(signature.map_err(|_| KeyError::Ring)?.as_ref().to_vec())
    }
}

impl TokenSigner {
    /// Signs claims: the exact compact JWS.
    pub(crate) fn sign<C: Claims + Serialize>(&self, claims: &C) -> Result<String, KeyError> {
        let header = Header::new(C::TYPE, self.kid.as_str());
        let input = jws::signing_input(&header, &serde_json::to_vec(claims)?);
        let signature = self
            .pair
            .sign(&self.random, input.as_bytes())
            .map_err(|_| KeyError::Ring)?;
        let signature = signature.as_ref().try_into().map_err(|_| KeyError::Ring)?;
        Ok(jws::assemble(&input, signature))
    }

    /// The RFC 7638 thumbprint of the key.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key.
    pub(crate) const fn public(&self) -> &EcPublicKey {
        &self.public
    }
}

#[derive(Clone, Copy)]
enum Curve {
    P256,
    /// A key that its seed gives.
    Seed(Algorithm),
}

fn public_key(stored: &StoredKey) -> Result<EcPublicKey, KeyError> {
    EcPublicKey::from_uncompressed(&stored.public_key)
        .map_err(|_| KeyError::Unreadable(stored.kid.clone()))
}

/// What comes before the id of a key that another has replaced, as its holder.
const REPLACED: &str = "replaced ";

/// What a private key is sealed as.
fn name(purpose: &str, kid: &str) -> String {
    format!("{purpose} {kid}")
}

/// What the keys of this database are sealed under, beside the secret.
const LABEL: &str = "markedsplass registry keys v1";
