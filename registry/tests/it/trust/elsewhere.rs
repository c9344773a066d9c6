//! Another implementation of TUF reads the same files.

use std::path::Path;
use std::process::Command;

use foundation::Clock;
use foundation::clock::SystemClock;
use registry::{Denied, Restriction};
use verifier::Digest;
use verifier::trust::files;
use verifier::trust::tuf::RoleName;

use crate::support::epj::target;
use crate::support::worlds;

#[tokio::test]
async fn another_implementation_reads_the_same_files() {
    let python =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/python-tuf/bin/python");
    if !python.exists() {
        eprintln!("NOT CHECKED: python-tuf is not installed; run .ci/ensure-python-tuf");
        return;
    }
    for world in worlds().await {
        // The other implementation has its own clock.
        world.clock.set(SystemClock.now());
        world.registry.renew_trust().await.unwrap();
        let root = world.get("", "/trust/1.root.json").await.expect(200);
        let folder = tempfile::tempdir().unwrap();
        let pinned = folder.path().join("pinned.json");
        std::fs::write(&pinned, &root.bytes).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = world.router.clone();
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        for round in 0..3 {
            let inner = folder.path().join("client");
            std::fs::create_dir_all(&inner).unwrap();
            let mut command = Command::new(&python);
            command
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/refresh.py"))
                .arg(&pinned)
                .arg(format!("http://{address}/trust/"))
                .arg(format!("http://{address}/trust/targets/"))
                .arg(&inner)
                .args(files::ALL);
            let output = tokio::task::spawn_blocking(move || command.output())
                .await
                .unwrap()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                output.status.success(),
                "round {round}, {}: {said}",
                world.engine
            );
            for name in files::ALL {
                assert_eq!(
                    std::fs::read(inner.join(name)).unwrap(),
                    target(&world, name).await,
                    "{name}"
                );
            }
            // And again after other keys, and other files.
            if round == 0 {
                for role in RoleName::ALL {
                    world.registry.rotate_trust_role(role).await.unwrap();
                }
            } else {
                let malware = Denied::Content(Digest::of(b"malware"));
                let denied = vec![Restriction::Deny(malware)];
                world.registry.restrict(denied).await.unwrap();
            }
        }
        server.abort();
    }
}
