//! Has the turns of subscriptions that are due: at once when something was written here, and otherwise
//! as soon as another process's writes, a rest that is over or a heartbeat are seen.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use foundation::store::StoreError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Core;
use crate::error::SandboxError;
use crate::fhir::FhirError;

/// How often it is looked for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// Turns at the same time: each may wait for an endpoint.
const AT_ONCE: usize = 16;
/// How long turns may go on when the process is to end.
const LAST: Duration = Duration::from_secs(5);

/// Has turns until `stop`.
pub(crate) async fn notify(core: Arc<Core>, stop: CancellationToken) {
    let mut written = core.overlays.written();
    let mut running = JoinSet::new();
    let mut under_way = BTreeSet::new();
    loop {
        if let Err(error) = begin(&core, &mut running, &mut under_way).await {
            tracing::warn!(%error, "the subscriptions could not be read");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = running.join_next() => {
                if let Ok(which) = ended {
                    under_way.remove(&which);
                }
            }
            Ok(()) = written.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    // What a turn has not kept is done again by another, when its claim is over.
    let rest = async { while running.join_next().await.is_some() {} };
    let ended = tokio::time::timeout(LAST, rest).await;
    tracing::debug!(all = ended.is_ok(), "turns of subscriptions ended");
}

type Which = (String, String);

async fn begin(
    core: &Arc<Core>,
    running: &mut JoinSet<Which>,
    under_way: &mut BTreeSet<Which>,
) -> Result<(), StoreError> {
    if running.is_empty() {
        // One that panicked is not left out for good.
        under_way.clear();
    }
    for which in core.fhir.due(AT_ONCE as u64).await? {
        if running.len() >= AT_ONCE || !under_way.insert(which.clone()) {
            continue;
        }
        let core = Arc::clone(core);
        running.spawn(async move {
            if let Err(error) = core.have_turn(&which).await {
                tracing::warn!(%error, sandbox = which.0, subscription = which.1, "a turn failed");
            }
            which
        });
    }
    Ok(())
}

/// Why a turn failed.
#[derive(Debug, thiserror::Error)]
enum TurnError {
    #[error(transparent)]
    Fhir(#[from] FhirError),
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Core {
    async fn have_turn(&self, (sandbox, id): &Which) -> Result<(), TurnError> {
        let Some(subscriber) = self.fhir.take(sandbox, id).await? else {
            return Ok(());
        };
        let tenant = self.tenant(sandbox).await?;
        let client = self.client(sandbox, &subscriber.grant.client_id).await?;
        self.fhir.turn(tenant, subscriber, client.is_some()).await?;
        Ok(())
    }
}
