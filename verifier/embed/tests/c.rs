//! A program in C, compiled with the machine's compiler against the header and the library, on a case
//! of the vector pack.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_program_in_c_verifies_and_launches() {
    let folder = tempfile::tempdir().unwrap();
    let case = case("launches.json", "launches/honest");
    let now = lay_out(folder.path(), &case);
    let program = compiled(folder.path());
    let output = Command::new(program)
        .arg(folder.path())
        .arg(now.to_string())
        .env("LD_LIBRARY_PATH", library())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}");
    let answers: Vec<(&str, i64, Value)> = told.lines().map(answer).collect();
    let statuses: Vec<(&str, i64)> = answers
        .iter()
        .map(|(what, status, _)| (*what, *status))
        .collect();
    assert_eq!(
        statuses,
        [
            ("misuse", 2),
            ("misuse", 2),
            ("open", 0),
            ("length", 2),
            ("begin", 0),
            ("trust", 0),
            ("status", 0),
            ("ingest", 0),
            ("restore", 0),
            ("launch", 0),
            ("changed", 1),
        ],
        "{told}"
    );
    let json = |at: usize| &answers[at].2;
    assert!(json(0)["remedy"].is_string());
    assert_eq!(json(7)["approval"]["jti"], json(9)["jti"]);
    assert!(json(10)["code"].as_str().unwrap().starts_with("E_"));
}

fn answer(line: &str) -> (&str, i64, Value) {
    let mut parts = line.splitn(3, ' ');
    let what = parts.next().unwrap();
    let status = parts.next().unwrap().parse().unwrap();
    (
        what,
        status,
        serde_json::from_str(parts.next().unwrap()).unwrap(),
    )
}

fn read(name: &str) -> Value {
    let path = Path::new(HERE).join("../vectors").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn case(file: &str, name: &str) -> Value {
    let cases = read(&format!("cases/{file}"));
    let cases = cases["cases"].as_array().unwrap();
    cases
        .iter()
        .find(|case| case["name"] == name)
        .unwrap()
        .clone()
}

/// Writes the case's inputs as files, and gives its time.
fn lay_out(folder: &Path, case: &Value) -> i64 {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let trust = read("trust.json");
    write("pinned.json", &text(&trust["pinned_root"]));
    write("settings.json", &case["policy"].to_string());
    for step in case["steps"].as_array().unwrap() {
        match step["do"].as_str().unwrap() {
            "trust" => serve(
                &trust["configurations"][step["trust"].as_str().unwrap()],
                &write,
            ),
            "status" => write("status.jwt", &text(&step["token"])),
            "ingest" => {
                write("approval.jws", &text(&step["approval"]));
                write("ticket", &text(&step["ticket"]));
            }
            _ => write("launch.json", &step["request"].to_string()),
        }
    }
    case["steps"][0]["now"].as_i64().unwrap()
}

/// A configuration of the pack under the names that a trust repository has.
fn serve(configuration: &Value, write: &impl Fn(&str, &str)) {
    let metadata = |name: &str| configuration["metadata"][name].as_str().unwrap();
    let signed = |text: &str| serde_json::from_str::<Value>(text).unwrap()["signed"].clone();
    let (snapshot, targets) = (metadata("snapshot"), metadata("targets"));
    write("timestamp.json", metadata("timestamp"));
    write(
        &format!("{}.snapshot.json", signed(snapshot)["version"]),
        snapshot,
    );
    write(
        &format!("{}.targets.json", signed(targets)["version"]),
        targets,
    );
    for (name, target) in signed(targets)["targets"].as_object().unwrap() {
        let digest = target["hashes"]["sha256"].as_str().unwrap();
        let file = configuration["files"][name].as_str().unwrap();
        write(&format!("targets/{digest}.{name}"), file);
    }
}

/// Where this build put the shared library: in `deps`. What lies above is from an earlier build.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.ancestors().nth(2).unwrap().to_owned();
    let name = "libmarkedsplass_verifier.so";
    let place = [built.join("deps"), built.clone()]
        .into_iter()
        .find(|folder| folder.join(name).exists());
    place.unwrap_or_else(|| panic!("no {name} in {}", built.display()))
}

fn compiled(folder: &Path) -> PathBuf {
    let program = folder.join("embed");
    let output = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"])
        .arg(format!("-I{HERE}/include"))
        .arg(format!("{HERE}/tests/embed.c"))
        .arg(format!("-L{}", library().display()))
        .args(["-lmarkedsplass_verifier", "-o"])
        .arg(&program)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    program
}
