//! Witnesses as others run them: `markedsplass witness`, each a process with a folder of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::product::{Product, free_port};

/// A witness that runs, or does not.
pub(crate) struct Witness {
    name: String,
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Witness {
    fn new(folder: &Path, number: usize) -> Self {
        let folder = folder.join(format!("witness-{number}"));
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            name: format!("w{number}.example.no"),
            folder,
            port: free_port(),
            process: None,
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_markedsplass"));
        command.args(["witness", "--name", &self.name, "--data"]);
        command.arg(&self.folder);
        command
    }

    /// Its verifier keys, made when there are none.
    fn keys(&self) -> Vec<String> {
        let output = self.command().arg("--keys").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// How the registry is told of it.
    fn settings(&self) -> String {
        format!(
            "[[registry.log.witnesses]]\nname = \"{}\"\nurl = \"http://127.0.0.1:{}\"\nkeys = {:?}\n",
            self.name,
            self.port,
            self.keys()
        )
    }

    /// Starts it (again), to follow the logs that there are now.
    pub(crate) async fn start(&mut self, product: &Product) {
        let keys = product.command(&["log", "keys"]);
        assert!(keys.status.success(), "{keys:?}");
        let file = self.folder.join("registry.vkeys");
        std::fs::write(&file, keys.stdout).unwrap();
        let log = File::create(self.folder.join("witness.log")).unwrap();
        let process = self
            .command()
            .arg("--log")
            .arg(&file)
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} does not answer", self.name);
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A registry that runs with three witnesses, of which two are enough, set up in the order of the
/// operators' guide.
pub(crate) async fn witnessed() -> (Product, Vec<Witness>) {
    let mut product = Product::configured();
    let mut witnesses: Vec<_> = (1..=3)
        .map(|number| Witness::new(product.folder(), number))
        .collect();
    for witness in &witnesses {
        product.add_settings(&witness.settings());
    }
    for witness in &mut witnesses {
        witness.start(&product).await;
    }
    product.launch().await;
    (product, witnesses)
}
