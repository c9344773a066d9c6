//! The trust configuration that an audit goes by: a folder, as `verify` takes it, or what the
//! registry serves.

use std::path::Path;

use anyhow::{Context, anyhow};
use verifier::jwk::EcJwk;
use verifier::trust::Trust;

use super::audit::Source;

pub(super) async fn load(folder: Option<&Path>, source: &Source) -> anyhow::Result<Trust> {
    let (root, token) = match folder {
        Some(folder) => (
            read(&folder.join("root.jwk"))?,
            read(&folder.join("trust-config.jwt"))?,
        ),
        None => (
            served(source, "/trust/root.jwk").await?,
            served(source, "/trust/config").await?,
        ),
    };
    let root: EcJwk =
        serde_json::from_str(&root).context("root.jwk is no EC public key in JWK form")?;
    let root = root
        .to_key()
        .map_err(|error| anyhow!("root.jwk: {error}"))?;
    Trust::verify(token.trim(), &root).map_err(|error| anyhow!("{error}"))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

async fn served(source: &Source, path: &str) -> anyhow::Result<String> {
    let found = source.beside(path).await?;
    let found = found.context("a folder says nothing of trust; give --trust DIR")?;
    String::from_utf8(found).context("what the registry serves is no text")
}
