//! The command line: one file per command. Errors are one line on standard error; work that takes
//! long shows progress on a terminal and is silent in a pipe.

mod calibrate;
mod check;
mod db;
mod epj_agent;
mod generate;
mod keys;
mod log;
mod replay;
mod serve;
mod user;
mod verify;
mod whole_file;
mod witness;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Registry, sandbox and marketplace for SMART on FHIR apps in Norwegian municipal health.
#[derive(Debug, Parser)]
#[command(name = "markedsplass", version, propagate_version = true)]
pub struct Cli {
    /// Configuration file (TOML); without it ./markedsplass.toml, when there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A setting that goes before file and environment; repeat for several.
    #[arg(long, global = true, value_name = "SECTION.NAME=VALUE")]
    set: Vec<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the rooms: portal, registry, sandbox and the worker.
    Serve(serve::Serve),
    /// Check an app folder, archive or address for conformance; exit 1 on findings.
    Check(check::Check),
    /// Verify an approval offline.
    Verify(verify::Verify),
    /// Judge recorded evidence again: the same verdict, byte for byte.
    Replay(replay::Replay),
    /// Write a synthetic population as FHIR or as tables.
    Generate(generate::Generate),
    /// Compare the synthetic population with published figures.
    Calibrate(calibrate::Calibrate),
    /// The transparency log: keys, freeze, successor, restore, audit.
    #[command(subcommand)]
    Log(log::Log),
    /// Keys: where they are, their replacement, ceremonies.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Run a witness of logs, apart from any registry.
    Witness(witness::Witness),
    /// Run the verifier beside an EPJ: fresh trust, status and checkpoints, answers on loopback.
    EpjAgent(epj_agent::EpjAgent),
    /// Organisations, people and API tokens.
    #[command(subcommand)]
    User(user::User),
    /// The database.
    #[command(subcommand)]
    Db(db::Db),
}

impl Cli {
    /// Carries out the command.
    pub fn run(self) -> ExitCode {
        let (config, flags) = (self.config, self.set);
        let load = || Config::load(config.as_deref(), &flags);
        let outcome = match self.command {
            Command::Serve(command) => load().and_then(|config| command.run(config)),
            Command::Check(command) => load().and_then(|config| command.run(config)),
            Command::Verify(command) => command.run(),
            Command::Replay(command) => command.run(),
            Command::Generate(command) => command.run(),
            Command::Calibrate(command) => command.run(),
            Command::Keys(command) => command.run(load),
            Command::Log(command) => command.run(load),
            Command::Witness(command) => command.run(),
            Command::EpjAgent(command) => command.run(),
            Command::User(command) => load().and_then(|config| command.run(config)),
            Command::Db(command) => load().and_then(|config| command.run(config)),
        };
        outcome.unwrap_or_else(|error| {
            say_error(&error);
            ExitCode::from(2)
        })
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a command's errors belong on standard error"
)]
fn say_error(error: &anyhow::Error) {
    eprintln!("markedsplass: {error:#}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_has_arguments_that_can_be_told_apart() {
        super::Cli::command().debug_assert();
    }
}
