//! What people who watch a run are told while it goes on. Never part of the evidence.

use async_trait::async_trait;

use crate::report::RequirementResult;
use crate::requirement::Text;

/// Something to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A step began.
    Step {
        /// Its identifier.
        id: String,
        /// Its title.
        title: Text,
        /// Its number, counted from 1.
        number: usize,
    },
    /// An action of the step was carried out.
    Action {
        /// The action's name.
        name: &'static str,
        /// True when it could be carried out.
        done: bool,
    },
    /// The suite decided a requirement.
    Finding(Box<RequirementResult>),
}

/// Hears the news of a run.
#[async_trait]
pub trait Observer: Send + Sync {
    /// Told in order; a run waits for it, so it must be quick.
    async fn hear(&self, news: News);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

#[async_trait]
impl Observer for Silent {
    async fn hear(&self, _news: News) {}
}
