//! The one binary: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;

/// Under load a request allocates some hundred times; the system's allocator takes a tenth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    markedsplass::Cli::parse().run()
}
