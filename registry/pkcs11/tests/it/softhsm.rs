//! A `SoftHSM` token in a folder of its own, and processes that see no other.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub(crate) const LABEL: &str = "markedsplass";
pub(crate) const PIN: &str = "123456";

/// Where distributions put the module.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

/// The module. A test that was to use a token never passes without one.
pub(crate) fn module() -> PathBuf {
    let found = MODULES.iter().map(Path::new).find(|path| path.exists());
    let Some(module) = found else {
        panic!("SoftHSM is missing: run .ci/ensure-softhsm, which installs it or says how");
    };
    module.to_owned()
}

/// A folder with one token.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        module();
        let folder = tempfile::tempdir().unwrap();
        let tokens = folder.path().join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        std::fs::write(folder.path().join("softhsm2.conf"), text).unwrap();
        let made = Self { folder };
        let mut command = Command::new("softhsm2-util");
        command.args(["--init-token", "--free", "--label", LABEL, "--pin", PIN]);
        command.args(["--so-pin", "87654321"]);
        made.succeed(&mut command);
        made
    }

    fn succeed(&self, command: &mut Command) -> String {
        let conf = self.folder.path().join("softhsm2.conf");
        let output = command.env("SOFTHSM2_CONF", conf).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {text}{error}");
        text
    }

    /// Runs an ignored test in a process of its own, which sees this token; gives what it told.
    pub(crate) fn run(&self, test: &str) -> String {
        self.run_with(test, "")
    }

    pub(crate) fn run_with(&self, test: &str, told: &str) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--ignored", "--nocapture"]);
        let file = self.folder.path().join("told");
        std::fs::write(&file, told).unwrap();
        let said = self.succeed(command.env("TOLD", &file));
        assert!(said.contains("1 passed"), "{said}");
        std::fs::read_to_string(&file).unwrap()
    }
}

/// Runs an ignored test in a process that sees a token of its own.
pub(crate) fn inside(test: &str) {
    Folder::new().run(test);
}
