//! `keys`: where keys are, their planned and unplanned replacement, and the ceremonies for those
//! that no server has.

mod ceremony;
mod restriction;
mod withdrawal;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::{Clock, Entropy};
use registry::{ListedKey, Registry, Remedy, Stranded};
use tokio_util::sync::CancellationToken;
use verifier::trust::tuf::RoleName;

use crate::compose::open_registry;
use crate::config::Config;
use crate::demo;

/// Keys and ceremonies.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// List every key that there is or was: use, state, store, id, holder.
    List(List),
    /// Make a key in an encrypted file on this machine, for a holder of root or targets keys.
    Make(ceremony::Make),
    /// Make and list the key that will follow one of the registry's own.
    Announce(Announce),
    /// Put a new key in the place of one, or of all keys of a role of the trust repository.
    Rotate(Rotate),
    /// Withdraw a key that somebody else may have.
    Revoke(withdrawal::Revoke),
    /// Deny a vendor or a content, whoever approved it, or lift that.
    Deny(restriction::Deny),
    /// Set the oldest version of a software that may run, or lift that.
    Oldest(restriction::Oldest),
    /// Sign the approvals anew that a withdrawn key or witness has left without effect.
    Resign(Resign),
    /// Publish the log policy with the witnesses of the settings, or one that people have written.
    Witnesses(Witnesses),
    /// Write the next root and targets documents to a file, for their holders to sign.
    Prepare(ceremony::Prepare),
    /// Sign a prepared file with a key file. Needs neither the registry nor a network.
    Sign(ceremony::Sign),
    /// Publish prepared files that enough holders have signed.
    Publish(ceremony::Publish),
    /// Print a root document as it is published, for EPJs to pin.
    Root(Root),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Print one JSON document instead of lines.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Announce {
    /// Id of the key in force.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    kid: String,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Rotate {
    /// Id of the key in force; the one that was announced follows it, if one was.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    kid: Option<String>,
    /// The role whose keys are replaced: root, targets, snapshot or timestamp.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<RoleName>,
}

#[derive(Debug, Args)]
pub(super) struct Resign {
    /// Only tell which approvals those are.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Witnesses {
    /// A C2SP tlog-policy that is published until the command is run without one.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Root {
    /// Version of the document; without it, the newest.
    #[arg(value_name = "N")]
    number: Option<u64>,
}

impl Keys {
    pub(super) fn run(
        self,
        load: impl FnOnce() -> anyhow::Result<Config>,
    ) -> anyhow::Result<ExitCode> {
        match self {
            Self::Make(make) => make.run(),
            Self::Sign(sign) => sign.run(),
            other => {
                let runtime = tokio::runtime::Runtime::new()?;
                runtime.block_on(other.operate(load()?))
            }
        }
    }

    async fn operate(self, mut config: Config) -> anyhow::Result<ExitCode> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let witnessing = CancellationToken::new();
        if demo::witnesses::are_known(&config) {
            demo::witnesses::start(&mut config, &clock, &entropy, &witnessing).await?;
        }
        let (database, registry) = open_registry(config, clock, entropy).await?;
        let done = self.carry_out(&registry).await;
        witnessing.cancel();
        database.close().await;
        say(&done?);
        Ok(ExitCode::SUCCESS)
    }

    async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        registry.log().ensure_fit().await?;
        Ok(match self {
            Self::List(list) => {
                let keys = registry.all_keys().await?;
                if list.json {
                    serde_json::to_string_pretty(&keys)? + "\n"
                } else {
                    keys.iter().map(line).collect()
                }
            }
            Self::Announce(announce) => {
                let next = registry.announce_key(&announce.kid).await?;
                let listed = if registry.is_listed(&next).await? {
                    "is listed"
                } else {
                    "is listed by the next ceremony (`keys prepare FILE`)"
                };
                format!(
                    "{next} {listed}, and follows {} when it is rotated\n",
                    announce.kid
                )
            }
            Self::Rotate(rotate) => rotate.carry_out(registry).await?,
            Self::Revoke(revoke) => revoke.carry_out(registry).await?,
            Self::Deny(deny) => deny.carry_out(registry).await?,
            Self::Oldest(oldest) => oldest.carry_out(registry).await?,
            Self::Resign(resign) => {
                if resign.dry_run {
                    told(&registry.stranded().await?, true)
                } else {
                    resigned(&registry.resign_approvals().await?)?
                }
            }
            Self::Witnesses(witnesses) => {
                let policy = witnesses.policy.map(|file| {
                    std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))
                });
                registry
                    .set_log_policy(policy.transpose()?.as_deref())
                    .await?;
                registry.renew_trust().await?;
                told(&registry.stranded().await?, true) + "the log policy is published\n"
            }
            Self::Prepare(prepare) => prepare.carry_out(registry).await?,
            Self::Publish(publish) => publish.carry_out(registry).await?,
            Self::Root(root) => root.carry_out(registry).await?,
            // Carried out without a registry.
            Self::Make(_) | Self::Sign(_) => String::new(),
        })
    }
}

