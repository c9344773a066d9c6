//! `log audit`: what a monitor does. It reads the published files alone, as any stranger can.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use foundation::Clock;
use foundation::clock::SystemClock;
use reqwest::StatusCode;
use serde_json::json;
use url::Url;
use verifier::audit::{self, AuditState, Context, Finding, Report};
use verifier::checkpoint::Checkpoint;
use verifier::tiles::Tile;

use crate::cli::whole_file::write_whole;

/// Audit a log as a stranger; exit 1 on findings.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// The registry's address, the log's own address, or a folder with `checkpoint` and `tile/`.
    #[arg(value_name = "URL|DIR")]
    log: String,
    /// Folder with a mirror of the trust repository, as `verify` takes it; without it what the
    /// registry serves.
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// The root document that is believed. Without it the registry's first one is: then the audit
    /// shows what the log does, and not whose keys those are.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Report every entry about this organisation: nine digits.
    #[arg(long, value_name = "NNNNNNNNN")]
    org: Option<String>,
    /// Remember here what was seen, and hold the log to it the next time.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Print one JSON document instead of lines.
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let source = Source::of(&self.log)?;
        let before = self.before()?;
        let organization = match &self.org {
            Some(number) if is_number(number) => Some(format!("NO:ORGNR:{number}")),
            Some(number) => bail!("--org takes nine digits, not {number}"),
            None => None,
        };
        let now = SystemClock.now().seconds();
        let (folder, root) = (self.trust.as_deref(), self.root.as_deref());
        let loaded = super::trust::load(folder, root, &source, now).await?;
        let trust = loaded.verifier.trust();
        let context = Context {
            trust: trust.context("the trust repository was not taken in")?,
            now,
            organization: organization.as_deref(),
        };
        let (report, size, origin) = audit(&source, context, before, &loaded.documents).await?;
        if let Some(file) = &self.state {
            let state = serde_json::to_vec(&report.state)?;
            write_whole(file, &state).with_context(|| format!("{}", file.display()))?;
        }
        self.print(&report.findings, &origin, size)?;
        Ok(if report.findings.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn before(&self) -> anyhow::Result<AuditState> {
        match &self.state {
            Some(file) if file.exists() => {
                let text = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
                serde_json::from_slice(&text)
                    .with_context(|| format!("{} is no state of an audit", file.display()))
            }
            _ => Ok(AuditState::default()),
        }
    }

    fn print(&self, findings: &[Finding], origin: &str, size: u64) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        if self.json {
            let report = json!({ "origin": origin, "size": size, "findings": findings });
            writeln!(out, "{report}")?;
            return Ok(());
        }
        for finding in findings {
            writeln!(out, "{finding}")?;
        }
        if findings.is_empty() {
            writeln!(out, "OK {origin}: {size} entries, nothing found")?;
        }
        Ok(())
    }
}

