//! Entrances for `registry/fuzz`: every parser of bytes from strangers, with what must hold of
//! whatever it takes. Here only under test and for the fuzzer; nothing else may use it.

use bytes::Bytes;
use foundation::Digest;
use serde_json::Value;
use verifier::uri::WebUri;

use crate::config::RegistryConfig;
use crate::domain::app::AppEntry;
use crate::domain::archive::{Archive, File, Limits};
use crate::domain::catalogue::{CatalogueQuery, fold};
use crate::domain::checks;
use crate::domain::manifest::VersionManifest;
use crate::domain::release::{Addresses, ReleaseDocument};
use crate::domain::schema;
use crate::http::served;

/// Takes bytes and panics when something does not hold.
pub type Target = fn(&[u8]);

/// Every target under the name of its seeds.
pub const TARGETS: [(&str, Target); 6] = [
    ("app_address", app_address),
    ("app_entry", app_entry),
    ("archive", archive),
    ("catalogue_query", catalogue_query),
    ("manifest", manifest),
    ("release", release),
];

/// An archive: what is taken keeps to the limits, has plain names, and gives the bytes of its digests.
pub fn archive(bytes: &[u8]) {
    let Ok(read) = Archive::read(Bytes::copy_from_slice(bytes), &LIMITS) else {
        return;
    };
    assert!(!read.files().is_empty() && read.files().len() <= LIMITS.files);
    let total: u64 = read.files().iter().map(File::size).sum();
    assert!(total <= LIMITS.unpacked);
    for (index, file) in read.files().iter().enumerate() {
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\\');
        assert!(file.name().split('/').all(plain), "{:?}", file.name());
        assert!(read.content(index).is_ok_and(|content| {
            Digest::of(&content) == file.digest() && content.len() as u64 == file.size()
        }));
    }
}

/// A version's manifest: what is taken reads back as itself, and its addresses are the app's own.
pub fn manifest(bytes: &[u8]) {
    let Ok(manifest) = schema::VERSION.read::<VersionManifest>(bytes) else {
        return;
    };
    let again = serde_json::to_vec(&manifest)
        .is_ok_and(|text| schema::VERSION.read(&text).as_ref() == Ok(&manifest));
    assert!(again, "{manifest:?}");
    let config = RegistryConfig::default();
    let bundle = manifest.is_bundled().then(|| Digest::of(b"bundle"));
    if !checks::version::check(&manifest, bundle.is_some(), &config).is_empty() {
        return;
    }
    let addresses = Addresses::of(&manifest, bundle.as_ref(), &config);
    assert_eq!(addresses.origins.len(), 1, "{addresses:?}");
    for address in addresses
        .redirect_uris
        .iter()
        .chain([&addresses.launch_uri])
    {
        let origin = WebUri::parse(address, config.environment).map(WebUri::origin);
        assert_eq!(origin.ok(), addresses.origins.first().map(String::as_str));
    }
}

/// An app's entry: every rule can be held against whatever the schema lets through.
pub fn app_entry(bytes: &[u8]) {
    let Ok(entry) = schema::APP.read::<AppEntry>(bytes) else {
        return;
    };
    let findings = checks::app::check(&entry, &RegistryConfig::default());
    assert!(findings.iter().all(|finding| !finding.remedy.is_empty()));
    for (_, name) in entry.name.texts() {
        let skeleton = checks::name::skeleton(name);
        assert_eq!(checks::name::skeleton(&fold(name)), skeleton);
    }
}

/// A release's document: id and version stand in it as they are, whatever they hold.
pub fn release(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (id, version) = text.split_once('\n').unwrap_or((text, ""));
    let parts = Digest::of(bytes);
    for (bundle, integrity) in [
        (None, None),
        (None, Some(parts)),
        (Some(parts), Some(parts)),
    ] {
        let document = ReleaseDocument::new(id, version, parts, bundle, integrity);
        let written: Option<Value> = document
            .bytes()
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        assert!(written.is_some_and(|written| {
            written.get("software_id").and_then(Value::as_str) == Some(id)
                && written.get("software_version").and_then(Value::as_str) == Some(version)
        }));
    }
}

/// A search in the catalogue: whatever is taken can be answered, also when nothing is there.
pub fn catalogue_query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match CatalogueQuery::parse(text) {
        Ok(query) => {
            assert!(query.page >= 1 && (1..=100).contains(&query.page_size));
            assert!(query.words().iter().all(|word| !word.is_empty()));
            assert_eq!(query.answer(Vec::new()).total, 0);
        }
        Err(findings) => assert!(findings.iter().all(|finding| !finding.remedy.is_empty())),
    }
}

/// Host and path, a line each: a host leads to the one bundle whose label it holds.
pub fn app_address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (host, path) = text.split_once('\n').unwrap_or((text, "/"));
    if let Some(bundle) = served::bundle_of_host(host, &RegistryConfig::default()) {
        let own = format!("{}.apps.localhost", bundle.label());
        let name = host.split(':').next().unwrap_or_default();
        assert_eq!(name.to_ascii_lowercase(), own);
    }
    if let Some(decoded) = served::decoded(path) {
        assert!(path.contains('%') || decoded == path);
    }
}

const LIMITS: Limits = Limits {
    packed: 1 << 20,
    unpacked: 1 << 20,
    files: 64,
    ratio: 100,
};

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::TARGETS;

    #[test]
    fn every_seed_of_the_fuzzer_holds() {
        for (name, target) in TARGETS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fuzz/seeds")
                .join(name);
            let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                target(&std::fs::read(seed.unwrap().path()).unwrap());
            }
        }
    }
}