impl Rotate {
    async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        match (self.kid, self.role) {
            (Some(kid), _) => {
                let before = active(registry).await?;
                registry.retire_key(&kid).await?;
                let after = active(registry).await?;
                let new: Vec<_> = after.difference(&before).cloned().collect();
                Ok(format!("{kid} is replaced by {}\n", new.join(", ")))
            }
            (None, Some(role)) => {
                registry.rotate_trust_role(role).await?;
                Ok(format!("the role {role} has new keys\n"))
            }
            (None, None) => bail!("give --kid or --role"),
        }
    }
}

async fn active(registry: &Registry) -> anyhow::Result<BTreeSet<String>> {
    let keys = registry.all_keys().await?.into_iter();
    let active = keys.filter(|key| key.state == "active");
    Ok(active.map(|key| key.kid).collect())
}

impl Root {
    async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        let of = |version: u64| async move {
            registry.trust_file(&format!("{version}.root.json")).await
        };
        if let Some(version) = self.number {
            let document = of(version).await?;
            return document.with_context(|| format!("there is no {version}.root.json"));
        }
        let mut newest = of(1).await?.context("there is no trust repository yet")?;
        let mut version = 2;
        while let Some(next) = of(version).await? {
            newest = next;
            version += 1;
        }
        Ok(newest)
    }
}

fn line(key: &ListedKey) -> String {
    let ListedKey {
        purpose,
        kid,
        holder,
        state,
        store,
        ..
    } = key;
    let line = format!("{purpose:<16} {state:<10} {store:<9} {kid}  {holder}");
    line.trim_end().to_owned() + "\n"
}

/// What was done about each stranded approval; an error when some of them are stranded still.
fn resigned(stranded: &[Stranded]) -> anyhow::Result<String> {
    let (failed, done): (Vec<_>, Vec<_>) = stranded
        .iter()
        .cloned()
        .partition(|one| one.failed.is_some());
    let text = told(&done, false);
    if failed.is_empty() {
        return Ok(text);
    }
    say(&text);
    let remain = failed.iter().map(|one| {
        let why = one.failed.as_deref().unwrap_or_default();
        format!("{} {}: {why}", one.software_id, one.software_version)
    });
    let remain: Vec<_> = remain.collect();
    bail!(
        "approvals-stranded: {} are without effect still; run this again when what is in the way is \
         gone: {}",
        failed.len(),
        remain.join("; ")
    )
}

/// What was, or is to be, done about each stranded approval.
fn told(stranded: &[Stranded], only_told: bool) -> String {
    let mut text = String::new();
    for one in stranded {
        let done = match (one.remedy, only_told) {
            (Remedy::Resign, false) => "signed anew",
            (Remedy::Resign, true) => "can be signed anew",
            (Remedy::Review, false) => "sent to review again",
            (Remedy::Review, true) => "needs new reviews",
            (Remedy::Suspended, _) => "suspended: look again when it is reinstated",
        };
        let line = [
            &one.software_id,
            " ",
            &one.software_version,
            ": ",
            done,
            "\n",
        ];
        text.extend(line);
    }
    text + &format!("{} approvals without effect\n", stranded.len())
}

fn role(text: &str) -> Result<RoleName, String> {
    let found = RoleName::ALL.into_iter().find(|role| role.as_str() == text);
    found.ok_or_else(|| "root, targets, snapshot or timestamp".to_owned())
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn say(text: &str) {
    print!("{text}");
}
