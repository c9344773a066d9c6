//! Apps from disk: what is served, and what is refused with which code.

use std::fs;
use std::io::Write;

use conformance::Package;

use crate::epj::Epj;
use crate::world::served;

#[tokio::test]
async fn a_folder_is_served_with_absolute_addresses() {
    let local = served(&Epj::start().await).await;
    let app = &local.app;
    assert!(app.launch_url.starts_with("http://app.localhost:"));
    assert!(app.launch_url.ends_with("/launch.html"));
    assert_eq!(app.origins.len(), 1);
    assert_eq!(app.app, "no.example.pasient");
}

#[test]
fn what_is_no_app_is_refused_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let code = |path: &std::path::Path| Package::read(path).unwrap_err().code();
    assert_eq!(code(folder.path()), "manifest-missing");
    assert_eq!(code(&folder.path().join("nowhere")), "path-unreadable");
    fs::write(folder.path().join("app.json"), "{").unwrap();
    fs::write(folder.path().join("version.json"), "{}").unwrap();
    assert_eq!(code(folder.path()), "manifest-invalid");
    let archive = folder.path().join("bundle.zip");
    fs::write(&archive, "no archive").unwrap();
    assert_eq!(code(&archive), "archive-invalid");

    let mut bomb = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    bomb.start_file("big", zip::write::SimpleFileOptions::default())
        .unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..101 {
        bomb.write_all(&zeros).unwrap();
    }
    bomb.finish().unwrap();
    assert_eq!(code(&archive), "archive-invalid");
}
