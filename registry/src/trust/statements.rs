//! What the federation view has said a moment ago: anybody may ask, and whoever asks a thousand times
//! a minute gets one signature. The key may be in a token that takes its time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use verifier::Digest;
use verifier::claims::Claims;

use super::keys::{KeyError, TokenSigner};

/// Statements by what they say, their times left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statements(Arc<Mutex<BTreeMap<Digest, Said>>>);

#[derive(Clone, Debug)]
struct Said {
    at: i64,
    jws: String,
}

impl Statements {
    /// The claims, signed now or within the last minute by the same key.
    pub(super) fn sign<C: Claims + Serialize>(
        &self,
        signer: &TokenSigner,
        claims: &C,
        now: i64,
    ) -> Result<String, KeyError> {
        let mut timeless = serde_json::to_value(claims)?;
        if let Some(members) = timeless.as_object_mut() {
            for time in ["iat", "exp"] {
                members.remove(time);
            }
        }
        let what = (C::TYPE.as_str(), signer.kid(), &timeless);
        let what = Digest::of(&serde_json::to_vec(&what)?);
        if let Some(said) = self.known(&what, now) {
            return Ok(said);
        }
        let jws = signer.sign(claims)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, said| is_fresh(said, now));
        if known.len() < MOST {
            let said = Said {
                at: now,
                jws: jws.clone(),
            };
            known.insert(what, said);
        }
        Ok(jws)
    }

    fn known(&self, what: &Digest, now: i64) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = known.get(what)?;
        is_fresh(said, now).then(|| said.jws.clone())
    }
}

fn is_fresh(said: &Said, now: i64) -> bool {
    (said.at..said.at.saturating_add(FRESH)).contains(&now)
}

/// Seconds; a statement holds for a day.
const FRESH: i64 = 60;
/// A statement is a few kilobytes.
const MOST: usize = 4096;
