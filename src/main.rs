//! The one binary: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    markedsplass::Cli::parse().run()
}
