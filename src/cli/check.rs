//! `check`: the conformance check for a vendor's own build, without a registry: a sandbox on free
//! ports, a real browser, the suite. Exit 0 passed, 1 findings, 2 could not be carried out.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use async_trait::async_trait;
use clap::{Args, ValueEnum};
use conformance::{AppUnderTest, Examination, News, Observer, Outcome, Package, Report};
use foundation::clock::SystemClock;
use foundation::entropy::SystemEntropy;
use foundation::language::Language;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::compose::Product;
use crate::config::Config;
use crate::{listener, ports};

/// Check an app for conformance; exit 1 on findings.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Folder or zip with app.json and version.json, or the launch address of a hosted app (then
    /// with --manifests).
    app: String,
    /// Folder with app.json and version.json, for a hosted app.
    #[arg(long, value_name = "DIR")]
    manifests: Option<PathBuf>,
    /// How to print the report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Keep the evidence in this file, for `replay`.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Junit,
}

impl Check {
    pub(super) fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Runtime::new()?;
        let examination = runtime.block_on(self.examine(config))?;
        if let Some(path) = &self.evidence {
            std::fs::write(path, &examination.evidence)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let report = &examination.report;
        let mut out = std::io::stdout().lock();
        match self.format {
            Format::Json => out.write_all(&report.json()?)?,
            Format::Junit => out.write_all(report.junit(Language::Nb).as_bytes())?,
            Format::Text => out.write_all(text(report).as_bytes())?,
        }
        out.flush()?;
        Ok(if report.passed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    async fn examine(&self, mut config: Config) -> anyhow::Result<Examination> {
        let folder = tempfile::tempdir().context("a temporary folder")?;
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://localhost:{}", socket.local_addr()?.port());
        config.storage.data = folder.path().to_owned();
        config.storage.database = String::new();
        config.storage.secret_file = None;
        // Nothing of this registry is for others to see.
        config.registry.log.witnesses.clear();
        config.sandbox.public_url.clone_from(&address);
        config.conformance.allow_local_addresses = true;
        let product = Product::prepared(
            config,
            Arc::new(SystemClock),
            Arc::new(SystemEntropy::default()),
        )
        .await?;
        let stop = CancellationToken::new();
        let router = product.sandbox.routes().into_router();
        let serving = tokio::spawn(listener::serve(socket, router, stop.clone()));

        let local = if is_address(&self.app) {
            None
        } else {
            let package = Package::read(&PathBuf::from(&self.app))?;
            Some(package.serve(&[address]).await?)
        };
        let app = match &local {
            Some(local) => local.app.clone(),
            None => self.hosted()?,
        };
        let examined = conformance::examine(
            &product.config.conformance,
            &*product.clock,
            Arc::new(ports::SandboxStage::new(product.sandbox.clone())),
            Arc::new(Progress),
            app,
        )
        .await;
        stop.cancel();
        serving.await??;
        product.close().await;
        Ok(examined?)
    }

    /// A hosted app, as its manifests describe it.
    fn hosted(&self) -> anyhow::Result<AppUnderTest> {
        let Some(folder) = &self.manifests else {
            bail!("a hosted app needs --manifests DIR with app.json and version.json");
        };
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let app = Package::hosted(&read("app.json")?, &read("version.json")?)?;
        if app.launch_url != self.app {
            bail!(
                "version.json says that the app is launched at {}, not at {}",
                app.launch_url,
                self.app
            );
        }
        Ok(app)
    }
}

fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The steps as they happen, for a person at a terminal.
struct Progress;

#[async_trait]
impl Observer for Progress {
    #[expect(clippy::print_stderr, reason = "progress for a person at a terminal")]
    async fn hear(&self, news: News) {
        if let News::Step { title, number, .. } = news
            && std::io::stderr().is_terminal()
        {
            eprintln!("{number:>3}  {}", title.nb);
        }
    }
}

/// The report for people: what is wrong first, with its remedy.
fn text(report: &Report) -> String {
    let mut text = String::new();
    for result in &report.results {
        if matches!(result.outcome, Outcome::Failed | Outcome::NotAssessed) {
            text.extend([
                format!("{}  {}\n", result.id, result.title.nb),
                format!("    funnet:    {}\n", result.observed.nb),
                format!("    forventet: {}\n", result.expected.nb),
            ]);
            text.extend(
                result
                    .remedy
                    .iter()
                    .map(|remedy| format!("    gjør:      {}\n", remedy.nb)),
            );
        }
    }
    let counts = report.counts;
    let verdict = if report.passed {
        "bestått"
    } else {
        "ikke bestått"
    };
    text.extend([
        format!("{} {}: {verdict} — ", report.app, report.version),
        format!(
            "{} oppfylt, {} ikke oppfylt, ",
            counts.fulfilled, counts.failed
        ),
        format!(
            "{} ikke relevant, {} ikke vurdert\n",
            counts.not_applicable, counts.not_assessed
        ),
    ]);
    text
}
