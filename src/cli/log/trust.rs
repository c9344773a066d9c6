//! The trust repository that an audit goes by: a folder, as `verify` takes it, or what the registry
//! serves, from a root document that came another way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use verifier::trust::Collection;
use verifier::trust::tuf::Wanted;
use verifier::{Code, Environment, LocalPolicy, TrustUpdate, Verifier};

use super::audit::{Source, read};

/// The repository, verified.
pub(super) struct Loaded {
    pub(super) verifier: Verifier,
    /// Its root and targets documents as they are served, which the log must know.
    pub(super) documents: BTreeMap<String, Vec<u8>>,
}

pub(super) async fn load(
    folder: Option<&Path>,
    root: Option<&Path>,
    source: &Source,
    now: i64,
) -> anyhow::Result<Loaded> {
    let pinned = match (root, folder) {
        (Some(root), _) => read(root)?.with_context(|| format!("{} is missing", root.display()))?,
        (None, Some(folder)) => read(&folder.join("root.json"))?
            .with_context(|| format!("{} has no root.json", folder.display()))?,
        (None, None) => {
            let first = source.beside("/trust/1.root.json").await?;
            first.context("a folder says nothing of trust; give --trust DIR")?
        }
    };
    let blank = |environment| {
        let verifier = Verifier::new(&pinned, LocalPolicy::new(environment));
        verifier.map_err(|error| anyhow!("{error}"))
    };
    let mut documents = BTreeMap::new();
    let known = blank(Environment::Prod)?.root_version();
    let mut collection = Collection::new(known);
    while let Some(wanted) = collection.wanted() {
        let file = match folder {
            Some(folder) => read(&within(folder, &wanted))?,
            None => source.beside(&format!("/trust/{}", wanted.name)).await?,
        };
        if let Some(bytes) = &file
            && ["root.json", "targets.json"]
                .iter()
                .any(|role| wanted.name.ends_with(role))
        {
            documents.insert(wanted.name.clone(), bytes.clone());
        }
        collection.take(file);
    }
    let update = collection.finish();
    // A log is audited whatever its approvals are for.
    for environment in [Environment::Prod, Environment::Pilot, Environment::Test] {
        let mut verifier = blank(environment)?;
        match take(&mut verifier, &update, now) {
            Ok(()) => {
                return Ok(Loaded {
                    verifier,
                    documents,
                });
            }
            Err(error) if error.code == Code::Env => {}
            Err(error) => return Err(anyhow!("{error}")),
        }
    }
    Err(anyhow!("the trust repository is for no environment"))
}

fn take(
    verifier: &mut Verifier,
    update: &TrustUpdate,
    now: i64,
) -> Result<(), verifier::VerifyError> {
    verifier.update_trust(update, now).map(drop)
}

fn within(folder: &Path, wanted: &Wanted) -> PathBuf {
    folder.join(&wanted.name)
}
