//! When a page has come to rest: no request under way that still moves, the document complete, and
//! nothing changed for half a second.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::state::Waiting;
use super::{BrowserError, Page};
use crate::suite::wit::Settled;

impl Page {
    /// Waits until the page rests, or `most` is over.
    pub(crate) async fn settle(&self, most: Duration) -> Result<Settled, BrowserError> {
        let began = Instant::now();
        let mut quiet = false;
        while began.elapsed() < most && !self.has_crashed() && !self.state.is_gone() {
            if self.rests().await? {
                quiet = true;
                break;
            }
            sleep(POLL).await;
        }
        if self.state.is_gone() {
            return Err(BrowserError::Gone);
        }
        Ok(Settled {
            waited_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
            quiet,
        })
    }

    async fn rests(&self) -> Result<bool, BrowserError> {
        let (since, waiting) = self.state.quiet_since();
        let enough = match waiting {
            Waiting::Nothing => QUIET,
            Waiting::App => HANGING,
            Waiting::Stage => return Ok(false),
        };
        if since.elapsed() < enough {
            return Ok(false);
        }
        match self.evaluate(&self.session, UNCHANGED, BUSY).await {
            Ok(value) => Ok(value.is_some_and(|value| value == true)),
            // A page that computes, or is being replaced, does not rest.
            Err(BrowserError::Timeout { .. } | BrowserError::Refused { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

const UNCHANGED: &str =
    "document.readyState === 'complete' && performance.now() - (globalThis.changedAt ?? 0) >= 500";
const QUIET: Duration = Duration::from_millis(500);
/// A request to the app's own hosts that nothing has come or gone for so long hangs: the page has
/// nothing else to do. One to the stage is waited for, however slow this machine is.
const HANGING: Duration = Duration::from_secs(4);
const POLL: Duration = Duration::from_millis(50);
const BUSY: Duration = Duration::from_secs(1);
