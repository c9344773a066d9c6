//! `keys revoke`: withdrawing a key that somebody else may have, from a place in the log on.

use clap::{Args, ValueEnum};
use registry::{Cutoff, Registry};
use verifier::trust::RevocationReason;

use super::told;

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Id of the key.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    kid: String,
    /// Why.
    #[arg(long, value_enum, default_value_t = Reason::Compromised)]
    reason: Reason,
    #[command(flatten)]
    cutoff: CutoffArguments,
}

/// From where on in the log the key is not believed.
#[derive(Debug, Args)]
pub(super) struct CutoffArguments {
    /// What is in the log now stays valid.
    #[arg(long)]
    cutoff_now: bool,
    /// What comes before this entry stays valid.
    #[arg(long, value_name = "N", conflicts_with = "cutoff_now")]
    cutoff: Option<u64>,
    /// Origin of the log of that entry; without it, the one that takes entries.
    #[arg(long, value_name = "ORIGIN", requires = "cutoff")]
    log: Option<String>,
    /// Nothing that it signed stays valid.
    #[arg(long, conflicts_with_all = ["cutoff_now", "cutoff"])]
    cutoff_nothing: bool,
}

/// Why a key is withdrawn.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Reason {
    /// Somebody else may have it.
    Compromised,
    /// Not said.
    Unspecified,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Compromised => Self::Compromised,
            Reason::Unspecified => Self::Unspecified,
        }
    }
}

impl CutoffArguments {
    pub(super) fn cutoff(self) -> anyhow::Result<Cutoff> {
        match (self.cutoff_now, self.cutoff, self.cutoff_nothing) {
            (true, ..) => Ok(Cutoff::Now),
            (_, Some(index), _) => Ok(Cutoff::From {
                log: self.log,
                index,
            }),
            (.., true) => Ok(Cutoff::Nothing),
            _ => anyhow::bail!(
                "say from where on in the log: --cutoff-now, --cutoff N or --cutoff-nothing"
            ),
        }
    }
}

impl Revoke {
    pub(super) async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        let cutoff = self.cutoff.cutoff()?;
        registry
            .withdraw_key(&self.kid, self.reason.into(), cutoff)
            .await?;
        let stranded = registry.stranded().await?;
        Ok(format!("{} is withdrawn\n", self.kid) + &told(&stranded, true))
    }
}
