//! Decisions about what may not run, whoever approved it: each published by itself, or as part of a
//! ceremony.

use anyhow::bail;
use clap::Args;
use registry::{Denied, Registry, Restriction};
use verifier::trust::MinVersion;

#[derive(Debug, Args)]
pub(in crate::cli) struct Deny {
    /// A vendor (`NO:ORGNR:` and nine digits), or the digest of a bundle or manifest (`sha256-…`).
    #[arg(value_name = "WHAT")]
    what: Denied,
    /// It may run again.
    #[arg(long)]
    lift: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Oldest {
    /// The software's id.
    #[arg(value_name = "SOFTWARE")]
    software: String,
    /// The oldest version that may run.
    #[arg(value_name = "VERSION")]
    at_least: Option<String>,
    /// Any version may run again.
    #[arg(long, conflicts_with = "at_least")]
    lift: bool,
}

/// The same decisions in a ceremony; each may be repeated.
#[derive(Debug, Args)]
pub(super) struct Restrictions {
    /// A vendor or a content that may not run.
    #[arg(long, value_name = "WHAT")]
    deny: Vec<Denied>,
    /// A vendor or a content that may run again.
    #[arg(long, value_name = "WHAT")]
    lift: Vec<Denied>,
    /// The oldest version of a software that may run.
    #[arg(long, value_name = "SOFTWARE=VERSION", value_parser = oldest)]
    oldest: Vec<MinVersion>,
    /// A software of which any version may run again.
    #[arg(long, value_name = "SOFTWARE")]
    any_version: Vec<String>,
}

impl Deny {
    pub(super) async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        let decided = if self.lift {
            Restriction::Lift(self.what)
        } else {
            Restriction::Deny(self.what)
        };
        registry.restrict(vec![decided]).await?;
        Ok("the deny list is published\n".to_owned())
    }
}

impl Oldest {
    pub(super) async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        let decided = match (self.at_least, self.lift) {
            (Some(software_version), _) => Restriction::Oldest(MinVersion {
                software_id: self.software,
                software_version,
            }),
            (None, true) => Restriction::AnyVersion(self.software),
            (None, false) => bail!("give the oldest version that may run, or --lift"),
        };
        registry.restrict(vec![decided]).await?;
        Ok("the oldest versions are published\n".to_owned())
    }
}

impl Restrictions {
    pub(super) fn decided(self) -> Vec<Restriction> {
        let deny = self.deny.into_iter().map(Restriction::Deny);
        let lift = self.lift.into_iter().map(Restriction::Lift);
        let oldest = self.oldest.into_iter().map(Restriction::Oldest);
        let any = self.any_version.into_iter().map(Restriction::AnyVersion);
        deny.chain(lift).chain(oldest).chain(any).collect()
    }
}

fn oldest(text: &str) -> Result<MinVersion, String> {
    let (id, version) = text.split_once('=').ok_or("write SOFTWARE=VERSION")?;
    Ok(MinVersion {
        software_id: id.to_owned(),
        software_version: version.to_owned(),
    })
}
