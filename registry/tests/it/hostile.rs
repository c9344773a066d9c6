//! Hostile archives through the API: each its own code, and nothing is left behind.

use crate::support::{World, bundle_with, manifest, worlds, zipped};

const APP: &str = "no.eksempel.app";

async fn refused(world: &World, bundle: &[u8], status: u16, code: &str) {
    let reply = world
        .upload("vendor", APP, &manifest("1.0.0"), Some(bundle))
        .await;
    reply.refused(status, code);
    let version = world
        .get("vendor", &format!("/api/v1/apps/{APP}/versions/1.0.0"))
        .await;
    version.refused(404, "version-unknown");
}

/// The archive with each occurrence of a name replaced by another of the same length.
fn renamed(bundle: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bundle.to_vec();
    let places: Vec<usize> = (0..=bytes.len() - from.len())
        .filter(|at| bytes[*at..].starts_with(from))
        .collect();
    assert_eq!(places.len(), 2, "local and central");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[tokio::test]
async fn hostile_archives_are_refused_each_with_its_code() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let good = zipped(&[
            ("launch.html", b"<p>"),
            ("index.html", b"<p>"),
            ("aaaaaaaa.txt", b"x"),
        ]);
        let rename = |to: &[u8]| renamed(&good, b"aaaaaaaa.txt", to);
        refused(&world, b"not a zip", 422, "archive-not-zip").await;
        refused(&world, &good[..good.len() - 10], 422, "archive-truncated").await;
        refused(&world, &rename(b"../../../etc"), 422, "archive-parent-name").await;
        refused(
            &world,
            &rename(b"/etc/passwd1"),
            422,
            "archive-absolute-name",
        )
        .await;
        refused(
            &world,
            &rename(b"..\\..\\aa.txt"),
            422,
            "archive-backslash-name",
        )
        .await;
        refused(&world, &rename(b"aaaa\0aaa.txt"), 422, "archive-nul-name").await;
        let collide = zipped(&[
            ("launch.html", b"<p>"),
            ("index.html", b"<p>"),
            ("aunch.htmll", b"x"),
        ]);
        let same = renamed(&collide, b"aunch.htmll", b"launch.html");
        refused(&world, &same, 422, "archive-duplicate-name").await;
        let folded = renamed(&collide, b"aunch.htmll", b"LAUNCH.html");
        refused(&world, &folded, 422, "archive-case-duplicate").await;
        let bomb = zipped(&[
            ("launch.html", b"<p>"),
            ("bomb", &vec![0; 30 * 1024 * 1024]),
        ]);
        refused(&world, &bomb, 413, "archive-ratio").await;
        let mut prefixed = b"#!/bin/sh\n".to_vec();
        prefixed.extend_from_slice(&good);
        refused(&world, &prefixed, 422, "archive-hidden-data").await;
        let mut damaged = bundle_with("x");
        let middle = damaged.len() / 3;
        damaged[middle] ^= 0x55;
        let reply = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&damaged))
            .await;
        assert_eq!(reply.status, 422, "{}", reply.json());
    }
}

#[tokio::test]
async fn a_symbolic_link_is_refused() {
    use std::io::Cursor;
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer
        .add_symlink("launch.html", "/etc/passwd", options)
        .unwrap();
    let linked = writer.finish().unwrap().into_inner();
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        refused(&world, &linked, 422, "archive-symlink").await;
    }
}

#[tokio::test]
async fn too_many_files_are_refused() {
    let names: Vec<String> = (0..10_001).map(|n| format!("f{n}")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), b"".as_slice()))
        .collect();
    let many = zipped(&files);
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        refused(&world, &many, 413, "archive-too-many-files").await;
    }
}
