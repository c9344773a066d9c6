//! `verify`: what an EPJ does with an approval, on files alone. Nothing is fetched.
//!
//! The trust folder is a mirror of the registry's trust repository, with the names that it has
//! there (`timestamp.json`, `1.snapshot.json`, `targets/….anchors.json` …), and any number of status
//! list tokens, `status/*.jwt`. The root document that is believed is `root.json` in the folder, or
//! the one given with `--root`: it must have come another way than the rest.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};
use foundation::clock::SystemClock;
use foundation::{Clock, Timestamp};
use verifier::trust::tuf::Wanted;
use verifier::{Accepted, LocalPolicy, TrustUpdate, Verifier, VerifyError};

/// Verify an approval offline.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The approval: a compact JWS.
    file: PathBuf,
    /// Folder with a mirror of the trust repository, root.json and status/*.jwt.
    #[arg(long, value_name = "DIR")]
    trust: PathBuf,
    /// The root document that is believed, instead of root.json in the folder.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// The stapled ticket; without it FILE.tlog-proof.
    #[arg(long, value_name = "FILE")]
    ticket: Option<PathBuf>,
    /// Where the approval is to be used; a test approval is refused in production.
    #[arg(long, value_enum, default_value = "prod")]
    environment: Environment,
    /// Judge as of this moment (RFC 3339) instead of now.
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
}

/// Where approvals are meant to be used.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Environment {
    Test,
    Pilot,
    #[value(alias = "production")]
    Prod,
}

impl From<Environment> for verifier::Environment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Test => Self::Test,
            Environment::Pilot => Self::Pilot,
            Environment::Prod => Self::Prod,
        }
    }
}

impl Verify {
    #[expect(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "the answer of the command"
    )]
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let now = self.at.map_or_else(
            || SystemClock.now().seconds(),
            |at| Timestamp::from_millis(at.as_millisecond()).seconds(),
        );
        let approval = read(&self.file)?;
        let ticket = read(&self.ticket_path())?;
        match self.judge(approval.trim(), &ticket, now)? {
            Ok((accepted, verifier)) => {
                print!("{}", describe(&accepted, &verifier));
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                eprintln!("{}: {} {}", error.code, error.detail, error.code.remedy());
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn judge(
        &self,
        approval: &str,
        ticket: &str,
        now: i64,
    ) -> anyhow::Result<Result<(Accepted, Verifier), VerifyError>> {
        let root = self.root.clone();
        let root = read(&root.unwrap_or_else(|| self.trust.join("root.json")))?;
        let local = LocalPolicy::new(self.environment.into());
        let mut verifier = match Verifier::new(root.as_bytes(), local) {
            Ok(verifier) => verifier,
            Err(refused) => return Ok(Err(refused)),
        };
        let mirror = |wanted: &Wanted| mirrored(&self.trust.join(&wanted.name), wanted.max_len);
        let update = TrustUpdate::collect(verifier.root_version(), mirror)?;
        let lists = self.status_lists()?;
        let mut verdict = || {
            verifier.update_trust(&update, now)?;
            for list in &lists {
                verifier.update_status(list.trim(), now)?;
            }
            verifier.ingest(approval, ticket, now)
        };
        Ok(verdict().map(|accepted| (accepted, verifier)))
    }

    fn ticket_path(&self) -> PathBuf {
        self.ticket.clone().unwrap_or_else(|| {
            let mut name = self.file.clone().into_os_string();
            name.push(".tlog-proof");
            PathBuf::from(name)
        })
    }

    fn status_lists(&self) -> anyhow::Result<Vec<String>> {
        let folder = self.trust.join("status");
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jwt") {
                paths.push(path);
            }
        }
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    }
}

fn describe(accepted: &Accepted, verifier: &Verifier) -> String {
    let (id, version) = (&accepted.software_id, &accepted.software_version);
    let mut lines = vec![
        format!("OK {id} {version}"),
        format!("approval    {}", accepted.jti),
    ];
    if let Some(approval) = verifier.approval(id, version) {
        let launch = approval.launch_uri.as_deref().unwrap_or("(standalone)");
        lines.extend([
            format!("vendor      {}", approval.organization_id),
            format!("scope       {}", approval.scope),
            format!("launch      {launch}"),
            format!("valid until {}", Timestamp::from_seconds(approval.exp)),
        ]);
    }
    if let Some(index) = accepted.log_index {
        lines.push(format!("log entry   {index}"));
    }
    if let Some(witnessed) = accepted.witnessed_at {
        lines.push(format!(
            "witnessed   {}",
            Timestamp::from_seconds(witnessed)
        ));
    }
    lines.join("\n") + "\n"
}

/// A file of the mirror, if it is there; a longer one than allowed is cut, and refused for it.
fn mirrored(path: &Path, max_len: usize) -> anyhow::Result<Option<Vec<u8>>> {
    let unread = || format!("{} cannot be read", path.display());
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(unread),
    };
    let limit = u64::try_from(max_len).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(limit)
        .read_to_end(&mut bytes)
        .with_context(unread)?;
    Ok(Some(bytes))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
