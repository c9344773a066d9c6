//! `/for-journalsystemer`: how an EPJ takes approvals into use, with a whole verifier to copy in each
//! of four languages. The code is the book's own, which is run on the vector pack.

use serde::Serialize;

use super::Page;

/// A program to copy.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Program {
    /// Its language, as people call it; also what its place in the page is called.
    pub(crate) language: &'static str,
    /// `a`: everything but the log; `b`: the log too.
    pub(crate) tier: &'static str,
    /// The command that gets what it needs.
    pub(crate) install: &'static str,
    pub(crate) code: &'static str,
}

/// Everything that an integrator needs on one page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct IntegrationPage {
    pub(crate) public_url: String,
    /// `prod`, `pilot` or `test`.
    pub(crate) environment: String,
    pub(crate) programs: Vec<Program>,
}

/// The four programs.
pub(crate) const PROGRAMS: [Program; 4] = [
    Program {
        language: "Rust",
        tier: "b",
        install: "cargo add verifier",
        code: include_str!("../../../docs/src/guide/examples/verify.rs"),
    },
    Program {
        language: "JavaScript",
        tier: "a",
        install: "npm install jose tuf-js",
        code: include_str!("../../../docs/src/guide/examples/verify.mjs"),
    },
    Program {
        language: "Java",
        tier: "a",
        install: "mvn dependency:get -Dartifact=com.nimbusds:nimbus-jose-jwt:LATEST",
        code: include_str!("../../../docs/src/guide/examples/VerifyApproval.java"),
    },
    Program {
        language: "Python",
        tier: "a",
        install: "pip install \"pyjwt[crypto]\" tuf",
        code: include_str!("../../../docs/src/guide/examples/verify.py"),
    },
];

impl Page for IntegrationPage {
    const TEMPLATE: &'static str = "pages/integration.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        vec![Self {
            public_url: "http://localhost:8080".to_owned(),
            environment: "test".to_owned(),
            programs: PROGRAMS.to_vec(),
        }]
    }
}
