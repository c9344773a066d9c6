//! What every function answers: a status, and JSON that says the rest.

use serde::Serialize;
use serde_json::json;
use verifier::VerifyError;

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// Done; the JSON holds the result.
    Accepted = 0,
    /// The verifier refuses; the JSON holds `code`, `detail` and `remedy`.
    Refused = 1,
    /// The call itself was wrong; the JSON holds `code` `MISUSE`, `detail` and `remedy`.
    Misuse = 2,
}

/// A status with its JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: Status,
    json: String,
}

impl Answer {
    pub(crate) fn accepted(result: &impl Serialize) -> Self {
        match serde_json::to_string(result) {
            Ok(json) => Self {
                status: Status::Accepted,
                json,
            },
            Err(error) => Self::misuse(&format!("the result cannot be written: {error}")),
        }
    }

    pub(crate) fn misuse(detail: &str) -> Self {
        let remedy = "Mend the call; the header says what each argument is.";
        Self {
            status: Status::Misuse,
            json: json!({"code": "MISUSE", "detail": detail, "remedy": remedy}).to_string(),
        }
    }

    /// How the call went.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The JSON.
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl From<VerifyError> for Answer {
    fn from(error: VerifyError) -> Self {
        let VerifyError { code, detail } = error;
        Self {
            status: Status::Refused,
            json: json!({"code": code, "detail": detail, "remedy": code.remedy()}).to_string(),
        }
    }
}
