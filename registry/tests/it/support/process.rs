//! A process of the registry beside the world's own, on the same database and files: another one
//! of a cluster, one that is held up, or one whose power is cut.

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware;
use foundation::failpoint::{Failpoints, NoFailpoints};
use foundation::jobs::Worker;
use registry::{Desk, LogParts, Parts, Registry, TransparencyLog};
use serde_json::{Value, json};

use super::{Reply, World, actor, call, json_request, opened};

/// What a process consists of.
pub(crate) struct Process {
    pub(crate) registry: Registry,
    pub(crate) worker: Worker,
    pub(super) router: Router,
}

impl Process {
    pub(super) fn new(registry: Registry, parts: &Parts) -> Self {
        let clock = Arc::clone(&parts.clock);
        let worker = Worker::new(parts.database.clone(), clock, &*parts.entropy, 1);
        Self {
            router: router(&registry),
            worker: registry.hosted_jobs(registry.jobs(worker)),
            registry,
        }
    }

    /// Sends a request as somebody.
    pub(crate) async fn post(&self, who: &str, path: &str, body: &Value) -> Reply {
        let mut request = json_request(Method::POST, path, body);
        request.extensions_mut().insert(actor(who));
        call(self.router.clone(), request).await
    }

    /// A reviewer approves a submitted version; what follows is for the worker.
    pub(crate) async fn review(&self, role: &str, path: &str) -> Reply {
        let body = json!({"decision": "approve", "role": role});
        self.post(role, &format!("{path}/reviews"), &body).await
    }

    /// Somebody suspends, reinstates or revokes; what follows is for the worker.
    pub(crate) async fn decide(&self, who: &str, path: &str, action: &str) -> Reply {
        let body = json!({"action": action, "reason": "Feil enhet."});
        self.post(who, &format!("{path}/status"), &body).await
    }
}

/// What it serves.
fn router(registry: &Registry) -> Router {
    let layer = middleware::from_fn_with_state(registry.clone(), registry::authenticate_layer);
    registry.routes().into_router().layer(layer)
}

impl World {
    /// The world's own process.
    pub(crate) fn process(&self) -> Process {
        Process {
            registry: self.registry.clone(),
            worker: self.worker.clone(),
            router: self.router.clone(),
        }
    }

    /// Another process.
    pub(crate) fn another_process(&self) -> Process {
        self.process_until(Arc::new(NoFailpoints))
    }

    /// Another process, which stops at a point or is held up there. Dead, it does nothing more to
    /// the database, the keys, the log or its files.
    pub(crate) fn process_until(&self, failpoints: Arc<dyn Failpoints>) -> Process {
        let config = &self.parts.config;
        let database = self.database.database.with_failpoints(failpoints.clone());
        let times = (
            Arc::clone(&self.parts.clock),
            Arc::clone(&self.parts.entropy),
        );
        let keys = opened(&database, times, config);
        let log = LogParts {
            database: database.clone(),
            clock: Arc::clone(&self.parts.clock),
            keys: keys.clone(),
            files: self.files.clone(),
            failpoints,
        };
        let parts = Parts {
            log: TransparencyLog::new(log, config).unwrap(),
            signing: Arc::new(Desk::new(keys.clone(), config.clone())),
            keys,
            database,
            ..self.parts.clone()
        };
        Process::new(Registry::new(parts.clone()), &parts)
    }
}
