//! Validates every `.json` file of a folder, and tells what was found and how long it took:
//!
//! ```text
//! cargo run --release -p fhir-r4 --example validate_files -- <folder> [profile]
//! ```

use std::io::{self, Write};
use std::time::{Duration, Instant};

use fhir_r4::validate::{Options, Severity, Validator};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or_else(|| io::Error::other("a folder is needed"))?;
    let profile = arguments.next();
    let profiles: Vec<&str> = profile.as_deref().into_iter().collect();
    let options = Options {
        profiles: &profiles,
        least: Severity::Error,
        ..Options::default()
    };
    let start = Instant::now();
    let validator = Validator::r4();
    let mut out = io::stdout().lock();
    writeln!(out, "tables read in {:?}", start.elapsed())?;

    let mut paths: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    let (mut files, mut faulty, mut bytes, mut spent) = (0_u32, 0_u32, 0_usize, Duration::ZERO);
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let text = std::fs::read(path)?;
        let Ok(resource) = serde_json::from_slice(&text) else {
            writeln!(out, "{}: not JSON", path.display())?;
            continue;
        };
        let start = Instant::now();
        let issues = validator.validate(&resource, &options);
        spent += start.elapsed();
        files += 1;
        bytes += text.len();
        faulty += u32::from(!issues.is_empty());
        for issue in &issues {
            let name = path.file_name().unwrap_or_default().display();
            let (code, rule) = (issue.code.as_str(), &issue.rule);
            writeln!(
                out,
                "{name}\t{code}\t{rule}\t{}\t{}",
                issue.expression, issue.problem.en
            )?;
        }
    }
    writeln!(
        out,
        "{files} files, {faulty} with errors, {bytes} bytes, {spent:?}"
    )
}
