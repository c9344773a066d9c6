//! An accessibility run with axe-core, in an isolated world that the app cannot see or spoil.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{BrowserError, Page};
use crate::suite::wit::{AxeResult, AxeViolation};

impl Page {
    /// Runs axe on the page; `None` when the page would not let it finish.
    pub(crate) async fn axe(&self, limit: Duration) -> Result<Option<AxeResult>, BrowserError> {
        let loaded = "typeof globalThis.axe === 'object'";
        if self.evaluate(&self.session, loaded, limit).await? != Some(Value::Bool(true)) {
            let script = format!("{AXE}\n;true");
            self.evaluate(&self.session, &script, limit).await?;
        }
        let Some(result) = self.evaluate(&self.session, RUN, limit).await? else {
            return Ok(None);
        };
        let Ok(Reduced {
            version,
            violations,
        }) = serde_json::from_value(result)
        else {
            return Ok(None);
        };
        Ok(Some(AxeResult {
            url: self.address().await?,
            version,
            violations,
        }))
    }
}

#[derive(Deserialize)]
struct Reduced {
    version: String,
    violations: Vec<AxeViolation>,
}

const AXE: &str = include_str!("../../assets/axe-core/axe.min.js");

/// Every violation becomes one line for each element, at most 200 in all.
const RUN: &str = r"
axe.run(document, {resultTypes: ['violations'], iframes: false, elementRef: false}).then(result => ({
    version: result.testEngine.version,
    violations: result.violations.flatMap(violation => violation.nodes.map(node => ({
        rule: violation.id,
        impact: node.impact || violation.impact || 'minor',
        tags: violation.tags,
        target: node.target.flat().join(' ').slice(0, 500),
        help: violation.help,
        help_url: violation.helpUrl,
    }))).slice(0, 200),
}))";
