//! Bulk export (`$export`, HL7 Bulk Data Access 2.0): of a system, of all patients or of a Group. What
//! is kept of an export is a small record: what was asked for, and how many changes of the sandbox's log
//! it sees. Population and log make every file from that again whenever it is read, always the same, so
//! no file is stored. Each look at its status counts some people more, until all are counted.

mod content;
mod kickoff;
mod snapshot;
mod status;
mod store;

use std::collections::BTreeMap;

use foundation::access::{Access, Routes};
use serde::{Deserialize, Serialize};

use super::FhirState;
use super::handler::answering;
pub(crate) use store::clear;

/// How long an export can be read, in milliseconds.
const KEPT_FOR: i64 = 24 * 60 * 60 * 1000;
/// Exports of one client at a time in one sandbox.
const MOST_JOBS: usize = 20;
/// Looks at the status that make up one file of each type.
const STEPS_A_FILE: u32 = 5;
/// Where counts tell of deletions rather than of a type.
const DELETED: &str = "deleted";

/// Every route of exports.
pub(super) fn routes(token: Access) -> Routes<FhirState> {
    Routes::new()
        .get(
            "/{sandbox}/fhir/$export",
            token,
            answering(kickoff::of_system),
        )
        .get(
            "/{sandbox}/fhir/{type}/$export",
            token,
            answering(kickoff::of_patients),
        )
        .get(
            "/{sandbox}/fhir/{type}/{id}/$export",
            token,
            answering(kickoff::of_group),
        )
        .get(
            "/{sandbox}/fhir/$export-status/{job}",
            token,
            answering(status::status),
        )
        .delete(
            "/{sandbox}/fhir/$export-status/{job}",
            token,
            answering(status::cancel),
        )
        .get(
            "/{sandbox}/fhir/$export-file/{job}/{file}",
            token,
            answering(status::file),
        )
}

/// Whose data is exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Level {
    /// That of a Group's members, as they were in one version of it.
    Group {
        id: String,
        version: i64,
    },
    /// What is in a patient's compartment.
    Patient,
    System,
}

/// What was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ask {
    level: Level,
    types: Vec<String>,
    /// Searches on some of the types, of which a resource must fit one.
    filters: Vec<(String, String)>,
    /// Only what was changed after this time, in milliseconds.
    since: Option<i64>,
    /// The address that was asked.
    request: String,
}

/// Resources of each type in each of its files.
type Counts = BTreeMap<String, BTreeMap<u32, u64>>;

/// An export.
#[derive(Clone, Debug)]
struct Job {
    id: String,
    client_id: String,
    scopes: String,
    ask: Ask,
    /// How many changes of the log it sees.
    position: usize,
    created_at: i64,
    /// People counted.
    walked: u32,
    finished: bool,
    counts: Counts,
}
