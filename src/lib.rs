//! The one binary, as a library so that its tests can compose the product too: composition and
//! command line only, no domain logic. `compose` joins the rooms, `ports` fills in what one room
//! needs from another, `demo` brings the demo content, `cli` is the command line.

mod archive;
pub mod cli;
pub mod compose;
pub mod config;
mod demo;
mod lifecycle;
mod listener;
mod ports;
mod secret;

pub use cli::Cli;
