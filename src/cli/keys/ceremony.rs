//! Ceremonies: key files of people, and documents that they sign away from the server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use foundation::Clock;
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use registry::{Ceremony, OfflineKey, Proposal, Registry};
use secrecy::SecretString;
use verifier::jwk::EcPublicKey;
use verifier::trust::tuf::{RoleName, from_pem, to_pem};

use super::restriction::Restrictions;
use super::say;
use super::withdrawal::CutoffArguments;
use crate::cli::whole_file::write_whole;

/// A role whose keys people keep.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OfflineRole {
    /// Says which keys each role has.
    Root,
    /// Says which keys sign approvals, reviews and status, and which logs and witnesses count.
    Targets,
}

/// A role whose keys the registry keeps.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnlineRole {
    /// Says which targets document is the newest.
    Snapshot,
    /// Says which snapshot is the newest.
    Timestamp,
}

impl From<OnlineRole> for RoleName {
    fn from(role: OnlineRole) -> Self {
        match role {
            OnlineRole::Snapshot => Self::Snapshot,
            OnlineRole::Timestamp => Self::Timestamp,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Make {
    /// What the key is for.
    #[arg(long, value_enum)]
    role: OfflineRole,
    /// Whose it is: stands in the file, for people to tell key files apart.
    #[arg(long, value_name = "NAME", default_value = "")]
    holder: String,
    /// Folder for the key file and the public key.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// What key files are encrypted with.
#[derive(Debug, Args)]
struct Passphrase {
    /// File with the passphrase; `-` reads a line of standard input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The passphrase itself, where no file can be.
    #[arg(
        long,
        env = "MARKEDSPLASS_KEY_PASSPHRASE",
        hide_env_values = true,
        value_name = "TEXT",
        conflicts_with = "passphrase_file"
    )]
    passphrase: Option<String>,
}

impl Passphrase {
    fn read(self) -> anyhow::Result<SecretString> {
        let text = match (self.passphrase, self.passphrase_file) {
            (Some(text), _) => text,
            (None, Some(file)) if file == Path::new("-") => {
                let mut line = String::new();
                std::io::stdin().read_line(&mut line)?;
                line
            }
            (None, Some(file)) => {
                std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?
            }
            (None, None) => bail!(
                "give the passphrase: --passphrase-file FILE, or MARKEDSPLASS_KEY_PASSPHRASE in \
                 the environment"
            ),
        };
        Ok(SecretString::from(
            text.trim_end_matches(['\r', '\n']).to_owned(),
        ))
    }
}

impl Make {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let passphrase = self.passphrase.read()?;
        let purpose = match self.role {
            OfflineRole::Root => "trust-root",
            OfflineRole::Targets => "trust-targets",
        };
        let place = (self.out.as_path(), passphrase);
        let entropy = SystemEntropy::default();
        let (path, file) = OfflineKey::make(purpose, &self.holder, place, &entropy)?;
        let public = file.public_key().context("the key is no P-256 key")?;
        let beside = path.with_extension("pem");
        write_whole(&beside, to_pem(&public).as_bytes())?;
        say(&format!(
            "{} is the key: keep it and its passphrase apart, each in two places\n{} is for \
             whoever prepares the ceremony\n",
            path.display(),
            beside.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Prepare {
    /// The file that is written.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Public key (PEM) that the root role has from now on; repeat for each.
    #[arg(long, value_name = "PEM")]
    root_key: Vec<PathBuf>,
    /// How many of them must sign.
    #[arg(long, value_name = "N", default_value_t = 3)]
    root_threshold: u32,
    /// Public key (PEM) that the targets role has from now on; repeat for each.
    #[arg(long, value_name = "PEM")]
    targets_key: Vec<PathBuf>,
    /// How many of them must sign.
    #[arg(long, value_name = "N", default_value_t = 2)]
    targets_threshold: u32,
    /// Id of a key that is withdrawn because somebody else may have it.
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    revoke: Option<String>,
    /// Id of a key whose place the announced one takes when the ceremony is published.
    #[arg(
        long,
        value_name = "KID",
        allow_hyphen_values = true,
        conflicts_with = "revoke"
    )]
    rotate: Option<String>,
    /// Role that gets new keys, made by the registry; repeat for both.
    #[arg(long, value_enum, value_name = "ROLE")]
    rotate_role: Vec<OnlineRole>,
    #[command(flatten)]
    cutoff: CutoffArguments,
    #[command(flatten)]
    restrictions: Restrictions,
}

impl Prepare {
    pub(super) async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        let mut proposal = Proposal {
            rotate: self.rotate,
            rotate_roles: self.rotate_role.into_iter().map(RoleName::from).collect(),
            restrictions: self.restrictions.decided(),
            ..Proposal::default()
        };
        for (role, files, threshold) in [
            (RoleName::Root, &self.root_key, self.root_threshold),
            (RoleName::Targets, &self.targets_key, self.targets_threshold),
        ] {
            if !files.is_empty() {
                let keys = files.iter().map(|file| public_key(file));
                let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
                proposal.roles.insert(role, (keys, threshold));
            }
        }
        if let Some(kid) = self.revoke {
            let compromised = verifier::trust::RevocationReason::Compromised;
            proposal.withdraw = Some((kid, compromised, self.cutoff.cutoff()?));
        }
        let ceremony = registry.prepare_ceremony(proposal).await?;
        write_whole(&self.file, ceremony.write()?.as_bytes())
            .with_context(|| format!("{}", self.file.display()))?;
        summary(&ceremony)
    }
}

fn public_key(file: &Path) -> anyhow::Result<EcPublicKey> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    from_pem(&text).with_context(|| format!("{} is no P-256 key in PEM", file.display()))
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Sign {
    /// The prepared file, to which the signature is added.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Print what would be signed, and stop.
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

impl Sign {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut ceremony = read(&self.file)?;
        say(&summary(&ceremony)?);
        if self.show {
            return Ok(ExitCode::SUCCESS);
        }
        let key = OfflineKey::open(&self.key, self.passphrase.read()?)?;
        let now = SystemClock.now().seconds();
        for role in ceremony.sign(&key, now)? {
            say(&format!("signed {role}.json\n"));
        }
        write_whole(&self.file, ceremony.write()?.as_bytes())
            .with_context(|| format!("{}", self.file.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Publish {
    /// The signed copies of one prepared file.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Publish {
    pub(super) async fn carry_out(self, registry: &Registry) -> anyhow::Result<String> {
        let mut all: Option<Ceremony> = None;
        for file in &self.files {
            let copy = read(file)?;
            match &mut all {
                Some(all) => all
                    .join(&copy)
                    .with_context(|| format!("{}", file.display()))?,
                None => all = Some(copy),
            }
        }
        let ceremony = all.context("give the signed files")?;
        let published = registry.publish_ceremony(&ceremony).await?;
        let left_out = if published == ceremony {
            ""
        } else {
            "root.json was not signed and is still due: prepare a ceremony for it\n"
        };
        Ok(summary(&published)? + "published\n" + left_out)
    }
}

fn read(file: &Path) -> anyhow::Result<Ceremony> {
    let text = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
    Ceremony::read(&text).with_context(|| format!("{}", file.display()))
}

fn summary(ceremony: &Ceremony) -> anyhow::Result<String> {
    Ok(ceremony.summary()?.join("\n") + "\n")
}
