//! The integrity manifest that the vendor of a hosted app publishes, and what follows from a look at
//! what the app serves. The manifest's exact bytes are hashed; fetching is done elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use foundation::Digest;
use foundation::error::Finding;
use serde::Deserialize;

use super::checks::address;
use super::checks::finding;
use super::manifest::VersionManifest;

/// What a vendor publishes about a hosted app: the digest of every file by path. Members that are
/// not named here are left to those who know them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct HostedManifest {
    hashes: BTreeMap<String, verifier::Digest>,
}

impl HostedManifest {
    /// Reads strict JSON, and every rule that the manifest breaks.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Vec<Finding>> {
        let read: Self = verifier::json::from_slice(bytes).map_err(|error| {
            vec![finding(
                "integrity-unreadable",
                "integrity",
                error.to_string(),
                "Write {\"hashes\": {\"/path\": \"sha256-…\"}} with the digest of every file.",
            )]
        })?;
        let mut findings = Vec::new();
        if read.hashes.is_empty() || read.hashes.len() > MAX_FILES {
            findings.push(finding(
                "integrity-size",
                "integrity",
                format!("It names {} files.", read.hashes.len()),
                "Name every file of the app, at least one and at most 2000.",
            ));
        }
        for path in read.hashes.keys() {
            let plain = address::check_path("integrity", path);
            if plain.is_some() || path.contains('?') {
                findings.push(finding(
                    "integrity-path",
                    "integrity",
                    format!("{path} is not a plain path."),
                    "Write the path as the app's address has it, such as /index.html, without a query.",
                ));
            }
        }
        if findings.is_empty() {
            Ok(read)
        } else {
            Err(findings)
        }
    }

    /// Every file with its digest, sorted by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &verifier::Digest)> {
        self.hashes
            .iter()
            .map(|(path, digest)| (path.as_str(), digest))
    }

    /// Where the app is started and returned to must be among the files: what is not named there is
    /// bound to nothing.
    pub(crate) fn check(&self, manifest: &VersionManifest) -> Vec<Finding> {
        let redirects = manifest.redirect_uris.iter().enumerate();
        let redirects = redirects.map(|(at, uri)| (format!("/redirect_uris/{at}"), uri));
        let launch = ("/launch_uri".to_owned(), &manifest.launch_uri);
        std::iter::once(launch)
            .chain(redirects)
            .filter(|(_, uri)| {
                let named = path_of(uri).is_some_and(|path| self.hashes.contains_key(path));
                !named
            })
            .map(|(pointer, uri)| {
                finding(
                    "integrity-incomplete",
                    &pointer,
                    format!("The integrity manifest has no digest for {uri}."),
                    "Name the path of every address of the app in the integrity manifest.",
                )
            })
            .collect()
    }
}

/// The path of an absolute address, without its query.
fn path_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let at = rest.find('/')?;
    rest.get(at..).map(address::without_query)
}

/// Where the vendor publishes the manifest with this digest: the name is made of the digest, so
/// that it can be kept for ever.
pub(crate) fn well_known(origin: &str, manifest: &Digest) -> String {
    let name = verifier::base64url::encode(manifest.as_bytes());
    format!("{origin}/.well-known/waict/v1/manifest/{name}")
}

/// What a look at a hosted app came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Every byte was the approved one.
    Same,
    /// Something else was served, and what.
    Differs(String),
    /// It could not be seen, and why; that says nothing about the app.
    Unreachable(String),
}

impl Seen {
    /// The stable spelling.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs(_) => "differs",
            Self::Unreachable(_) => "unreachable",
        }
    }

    /// What was seen, in words.
    pub(crate) fn detail(&self) -> &str {
        match self {
            Self::Same => "",
            Self::Differs(detail) | Self::Unreachable(detail) => detail,
        }
    }

    /// What to do, when it differed this many times in a row before.
    /// `waited` when the last look was long enough ago to be another one.
    pub(crate) const fn after(&self, drifts: i64, waited: bool) -> Next {
        match self {
            Self::Same => Next::Trust,
            Self::Differs(_) if drifts == 0 => Next::Confirm,
            Self::Differs(_) if waited => Next::Suspend,
            Self::Differs(_) | Self::Unreachable(_) => Next::Wait,
        }
    }
}

