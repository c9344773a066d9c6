//! The validator from outside: good examples, every way to break them, profiles, and hostile input.

mod broken;
mod examples;
mod good;
mod hostile;
mod profiles;
