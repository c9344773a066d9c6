//! The log's own keys: Ed25519 and ML-DSA-44 for each log. Every checkpoint is signed with both.

use std::sync::Arc;

use foundation::signing::Algorithm;
use verifier::checkpoint::Checkpoint;
use verifier::note::{SignatureType, VerifierKey};

use super::store::LogRow;
use super::{LogError, TransparencyLog, locked};
use crate::trust::keys::{KeyError, LogKey};

/// The two keys of one log.
pub(super) struct LogSigner(Vec<(LogKey, VerifierKey)>);

impl LogSigner {
    /// The public keys, as witnesses and EPJs list them.
    pub(super) fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.0.iter().map(|(_, public)| public)
    }

    /// The signature lines over a checkpoint's text at this moment.
    pub(super) fn sign(&self, seconds: u64, text: &str) -> Result<Vec<String>, LogError> {
        self.0
            .iter()
            .map(|(key, public)| {
                let message = public
                    .message(seconds, text)
                    .ok_or_else(|| LogError::format("a name too long to be signed"))?;
                let signature = key.signer.sign(&message).map_err(KeyError::from)?;
                Ok(public.line(seconds, &signature))
            })
            .collect()
    }
}

impl TransparencyLog {
    /// The keys of a log, made at first use.
    pub(super) async fn signer(&self, log: &LogRow) -> Result<Arc<LogSigner>, LogError> {
        if let Some(known) = locked(&self.0.signers).get(&log.name) {
            return Ok(Arc::clone(known));
        }
        let mut pairs = Vec::new();
        for (algorithm, signature_type) in [
            (Algorithm::Ed25519, SignatureType::Ed25519),
            (Algorithm::MlDsa44, SignatureType::MlDsa44),
        ] {
            let key = self.0.parts.keys.log_key(algorithm, &log.name).await?;
            let public = VerifierKey::new(&log.origin, signature_type, &key.public);
            pairs.push((key, public.map_err(LogError::format)?));
        }
        let signer = Arc::new(LogSigner(pairs));
        locked(&self.0.signers).insert(log.name.clone(), Arc::clone(&signer));
        Ok(signer)
    }

    /// The verifier keys of every log: what witnesses are given.
    pub async fn verifier_keys(&self) -> Result<Vec<VerifierKey>, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let logs = super::store::all(&mut tx).await?;
        drop(tx);
        let mut keys = Vec::new();
        for log in logs {
            keys.extend(self.signer(&log).await?.keys().cloned());
        }
        Ok(keys)
    }
}

/// A checkpoint with the log's own signatures.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) checkpoint: Checkpoint,
    pub(super) text: String,
    pub(super) lines: Vec<String>,
}
