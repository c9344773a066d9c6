//! Demo content: people who can log in, and apps that go the same way as every other app: uploaded,
//! checked in a real browser, reviewed by two people and approved; and three witnesses of the log.

mod apps;
mod people;
mod walk;
pub(crate) mod witnesses;

pub(crate) use people::{bring as bring_people, logins};
pub(crate) use walk::{DemoWalk, KIND, bring_apps};
