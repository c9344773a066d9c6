//! The FHIR R4 server of a sandbox: read, search, create and update, with the token's scopes held
//! against every resource. Who the caller is and which sandbox is meant comes from the layer in
//! front ([`Grant`] and [`Tenant`] as request extensions); cross-origin rules and recording too.
//!
//! Resources are bytes from the population or from the overlay; only search keys are read from them.
//!
//! [`Grant`]: crate::domain::grant::Grant
//! [`Tenant`]: crate::domain::grant::Tenant

mod amount;
mod body;
mod bundle;
mod capability;
mod condition;
mod criterion;
#[cfg(test)]
mod criterion_tests;
mod error;
mod export;
mod filter;
mod flaws;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod handler;
mod history;
mod include;
mod keys;
mod operation;
mod overlay;
mod page;
mod patch;
mod period;
mod permit;
mod population;
mod query;
mod reach;
mod recent;
mod resolve;
mod room;
mod rules;
mod search;
mod selector;
mod shape;
mod subscription;
#[cfg(test)]
mod tests;
mod transaction;
mod types;
mod value;
mod write;

use std::ops::Deref;
use std::sync::Arc;

use foundation::access::{Access, Routes};
use foundation::store::{Database, StoreError, Tx};
use foundation::{Clock, Entropy, Timestamp};

pub(crate) use error::FhirError;
use handler::answering;
pub(crate) use overlay::{Head, Overlays, collect, hold};
use population::Populations;
pub(crate) use subscription::{Outward, websocket};

/// What the FHIR handlers stand on. One pointer: every request copies it some times.
#[derive(Clone, Debug)]
pub(crate) struct FhirState(Arc<Parts>);

#[derive(Clone, Debug)]
pub(crate) struct Parts {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    populations: Populations,
    overlays: Overlays,
    outward: Outward,
    /// Up to this many people, a search over everybody may compute everybody.
    everybody: u32,
    /// People whom one look at the status of an export counts.
    export_step: u32,
}

/// See [`Parts::everybody`]: computing so many takes a tenth of a second.
const EVERYBODY: u32 = 50;
/// See [`Parts::export_step`]: computing so many takes a fifth of a second.
const EXPORT_STEP: u32 = 100;

/// Forgets everything that was written in a sandbox, and what was made of it. Who holds a view of it
/// must be told ([`Overlays::forget`]).
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    export::clear(tx, sandbox).await?;
    subscription::clear(tx, sandbox).await?;
    overlay::clear(tx, sandbox).await
}

/// Forgets what has served its time.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    subscription::sweep(tx, now).await
}

/// A name for a log, not to be met twice.
pub(crate) fn log_name(entropy: &dyn Entropy) -> i64 {
    // One bit less keeps it positive; 0 is the log of a sandbox that has none.
    (i64::from_be_bytes(foundation::entropy::bytes::<8>(entropy)) & i64::MAX).max(1)
}

/// Gives a sandbox in which nothing was written what a log holds up to `from`. Whoever reads that log
/// must be held in the same transaction.
pub(crate) async fn go_on_from(
    tx: &mut Tx,
    sandbox: &str,
    from: Head,
    (now, entropy): (Timestamp, &dyn Entropy),
) -> Result<(), StoreError> {
    let head = overlay::fork(tx, log_name(entropy), from).await?;
    overlay::begin(tx, sandbox, head).await?;
    subscription::end_those_of_another(tx, sandbox, head, now).await
}

impl Deref for FhirState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

#[cfg(test)]
impl std::ops::DerefMut for FhirState {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

impl FhirState {
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        (overlays, outward): (Overlays, Outward),
    ) -> Self {
        Self(Arc::new(Parts {
            database,
            clock,
            entropy,
            populations: Populations::default(),
            overlays,
            outward,
            everybody: EVERYBODY,
            export_step: EXPORT_STEP,
        }))
    }
}

/// Every route of the FHIR server.
pub(crate) fn routes(state: FhirState) -> Routes {
    let token = Access::Token("a SMART access token, whose scopes the handler enforces");
    of_the_system(token)
        .merge(of_an_instance(token))
        .merge(operation::routes(token))
        .merge(export::routes(token))
        .merge(subscription::routes(token))
        .map(|router| router.method_not_allowed_fallback(handler::other_method))
        .with_state(state)
}

/// The interactions of R4 with the system and its types.
fn of_the_system(token: Access) -> Routes<FhirState> {
    Routes::new()
        .get(
            "/{sandbox}/fhir/metadata",
            Access::Public,
            answering(handler::metadata),
        )
        .get("/{sandbox}/fhir", token, answering(handler::search_all))
        .get("/{sandbox}/fhir/", token, answering(handler::search_all))
        .post("/{sandbox}/fhir", token, answering(handler::bundle))
        .post("/{sandbox}/fhir/", token, answering(handler::bundle))
        .post(
            "/{sandbox}/fhir/_search",
            token,
            answering(handler::search_all_by_post),
        )
        .get(
            "/{sandbox}/fhir/_history",
            token,
            answering(handler::history_of_all),
        )
        .get("/{sandbox}/fhir/{type}", token, answering(handler::search))
        .post("/{sandbox}/fhir/{type}", token, answering(handler::create))
        .put(
            "/{sandbox}/fhir/{type}",
            token,
            answering(handler::update_by),
        )
        .patch(
            "/{sandbox}/fhir/{type}",
            token,
            answering(handler::patch_by),
        )
        .delete(
            "/{sandbox}/fhir/{type}",
            token,
            answering(handler::delete_by),
        )
        .post(
            "/{sandbox}/fhir/{type}/_search",
            token,
            answering(handler::search_by_post),
        )
        .get(
            "/{sandbox}/fhir/{type}/_history",
            token,
            answering(handler::history_of_type),
        )
}

/// The interactions of R4 with an instance.
fn of_an_instance(token: Access) -> Routes<FhirState> {
    Routes::new()
        .get(
            "/{sandbox}/fhir/{type}/{id}",
            token,
            answering(handler::read),
        )
        .put(
            "/{sandbox}/fhir/{type}/{id}",
            token,
            answering(handler::update),
        )
        .patch(
            "/{sandbox}/fhir/{type}/{id}",
            token,
            answering(handler::patch),
        )
        .delete(
            "/{sandbox}/fhir/{type}/{id}",
            token,
            answering(handler::delete),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/{inner}",
            token,
            answering(handler::search_within),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/_history",
            token,
            answering(handler::history),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/_history/{version}",
            token,
            answering(handler::vread),
        )
}
