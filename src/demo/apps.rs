//! The demo apps that the binary carries: each is a folder of `src/demo/apps` with its two
//! manifests; `shared` goes into every bundle.

use std::collections::BTreeMap;

use anyhow::Context;
use rust_embed::RustEmbed;

use crate::archive;

#[derive(RustEmbed)]
#[folder = "src/demo/apps"]
struct Files;

/// A demo app, ready to be uploaded.
#[derive(Debug)]
pub(super) struct DemoApp {
    /// Name of its folder.
    pub folder: &'static str,
    /// The app entry (JSON).
    pub entry: Vec<u8>,
    /// The version manifest (JSON).
    pub manifest: Vec<u8>,
    /// The archive.
    pub bundle: Vec<u8>,
}

/// Every demo app, in the order in which they are brought to the catalogue.
pub(super) fn all() -> anyhow::Result<Vec<DemoApp>> {
    FOLDERS.iter().copied().map(read).collect()
}

fn read(folder: &'static str) -> anyhow::Result<DemoApp> {
    let mut files = below(&format!("{folder}/"), "");
    let mut manifest = |name: &str| {
        files
            .remove(name)
            .with_context(|| format!("the demo app {folder} has no {name}"))
    };
    let entry = manifest("app.json")?;
    let version = manifest("version.json")?;
    files.extend(below("shared/", "shared/"));
    Ok(DemoApp {
        folder,
        entry,
        manifest: version,
        bundle: archive::pack(&files)?,
    })
}

/// The files below `prefix`, as they are called below `place`.
fn below(prefix: &str, place: &str) -> BTreeMap<String, Vec<u8>> {
    let inside = |path: &str| path.strip_prefix(prefix).map(str::to_owned);
    Files::iter()
        .filter_map(|path| {
            let name = inside(&path)?;
            let file = Files::get(&path)?;
            Some((format!("{place}{name}"), file.data.into_owned()))
        })
        .collect()
}

const FOLDERS: [&str; 3] = ["blodtrykk", "legemidler", "laboratoriesvar"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_app_is_complete_and_packs_the_same_twice() {
        let apps = all().unwrap();
        assert_eq!(apps.len(), FOLDERS.len());
        for (one, two) in apps.iter().zip(all().unwrap()) {
            assert_eq!(one.bundle, two.bundle, "{}", one.folder);
            assert!(serde_json::from_slice::<serde_json::Value>(&one.entry).is_ok());
            assert!(serde_json::from_slice::<serde_json::Value>(&one.manifest).is_ok());
        }
    }
}
