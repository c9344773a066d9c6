//! One suite, ready to be asked. Every call has a store of its own, so no call can leave anything for
//! the next, and a call runs on a blocking thread, bounded by fuel, memory and time.

use std::collections::BTreeSet;
use std::sync::Arc;

use foundation::Digest;
use wasmtime::component::{Component, Linker};
use wasmtime::{Store, Trap};

use super::engine::TickingEngine;
use super::limits::Meter;
use super::wit::{Action, Description, Evidence, Finding, Guest, SuitePre};
use super::{Limits, SuiteError};

/// A compiled suite with its description.
#[derive(Clone)]
pub(crate) struct Suite(Arc<Inner>);

struct Inner {
    engine: Arc<TickingEngine>,
    limits: Limits,
    digest: Digest,
    pre: SuitePre<Meter>,
    description: Description,
}

/// What a call gave, and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer<T> {
    /// The answer.
    pub(crate) value: T,
    /// Fuel used; the same for the same call, always.
    pub(crate) fuel: u64,
}

impl Suite {
    pub(super) async fn load(
        engine: Arc<TickingEngine>,
        limits: Limits,
        digest: Digest,
        bytes: Vec<u8>,
    ) -> Result<Self, SuiteError> {
        blocking(move || {
            let pre = compile(&engine, &bytes)?;
            let description = call(&engine, &limits, &pre, "describe", |guest, store| {
                guest.call_describe(store)
            })?
            .value;
            check_description(&description)?;
            Ok(Self(Arc::new(Inner {
                engine,
                limits,
                digest,
                pre,
                description,
            })))
        })
        .await
    }

    /// Digest of the component: its name in evidence and approvals.
    pub(crate) fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What the suite says of itself.
    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    /// What to do next; empty when the run is finished.
    pub(crate) async fn next(
        &self,
        evidence: Arc<Evidence>,
    ) -> Result<Answer<Vec<Action>>, SuiteError> {
        let suite = Arc::clone(&self.0);
        blocking(move || {
            call(
                &suite.engine,
                &suite.limits,
                &suite.pre,
                "next",
                |guest, store| guest.call_next(store, &evidence),
            )
        })
        .await
    }

    /// What the suite thinks: one finding for each requirement, in the description's order.
    pub(crate) async fn judge(
        &self,
        evidence: Arc<Evidence>,
    ) -> Result<Answer<Vec<Finding>>, SuiteError> {
        let suite = Arc::clone(&self.0);
        blocking(move || {
            let answer = call(
                &suite.engine,
                &suite.limits,
                &suite.pre,
                "judge",
                |guest, store| guest.call_judge(store, &evidence),
            )?;
            check_findings(&suite.description, &answer.value)?;
            Ok(answer)
        })
        .await
    }
}

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Suite").field(&self.0.digest).finish()
    }
}

/// A call that is dropped by its caller still ends: fuel and epochs see to that.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SuiteError> + Send + 'static,
) -> Result<T, SuiteError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| SuiteError::Engine(error.to_string()))?
}

fn compile(engine: &TickingEngine, bytes: &[u8]) -> Result<SuitePre<Meter>, SuiteError> {
    let engine = engine.engine();
    let component = Component::from_binary(engine, bytes)
        .map_err(|error| SuiteError::NotAComponent(format!("{error:#}")))?;
    let imports: Vec<String> = component
        .component_type()
        .imports(engine)
        .map(|(name, _)| name.to_owned())
        .collect();
    if !imports.is_empty() {
        return Err(SuiteError::Imports(imports));
    }
    Linker::new(engine)
        .instantiate_pre(&component)
        .and_then(SuitePre::new)
        .map_err(|error| SuiteError::WrongWorld(format!("{error:#}")))
}

fn call<T>(
    engine: &TickingEngine,
    limits: &Limits,
    pre: &SuitePre<Meter>,
    function: &'static str,
    ask: impl FnOnce(&Guest, &mut Store<Meter>) -> wasmtime::Result<T>,
) -> Result<Answer<T>, SuiteError> {
    let mut store = Store::new(engine.engine(), Meter::new(limits));
    store.limiter(|meter| meter);
    store.set_epoch_deadline(TickingEngine::ticks(limits.wall));
    store
        .set_fuel(limits.fuel)
        .map_err(|error| SuiteError::Engine(format!("{error:#}")))?;
    let result = pre
        .instantiate(&mut store)
        .and_then(|suite| ask(suite.markedsplass_conformance_checking(), &mut store));
    match result {
        Ok(value) => Ok(Answer {
            value,
            fuel: limits.fuel.saturating_sub(store.get_fuel().unwrap_or(0)),
        }),
        Err(error) => Err(classify(&error, store.data(), limits, function)),
    }
}

/// Which of our errors it is. A guest whose growth was refused mostly aborts with `unreachable`, so the
/// meter is asked before the trap is named.
fn classify(
    error: &wasmtime::Error,
    meter: &Meter,
    limits: &Limits,
    function: &'static str,
) -> SuiteError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => SuiteError::OutOfFuel {
            function,
            limit: limits.fuel,
        },
        Some(Trap::Interrupt) => SuiteError::TimedOut {
            function,
            seconds: limits.wall.as_secs(),
        },
        _ if meter.refused() => SuiteError::OutOfMemory {
            function,
            limit: limits.memory,
        },
        Some(trap) => SuiteError::Trapped {
            function,
            reason: trap.to_string(),
        },
        None => SuiteError::InvalidAnswer {
            function,
            reason: format!("{error:#}"),
        },
    }
}

fn check_description(description: &Description) -> Result<(), SuiteError> {
    if description.requirements.is_empty() {
        return Err(SuiteError::BrokenPromise(
            "it has no requirements".to_owned(),
        ));
    }
    let mut seen = BTreeSet::new();
    for requirement in &description.requirements {
        if requirement.id.is_empty() || !seen.insert(requirement.id.as_str()) {
            return Err(SuiteError::BrokenPromise(format!(
                "the requirement id `{}` is empty or stands twice",
                requirement.id
            )));
        }
    }
    Ok(())
}

fn check_findings(description: &Description, findings: &[Finding]) -> Result<(), SuiteError> {
    let owed = description
        .requirements
        .iter()
        .map(|requirement| requirement.id.as_str());
    let given = findings.iter().map(|finding| finding.requirement.as_str());
    if owed.eq(given) {
        return Ok(());
    }
    Err(SuiteError::BrokenPromise(format!(
        "it owes one finding for each of {} requirements, in order, and gave {}",
        description.requirements.len(),
        findings.len()
    )))
}
