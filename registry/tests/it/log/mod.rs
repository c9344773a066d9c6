//! The transparency log and its witnesses.

mod before;
mod crash;
mod guard;
mod publishing;
mod successor;
mod witnesses;
mod world;
