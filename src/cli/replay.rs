//! `replay`: judges recorded evidence again. Same component and same evidence give the same report,
//! byte for byte, on any machine.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

/// Judge recorded evidence again; exit 1 when it does not pass.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The evidence, as downloaded from a check.
    evidence: PathBuf,
    /// The suite's component, when it is not the one that this program carries.
    #[arg(long, value_name = "FILE")]
    suite: Option<PathBuf>,
}

impl Replay {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let read = |path: &PathBuf| {
            fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
        };
        let evidence = read(&self.evidence)?;
        let given = self.suite.as_ref().map(read).transpose()?;
        let component = given
            .as_deref()
            .unwrap_or_else(|| conformance::embedded_suite());
        let runtime = tokio::runtime::Runtime::new()?;
        let report = runtime.block_on(conformance::replay(&evidence, component))?;
        let mut out = std::io::stdout().lock();
        out.write_all(&report.json()?)?;
        out.flush()?;
        Ok(if report.passed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
