//! Logs and metrics: `tracing` (pretty on a terminal, JSON otherwise) and a Prometheus recorder.
//!
//! Tokens, personal identifiers and bodies are never logged, not even invented patients'.

use std::fmt;
use std::io::IsTerminal;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter text is wrong.
    #[error("the log filter {filter:?} cannot be read: {reason}")]
    Filter {
        /// The text.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Telemetry was started twice in this process.
    #[error("telemetry is already started in this process")]
    Started,
}

/// Starts logging to standard error, filtered by `filter` (for example `info,sqlx=warn`).
pub fn start_logging(filter: &str) -> Result<(), TelemetryError> {
    let parsed = EnvFilter::try_new(filter).map_err(|error| TelemetryError::Filter {
        filter: filter.to_owned(),
        reason: error.to_string(),
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        builder.try_init()
    } else {
        // The innermost span is the request; the list of spans would say it again.
        builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init()
    };
    started.map_err(|_| TelemetryError::Started)
}

/// The process's metrics; renders as Prometheus text.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Makes this process record its metrics.
    pub fn start() -> Result<Self, TelemetryError> {
        PrometheusBuilder::new()
            .install_recorder()
            .map(Self)
            .map_err(|_| TelemetryError::Started)
    }

    /// Metrics that nothing records to; for tests that build several surfaces in one process.
    pub fn detached() -> Self {
        Self(PrometheusBuilder::new().build_recorder().handle())
    }

    /// The Prometheus text exposition format, version 0.0.4.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
