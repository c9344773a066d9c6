//! Keys sealed in the database with the installation's secret.

use std::fmt;
use std::sync::Arc;

use foundation::Entropy;
use foundation::sealing::Sealer;
use secrecy::SecretString;

use super::software::Software;
use super::{KeptKey, KeyKind, KeyStore, KeyStoreError, MadeKey, Signer};

pub(super) struct SealedKeys {
    sealer: Sealer,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for SealedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedKeys")
    }
}

impl SealedKeys {
    pub(super) fn new(
        secret: &SecretString,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyStoreError> {
        let sealer = Sealer::new(LABEL, secret)?;
        Ok(Self { sealer, entropy })
    }
}

impl KeyStore for SealedKeys {
    fn make(&self, purpose: &str, _holder: &str) -> Result<MadeKey, KeyStoreError> {
        let kind = KeyKind::of(purpose);
        let private = Software::make(kind, &*self.entropy)?;
        let public = Software::read(kind, &private.0)?.public();
        let kid = kind.id(&public)?;
        let sealed = self
            .sealer
            .seal(&name(purpose, &kid), &private.0, &*self.entropy)?;
        Ok(MadeKey {
            kid,
            public,
            sealed,
        })
    }

    fn signer(&self, key: &KeptKey) -> Result<Arc<dyn Signer>, KeyStoreError> {
        let plain = self
            .sealer
            .open(&name(&key.purpose, &key.kid), &key.sealed)?;
        Ok(Arc::new(Software::read(KeyKind::of(&key.purpose), &plain)?))
    }
}

/// What a private key is sealed as.
fn name(purpose: &str, kid: &str) -> String {
    format!("{purpose} {kid}")
}

/// What the keys of this database are sealed under, beside the secret.
const LABEL: &str = "markedsplass registry keys v1";
