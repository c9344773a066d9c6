//! What can go wrong with a suite. None of it is a verdict on the app.

use axum::http::StatusCode;
use foundation::error::{Describe, Fault};

/// A suite that could not be used, or that broke down.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The bytes are no WebAssembly component.
    #[error("not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// The component is larger than what is compiled.
    #[error("the component has {size} bytes, more than the {limit} that are accepted")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// The component wants something from outside.
    #[error("the suite imports {}, and a suite may import nothing", .0.join(", "))]
    Imports(Vec<String>),
    /// The component does not export the world `suite`.
    #[error("the component is not of the world markedsplass:conformance/suite: {0}")]
    WrongWorld(String),
    /// The suite stopped itself or broke a rule of WebAssembly.
    #[error("the suite trapped in {function}: {reason}")]
    Trapped {
        /// The exported function.
        function: &'static str,
        /// Which trap.
        reason: String,
    },
    /// The suite computed more than it may.
    #[error("the suite used up its {limit} units of fuel in {function}")]
    OutOfFuel {
        /// The exported function.
        function: &'static str,
        /// What it had.
        limit: u64,
    },
    /// The suite asked for more memory than it may have.
    #[error("the suite asked for more than its {limit} bytes of memory in {function}")]
    OutOfMemory {
        /// The exported function.
        function: &'static str,
        /// What it may have.
        limit: usize,
    },
    /// The suite took longer than it may.
    #[error("the suite was stopped after {seconds} s in {function}")]
    TimedOut {
        /// The exported function.
        function: &'static str,
        /// What it may take.
        seconds: u64,
    },
    /// The suite answered with something that is no value of the promised type.
    #[error("the suite gave no readable answer in {function}: {reason}")]
    InvalidAnswer {
        /// The exported function.
        function: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer is well formed but not what a suite owes.
    #[error("the suite does not keep its own description: {0}")]
    BrokenPromise(String),
    /// The engine of this process could not be started or gave up.
    #[error("the WebAssembly engine failed: {0}")]
    Engine(String),
}

impl SuiteError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAComponent(_) => "suite-not-a-component",
            Self::TooLarge { .. } => "suite-too-large",
            Self::Imports(_) => "suite-imports",
            Self::WrongWorld(_) => "suite-wrong-world",
            Self::Trapped { .. } => "suite-trapped",
            Self::OutOfFuel { .. } => "suite-out-of-fuel",
            Self::OutOfMemory { .. } => "suite-out-of-memory",
            Self::TimedOut { .. } => "suite-timed-out",
            Self::InvalidAnswer { .. } => "suite-invalid-answer",
            Self::BrokenPromise(_) => "suite-broken-promise",
            Self::Engine(_) => "suite-engine",
        }
    }
}

impl Describe for SuiteError {
    fn fault(&self) -> Fault {
        let remedy = match self {
            Self::NotAComponent(_) | Self::WrongWorld(_) => {
                "Build the suite for the world in conformance/wit/suite.wit and wrap it as a component."
            }
            Self::TooLarge { .. } => {
                "Build the suite with optimisation for size and without debug information."
            }
            Self::Imports(_) => {
                "Build the suite for wasm32-unknown-unknown, or stub the imports: a suite sees evidence only."
            }
            Self::Trapped { .. } | Self::InvalidAnswer { .. } | Self::BrokenPromise(_) => {
                "Report this to the author of the suite, with the evidence. It says nothing about the app."
            }
            Self::OutOfFuel { .. } | Self::OutOfMemory { .. } | Self::TimedOut { .. } => {
                "Run the check again; if it happens again, report it to the author of the suite."
            }
            Self::Engine(_) => "Restart the process; if it happens again, report it.",
        };
        Fault::new(StatusCode::INTERNAL_SERVER_ERROR, self.code())
            .title("The conformance suite could not be used")
            .detail(self.to_string())
            .remedy(remedy)
    }
}
