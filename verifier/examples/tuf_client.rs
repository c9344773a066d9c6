//! The verifier's TUF client behind the command line that the conformance suite of The Update
//! Framework drives (its CLIENT-CLI.md): `init`, `refresh` and `download` over plain HTTP. What the
//! suite is expected to find different is in `tuf_client.xfails`.
//!
//! Give the suite this program as its `--entrypoint`:
//! `cargo build -p verifier --example tuf_client`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a program of its own, which has a clock and says why it stops"
)]

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use verifier::trust::tuf::{Held, Refresh, Repository};

type Outcome<T> = Result<T, Box<dyn Error>>;

#[derive(Default)]
struct Arguments {
    metadata_dir: PathBuf,
    metadata_url: String,
    target_names: Vec<String>,
    target_dir: PathBuf,
    target_base_url: String,
    command: String,
    trusted_root: PathBuf,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<()> {
    let arguments = arguments()?;
    match arguments.command.as_str() {
        "init" => {
            fs::copy(
                &arguments.trusted_root,
                arguments.metadata_dir.join("root.json"),
            )?;
            Ok(())
        }
        "refresh" => refresh(&arguments).map(drop),
        "download" => {
            let repository = refresh(&arguments)?;
            let mut names = arguments.target_names.iter();
            names.try_for_each(|name| download(&arguments, &repository, name))
        }
        other => Err(format!("there is no command {other:?}").into()),
    }
}

fn arguments() -> Outcome<Arguments> {
    let mut found = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--metadata-dir" => found.metadata_dir = value()?.into(),
            "--metadata-url" => found.metadata_url = value()?,
            "--target-name" => found.target_names.push(value()?),
            "--target-dir" => found.target_dir = value()?.into(),
            "--target-base-url" => found.target_base_url = value()?,
            "init" => {
                found.trusted_root = value()?.into();
                found.command = word;
            }
            _ => found.command = word,
        }
    }
    Ok(found)
}

/// Brings what is kept up to date, and keeps what was verified even when the rest is refused.
fn refresh(arguments: &Arguments) -> Outcome<Repository> {
    let kept = |name: &str| fs::read_to_string(arguments.metadata_dir.join(name)).ok();
    let root = kept("root.json").ok_or("there is no root.json: begin with init")?;
    let mut repository = Repository::pin(root.as_bytes())?;
    let [timestamp, snapshot, targets] =
        ["timestamp.json", "snapshot.json", "targets.json"].map(kept);
    repository.resume(
        &[],
        timestamp.as_deref(),
        snapshot.as_deref(),
        targets.as_deref(),
    )?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let outcome = fetch_all(arguments, &mut repository, i64::try_from(now)?);
    keep(arguments, &repository)?;
    outcome?;
    Ok(repository)
}

fn fetch_all(arguments: &Arguments, repository: &mut Repository, now: i64) -> Outcome<()> {
    let mut refresh = Refresh::new(repository, now);
    while let Some(wanted) = refresh.wanted() {
        let file = get(&arguments.metadata_url, &wanted.name, wanted.max_len)?;
        refresh.take(file.as_deref())?;
    }
    Ok(())
}

fn keep(arguments: &Arguments, repository: &Repository) -> Outcome<()> {
    for (name, text) in [
        ("root.json", Some(repository.root().text())),
        ("timestamp.json", repository.timestamp().map(Held::text)),
        ("snapshot.json", repository.snapshot().map(Held::text)),
        ("targets.json", repository.targets().map(Held::text)),
    ] {
        let path = arguments.metadata_dir.join(name);
        match text {
            Some(text) => fs::write(path, text)?,
            None if path.exists() => fs::remove_file(path)?,
            None => {}
        }
    }
    Ok(())
}

fn download(arguments: &Arguments, repository: &Repository, name: &str) -> Outcome<()> {
    let target = repository.target(name);
    let target = target.ok_or_else(|| format!("there is no target {name}"))?;
    // One flat name for each path, so that no path leads out of the folder.
    let path = arguments.target_dir.join(encoded(name));
    if fs::read(&path).is_ok_and(|bytes| target.fits(&bytes)) {
        return Ok(());
    }
    let consistent = repository.root().document().consistent_snapshot;
    let address = target.address(name, consistent);
    let length = usize::try_from(target.length)?;
    let file = get(&arguments.target_base_url, &address, length)?;
    let file = file.ok_or_else(|| format!("{address} is not there"))?;
    if !target.fits(&file) {
        return Err(format!("{name} is not the file that is listed").into());
    }
    Ok(fs::write(path, file)?)
}

/// Percent-encoded, the slashes too.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let encode = |byte: u8| {
        if plain(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

/// A file below an address; `None` when there is none. Reading stops after one byte more than
/// allowed.
fn get(base: &str, name: &str, max_len: usize) -> Outcome<Option<Vec<u8>>> {
    let path: Vec<_> = name.split('/').map(encoded).collect();
    let url = format!("{}/{}", base.trim_end_matches('/'), path.join("/"));
    let rest = url
        .strip_prefix("http://")
        .ok_or("only plain HTTP is spoken")?;
    let (host, path) = rest.split_once('/').ok_or("an address without a path")?;
    let mut connection = TcpStream::connect(host)?;
    write!(connection, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = Vec::new();
    let limit = u64::try_from(max_len)?.saturating_add(HEAD + 1);
    connection.take(limit).read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let body = answer.split_off(end.ok_or("an answer without a head")? + 4);
    match answer.get(9..12) {
        Some(b"200") => Ok(Some(body)),
        Some(b"404") => Ok(None),
        _ => Err(format!("{url}: neither found nor missing").into()),
    }
}

/// The most that an answer's head may take.
const HEAD: u64 = 16 * 1024;
