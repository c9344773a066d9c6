//! The section `conformance` of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::runner::Limits;

/// How checks are carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformanceConfig {
    /// Path of Chromium; the first of chromium, chromium-browser and google-chrome when absent.
    pub chromium: Option<PathBuf>,
    /// Checks that run at the same time in this process.
    pub parallel: usize,
    /// Lets the browser reach the app on this machine or in a private network. Right for a demo and
    /// for a developer's own machine, wrong for a service that takes apps from strangers.
    pub allow_local_addresses: bool,
    /// Actions that a suite may ask for in one check.
    pub max_actions: usize,
    /// Seconds that one action may take.
    pub action_seconds: u64,
    /// Seconds that one check may take.
    pub total_seconds: u64,
    /// Events that are recorded in one check.
    pub max_events: usize,
    /// Bytes that the browser may receive in one check.
    pub max_received_bytes: u64,
    /// How often a check is begun when the browser or the sandbox fails.
    pub attempts: i64,
}

impl Default for ConformanceConfig {
    fn default() -> Self {
        Self {
            chromium: None,
            parallel: 1,
            allow_local_addresses: false,
            max_actions: 300,
            action_seconds: 15,
            total_seconds: 240,
            max_events: 20_000,
            max_received_bytes: 256 * 1024 * 1024,
            attempts: 3,
        }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("conformance.{setting} {rule}")]
pub struct ConfigError {
    /// The setting.
    pub setting: &'static str,
    /// What it must be.
    pub rule: &'static str,
}

impl ConformanceConfig {
    /// Refuses settings that could not work.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let refuse = |setting, rule| Err(ConfigError { setting, rule });
        if let Some(path) = &self.chromium
            && !path.is_file()
        {
            return refuse("chromium", "must be the path of a program");
        }
        if !(1..=16).contains(&self.parallel) {
            return refuse("parallel", "must lie between 1 and 16");
        }
        if !(1..=10_000).contains(&self.max_actions) {
            return refuse("max_actions", "must lie between 1 and 10000");
        }
        if !(1..=120).contains(&self.action_seconds) {
            return refuse("action_seconds", "must lie between 1 and 120");
        }
        if !(5..=3600).contains(&self.total_seconds) {
            return refuse("total_seconds", "must lie between 5 and 3600");
        }
        if !(100..=200_000).contains(&self.max_events) {
            return refuse("max_events", "must lie between 100 and 200000");
        }
        if self.max_received_bytes < 1024 * 1024 {
            return refuse("max_received_bytes", "must be at least 1048576");
        }
        if !(1..=5).contains(&self.attempts) {
            return refuse("attempts", "must lie between 1 and 5");
        }
        Ok(())
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            actions: self.max_actions,
            action: Duration::from_secs(self.action_seconds),
            total: Duration::from_secs(self.total_seconds),
            events: self.max_events,
            received: self.max_received_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_nonsense_is_not() {
        assert_eq!(ConformanceConfig::default().validate(), Ok(()));
        let none = ConformanceConfig {
            parallel: 0,
            ..ConformanceConfig::default()
        };
        assert!(none.validate().is_err());
        let missing = ConformanceConfig {
            chromium: Some(PathBuf::from("/nowhere/chromium")),
            ..ConformanceConfig::default()
        };
        assert_eq!(missing.validate().unwrap_err().setting, "chromium");
    }
}
