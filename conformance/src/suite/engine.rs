//! The WebAssembly engine of the process and the thread that ticks its clock.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{Config, Engine};

use super::SuiteError;

/// An engine whose epoch advances every [`TICK`] as long as this value lives.
#[derive(Debug)]
pub(super) struct TickingEngine {
    engine: Engine,
    /// Dropped first, which ends the ticker; then the thread is joined.
    stop: Option<Sender<()>>,
    ticker: Option<JoinHandle<()>>,
}

impl TickingEngine {
    pub(super) fn start() -> Result<Self, SuiteError> {
        let engine =
            Engine::new(&config()).map_err(|error| SuiteError::Engine(format!("{error:#}")))?;
        let (stop, stopped) = mpsc::channel();
        let ticking = engine.clone();
        let ticker = std::thread::Builder::new()
            .name("suite-ticker".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    ticking.increment_epoch();
                }
            })
            .map_err(|error| SuiteError::Engine(error.to_string()))?;
        Ok(Self {
            engine,
            stop: Some(stop),
            ticker: Some(ticker),
        })
    }

    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Ticks until `wall` has passed for certain.
    pub(super) fn ticks(wall: Duration) -> u64 {
        u64::try_from(wall.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX - 1) + 1
    }
}

impl Drop for TickingEngine {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(ticker) = self.ticker.take()
            && ticker.join().is_err()
        {
            tracing::error!("the ticker of the suites had stopped");
        }
    }
}

/// Everything that could make two runs differ is off (wasmtime's book, "Deterministic execution").
fn config() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_component_model(true);
    config
}

const TICK: Duration = Duration::from_millis(10);
