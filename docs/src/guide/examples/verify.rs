//! Tier B: everything, the log too. `cargo add verifier`, then
//! `verify root.json trust/ status.jwt approval.jwt approval.tlog-proof [unix-time]`, where `trust` is a mirror of
//! the registry's `/trust/` and `root.json` came another way. `EPJ_ENVIRONMENT` is prod, pilot or test.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a whole program: it has a clock, an environment and an output of its own"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

use verifier::claims::ContentLevel;
use verifier::{Environment, LaunchRequest, LocalPolicy, ObservedContent, TrustUpdate, Verifier};

type Failure = Box<dyn std::error::Error>;

/// The files of a mirror by name; one that is not there is not an error.
fn mirrored(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(folder.join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn run() -> Result<String, Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [root, trust, status, approval, ticket, time @ ..] = arguments.as_slice() else {
        return Err("usage: verify ROOT TRUST STATUS APPROVAL TICKET [TIME]".into());
    };
    let environment = match env::var("EPJ_ENVIRONMENT").as_deref() {
        Ok("test") => Environment::Test,
        Ok("pilot") => Environment::Pilot,
        _ => Environment::Prod,
    };
    let now = match time {
        [time, ..] => time.parse()?,
        [] => i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?,
    };

    // Now and then: what is believed, and what is in force. Keep `snapshot()` between runs.
    let mut verifier = Verifier::new(&fs::read(root)?, LocalPolicy::new(environment))?;
    let file = |wanted: &verifier::trust::tuf::Wanted| mirrored(trust.as_ref(), &wanted.name);
    let update = TrustUpdate::collect(verifier.root_version(), file)?;
    verifier.update_trust(&update, now)?;
    verifier.update_status(fs::read_to_string(status)?.trim(), now)?;

    // Once for each approval.
    let (approval, ticket) = (fs::read_to_string(approval)?, fs::read_to_string(ticket)?);
    let accepted = verifier.ingest(approval.trim(), &ticket, now)?;

    // At every launch, from memory.
    let approved = verifier
        .approval(&accepted.software_id, &accepted.software_version)
        .ok_or("the approval is not in force")?;
    let content = match (approved.content.level, approved.content.bundle) {
        // What you have installed: compute it from your own bytes.
        (ContentLevel::Bundle, Some(digest)) => ObservedContent::Bundle(digest),
        _ => ObservedContent::Unobserved,
    };
    let launch = LaunchRequest {
        launch_uri: approved.launch_uri.as_deref(),
        ..LaunchRequest::new(
            &accepted.software_id,
            &accepted.software_version,
            &approved.organization_id,
            content,
        )
    };
    verifier.launch(&launch, now)?;
    Ok(format!(
        "OK {} {}",
        accepted.software_id, accepted.software_version
    ))
}

fn main() -> ExitCode {
    match run() {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        // Of a refusal: the code, then what was found.
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
