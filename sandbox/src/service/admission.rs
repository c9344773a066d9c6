//! Who is let in to the sandboxes' FHIR servers, kept in memory for a moment, so that a busy app costs
//! no query a request. What this process changes counts at once ([`Admissions::forget`]); what another
//! process changes, within [`FRESH`]. Whether a token has ended is asked of the clock every time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foundation::Digest;
use foundation::token::Token;

use super::Core;
use crate::domain::grant::{Grant, Tenant};
use crate::domain::scopes;
use crate::error::{SandboxError, TokenError};
use crate::store::grants::Authorization;
use crate::store::tokens::{self, Kind};

/// How long what was read is taken to be current.
const FRESH: Duration = Duration::from_millis(250);
/// Sandboxes and tokens kept; beyond that all are read again.
const MOST_KEPT: usize = 4096;

/// What was read of sandboxes and tokens lately.
#[derive(Debug, Default)]
pub(crate) struct Admissions(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Moves on with every change: what was read before is not kept after.
    era: u64,
    tenants: BTreeMap<String, (Instant, Arc<Tenant>)>,
    holders: BTreeMap<(String, Digest), (Instant, Arc<Holder>)>,
}

/// Who holds an access token, with what it opens.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) token: tokens::Token,
    pub(crate) authorization: Authorization,
    pub(crate) grant: Arc<Grant>,
}

impl Admissions {
    /// Has everything read again: a sandbox, a token or an authorization was changed.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.era += 1;
        kept.tenants.clear();
        kept.holders.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps what was read in an era, unless that is over.
fn keep<K: Ord, V>(
    (era, now): (u64, u64),
    all: &mut BTreeMap<K, (Instant, Arc<V>)>,
    key: K,
    value: &Arc<V>,
) {
    if era == now {
        if all.len() >= MOST_KEPT {
            all.clear();
        }
        all.insert(key, (Instant::now(), Arc::clone(value)));
    }
}

fn fresh<V>(found: Option<&(Instant, Arc<V>)>) -> Option<Arc<V>> {
    let (read, value) = found?;
    (read.elapsed() < FRESH).then(|| Arc::clone(value))
}

impl Core {
    /// The sandbox with this name, for its FHIR server.
    pub(crate) async fn tenant(&self, name: &str) -> Result<Arc<Tenant>, SandboxError> {
        let (era, found) = {
            let kept = self.admissions.kept();
            (kept.era, fresh(kept.tenants.get(name)))
        };
        if let Some(found) = found {
            return Ok(found);
        }
        // Boxed, as below: nearly every request passes by, and would carry the room for it along.
        let sandbox = Box::pin(self.sandbox(name)).await?;
        let tenant = Arc::new(Tenant {
            base: self.fhir_base(name),
            name: sandbox.name,
            made: sandbox.created_at,
            settings: sandbox.settings,
            validation: sandbox.validation,
        });
        let kept = &mut *self.admissions.kept();
        let key = name.to_owned();
        keep((era, kept.era), &mut kept.tenants, key, &tenant);
        Ok(tenant)
    }

    /// Who holds this access token of a sandbox, while it is good.
    pub(crate) async fn holder(
        &self,
        sandbox: &str,
        presented: &str,
    ) -> Result<Option<Arc<Holder>>, TokenError> {
        let key = (sandbox.to_owned(), Token::presented(presented).digest());
        let (era, found) = {
            let kept = self.admissions.kept();
            (kept.era, fresh(kept.holders.get(&key)))
        };
        if let Some(holder) = found {
            return Ok(Some(holder).filter(|one| self.now() < one.token.expires_at));
        }
        let found = Box::pin(self.valid_token(sandbox, presented)).await?;
        let Some((token, authorization)) = found.filter(|(token, _)| token.kind == Kind::Access)
        else {
            return Ok(None);
        };
        let holder = Arc::new(Holder {
            grant: Arc::new(grant(&token, &authorization)),
            token,
            authorization,
        });
        let kept = &mut *self.admissions.kept();
        keep((era, kept.era), &mut kept.holders, key, &holder);
        Ok(Some(holder))
    }
}

fn grant(token: &tokens::Token, authorization: &Authorization) -> Grant {
    Grant {
        client_id: authorization.client_id.clone(),
        user: authorization.fhir_user.clone(),
        patient: authorization.patient.clone(),
        encounter: authorization.encounter.clone(),
        scopes: scopes::readable(&token.scope),
    }
}
