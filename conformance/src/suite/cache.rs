//! Compiled suites, kept by the digest of their bytes. Compiling costs a good part of a second, so the
//! latest few are kept; they are never written to disk.

use std::sync::{Arc, Mutex, PoisonError};

use foundation::Digest;

use super::engine::TickingEngine;
use super::loaded::Suite;
use super::{Limits, SuiteError};

/// The suites of this process.
#[derive(Clone, Debug)]
pub(crate) struct Suites {
    engine: Arc<TickingEngine>,
    limits: Limits,
    /// Latest used last.
    kept: Arc<Mutex<Vec<Suite>>>,
}

impl Suites {
    /// Starts the engine.
    pub(crate) fn new(limits: Limits) -> Result<Self, SuiteError> {
        Ok(Self {
            engine: Arc::new(TickingEngine::start()?),
            limits,
            kept: Arc::default(),
        })
    }

    /// The suite that these bytes are: compiled, found to import nothing, and asked to describe itself.
    pub(crate) async fn load(&self, bytes: &[u8]) -> Result<Suite, SuiteError> {
        if bytes.len() > self.limits.component {
            return Err(SuiteError::TooLarge {
                size: bytes.len(),
                limit: self.limits.component,
            });
        }
        let digest = Digest::of(bytes);
        if let Some(suite) = self.kept(&digest) {
            return Ok(suite);
        }
        let suite = Suite::load(
            Arc::clone(&self.engine),
            self.limits,
            digest,
            bytes.to_vec(),
        )
        .await?;
        self.keep(suite.clone());
        Ok(suite)
    }

    fn kept(&self, digest: &Digest) -> Option<Suite> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|suite| suite.digest() == *digest)?;
        let suite = kept.remove(at);
        kept.push(suite.clone());
        Some(suite)
    }

    fn keep(&self, suite: Suite) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|other| other.digest() != suite.digest());
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(suite);
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

/// Suites kept compiled. A check uses one; a node rarely sees more than a handful.
pub(super) const KEPT: usize = 8;
