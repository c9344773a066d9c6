//! Checks through the public face of the room: on both databases, over HTTP, and once in full with a
//! small EPJ and a small app in a real browser.

mod checks;
mod epj;
mod examine;
mod http;
mod local;
mod world;