async fn audit(
    source: &Source,
    context: Context<'_>,
    before: AuditState,
    documents: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<(Report, u64, String)> {
    let mut audit = audit::Audit::new(context, before);
    let logs = logs(source, context).await?;
    let mut found = None;
    for log in &logs {
        let read = read_log(&log.source, &mut audit).await?;
        if log.asked_for {
            found = read;
        }
    }
    let Some(mut checkpoint) = found else {
        return Ok((audit.report(), 0, String::new()));
    };
    if let Source::Web { .. } = source {
        let mut lists = Vec::new();
        for uri in audit.lists() {
            let token = source.list(&uri).await?;
            lists.push((uri, token));
        }
        // What a list says was logged before it was published: the log is read once more, so that
        // no list is ahead of what was read.
        if audit.has_seen(&checkpoint) {
            for log in &logs {
                let later = read_log(&log.source, &mut audit).await?;
                if let (true, Some(later)) = (log.asked_for, later) {
                    checkpoint = later;
                }
            }
        }
        for (uri, token) in lists {
            audit.list(&uri, token.as_deref());
        }
    }
    for (name, bytes) in documents {
        audit.trust_document(name, bytes);
    }
    Ok((audit.report(), checkpoint.size, checkpoint.origin))
}

/// One of a registry's logs.
struct Log {
    source: Source,
    /// It is the one that the audit is about.
    asked_for: bool,
}

/// The logs to read, oldest first: what one says of an approval may be in the log before it, and what
/// was last said of it in the one after. A folder holds one.
async fn logs(source: &Source, context: Context<'_>) -> anyhow::Result<Vec<Log>> {
    let asked = Log {
        source: source.clone(),
        asked_for: true,
    };
    let Source::Web {
        client, registry, ..
    } = source
    else {
        return Ok(vec![asked]);
    };
    let note = source.file("checkpoint").await?;
    let note = note.context("there is no checkpoint there")?;
    let origin = String::from_utf8_lossy(&note);
    let origin = origin.lines().next().unwrap_or_default();
    let mut asked = Some(asked);
    let mut logs = Vec::new();
    let mut known = BTreeSet::new();
    for party in context.trust.policy().all_logs() {
        let name = party.key.name();
        if !known.insert(name) {
            continue;
        }
        if name == origin {
            logs.extend(asked.take());
        } else if let Some(url) = &party.url {
            let source = Source::Web {
                client: client.clone(),
                registry: registry.clone(),
                log: url.trim_end_matches('/').to_owned(),
            };
            logs.push(Log {
                source,
                asked_for: false,
            });
        }
    }
    // One that the policy does not list is told so when it is read.
    logs.extend(asked);
    Ok(logs)
}

/// Reads what is new in the log.
async fn read_log(
    source: &Source,
    audit: &mut audit::Audit<'_>,
) -> anyhow::Result<Option<Checkpoint>> {
    let note = source.file("checkpoint").await?;
    let note = note.context("there is no checkpoint there")?;
    let Some(checkpoint) = audit.begin(&String::from_utf8_lossy(&note)) else {
        return Ok(None);
    };
    for bundle in audit.bundles() {
        let full = bundle.full().path();
        let Some(bytes) = source.either(&bundle.path(), &full).await? else {
            audit.missing(&bundle.path());
            // What comes after cannot be numbered.
            break;
        };
        let leaves = tile(source, audit::leaf_tile(bundle)).await?;
        audit.bundle(bundle, &bytes, leaves.as_deref());
    }
    for upper in audit.upper_tiles() {
        match tile(source, upper).await? {
            Some(bytes) => audit.upper_tile(upper, &bytes),
            None => audit.missing(&upper.path()),
        }
    }
    audit.finish();
    Ok(Some(checkpoint))
}

async fn tile(source: &Source, tile: Tile) -> anyhow::Result<Option<Vec<u8>>> {
    source.either(&tile.path(), &tile.full().path()).await
}

/// Where the log's files are.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Folder(PathBuf),
    Web {
        client: reqwest::Client,
        /// The registry's address.
        registry: String,
        /// The log's address.
        log: String,
    },
}

impl Source {
    fn of(text: &str) -> anyhow::Result<Self> {
        let Some(url) = Url::parse(text).ok().filter(Url::has_host) else {
            let folder = PathBuf::from(text);
            if !folder.is_dir() {
                bail!("{text} is neither an address nor a folder");
            }
            return Ok(Self::Folder(folder));
        };
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .build()
            .context("a client")?;
        let registry = url.origin().ascii_serialization();
        let log = if url.path() == "/" {
            format!("{registry}/log")
        } else {
            text.trim_end_matches('/').to_owned()
        };
        Ok(Self::Web {
            client,
            registry,
            log,
        })
    }

    async fn file(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(folder) => read(&folder.join(path)),
            Self::Web { client, log, .. } => fetch(client, &format!("{log}/{path}")).await,
        }
    }

    /// A file, or the one that may have taken its place.
    async fn either(&self, path: &str, full: &str) -> anyhow::Result<Option<Vec<u8>>> {
        match self.file(path).await? {
            None if path != full => self.file(full).await,
            found => Ok(found),
        }
    }

    /// A file of the registry beside the log.
    pub(super) async fn beside(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Folder(_) => Ok(None),
            Self::Web {
                client, registry, ..
            } => fetch(client, &format!("{registry}{path}")).await,
        }
    }

    async fn list(&self, uri: &str) -> anyhow::Result<Option<String>> {
        match self {
            Self::Folder(_) => Ok(None),
            Self::Web { client, .. } => {
                let token = fetch(client, uri).await?;
                Ok(token.map(|token| String::from_utf8_lossy(&token).trim().to_owned()))
            }
        }
    }
}

/// A file, if it is there.
pub(super) fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

async fn fetch(client: &reqwest::Client, url: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let mut answer = client
        .get(url)
        .send()
        .await
        .with_context(|| format!("{url} does not answer"))?;
    match answer.status() {
        StatusCode::NOT_FOUND => return Ok(None),
        status if !status.is_success() => bail!("{url} answers {status}"),
        _ => {}
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_FILE {
            bail!("{url} is larger than any file of a log");
        }
    }
    Ok(Some(bytes))
}

fn is_number(text: &str) -> bool {
    text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit())
}

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);
/// 256 entries of the longest.
const MAX_FILE: usize = 256 * (65_535 + 2);