/// When something that differs is looked at again; sooner, it is the same look twice.
pub(crate) const CONFIRM: Duration = Duration::from_mins(1);

/// What follows from a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is what was approved: forget what was seen before.
    Trust,
    /// Nothing is known: keep what was seen before.
    Wait,
    /// Look again soon, and tell the vendor.
    Confirm,
    /// It was confirmed: suspend.
    Suspend,
}

/// How many files an app may have that is bound by a manifest: each is fetched on every look.
const MAX_FILES: usize = 2000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn manifest(launch: &str) -> VersionManifest {
        let value = json!({
            "software_version": "1.0.0",
            "launch_uri": launch,
            "redirect_uris": ["https://app.eksempel.example/index.html?x=1"],
            "scope": "launch",
            "changes": {"nb": "x"}
        });
        serde_json::from_value(value).unwrap()
    }

    fn codes(bytes: &[u8]) -> Vec<String> {
        let findings = HostedManifest::read(bytes).unwrap_err();
        findings.into_iter().map(|one| one.code).collect()
    }

    #[test]
    fn a_manifest_is_read_strictly() {
        let digest = verifier::Digest::of(b"x").to_string();
        let good = json!({"hashes": {"/index.html": digest, "/a/": digest}, "version": 1});
        let read = HostedManifest::read(good.to_string().as_bytes()).unwrap();
        assert_eq!(read.files().count(), 2);
        let twice = format!(r#"{{"hashes": {{"/a": "{digest}", "/a": "{digest}"}}}}"#);
        for bad in ["", "{}", "[]", r#"{"hashes": {"/a": "x"}}"#, &twice] {
            assert_eq!(codes(bad.as_bytes()), ["integrity-unreadable"], "{bad}");
        }
        let empty = json!({"hashes": {}}).to_string();
        assert_eq!(codes(empty.as_bytes()), ["integrity-size"]);
        for path in ["index.html", "/../x", "/a?b", "//evil.example/", "/a#b"] {
            let bad = json!({"hashes": {path: digest}}).to_string();
            assert_eq!(codes(bad.as_bytes()), ["integrity-path"], "{path}");
        }
    }

    #[test]
    fn every_address_must_be_named() {
        let digest = verifier::Digest::of(b"x").to_string();
        let text = json!({"hashes": {"/index.html": digest}}).to_string();
        let read = HostedManifest::read(text.as_bytes()).unwrap();
        let good = manifest("https://app.eksempel.example/index.html");
        assert!(read.check(&good).is_empty());
        for launch in [
            "https://app.eksempel.example/launch",
            "https://app.eksempel.example",
        ] {
            let findings = read.check(&manifest(launch));
            assert_eq!(findings.len(), 1, "{launch}");
            assert_eq!(findings[0].pointer, "/launch_uri");
        }
    }

    #[test]
    fn the_manifest_is_published_under_its_own_digest() {
        let address = well_known("https://app.eksempel.example", &Digest::of(b""));
        assert_eq!(
            address,
            "https://app.eksempel.example/.well-known/waict/v1/manifest/\
             47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
        );
    }

    fn seen() -> impl Strategy<Value = Seen> {
        prop_oneof![
            Just(Seen::Same),
            Just(Seen::Differs("x".to_owned())),
            Just(Seen::Unreachable("x".to_owned())),
        ]
    }

    proptest! {
        /// One look alone never suspends, being out of reach never does, and two looks that differ
        /// with time and no right one between them always do.
        #[test]
        fn only_confirmed_drift_suspends(
            looks in prop::collection::vec((seen(), any::<bool>()), 0..40),
        ) {
            let mut drifts = 0;
            let mut since_same = 0;
            for (look, waited) in looks {
                let next = look.after(drifts, waited);
                match &look {
                    Seen::Same => since_same = 0,
                    Seen::Differs(_) => since_same += 1,
                    Seen::Unreachable(_) => {}
                }
                let differs = matches!(look, Seen::Differs(_));
                prop_assert_eq!(next == Next::Suspend, differs && since_same >= 2 && waited);
                drifts = match next {
                    Next::Trust => 0,
                    Next::Wait => drifts,
                    Next::Confirm | Next::Suspend => drifts + 1,
                };
            }
        }
    }
}
